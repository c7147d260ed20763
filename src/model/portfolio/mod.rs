//! The default rule: a set of apps held, traffic routed over what both ends can use (model.md, section 4).

mod contacts;
mod decide;
mod route;

use super::lanes::in_lanes;
use super::{Review, Rule, Usage, Word};
use crate::policy::{PerMessenger, Policy};
use crate::random::normal_quantile;
use crate::scenario::{self, MAX_MESSENGERS, Scenario};
use fearless_simd::{Level, Simd};
pub use route::Routed;

/// Parameters of the rule, in the form in which a review uses them.
#[derive(Debug)]
pub struct Portfolio {
    messengers: usize,
    usage: Usage,
    /// How use moved under the scenarios before this one, each with the last day on which it was in force.
    past_usage: Vec<(i32, Usage)>,
    /// r_m + r_age,m by age band.
    appeal: Vec<PerMessenger>,
    /// z_m,age: taste above which an incumbent is held at the start, by age band; 0 for a new messenger.
    threshold: Vec<PerMessenger>,
    taste_weight: PerMessenger,
    content: PerMessenger,
    channel_taste: f32,
    abroad: PerMessenger,
    abroad_groups: u8,
    stake: PerMessenger,
    surveillance: PerMessenger,
    /// Messengers that had users at the start: their offers are measured against the baseline.
    incumbents: u16,
    /// Shares of use by age band, without and with contacts abroad: messages, calls, channels, abroad.
    weights: Vec<[[f32; 4]; 2]>,
    /// VPN propensity above which a user has one at the start, and its shift by age band.
    vpn_threshold: f32,
    vpn_shift: Vec<f32>,
    p: Numbers,
}

/// Scalars of the model as floats.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    route_taste: f32,
    habit: f32,
    incoming: f32,
    phone: f32,
    channel_outside: f32,
    abroad_calls: f32,
    hear_contact: f32,
    network: f32,
    marginal: f32,
    poorly_reached: f32,
    abroad: f32,
    need: f32,
    privacy: f32,
    trial: f32,
    idle: f32,
    dead: f32,
    per_use_scale: f32,
    vpn_propensity: f32,
    vpn_need: f32,
    vpn_contacts: f32,
    vpn_slowed: f32,
    vpn_cost: f32,
    vpn_hysteresis: f32,
    vpn_peers: f32,
    vpn_share: f32,
    vpn_weakness: f32,
}

/// r_m + r_age,m for every age band.
pub(super) fn appeal_by_age(scenario: &Scenario) -> Vec<PerMessenger> {
    (0..scenario.population.ages.len())
        .map(|a| per_messenger(scenario, |m| m.appeal + m.appeal_by_age.get(a).copied().unwrap_or(0.0)))
        .collect()
}

fn per_messenger(scenario: &Scenario, value: impl Fn(&crate::scenario::Messenger) -> f64) -> PerMessenger {
    let mut list = [0.0; MAX_MESSENGERS];
    for (entry, messenger) in list.iter_mut().zip(&scenario.messengers) {
        *entry = value(messenger) as f32;
    }
    list
}

/// Taste above which an incumbent is held at the start in each age band, by messenger (Phi^-1(1 - reach)).
/// 0 for a messenger without users.
pub fn start_thresholds(scenario: &Scenario) -> Vec<PerMessenger> {
    // Beyond +-6 standard deviations there is nobody.
    let z = |reach: f64| normal_quantile(1.0 - reach).clamp(-6.0, 6.0);
    let incumbent = |m: &crate::scenario::Messenger| m.reach_by_age.iter().any(|&r| r > 0.0);
    (0..scenario.population.ages.len())
        .map(|a| per_messenger(scenario, |m| if incumbent(m) { z(m.reach_by_age.get(a).copied().unwrap_or(0.0)) } else { 0.0 }))
        .collect()
}

impl Portfolio {
    /// The rule of a validated scenario.
    pub fn new(scenario: &Scenario, abroad_groups: u8, vpn_threshold: f64) -> Self {
        let model = &scenario.model;
        let (traffic, vpn) = (&model.traffic, &model.vpn);
        let weights = |age: usize| {
            [0.0, traffic.abroad].map(|abroad| {
                let factor = traffic.channels_by_age.get(age).copied().unwrap_or(1.0);
                let channels = (traffic.channels * factor).min(1.0 - traffic.calls - abroad - traffic.least_messages).max(0.0);
                let messages = 1.0 - traffic.calls - channels - abroad;
                [messages, traffic.calls, channels, abroad].map(|w| w as f32)
            })
        };
        let ages = scenario.population.ages.len();
        Portfolio {
            messengers: scenario.messengers.len(),
            usage: Usage::new(&model.usage),
            past_usage: Vec::new(),
            appeal: appeal_by_age(scenario),
            threshold: start_thresholds(scenario),
            taste_weight: per_messenger(scenario, |m| m.taste_weight),
            content: per_messenger(scenario, |m| m.content),
            channel_taste: traffic.channel_taste as f32,
            abroad: per_messenger(scenario, |m| m.abroad),
            abroad_groups,
            stake: per_messenger(scenario, |m| m.stake),
            surveillance: per_messenger(scenario, |m| m.surveillance),
            incumbents: scenario
                .messengers
                .iter()
                .enumerate()
                .fold(0, |mask, (k, m)| mask | u16::from(m.reach_by_age.iter().any(|&r| r > 0.0)) << k),
            weights: (0..ages).map(weights).collect(),
            vpn_threshold: vpn_threshold as f32,
            vpn_shift: (0..ages).map(|a| vpn.skill_by_age.get(a).copied().unwrap_or(0.0) as f32).collect(),
            p: Numbers {
                route_taste: model.routing.taste as f32,
                habit: model.routing.habit as f32,
                incoming: model.routing.incoming as f32,
                phone: traffic.phone as f32,
                channel_outside: traffic.channel_outside as f32,
                abroad_calls: traffic.abroad_calls as f32,
                hear_contact: libm::log1p(-model.awareness.contact).max(-50.0) as f32,
                network: model.install.network as f32,
                marginal: model.install.marginal as f32,
                poorly_reached: model.install.poorly_reached as f32,
                abroad: model.install.abroad as f32,
                need: model.install.need as f32,
                privacy: model.install.privacy as f32,
                trial: model.install.trial as f32,
                idle: model.uninstall.idle as f32,
                dead: model.uninstall.dead as f32,
                per_use_scale: (1.0 / model.uninstall.use_scale) as f32,
                vpn_propensity: vpn.propensity as f32,
                vpn_need: vpn.need as f32,
                vpn_contacts: vpn.contacts as f32,
                vpn_slowed: vpn.slowed as f32,
                vpn_cost: vpn.cost as f32,
                vpn_hysteresis: vpn.hysteresis as f32,
                vpn_peers: vpn.peers as f32,
                vpn_share: vpn.share as f32,
                vpn_weakness: vpn.weakness as f32,
            },
        }
    }

    /// The same rule where other scenarios were in force before: how use moved under each, up to its last day, in order.
    pub fn after(self, past: impl IntoIterator<Item = (i32, scenario::Usage)>) -> Self {
        Portfolio { past_usage: past.into_iter().map(|(until, usage)| (until, Usage::new(&usage))).collect(), ..self }
    }

    /// Use today of an app whose use and target were `usage` and `target` (in 1/255) on the evening of day `since`,
    /// for a user of the access tables' row `row`. Changes nothing.
    #[inline(always)]
    pub fn use_today(&self, policy: &Policy, row: usize, m: usize, [usage, target]: [u8; 2], since: i32) -> f32 {
        let today = policy.today();
        let works = today.access[row].works >> m & 1 == 1;
        let (mut u, x) = (f32::from(usage) * (1.0 / 255.0), f32::from(target) * (1.0 / 255.0));
        let (mut since, flips) = (since, policy.flips(row, m));
        let begun = self.past_usage.partition_point(|(until, _)| *until <= since);
        for (until, usage) in &self.past_usage[begun..] {
            let (before, after) = flips.split_at(flips.partition_point(|flip| flip <= until));
            u = usage.at(u, x, since, *until, works ^ (after.len() % 2 == 1), before);
            since = *until;
        }
        self.usage.at(u, x, since, today.day, works, flips)
    }

    /// Messengers that had users at the start, a bit each.
    pub fn incumbents(&self) -> u16 {
        self.incumbents
    }

    /// Use between reviews.
    pub fn usage(&self) -> &Usage {
        &self.usage
    }
}

impl Rule for Portfolio {
    #[inline(always)]
    fn review(&self, review: &mut Review<'_>) -> Word {
        self.review_at(Level::new(), review)
    }
}

impl Portfolio {
    /// The review by the instructions of `level`; all compute the same bits.
    #[inline(always)]
    pub(crate) fn review_at(&self, level: Level, review: &mut Review<'_>) -> Word {
        in_lanes!(level, self.review_in_lanes(review))
    }

    #[inline(always)]
    fn review_in_lanes<S: Simd, const N: usize>(&self, simd: S, review: &mut Review<'_>) -> Word {
        let seen = self.look::<S, N>(simd, review);
        if self.p.hear_contact == 0.0 {
            self.hear(review, &seen, None);
        }
        let possible = self.possible(review, &seen);
        let sent = self.send(review, &seen, possible);
        let target = self.targets(&seen, &sent);
        self.settle(review, &seen, target);
        let main = seen.main_app(target);
        if review.pace == 0.0 { review.word.with_main(main) } else { self.decide(review, &seen, &sent, main) }
    }
}
