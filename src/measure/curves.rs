use crate::engine::Simulation;
use crate::error::Result;
use crate::observe::{Observation, Tally, WINDOW};
use crate::scenario::Date;
use crate::storage::Curves;

/// Simulates to the end and keeps the daily figures, without a run folder: for experiments of many runs. All in the
/// current rayon pool.
pub fn curves(simulation: Simulation) -> Result<Curves> {
    let mut curves = Curves::new(simulation.scenario());
    let start = simulation.scenario().start;
    each_day(simulation, start, |simulation, tally| curves.day(simulation, tally))?;
    Ok(curves)
}

/// Simulates to the end; `see` is shown every day, where only days from `first` on are of interest: those before are not
/// looked at, but for the month that monthly reach looks back on, of which some figures are kept too. What compares with
/// the start, `lost_household_ties`, then has no meaning.
pub(super) fn each_day(mut simulation: Simulation, first: Date, mut see: impl FnMut(&Simulation, &Tally)) -> Result<()> {
    let unseen = simulation.scenario().start.days_until(first) - WINDOW;
    while simulation.day() + 1 < unseen && !simulation.finished() {
        simulation.step()?;
    }
    let mut observation = Observation::new(&simulation)?;
    while !simulation.finished() {
        simulation.step()?;
        let tally = observation.observe(&simulation);
        see(&simulation, tally);
    }
    Ok(())
}
