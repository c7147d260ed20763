//! Up to which day two scenarios have the same past.

use crate::scenario::{Date, Intervention, Scenario};
use std::collections::BTreeSet;

/// Before the eve of the start: nothing is the same.
pub(super) const NOTHING: i32 = -2;

/// The last tick whose evening is the same under both scenarios: -1 is the eve of the start, [`NOTHING`] where not even that is
/// known to be the same, `i32::MAX` where there is no difference.
///
/// An intervention moves nothing before its first day, but those on access of a group make classes of users, who carry their
/// class from the beginning.
pub(super) fn same_until(a: &Scenario, b: &Scenario) -> i32 {
    if without_interventions(a) != without_interventions(b) || a.access_groups() != b.access_groups() {
        return NOTHING;
    }
    let days: BTreeSet<Date> = a.interventions.iter().chain(&b.interventions).map(|i| i.from).collect();
    let first = days.into_iter().find(|day| begun(a, *day) != begun(b, *day));
    first.map_or(i32::MAX, |day| (a.start.days_until(day) - 1).max(NOTHING))
}

/// What is simulated but for interventions.
fn without_interventions(scenario: &Scenario) -> Scenario {
    Scenario { name: String::new(), title: String::new(), interventions: Vec::new(), targets: Vec::new(), ..scenario.clone() }
}

/// What has begun on a day, in the order in which it is applied: products of numbers may round otherwise in another order.
fn begun(scenario: &Scenario, day: Date) -> Vec<Intervention> {
    let begun = scenario.interventions.iter().filter(|i| i.from <= day);
    begun.map(|i| Intervention { label: None, source: String::new(), ..i.clone() }).collect()
}
