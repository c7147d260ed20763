use crate::engine::Simulation;
use crate::error::{Error, Result};
use crate::observe::{Observation, Tally, WINDOW};
use crate::scenario::Date;
use crate::storage::Curves;
use std::sync::atomic::{AtomicBool, Ordering};

/// Simulates to the end and keeps the daily figures, without a run folder: for experiments of many runs. All in the
/// current rayon pool.
pub fn curves(simulation: Simulation) -> Result<Curves> {
    curves_until(simulation, &AtomicBool::new(false))
}

/// The same; ends early, with [`Error::stopped`], once somebody sets `stop`.
pub fn curves_until(simulation: Simulation, stop: &AtomicBool) -> Result<Curves> {
    let mut curves = Curves::new(simulation.scenario());
    let start = simulation.scenario().start;
    each_day(simulation, start, stop, |simulation, tally| curves.day(simulation, tally))?;
    Ok(curves)
}

/// Simulates to the end; `see` is shown every day, where only days from `first` on are of interest: those before are not
/// observed, but for the month that monthly reach looks back on, of which some figures are kept too. What compares with
/// the start, `lost_household_ties`, then has no meaning. Ends early, with [`Error::stopped`], once somebody sets `stop`.
pub(super) fn each_day(
    mut simulation: Simulation,
    first: Date,
    stop: &AtomicBool,
    mut see: impl FnMut(&Simulation, &Tally),
) -> Result<()> {
    let unseen = simulation.scenario().start.days_until(first) - WINDOW;
    while simulation.day() + 1 < unseen && !simulation.finished() {
        heed(&simulation, stop)?;
        simulation.step()?;
    }
    let mut observation = Observation::new(&simulation)?;
    while !simulation.finished() {
        heed(&simulation, stop)?;
        simulation.step()?;
        let tally = observation.observe(&simulation)?;
        see(&simulation, tally);
    }
    Ok(())
}

/// Ends early, with [`Error::stopped`], once somebody sets `stop`: whoever of several ranks is told to stop, all do.
fn heed(simulation: &Simulation, stop: &AtomicBool) -> Result<()> {
    let peers = simulation.peers();
    match peers.is_alone() {
        true => Error::if_stopped(stop),
        false if peers.sum_of(stop.load(Ordering::Relaxed).into())? > 0 => peers.agree(Err(Error::stopped())),
        false => Ok(()),
    }
}
