//! What is allowed, and most likely a mistake.

use super::{Date, Scenario, Target};
use crate::error::MOST_TOLD;
use std::collections::BTreeMap;

/// Flags of published figures whose meaning is known: measured (the first four), interpolated, assumed.
pub(super) const FLAGS: [&str; 6] = ["M", "B", "P", "C", "I", "A"];

impl Scenario {
    /// What is most likely a mistake, a line each: where it stands, what was found, and what will come of it.
    ///
    /// None of it keeps a scenario from being run.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        self.outside(&mut warnings);
        self.of_nobody(&mut warnings);
        self.targets(&mut warnings);
        let (users, people) = (self.population.users, self.population.people);
        if users > people {
            warnings
                .push(format!("population.users: found {users} for {people} people: a user stands for less than one of them"));
        }
        warnings
    }

    /// What lies outside the days simulated: mostly a wrong year.
    fn outside(&self, warnings: &mut Vec<String>) {
        let run = self.run_in_words();
        let idle = |from: Date, until: Option<Date>| from > self.end || until.is_some_and(|until| until < self.start);
        let idle = self.interventions.iter().enumerate().filter(|(_, i)| idle(i.from, i.until));
        let mut idle: Vec<String> = idle.map(|(k, _)| format!("{:?}", self.label(k))).collect();
        if !idle.is_empty() {
            let more = idle.len().saturating_sub(MOST_TOLD);
            idle.truncate(MOST_TOLD);
            idle.extend((more > 0).then(|| format!("and {more} more")));
            warnings.push(format!("{}: no effect, as {run}", idle.join(", ")));
        }
        for messenger in &self.messengers {
            if let Some(launch) = messenger.launch.filter(|launch| *launch > self.end) {
                warnings.push(format!("messenger.{}.launch: found {launch}: nobody can install it, as {run}", messenger.name));
            }
        }
    }

    /// Interventions on groups in which there is nobody.
    fn of_nobody(&self, warnings: &mut Vec<String>) {
        let population = &self.population;
        let empty = |name: &String| {
            let group = population.groups.iter().find(|group| group.name == *name);
            group.is_some_and(|group| {
                let somebody = |share: f64, band: usize| share > 0.0 && population.ages.get(band).is_none_or(|a| a.share > 0.0);
                let one_for_all = group.share_by_age.len() == 1;
                let by_age = group.share_by_age.iter().enumerate();
                let nobody =
                    !by_age.map(|(band, &share)| (share, band)).any(|(s, b)| if one_for_all { s > 0.0 } else { somebody(s, b) });
                let there = |region: &super::Region| group.regions.is_empty() || group.regions.contains(&region.name);
                nobody || !population.regions.iter().any(|region| there(region) && region.share > 0.0)
            })
        };
        for (k, intervention) in self.interventions.iter().enumerate() {
            if !intervention.groups.is_empty() && intervention.groups.iter().all(empty) {
                let groups = intervention.groups.join(", ");
                let label = self.label(k);
                warnings
                    .push(format!("intervention.{label}.groups: found {groups}, in which there is nobody: it concerns no user"));
            }
        }
    }

    /// Published figures that cannot be meant as they stand.
    fn targets(&self, warnings: &mut Vec<String>) {
        let run = self.run_in_words();
        let mut seen: BTreeMap<(&str, &str, Date), usize> = BTreeMap::new();
        for target in &self.targets {
            let Target { messenger, column, date, people, flag, .. } = target;
            let name = format!("target: {} of {messenger} on {date}", column.name());
            let times = seen.entry((messenger, column.name(), *date)).or_default();
            *times += 1;
            if *times == 2 {
                warnings.push(format!("{name}: found a second time: both are drawn"));
            }
            if *date < self.start || *date > self.end {
                warnings.push(format!("{name}: it is not drawn, as {run}"));
            }
            if *people > self.population.people as f64 {
                warnings.push(format!(
                    "{name}: found {people} people of {} (millions are meant by `value_mln`)",
                    self.population.people
                ));
            }
            if !flag.is_empty() {
                warnings.push(format!("{name}: found the flag {flag:?}, taken for measured; known are {}", FLAGS.join(", ")));
            }
        }
    }

    fn run_in_words(&self) -> String {
        format!("the run goes from {} to {}", self.start, self.end)
    }
}
