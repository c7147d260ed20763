//! The default rule: a set of apps held, traffic routed over what both ends can use (model.md, section 4).

mod contacts;
mod decide;
mod lanes;

use super::{Review, Rule, Usage, Word, bits};
use crate::policy::{Access, PerMessenger, Policy};
use crate::population::{Population, Profile};
use crate::random::{Purpose, address, normal_quantile};
use crate::scenario::{MAX_MESSENGERS, Scenario};
use contacts::{Question, survey};
use lanes::{Lanes, Mask, Order};

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

    /// Use today of an app whose use and target were `usage` and `target` (in 1/255) on the evening of day `since`,
    /// for a user of the access tables' row `row`. Changes nothing.
    #[inline(always)]
    pub fn use_today(&self, policy: &Policy, row: usize, m: usize, [usage, target]: [u8; 2], since: i32) -> f32 {
        let today = policy.today();
        let works = today.access[row].works >> m & 1 == 1;
        let (u, x) = (f32::from(usage) / 255.0, f32::from(target) / 255.0);
        self.usage.at(u, x, since, today.day, works, policy.flips(row, m))
    }

    /// What one user sees before deciding anything: section "routing" of a review.
    pub fn route(&self, review: &Review<'_>) -> Routed {
        self.route_in(review)
    }

    #[inline(always)]
    fn route_in<const N: usize>(&self, review: &Review<'_>) -> Routed<N> {
        let today = review.today();
        let word = review.word;
        let access = &today.access[word.row()];
        let hand = Hand::deal::<N>(review);
        let age = usize::from(hand.profile.age);
        let held = word.holdings();
        let works = held & access.works;
        let offers = if review.warm_up { 0 } else { !held & today.launched & access.works };

        let tastes = Lanes::of(&hand.tastes);
        let usage = self.use_in_lanes(review);
        let score = tastes * self.p.route_taste + usage * self.p.habit + &self.appeal[age];
        let degraded = works & access.degraded;
        let question = Question::<N> {
            contacts: review.contacts,
            words: review.words,
            table: &today.works,
            works,
            order: Order::new(works, score + &access.score),
            call_order: (degraded != 0).then(|| Order::new(works, score + &access.call_score)),
            bad: if offers != 0 { degraded } else { 0 },
            badness: &access.badness,
        };
        let found = survey(&question);
        let abroad = hand.profile.groups & self.abroad_groups != 0;
        let per_tie = 1.0 / review.contacts.len().max(1) as f32;
        let own = Lanes::of_counts(&found.own) * (1.0 - self.p.incoming);
        Routed {
            age,
            abroad,
            tastes,
            usage,
            works,
            offers,
            lost: held & !access.works_without_vpn,
            per_tie,
            messages: (own + Lanes::of_counts(&found.incoming) * self.p.incoming) * per_tie,
            calls: Lanes::of_counts(&found.calls) * &access.call_weight * ((1.0 - self.p.phone) * per_tie),
            reach_abroad: if abroad { self.reach_abroad(access, &question.order) } else { [Lanes::ZERO; 2] },
            holders: Lanes::of_counts(&found.holders),
            unreached: Lanes::of_counts(&found.unreached),
            poorly: [Lanes::of(&found.poorly[0]), Lanes::of(&found.poorly[1])],
            hand,
        }
    }

    /// Use today of every app held.
    #[inline(always)]
    fn use_in_lanes<const N: usize>(&self, review: &Review<'_>) -> Lanes<N> {
        let row = review.word.row();
        let held = review.word.holdings();
        let since = review.today().day - review.days;
        if review.policy.last_flip(row) > since + 1 {
            return Lanes::of(&self.use_after_flip(review, since));
        }
        let [adapt, fail] = self.usage.factors(review.days);
        let works = Mask::of(review.today().works[row]);
        let [u, x] = [Lanes::of_bytes(&review.usage), Lanes::of_bytes(&review.target)];
        works.choose(x + (u - x) * adapt, u * fail) & Mask::of(held)
    }

    /// The same where an app began or ceased to work since the last review.
    #[cold]
    fn use_after_flip(&self, review: &Review<'_>, since: i32) -> PerMessenger {
        let mut usage = [0.0; MAX_MESSENGERS];
        for m in bits(review.word.holdings()) {
            usage[m] = self.use_today(review.policy, review.word.row(), m, [review.usage[m], review.target[m]], since);
        }
        usage
    }

    /// Share of contacts abroad that each app takes of those left at its turn, and any other messenger of those left
    /// in the end, by messages and by calls.
    #[inline(always)]
    fn reach_abroad<const N: usize>(&self, access: &Access, order: &Order) -> [Lanes<N>; 2] {
        let (mut messages, mut calls) = (self.abroad, (Lanes::<N>::of(&self.abroad) * &access.call_weight).to_array());
        let mut left = [1.0; 2];
        let mut taken = 0u16;
        for m in order.iter() {
            let takes = [messages[m], calls[m]];
            [messages[m], calls[m]] = [left[0] * takes[0], left[1] * takes[1]];
            left = [left[0] * (1.0 - takes[0]), left[1] * (1.0 - takes[1])];
            taken |= 1 << m;
        }
        let taken = Mask::of(taken);
        [(messages, left[0]), (calls, left[1])].map(|(takes, left)| {
            let takes = Lanes::of(&takes);
            taken.choose(takes, takes * left)
        })
    }

    /// x_im: where use is going, from messages, calls, channels, contacts abroad and mandates.
    #[inline(always)]
    fn targets<const N: usize>(&self, review: &Review<'_>, routed: &Routed<N>) -> Lanes<N> {
        let access = &review.today().access[review.word.row()];
        let [for_messages, for_calls, for_channels, for_abroad] = self.weights[routed.age][usize::from(routed.abroad)];
        let works = Mask::of(routed.works);
        let pull = (routed.tastes * self.channel_taste).exp() * &self.content * &access.channels & works;
        let channels = pull * (1.0 / (self.p.channel_outside + pull.sum()));
        let mut target = routed.messages * for_messages + routed.calls * for_calls + channels * for_channels;
        if routed.abroad {
            let [messages, calls] = routed.reach_abroad;
            target = target + (messages * (1.0 - self.p.abroad_calls) + calls * self.p.abroad_calls & works) * for_abroad;
        }
        target = target * &access.power;

        let appeal = &review.today().regions[usize::from(routed.hand.profile.place.region)];
        if appeal.mandated & routed.works != 0 {
            let told = mandated(&appeal.traffic, routed.hand.profile.groups & appeal.mandated_groups);
            target = (target + (told & works)).min(Lanes::all(1.0));
        }
        target
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
        1.0 - routed.calls.sum()
    }
}

/// The strongest of what groups are told, by messenger.
#[inline(always)]
fn mandated<const N: usize>(by_group: &[PerMessenger], groups: u8) -> Lanes<N> {
    bits(u16::from(groups)).fold(Lanes::ZERO, |most, g| most.max(Lanes::of(&by_group[g])))
}

/// The draws that nearly every review needs, made side by side.
struct Hand {
    profile: Profile,
    tastes: PerMessenger,
    /// A word a messenger.
    decide: [u32; MAX_MESSENGERS],
    vpn: u32,
}

impl Hand {
    #[inline(always)]
    fn deal<const N: usize>(review: &Review<'_>) -> Self {
        let (user, population) = (review.user, review.population);
        let household = population.household_start(user);
        let [own, groups, house] = Population::trait_addresses(user, household);
        let [taste, house_taste] = Population::taste_addresses(user, household, 0);
        let decide = |block| address(Purpose::Decide, user, review.today().day, block);
        let vpn = address(Purpose::DecideVpn, user, review.today().day, 0);
        let draws = population.draws();
        let [own, groups, house, taste, house_taste, one, two, vpn] =
            draws.blocks([own, groups, house, taste, house_taste, decide(0), decide(1), vpn]);
        let place = review.policy.place(review.word.class());
        let mut hand = Hand {
            profile: population.profile_from(user, household, place, [own, groups, house]),
            tastes: [0.0; MAX_MESSENGERS],
            decide: [0; MAX_MESSENGERS],
            vpn: vpn[0],
        };
        hand.tastes[..8].copy_from_slice(&population.tastes_from([taste, house_taste]));
        hand.decide[..8].copy_from_slice([one, two].as_flattened());
        if N == 2 {
            let [taste, house_taste] = Population::taste_addresses(user, household, 1);
            let [taste, house_taste, three, four] = draws.blocks([taste, house_taste, decide(2), decide(3)]);
            hand.tastes[8..].copy_from_slice(&population.tastes_from([taste, house_taste]));
            hand.decide[8..].copy_from_slice([three, four].as_flattened());
        }
        hand
    }
}

/// What [`Portfolio::route`] finds, for 8 N messengers.
pub struct Routed<const N: usize = 2> {
    hand: Hand,
    age: usize,
    abroad: bool,
    tastes: Lanes<N>,
    /// Use today.
    usage: Lanes<N>,
    /// Apps held that work.
    works: u16,
    /// Messengers that could be installed.
    offers: u16,
    /// Apps held that do not work without a VPN.
    lost: u16,
    per_tie: f32,
    /// Share of messages with contacts by each app.
    messages: Lanes<N>,
    /// Share of calls by each app; the rest is telephone.
    calls: Lanes<N>,
    /// Share of contacts abroad by each app held, and by others if they were installed: messages and calls.
    reach_abroad: [Lanes<N>; 2],
    /// |B_m|: contacts who hold each messenger, working for them.
    holders: Lanes<N>,
    /// Of these, contacts whom no app of the user reaches.
    unreached: Lanes<N>,
    /// Of these, contacts reached badly, weighted by how badly: by messages, and by calls.
    poorly: [Lanes<N>; 2],
}

impl Rule for Portfolio {
    #[inline(always)]
    fn review(&self, review: &mut Review<'_>) -> Word {
        if self.messengers <= 8 { self.review_in::<1>(review) } else { self.review_in::<2>(review) }
    }
}

impl Portfolio {
    #[inline(always)]
    fn review_in<const N: usize>(&self, review: &mut Review<'_>) -> Word {
        let routed = self.route_in::<N>(review);
        let target = self.targets(review, &routed);
        self.settle(review, &routed, target);
        let main = main_app(target, routed.works);
        if review.warm_up { review.word.with_main(main) } else { self.decide(review, &routed, main) }
    }
}

/// The working app of greatest use to come; the lower number of equals.
#[inline(always)]
fn main_app<const N: usize>(target: Lanes<N>, works: u16) -> Option<usize> {
    // Targets are not negative, and 0 where an app does not work.
    let best = target.equal(Lanes::all(target.greatest())).bits() & works;
    (best != 0).then(|| best.trailing_zeros() as usize)
}
