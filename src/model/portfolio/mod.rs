//! The default rule: a set of apps held, traffic routed over what both ends can use (model.md, section 4).

mod contacts;
mod decide;
mod route;
mod row;
mod start;

use super::lanes::Lanes;
use super::{Newcomer, Outlook, PublicState, Rule, Usage, UserView};
use crate::policy::{PerMessenger, Policy};
use crate::population::{Population, mixture_threshold};
use crate::scenario::{MAX_MESSENGERS, Scenario};
use fearless_simd::{Level, Simd, dispatch};
pub use row::{PortfolioRow, TRAIT_STEP, step_of};
pub use start::start_thresholds;

/// Parameters of the rule, in the form in which a review uses them; for at most 8 N messengers.
#[derive(Debug)]
pub struct Portfolio<const N: usize> {
    /// Instructions of the processor.
    level: Level,
    messengers: usize,
    usage: Usage,
    /// How use moved under the scenarios before this one, each with the last day on which it was in force (a fork).
    past_usage: Vec<(i32, Usage)>,
    /// By age band.
    ages: Vec<AgeBand>,
    taste_weight: PerMessenger,
    content: PerMessenger,
    channel_taste: f32,
    abroad: PerMessenger,
    abroad_groups: u8,
    stake: PerMessenger,
    surveillance: PerMessenger,
    /// Kinds of group chats.
    chats: Vec<ChatShare>,
    /// Messengers that had users at the start: their worth is measured against the baseline.
    incumbents: u16,
    /// VPN propensity above which a user has one at the start.
    vpn_threshold: f32,
    p: Coefficients,
}

/// Parameters that differ by age.
#[derive(Debug)]
struct AgeBand {
    /// r_m + r_age,m.
    appeal: PerMessenger,
    /// z_m,age: taste above which an incumbent is held at the start; 0 for a new messenger.
    threshold: PerMessenger,
    /// Shares of use, without and with contacts abroad: messages, calls, channels, abroad.
    weights: [[f32; 4]; 2],
    /// Shift of VPN propensity.
    vpn_shift: f32,
}

/// What a kind of group chats is to its members.
#[derive(Debug)]
struct ChatShare {
    /// The group whose members have them, as a bit; everyone if `None`.
    groups: Option<u8>,
    /// Share of a member's messages.
    share: f32,
}

/// Scalars of the model as floats.
#[derive(Clone, Copy, Debug)]
struct Coefficients {
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

fn chat_shares(scenario: &Scenario) -> Vec<ChatShare> {
    let bit = |name: &String| scenario.population.group(name).map_or(0, |g| 1 << g);
    let kinds = scenario.model.chats.kinds.iter();
    kinds.map(|kind| ChatShare { groups: kind.group.as_ref().map(bit), share: kind.share as f32 }).collect()
}

/// VPN propensity above which a user has one at the start.
pub(crate) fn vpn_threshold(scenario: &Scenario, population: &Population) -> f64 {
    let vpn = &scenario.model.vpn;
    let shifts: Vec<f64> = (0..scenario.population.ages.len()).map(|a| vpn.skill_by_age.get(a).copied().unwrap_or(0.0)).collect();
    mixture_threshold(vpn.share, &population.age_shares(), &shifts)
}

impl<const N: usize> Portfolio<N> {
    /// The rule of a validated scenario.
    pub fn new(scenario: &Scenario, population: &Population) -> Self {
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
        let appeal_and_threshold = appeal_by_age(scenario).into_iter().zip(start_thresholds(scenario));
        let ages = appeal_and_threshold.enumerate().map(|(a, (appeal, threshold))| AgeBand {
            appeal,
            threshold,
            weights: weights(a),
            vpn_shift: vpn.skill_by_age.get(a).copied().unwrap_or(0.0) as f32,
        });
        Portfolio {
            level: Level::new(),
            messengers: scenario.messengers.len(),
            usage: Usage::new(&model.usage),
            past_usage: Vec::new(),
            ages: ages.collect(),
            taste_weight: per_messenger(scenario, |m| m.taste_weight),
            content: per_messenger(scenario, |m| m.content),
            channel_taste: traffic.channel_taste as f32,
            abroad: per_messenger(scenario, |m| m.abroad),
            abroad_groups: population.abroad_groups(),
            stake: per_messenger(scenario, |m| m.stake),
            surveillance: per_messenger(scenario, |m| m.surveillance),
            chats: chat_shares(scenario),
            incumbents: scenario
                .messengers
                .iter()
                .enumerate()
                .fold(0, |mask, (k, m)| mask | u16::from(m.reach_by_age.iter().any(|&r| r > 0.0)) << k),
            vpn_threshold: vpn_threshold(scenario, population) as f32,
            p: Coefficients {
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

    /// Use on the policy's day of an app whose use and target were `usage` and `target` (in 1/255) on the evening of day `since`,
    /// for a user of the access tables' row `access`. Changes nothing.
    #[inline(always)]
    fn use_of(&self, policy: &Policy, access: usize, m: usize, [usage, target]: [u8; 2], since: i32) -> f32 {
        let today = policy.today();
        let works = today.access[access].works >> m & 1 == 1;
        let (mut u, x) = (f32::from(usage) * (1.0 / 255.0), f32::from(target) * (1.0 / 255.0));
        let (mut since, flips) = (since, policy.flips(access, m));
        let begun = self.past_usage.partition_point(|(until, _)| *until <= since);
        for (until, usage) in &self.past_usage[begun..] {
            let (before, after) = flips.split_at(flips.partition_point(|flip| flip <= until));
            u = usage.at(u, x, since, *until, works ^ (after.len() % 2 == 1), before);
            since = *until;
        }
        self.usage.at(u, x, since, today.day, works, flips)
    }

    /// The rule by the instructions of another level; all compute the same bits.
    #[cfg(test)]
    pub(crate) fn at(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    #[inline(always)]
    fn review_in_lanes<S: Simd>(&self, simd: S, review: &UserView<'_>, row: &mut PortfolioRow<N>) -> PublicState {
        let context = self.context(simd, review, row);
        if let Some(chats) = &context.chats {
            row.aware |= chats.apps & context.available;
        }
        if self.p.hear_contact == 0.0 {
            // From the media alone.
            let unknown = context.available & !row.aware & context.region.in_media;
            if unknown != 0 {
                row.aware |= self.heard(review, &context, Lanes::all(simd, 0.0)) & unknown;
            }
        }
        let candidates = self.candidates(review, row, &context);
        let routing = self.route(review, &context, &candidates);
        let target = self.targets(&context, &routing);
        self.store_use(review, row, &context, target);
        let main = context.main_app(target);
        if review.pace == 0.0 {
            review.public.with_main(main)
        } else {
            self.decide(review, row, &context, &candidates, &routing, main)
        }
    }
}

impl<const N: usize> Rule for Portfolio<N> {
    type Row = PortfolioRow<N>;

    #[inline(always)]
    fn review(&self, review: &UserView<'_>, row: &mut PortfolioRow<N>) -> PublicState {
        dispatch!(self.level, simd => self.review_in_lanes(simd, review, row))
    }

    fn start(&self, newcomer: &Newcomer<'_>, row: &mut PortfolioRow<N>) -> PublicState {
        self.start_of(newcomer, row)
    }

    fn use_today(&self, policy: &Policy, public: PublicState, row: &PortfolioRow<N>) -> PerMessenger {
        dispatch!(self.level, simd => self.use_in_lanes(simd, policy, public, row).to_array())
    }

    fn has_use(&self) -> bool {
        true
    }

    fn outlook(&self, review: &UserView<'_>, row: &PortfolioRow<N>) -> Option<Outlook> {
        Some(dispatch!(self.level, simd => self.outlook_in_lanes(simd, review, row)))
    }

    fn incumbents(&self) -> u16 {
        self.incumbents
    }

    fn settles(&self) -> bool {
        true
    }

    fn after(&mut self, past: &[(i32, &Scenario)]) {
        self.past_usage = past.iter().map(|(until, scenario)| (*until, Usage::new(&scenario.model.usage))).collect();
    }

    fn accepts(&self, row: &PortfolioRow<N>) -> bool {
        usize::from(row.age) < self.ages.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario;
    use std::path::Path;

    #[test]
    fn rows_of_a_scenario_with_more_age_bands_are_not_accepted() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/russia.toml");
        let scenario = scenario::load(&file, &["population.users=100".into()]).expect("a scenario");
        let rule = Portfolio::<1>::new(&scenario, &Population::new(&scenario, 100));
        let bands = scenario.population.ages.len() as u8;
        let row = |age| PortfolioRow::<1> { age, ..bytemuck::Zeroable::zeroed() };
        assert!(rule.accepts(&row(bands - 1)) && !rule.accepts(&row(bands)));
    }
}
