use crate::observe::{Event, events};
use crate::scenario::{Date, Scenario};
use std::collections::BTreeMap;

/// Days worth a row in a short table of a run: its first, those on which interventions begin, its last; with what
/// happens then. Of a fork the first day is not the scenario's.
pub fn milestones(scenario: &Scenario, first: Date) -> BTreeMap<Date, Vec<String>> {
    let last = scenario.days() as i32 - 1;
    let mut milestones: BTreeMap<Date, Vec<String>> = BTreeMap::new();
    milestones.entry(first).or_default().push(if first > scenario.start { "first day" } else { "start" }.into());
    let begins = |e: &&Event| e.day > 0 && e.date >= first && e.day < last && e.what.name() == "begins";
    for event in events(scenario).iter().filter(begins) {
        milestones.entry(event.date).or_default().push(scenario.label(event.intervention));
    }
    milestones.entry(scenario.date(last)).or_default().push("end".into());
    milestones
}
