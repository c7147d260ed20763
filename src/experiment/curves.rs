use crate::engine::Simulation;
use crate::error::Result;
use crate::observe::Observation;
use crate::storage::Curves;

/// Simulates to the end and keeps the daily figures, without a run folder: for experiments of many runs. All in the
/// current rayon pool.
pub fn curves(mut simulation: Simulation) -> Result<Curves> {
    let mut observation = Observation::new(&simulation)?;
    let mut curves = Curves::new(simulation.scenario());
    while !simulation.finished() {
        simulation.step()?;
        let tally = observation.observe(&simulation);
        curves.day(&simulation, tally);
    }
    Ok(curves)
}
