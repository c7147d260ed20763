//! What is lost when one of the things people keep in touch by is taken away: each messenger, the two largest together, VPNs.
//!
//! Every loss is a fork of one past: the scenario is simulated to the evening before, and from there without the loss and with
//! each in turn, under the same draws (common random numbers), so that differences are due to the loss alone.

mod loss;
mod results;
mod watch;
mod write;

pub use loss::{How, Loss};
pub use results::{FIGURES, Figure, LossResult, Resilience};
pub use write::{DAILY_FIELDS, DESTINATION_FIELDS, HEAD, LOSS_FIELDS};

use super::{replicate_seed, side_by_side};
use crate::engine::{Past, Simulation, plan};
use crate::error::{Error, Result};
use crate::scenario::{Date, Scenario};
use std::sync::atomic::AtomicBool;
use watch::{Course, Eve};

/// What is asked.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The scenario; the seed is that of the first replicate.
    pub scenario: Scenario,
    /// The day on which something is taken away.
    pub on: Date,
    /// Days observed, that day included.
    pub days: u32,
    /// Pasts, each with a seed of its own.
    pub replicates: u32,
    /// How messengers are taken away.
    pub how: How,
}

impl Plan {
    /// Fails unless the day is one of the scenario's.
    pub fn check(&self) -> Result<()> {
        let (start, end) = (self.scenario.start, self.scenario.end);
        if self.on < start || self.on > end {
            return Err(Error::invalid(format!("--on: found {}; allowed a day from {start} to {end}", self.on)));
        }
        Ok(())
    }

    /// The scenario up to the last day that is observed, which may lie after its own end.
    fn watched(&self) -> Scenario {
        Scenario { end: self.on.plus(self.days as i32 - 1), ..self.scenario.clone() }
    }

    /// Runs: one to the eve and one for each future, for every seed.
    pub fn runs(&self) -> u64 {
        // None, each messenger, the two largest, VPNs.
        u64::from(self.replicates) * (1 + self.scenario.messengers.len() as u64 + 3)
    }

    /// Runs at a time and threads of each, with so many threads and the memory that there is.
    ///
    /// Fails where the pasts, which are all kept, do not fit into memory.
    pub fn needs(&self, threads: usize) -> Result<[usize; 2]> {
        let (scenario, users) = (&self.scenario, self.scenario.population.users);
        let available = plan::available_bytes().unwrap_or(u64::MAX);
        let pasts = plan::predicted_bytes(scenario, users, Some(available)).saturating_mul(u64::from(self.replicates));
        if pasts > available {
            let most = plan::most_users(scenario, available / u64::from(self.replicates.max(1)));
            return Err(Error::memory(pasts, available, most));
        }
        Ok(plan::side_by_side(scenario, self.runs(), threads, available - pasts))
    }
}

/// Simulates all pasts and, from each, every future; `done` hears of every one that ends.
///
/// `None` where `stop` was set before the last ended.
pub fn resilience(
    plan: &Plan,
    needs: [usize; 2],
    stop: &AtomicBool,
    on_progress: &(dyn Fn() + Sync),
) -> Result<Option<Resilience>> {
    plan.check()?;
    let scenario = plan.watched();
    let last = scenario.start.days_until(plan.on) - 1;
    let replicates: Vec<u32> = (0..plan.replicates).collect();
    let eves = side_by_side(&replicates, needs, stop, |&replicate| {
        let mut scenario = scenario.clone();
        scenario.seed = replicate_seed(scenario.seed, replicate);
        let graph = crate::storage::networks::of_scenario_until(&scenario, stop)?;
        let mut simulation = Simulation::begin_until(scenario, graph.into(), None, stop)?;
        while simulation.day() < last {
            Error::if_stopped(stop)?;
            simulation.step()?;
        }
        on_progress();
        Ok(Eve::of(simulation))
    })?;
    let Some(eves) = eves else { return Ok(None) };
    let losses = loss::all(&scenario, &eves);
    let futures: Vec<(usize, Option<usize>)> =
        (0..eves.len()).flat_map(|e| std::iter::once(None).chain((0..losses.len()).map(Some)).map(move |l| (e, l))).collect();
    let courses = side_by_side(&futures, needs, stop, |&(eve, loss)| {
        let course = future(&eves[eve], loss.map(|loss| &losses[loss]), plan, stop)?;
        on_progress();
        Ok(course)
    })?;
    let Some(courses) = courses else { return Ok(None) };
    let by_eve: Vec<Vec<Course>> = courses.chunks(losses.len() + 1).map(<[Course]>::to_vec).collect();
    Ok(Some(Resilience::of(plan, &losses, &by_eve)))
}

/// Goes on from an evening, with or without a loss.
fn future(eve: &Eve, loss: Option<&Loss>, plan: &Plan, stop: &AtomicBool) -> Result<Course> {
    let parent = eve.simulation.scenario();
    let mut scenario = parent.clone();
    let mut past = eve.simulation.past().to_vec();
    if let Some(loss) = loss {
        scenario.interventions.push(loss.intervention(plan)?);
        past.push(Past { until: eve.simulation.day(), scenario: parent.clone() });
    }
    let (graph, state) = (eve.simulation.graph().clone(), eve.simulation.state().share());
    let mut simulation = Simulation::resume_after(past, scenario, graph, state)?;
    let mut course = Course::new(&simulation);
    for _ in 0..plan.days {
        Error::if_stopped(stop)?;
        simulation.step()?;
        course.observe(eve, &simulation);
    }
    course.end(&simulation);
    Ok(course)
}
