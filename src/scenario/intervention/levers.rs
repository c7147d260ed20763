//! The levers of policy: what interventions can move. `policy` holds the tables behind them.

use super::{Intervention, Service};
use crate::scenario::Scenario;

/// Whom and what an intervention concerns, as bits in the order of the scenario's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Messengers.
    pub messengers: u16,
    /// Services, in the order of [`Service::ALL`].
    pub services: u8,
    /// Regions.
    pub regions: u16,
    /// Groups; 0 is everyone.
    pub groups: u8,
}

impl Scope {
    /// What the intervention concerns in its scenario.
    pub fn new(scenario: &Scenario, i: &Intervention) -> Self {
        let named = i.messenger.as_ref().map(|names| names.names());
        let messenger = |name: &String| named.map_or_else(|| !i.except.contains(name), |named| named.contains(name));
        let one_of = |list: &[String], name: &String| list.is_empty() || list.contains(name);
        Scope {
            messengers: bits(scenario.messengers.iter().map(|m| messenger(&m.name))) as u16,
            services: bits(Service::ALL.iter().map(|s| i.services.is_empty() || i.services.contains(s))) as u8,
            regions: bits(scenario.population.regions.iter().map(|r| one_of(&i.regions, &r.name))) as u16,
            groups: bits(scenario.population.groups.iter().map(|g| i.groups.contains(&g.name))) as u8,
        }
    }

    /// Whether it concerns a service of messenger number `m`.
    #[inline]
    pub fn bears_on(&self, m: usize, service: Service) -> bool {
        self.messengers >> m & 1 == 1 && self.services >> service as usize & 1 == 1
    }

    /// Whether it concerns people of a region who are in `groups`, a bit each.
    #[inline]
    pub fn concerns(&self, region: usize, groups: u8) -> bool {
        self.regions >> region & 1 == 1 && (self.groups == 0 || self.groups & groups != 0)
    }
}

fn bits(flags: impl Iterator<Item = bool>) -> u32 {
    flags.enumerate().fold(0, |bits, (k, flag)| bits | u32::from(flag) << k)
}

/// An intervention on one day from its first on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OnDay {
    /// Whom and what it concerns.
    pub scope: Scope,
    /// How far it has come, 0 (not at all, or over) to 1 (in full).
    pub level: f32,
    /// Tick of its first day.
    pub from: i32,
    /// Days since then.
    pub age: u32,
}

/// What can be moved. Every call adds to those of other interventions; strengths are those at level 1.
pub trait Levers {
    /// Access is multiplied by 1 - `severity`; `vpn_helps` says whether a VPN goes round that.
    fn restrict(&mut self, on: &OnDay, severity: f64, vpn_helps: bool);
    /// Takes back restrictions that a VPN goes round and that are not newer.
    fn lift(&mut self, on: &OnDay);
    /// The messengers can be installed.
    fn launch(&mut self, on: &OnDay);
    /// Addition to the utility of installing (logit).
    fn add_install_utility(&mut self, on: &OnDay, utility: f64);
    /// Hazard of hearing of the messengers in the media (1/day).
    fn advertise(&mut self, on: &OnDay, hazard: f64);
    /// Hazard of getting the app with a new phone (1/day).
    fn preinstall(&mut self, on: &OnDay, hazard: f64);
    /// For members of the groups: addition to the utility of installing (logit), and use that they must make.
    fn mandate(&mut self, on: &OnDay, utility: f64, traffic: f64);
    /// Share of the groups' chats that must be on the messengers.
    fn order_chats(&mut self, on: &OnDay, share: f64);
    /// Factor on the effectiveness of VPNs, and addition to their cost (logit).
    fn hinder_vpns(&mut self, on: &OnDay, effectiveness: f64, cost: f64);
    /// `severity` x `salience`: how far the news of it eases the step to a VPN when it is new (logit), whatever its level.
    fn alarm(&mut self, on: &OnDay, severity: f64, salience: f64);
}
