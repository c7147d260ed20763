use crate::observe::events;
use crate::scenario::{Date, Scenario};
use std::collections::BTreeMap;

/// Days worth a row in a short table of a run: its first, those on which interventions begin, its last; with what
/// happens then.
pub fn milestones(scenario: &Scenario) -> BTreeMap<Date, Vec<String>> {
    let last = scenario.days() as i32 - 1;
    let mut milestones: BTreeMap<Date, Vec<String>> = BTreeMap::new();
    milestones.entry(scenario.date(0)).or_default().push("start".into());
    for event in events(scenario).iter().filter(|e| e.day > 0 && e.day < last && e.what.name() == "begins") {
        milestones.entry(event.date).or_default().push(scenario.label(event.intervention));
    }
    milestones.entry(scenario.date(last)).or_default().push("end".into());
    milestones
}
