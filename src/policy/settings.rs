//! How the levers stand on one day.

use super::PerMessenger;
use crate::scenario::intervention::{Levers, OnDay, Scope};
use crate::scenario::{MAX_GROUPS, MAX_MESSENGERS, Scenario};

/// Days over which the salience of a block fades.
const SALIENCE_DAYS: u32 = 28;

/// What draws users of one region to messengers today.
#[derive(Clone, Debug, PartialEq)]
pub struct Incentives {
    /// Utility of installing: offset and promotion less onboarding cost (logit).
    pub install_utility: PerMessenger,
    /// Natural logarithm of 1 - hazard of hearing in the media (per day).
    pub ln_unheard: PerMessenger,
    /// Messengers for which it is not zero, a bit each.
    pub in_media: u16,
    /// Hazard of pre-installation (1/day).
    pub preinstall: PerMessenger,
    /// Messengers for which it is not zero, a bit each.
    pub preinstalled: u16,
    /// Messengers that any group is ordered to use, a bit each.
    pub mandated: u16,
    /// Groups that are ordered to use any, a bit each.
    pub mandated_groups: u8,
    /// Utility of installing added for each group (logit).
    pub mandate: [PerMessenger; MAX_GROUPS],
    /// Use imposed on each group.
    pub traffic: [PerMessenger; MAX_GROUPS],
    /// Share of each group's chats that must be on a messenger.
    pub chats: [PerMessenger; MAX_GROUPS],
    /// Groups of which it is not zero, a bit each.
    pub chat_groups: u8,
    /// Cost taken off the first step to a VPN by visible blocks (logit).
    pub vpn_salience: f32,
}

/// Access taken from some users to some services.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Restriction {
    pub scope: Scope,
    /// Tick of its first day.
    pub from: i32,
    /// How far it has come, 0 to 1.
    pub level: f32,
    pub severity: f32,
    /// Whether a VPN goes round it.
    pub vpn_helps: bool,
}

/// Access given back.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lift {
    pub scope: Scope,
    /// Tick of its first day.
    pub from: i32,
    /// How far it has come, 0 to 1.
    pub level: f32,
}

/// How the levers of access stand. Lists are in the order of the scenario.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AccessSettings {
    pub vpn_effectiveness: f32,
    pub restrictions: Vec<Restriction>,
    pub lifts: Vec<Lift>,
}

/// How all levers stand.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Settings {
    pub launched: u16,
    pub access: AccessSettings,
    pub vpn_cost: f32,
    /// By region.
    pub incentives: Vec<Incentives>,
}

impl Settings {
    /// Without any intervention.
    pub(super) fn untouched(scenario: &Scenario, day: i32) -> Self {
        let date = scenario.date(day);
        let mut incentives = Incentives {
            install_utility: [0.0; MAX_MESSENGERS],
            ln_unheard: [0.0; MAX_MESSENGERS],
            in_media: 0,
            preinstall: [0.0; MAX_MESSENGERS],
            preinstalled: 0,
            mandated: 0,
            mandated_groups: 0,
            mandate: [[0.0; MAX_MESSENGERS]; MAX_GROUPS],
            traffic: [[0.0; MAX_MESSENGERS]; MAX_GROUPS],
            chats: [[0.0; MAX_MESSENGERS]; MAX_GROUPS],
            chat_groups: 0,
            vpn_salience: 0.0,
        };
        let mut launched = 0;
        for (m, messenger) in scenario.messengers.iter().enumerate() {
            incentives.install_utility[m] = (messenger.offset - messenger.onboarding) as f32;
            launched |= u16::from(messenger.launch.is_none_or(|launch| launch <= date)) << m;
        }
        let regions = scenario.population.regions.len();
        Settings {
            launched,
            access: AccessSettings { vpn_effectiveness: 1.0, restrictions: Vec::new(), lifts: Vec::new() },
            vpn_cost: 0.0,
            incentives: vec![incentives; regions],
        }
    }

    /// Changes the incentives of each region and messenger that is concerned, if the intervention is in force.
    fn incentives(&mut self, on: &OnDay, mut change: impl FnMut(&mut Incentives, usize)) {
        let regions = self.incentives.iter_mut().enumerate().filter(|(r, _)| on.level > 0.0 && on.scope.regions >> r & 1 == 1);
        for (_, incentives) in regions {
            for m in (0..MAX_MESSENGERS).filter(|m| on.scope.messengers >> m & 1 == 1) {
                change(incentives, m);
            }
        }
    }
}

impl Levers for Settings {
    fn restrict(&mut self, on: &OnDay, severity: f64, vpn_helps: bool) {
        if on.level > 0.0 {
            let OnDay { scope, level, from, .. } = *on;
            self.access.restrictions.push(Restriction { scope, from, level, severity: severity as f32, vpn_helps });
        }
    }

    fn lift(&mut self, on: &OnDay) {
        if on.level > 0.0 {
            self.access.lifts.push(Lift { scope: on.scope, from: on.from, level: on.level });
        }
    }

    fn launch(&mut self, on: &OnDay) {
        if on.level > 0.0 {
            self.launched |= on.scope.messengers;
        }
    }

    fn add_install_utility(&mut self, on: &OnDay, utility: f64) {
        self.incentives(on, |i, m| i.install_utility[m] += utility as f32 * on.level);
    }

    fn advertise(&mut self, on: &OnDay, hazard: f64) {
        // Finite, as it is multiplied by 0 holders too; nobody draws a number that small.
        let unheard = libm::log1p(-hazard * f64::from(on.level)).max(-50.0) as f32;
        self.incentives(on, |i, m| {
            i.ln_unheard[m] += unheard;
            i.in_media |= u16::from(i.ln_unheard[m] != 0.0) << m;
        });
    }

    fn preinstall(&mut self, on: &OnDay, hazard: f64) {
        self.incentives(on, |i, m| {
            i.preinstall[m] += hazard as f32 * on.level;
            i.preinstalled |= 1 << m;
        });
    }

    fn mandate(&mut self, on: &OnDay, utility: f64, traffic: f64) {
        self.incentives(on, |i, m| {
            i.mandated |= 1 << m;
            i.mandated_groups |= on.scope.groups;
            for g in (0..MAX_GROUPS).filter(|g| on.scope.groups >> g & 1 == 1) {
                i.mandate[g][m] += utility as f32 * on.level;
                i.traffic[g][m] += traffic as f32 * on.level;
            }
        });
    }

    fn order_chats(&mut self, on: &OnDay, share: f64) {
        if share == 0.0 {
            return;
        }
        self.incentives(on, |i, m| {
            i.chat_groups |= on.scope.groups;
            for g in (0..MAX_GROUPS).filter(|g| on.scope.groups >> g & 1 == 1) {
                i.chats[g][m] += share as f32 * on.level;
            }
        });
    }

    fn hinder_vpns(&mut self, on: &OnDay, effectiveness: f64, cost: f64) {
        self.access.vpn_effectiveness *= 1.0 + (effectiveness as f32 - 1.0) * on.level;
        self.vpn_cost += cost as f32 * on.level;
    }

    fn alarm(&mut self, on: &OnDay, severity: f64, salience: f64) {
        let fresh = if on.age < SALIENCE_DAYS { 1.0 - on.age as f32 / SALIENCE_DAYS as f32 } else { 0.0 };
        for (_, region) in self.incentives.iter_mut().enumerate().filter(|(r, _)| on.scope.regions >> r & 1 == 1) {
            region.vpn_salience += salience as f32 * severity as f32 * fresh;
        }
    }
}
