//! What may differ between a run and its forks: the future, not what the past depends on.

use crate::error::{Error, Result};
use crate::policy::Policy;
use crate::scenario::{self, Messenger, Scenario};
use crate::storage::snapshot::Snapshot;

/// Keys that a fork may change.
pub const FORK_MAY_CHANGE: &str = "name, title, end, branch, intervention (from the day after the snapshot on), model (but for model.rule), observe.cohorts, \
     observe.trace, and of messengers appeal, appeal_by_age, taste_weight, onboarding, offset, content, abroad, stake, surveillance, \
     encryption, quality";

/// Whether a snapshot may continue under a scenario; fails where it may not, with what differs.
pub fn check_fork(snapshot: &Snapshot, scenario: &Scenario) -> Result<()> {
    let parent = scenario::parse_written(&snapshot.metadata().scenario, snapshot.path(), &[])?;
    check(&parent, scenario, snapshot.metadata().day)
}

/// Refuses a scenario under which the days up to `day` would not have been those of `parent`.
pub(super) fn check(parent: &Scenario, child: &Scenario, day: i32) -> Result<()> {
    let refuse = |what: &str| {
        Err(Error::invalid(format!("found another {what} than the snapshot's; a fork may change {FORK_MAY_CHANGE}")))
    };
    match () {
        () if child.start != parent.start => return refuse("start"),
        () if child.seed != parent.seed => return refuse("seed"),
        () if child.population != parent.population => return refuse("population"),
        () if child.graph != parent.graph => return refuse("graph"),
        () if child.model.rule != parent.model.rule => return refuse("model.rule"),
        () if (child.observe.audience_panel, child.observe.tie_panel)
            != (parent.observe.audience_panel, parent.observe.tie_panel) =>
        {
            return refuse("observe.audience_panel or observe.tie_panel");
        }
        () if child.messengers.len() != parent.messengers.len() => return refuse("number of messengers"),
        () if child.end <= parent.date(day) => {
            return refuse("end: it must lie after the day of the snapshot, and not be earlier");
        }
        () => {}
    }
    for (mine, theirs) in child.messengers.iter().zip(&parent.messengers) {
        let fixed = |m: &Messenger| (m.name.clone(), m.launch, m.reach_by_age.clone(), m.aware);
        if fixed(mine) != fixed(theirs) {
            return refuse("name, launch, reach_by_age or aware of a messenger");
        }
    }
    // The interventions alone, under the parent's rates: every table of every day so far must be the same.
    let mut mixed = parent.clone();
    mixed.interventions = child.interventions.clone();
    let (mut before, mut after) = (Policy::new(parent), Policy::new(&mixed));
    if before.access_groups() != after.access_groups() {
        return refuse("set of groups named by interventions on access");
    }
    for day in 0..=day {
        before.advance(day);
        after.advance(day);
        if before.today() != after.today() {
            let date = parent.date(day);
            return Err(Error::invalid(format!(
                "found interventions that change {date}, before the snapshot; a fork may change only what comes after it"
            )));
        }
    }
    Ok(())
}
