//! Access classes: users of one class can use the same things on any day. They are alike in region, in town or country,
//! and in the groups that interventions on access name.

use super::Scenario;
use super::intervention::{Effect, Intervention, Levers, OnDay, Scope};

/// Number of access classes.
pub(crate) fn classes(regions: usize, groups: usize) -> usize {
    (regions * 2) << groups
}

/// Groups that interventions on access name, by their number in `groups`, in the order in which they are named first.
pub(crate) fn groups(interventions: &[Intervention], groups: &[&str]) -> Vec<usize> {
    let mut named = Vec::new();
    for i in interventions.iter().filter(|i| !i.groups.is_empty() && changes_access(&i.effect)) {
        for g in i.groups.iter().filter_map(|name| groups.iter().position(|group| group == name)) {
            if !named.contains(&g) {
                named.push(g);
            }
        }
    }
    named
}

impl Scenario {
    /// Groups that interventions on access name, by number, in the order of the bits of access classes.
    pub fn access_groups(&self) -> Vec<usize> {
        groups(&self.interventions, &self.population.groups.iter().map(|g| &*g.name).collect::<Vec<_>>())
    }

    /// Number of access classes: users of one class can use the same things on any day.
    pub fn access_classes(&self) -> usize {
        classes(self.population.regions.len(), self.access_groups().len())
    }
}

/// Whether an effect changes what users can use: whether it moves one of the levers of access, when it is in force. A
/// block of severity 0 does not.
fn changes_access(effect: &Effect) -> bool {
    let mut probe = Probe { moved: false };
    let scope = Scope { messengers: 0, services: 0, regions: 0, groups: 0 };
    effect.apply(&OnDay { scope, level: 1.0, from: 0, age: 0 }, &mut probe);
    probe.moved
}

/// Levers that only tell whether access was touched.
struct Probe {
    moved: bool,
}

impl Levers for Probe {
    fn restrict(&mut self, _: &OnDay, severity: f64, _: bool) {
        self.moved |= severity > 0.0;
    }

    fn lift(&mut self, _: &OnDay) {
        self.moved = true;
    }

    fn launch(&mut self, _: &OnDay) {}
    fn add_install_utility(&mut self, _: &OnDay, _: f64) {}
    fn advertise(&mut self, _: &OnDay, _: f64) {}
    fn preinstall(&mut self, _: &OnDay, _: f64) {}
    fn mandate(&mut self, _: &OnDay, _: f64, _: f64) {}
    fn order_chats(&mut self, _: &OnDay, _: f64) {}
    fn hinder_vpns(&mut self, _: &OnDay, _: f64, _: f64) {}
    fn alarm(&mut self, _: &OnDay, _: f64, _: f64) {}
}
