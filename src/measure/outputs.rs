//! From a scenario to its outputs: what none of them asks for is not computed.

use super::curves::each_day;
use super::output::Output;
use crate::engine::Simulation;
use crate::error::Result;
use crate::model::PublicState;
use crate::observe::{Aggregate, Cells};
use crate::scenario::Scenario;
use crate::storage::Curves;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;

/// What the tie panel measures, which takes longer than all the rest of a small run.
const TIE_COLUMNS: [&str; 4] = ["connected_ties", "connected_ties_without_vpn", SINCE_START, "phone_calls"];
/// The column that compares with the start.
const SINCE_START: &str = "lost_household_ties";

/// Simulates a scenario, which `make` brings to the eve of its start, to its end; its outputs, NaN where there is none.
/// Ends early, with [`Error::stopped`](crate::Error::stopped), once somebody sets `stop`.
pub(crate) fn measure(
    outputs: &[Output],
    mut scenario: Scenario,
    stop: &AtomicBool,
    make: impl FnOnce(Scenario) -> Result<Simulation>,
) -> Result<Vec<f64>> {
    let needs = |columns: &[&str]| outputs.iter().any(|output| columns.contains(&output.column().as_str()));
    if !needs(&TIE_COLUMNS) {
        scenario.observe.tie_panel = 1;
    }
    let first = outputs.iter().map(|output| output.first_day(&scenario)).min();
    let first = first.filter(|_| !needs(&[SINCE_START])).unwrap_or(scenario.start);
    // Everyone, who have no age bands here, and the parts that outputs look at alone.
    let everyone: &[String] = &[];
    let mut parts = BTreeMap::from([(everyone, Curves::new(&scenario))]);
    for output in outputs {
        parts.entry(output.ages.as_slice()).or_insert_with(|| Curves::new(&scenario));
    }
    let mut installed: BTreeMap<u32, Vec<f64>> =
        outputs.iter().filter_map(|output| Some((output.installed_at_least?, Vec::new()))).collect();
    each_day(make(scenario)?, first, stop, |simulation, tally| {
        let (scenario, cells) = (simulation.scenario(), Cells::new(simulation.scenario()));
        for (ages, curves) in &mut parts {
            let of_them = |cell| ages.contains(&scenario.population.ages[cells.age(cell)].name);
            match ages.is_empty() {
                true => curves.day(simulation, tally),
                false => curves.day_of(simulation, &Aggregate::cells(tally, scenario, of_them)),
            }
        }
        for (least, shares) in &mut installed {
            shares.push(share_with(simulation, *least));
        }
    })?;
    let dates = parts[everyone].dates();
    let figure = |output: &Output| {
        let series = match output.installed_at_least {
            Some(least) => installed.get(&least).cloned(),
            None => output.series_of(&parts[output.ages.as_slice()]),
        };
        series.map_or(f64::NAN, |series| output.of(dates, &series))
    };
    Ok(outputs.iter().map(figure).collect())
}

/// The share of users who hold at least so many messengers.
fn share_with(simulation: &Simulation, least: u32) -> f64 {
    let words = simulation.state().public();
    let holders = words.par_iter().filter(|&&word| PublicState(word).holdings().count_ones() >= least).count();
    holders as f64 / words.len() as f64
}
