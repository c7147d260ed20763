use crate::engine::Simulation;
use crate::error::Result;
use crate::observe::{Observation, WINDOW};
use crate::scenario::Date;
use crate::storage::Curves;

/// Simulates to the end and keeps the daily figures, without a run folder: for experiments of many runs. All in the
/// current rayon pool.
pub fn curves(simulation: Simulation) -> Result<Curves> {
    let start = simulation.scenario().start;
    curves_from(simulation, start)
}

/// The same, where only days from `first` on are of interest: those before are not looked at, but for the month that
/// monthly reach looks back on, of which some figures are kept too. What compares with the start,
/// `lost_household_ties`, then has no meaning.
pub(crate) fn curves_from(mut simulation: Simulation, first: Date) -> Result<Curves> {
    let unseen = simulation.scenario().start.days_until(first) - WINDOW;
    while simulation.day() + 1 < unseen && !simulation.finished() {
        simulation.step()?;
    }
    let mut observation = Observation::new(&simulation)?;
    let mut curves = Curves::new(simulation.scenario());
    while !simulation.finished() {
        simulation.step()?;
        let tally = observation.observe(&simulation);
        curves.day(&simulation, tally);
    }
    Ok(curves)
}
