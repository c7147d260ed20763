//! The default rule: a set of apps held, traffic routed over what both ends can use (model.md, section 4).

mod contacts;
mod decide;

use super::{Review, Rule, Usage, Word, bits};
use crate::policy::{PerMessenger, Policy};
use crate::population::Profile;
use crate::random::{Purpose, exp, normal_quantile};
use crate::scenario::{MAX_MESSENGERS, Scenario};
use contacts::{Found, Order, Question, survey};
use decide::Words;

/// Parameters of the rule, in the form in which a review uses them.
#[derive(Debug)]
pub struct Portfolio {
    messengers: usize,
    usage: Usage,
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
    /// exp(-u / u_drop) for u in 1/255.
    keep: Box<[f32; 256]>,
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
            keep: Box::new(std::array::from_fn(|u| libm::exp(-(u as f64) / 255.0 / model.uninstall.use_scale) as f32)),
            p: Numbers {
                route_taste: model.routing.taste as f32,
                habit: model.routing.habit as f32,
                incoming: model.routing.incoming as f32,
                phone: traffic.phone as f32,
                channel_outside: traffic.channel_outside as f32,
                abroad_calls: traffic.abroad_calls as f32,
                hear_contact: libm::log1p(-model.awareness.contact.min(0.999_999)) as f32,
                network: model.install.network as f32,
                marginal: model.install.marginal as f32,
                poorly_reached: model.install.poorly_reached as f32,
                abroad: model.install.abroad as f32,
                need: model.install.need as f32,
                privacy: model.install.privacy as f32,
                trial: model.install.trial as f32,
                idle: model.uninstall.idle as f32,
                dead: model.uninstall.dead as f32,
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

    /// Use today of an app whose use and target were `usage` and `target` (in 1/255) on the evening of day `since`,
    /// for a user of the access tables' row `row`. Changes nothing.
    #[inline(always)]
    pub fn use_today(&self, policy: &Policy, row: usize, m: usize, [usage, target]: [u8; 2], since: i32) -> f32 {
        let today = policy.today();
        let works = today.access[row].works >> m & 1 == 1;
        let (u, x) = (f32::from(usage) * (1.0 / 255.0), f32::from(target) * (1.0 / 255.0));
        self.usage.at(u, x, since, today.day, works, policy.flips(row, m))
    }

    /// What one user sees and does before deciding anything: sections "routing" and "target" of a review.
    pub fn route(&self, review: &Review<'_>) -> Routed {
        let mut routed = Routed { left_abroad: [1.0; 2], ..Routed::default() };
        self.look(review, &mut routed);
        routed.asked = routed.offers;
        self.send(review, &mut routed);
        routed
    }

    /// Traits, and apps as they are today; and the words of the day's decisions, which are drawn together.
    #[inline(always)]
    fn look(&self, review: &Review<'_>, routed: &mut Routed) -> Words {
        let today = review.today();
        let population = review.population;
        let draw = |purpose, tick, index| population.draws().block(purpose, review.user, tick, index);
        let own = draw(Purpose::Trait, 0, 0);
        let word = review.word;
        let row = word.row();
        let access = &today.access[row];
        let held = word.holdings();
        let works = held & access.works;
        routed.profile = population.profile_at(review.user, review.policy.place(word.class()), own);
        routed.tastes = population.tastes_from(review.user, &routed.profile, self.messengers, draw(Purpose::Taste, 0, 0));
        routed.age = usize::from(routed.profile.age);
        routed.abroad = routed.profile.groups & self.abroad_groups != 0;
        routed.works = works;
        routed.offers = if review.warm_up { 0 } else { !held & today.launched & access.works };
        routed.lost = held & !access.works_without_vpn;
        routed.per_tie = 1.0 / review.contacts.len().max(1) as f32;

        let since = today.day - review.days;
        if review.policy.last_flip(row) <= since + 1 {
            // What works has not changed since the last review, as on most days: one pair of factors serves all apps.
            let [adapt, fail] = self.usage.factors(review.days);
            for m in bits(held) {
                let (u, x) = (f32::from(review.usage[m]) * (1.0 / 255.0), f32::from(review.target[m]) * (1.0 / 255.0));
                routed.usage[m] = if works >> m & 1 == 1 { x + (u - x) * adapt } else { u * fail };
            }
        } else {
            for m in bits(held) {
                routed.usage[m] = self.use_today(review.policy, row, m, [review.usage[m], review.target[m]], since);
            }
        }
        if access.degraded & held != 0 {
            for m in bits(held) {
                routed.lost_use += routed.usage[m] * (1.0 - access.messages[m]);
            }
        }
        Words::new(review, [draw(Purpose::Decide, today.day, 0), draw(Purpose::Decide, today.day, 1)])
    }

    /// Traffic over the apps held, and what the contacts say about the messengers asked about.
    #[inline(always)]
    fn send(&self, review: &Review<'_>, routed: &mut Routed) {
        let access = &review.today().access[review.word.row()];
        let works = routed.works;
        let base = |m: usize| self.appeal[routed.age][m] + self.p.route_taste * routed.tastes[m] + self.p.habit * routed.usage[m];
        let order = Order::new(works, |m| base(m) + access.score[m]);
        let degraded = works & access.degraded;
        let call_order = (degraded != 0).then(|| Order::new(works, |m| base(m) + access.call_score[m]));
        let poor = degraded != 0 && routed.asked != 0;
        let question = Question {
            works,
            order,
            call_order,
            ask: routed.asked | routed.lost,
            poor: poor.then_some([&access.poor, &access.poor_calls]),
        };
        survey(review, &question, &mut routed.found);
        self.targets(review, &question.order, routed);
    }

    /// x_im: where use is going, from messages, calls, channels, contacts abroad and mandates.
    #[inline(always)]
    fn targets(&self, review: &Review<'_>, order: &Order, routed: &mut Routed) {
        let access = &review.today().access[review.word.row()];
        let weights = self.weights[routed.age][usize::from(routed.abroad)];
        let works = routed.works;

        let mut pull = [0.0; MAX_MESSENGERS];
        let mut sum = self.p.channel_outside;
        for m in bits(works) {
            pull[m] = self.channel_pull(m, routed.tastes[m]) * access.channels[m];
            sum += pull[m];
        }
        let mut abroad = [0.0; MAX_MESSENGERS];
        if routed.abroad {
            for m in order.apps() {
                let [messages, calls] = self.reach_abroad(m, access, &routed.left_abroad);
                abroad[m] = (1.0 - self.p.abroad_calls) * messages + self.p.abroad_calls * calls;
                routed.left_abroad[0] -= messages;
                routed.left_abroad[1] -= calls;
            }
        }
        for m in bits(works) {
            let found = &routed.found;
            routed.messages[m] =
                ((1.0 - self.p.incoming) * found.own[m] as f32 + self.p.incoming * found.incoming[m] as f32) * routed.per_tie;
            routed.calls[m] = access.call_weight[m] * found.calls[m] as f32 * routed.per_tie * (1.0 - self.p.phone);
            let use_ = weights[0] * routed.messages[m]
                + weights[1] * routed.calls[m]
                + weights[2] * pull[m] / sum
                + weights[3] * abroad[m];
            routed.target[m] = access.power[m] * use_;
        }
        let appeal = &review.today().regions[usize::from(routed.profile.place.region)];
        for m in bits(appeal.mandated & works) {
            routed.target[m] = (routed.target[m] + self.mandated(&appeal.traffic, &routed.profile, m)).min(1.0);
        }
    }

    /// Share of contacts abroad that `m` takes of those left, by messages and by calls.
    #[inline(always)]
    fn reach_abroad(&self, m: usize, access: &crate::policy::Access, left: &[f32; 2]) -> [f32; 2] {
        [left[0] * self.abroad[m], left[1] * self.abroad[m] * access.call_weight[m]]
    }

    /// content_m exp(channel_taste t).
    #[inline(always)]
    fn channel_pull(&self, m: usize, taste: f32) -> f32 {
        if self.content[m] == 0.0 { 0.0 } else { self.content[m] * exp(self.channel_taste * taste) }
    }

    /// The strongest of what the user's groups are told.
    #[inline(always)]
    fn mandated(&self, by_group: &[PerMessenger], profile: &Profile, m: usize) -> f32 {
        bits(u16::from(profile.groups)).fold(0.0, |most, g| by_group[g][m].max(most))
    }

    /// Messengers that had users at the start, a bit each.
    pub fn incumbents(&self) -> u16 {
        self.incumbents
    }

    /// Use between reviews.
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// Telephone's share of the user's calls.
    pub fn phone_share(&self, routed: &Routed) -> f32 {
        1.0 - routed.calls.iter().sum::<f32>()
    }
}

/// What [`Portfolio::route`] finds.
#[derive(Debug, Default)]
pub struct Routed {
    profile: Profile,
    age: usize,
    abroad: bool,
    tastes: [f32; MAX_MESSENGERS],
    /// Use today, by messenger.
    pub usage: [f32; MAX_MESSENGERS],
    /// Apps held that work.
    pub works: u16,
    /// Messengers that could be installed.
    offers: u16,
    /// Of these, those that contacts are asked about.
    asked: u16,
    /// Apps held that would not work without a VPN.
    lost: u16,
    /// L_i: use lost to bad access.
    lost_use: f32,
    per_tie: f32,
    found: Found,
    /// Share of messages with contacts by each app.
    pub messages: [f32; MAX_MESSENGERS],
    /// Share of calls by each app; the rest is telephone.
    pub calls: [f32; MAX_MESSENGERS],
    left_abroad: [f32; 2],
    /// Target of use.
    pub target: [f32; MAX_MESSENGERS],
}

impl Rule for Portfolio {
    #[inline(always)]
    fn review(&self, review: &mut Review<'_>) -> Word {
        let mut routed = Routed { left_abroad: [1.0; 2], ..Routed::default() };
        let mut words = self.look(review, &mut routed);
        if self.p.hear_contact == 0.0 {
            self.hear(review, &routed);
        }
        routed.asked = self.possible(review, &routed, &mut words);
        self.send(review, &mut routed);
        self.settle(review, &routed, &mut words);
        if review.warm_up {
            return review.word.with_main(main_app(&routed));
        }
        self.decide(review, &routed, &mut words)
    }
}

/// The working app of greatest use to come; the lower number of equals.
#[inline(always)]
fn main_app(routed: &Routed) -> Option<usize> {
    let mut best = None;
    let mut most = -1.0;
    for m in bits(routed.works) {
        if routed.target[m] > most {
            most = routed.target[m];
            best = Some(m);
        }
    }
    best
}
