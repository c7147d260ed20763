//! The first half of a review: what the user is, has and knows, and where traffic goes.

use super::Portfolio;
use super::contacts::{Question, survey};
use crate::model::lanes::{Lanes, Mask, Order};
use crate::model::{Review, bits};
use crate::policy::{Access, Appeal, PerMessenger};
use crate::population::{Population, Profile};
use crate::random::{Purpose, address};
use crate::scenario::MAX_MESSENGERS;

/// What a user knows before asking any contact, for 8 N messengers.
pub(super) struct Seen<'a, const N: usize> {
    /// What the user's class can do today.
    pub access: &'a Access,
    /// What draws users of the region to messengers today.
    pub region: &'a Appeal,
    pub profile: Profile,
    pub age: usize,
    /// Has contacts abroad.
    pub abroad: bool,
    pub tastes: Lanes<N>,
    /// Use today.
    pub usage: Lanes<N>,
    /// L_i: use lost to bad access.
    pub lost_use: f32,
    /// Apps held that work.
    pub works: u16,
    /// Messengers that could be installed.
    pub offers: u16,
    /// Apps held that would not work without a VPN.
    pub lost: u16,
    pub words: Words,
}

/// The random words of a review, which are drawn together.
pub(super) struct Words {
    /// Decides about the VPN.
    pub vpn: u32,
    /// One a messenger. A messenger is either held or not: the word decides about its drop or its installation; its
    /// last eight bits, which those do not look at, round its use.
    pub decide: [u32; MAX_MESSENGERS],
    /// Decides who hears of a messenger.
    pub hear: [u32; MAX_MESSENGERS],
}

/// What a user knows after asking the contacts.
pub(super) struct Sent<const N: usize> {
    /// Messengers that contacts were asked about.
    pub asked: u16,
    /// One contact, as a share of all.
    pub per_tie: f32,
    /// Share of messages with contacts by each app.
    pub messages: Lanes<N>,
    /// Share of calls by each app; the rest is telephone.
    pub calls: Lanes<N>,
    /// Share of contacts abroad by each app held, and by others if they were installed: messages and calls.
    pub abroad: [Lanes<N>; 2],
    /// |B_m|: contacts who hold each messenger asked about, working for them.
    pub holders: Lanes<N>,
    /// Of these, contacts whom no app of the user reaches.
    pub unreached: Lanes<N>,
    /// Of these, contacts reached badly, weighted by how badly: by messages, and by calls.
    pub poorly: [Lanes<N>; 2],
}

/// What [`Portfolio::route`] finds.
pub struct Routed<'a> {
    pub(super) seen: Seen<'a, 2>,
    pub(super) sent: Sent<2>,
}

impl Portfolio {
    /// What one user sees before deciding anything: section "routing" of a review.
    pub fn route<'a>(&self, review: &Review<'a>) -> Routed<'a> {
        let seen = self.look(review);
        Routed { sent: self.send(review, &seen, seen.offers), seen }
    }

    /// Telephone's share of the user's calls.
    pub fn phone_share(&self, routed: &Routed<'_>) -> f32 {
        1.0 - routed.sent.calls.sum()
    }

    /// Traits, draws, and apps as they are today.
    #[inline(always)]
    pub(super) fn look<'a, const N: usize>(&self, review: &Review<'a>) -> Seen<'a, N> {
        let (today, population, user, word) = (review.today(), review.population, review.user, review.word);
        let household = population.household(user).start;
        let [own, house] = Population::trait_addresses(user, household);
        let taste = |block| address(Purpose::Taste, user, 0, block);
        let decide = |block| address(Purpose::Decide, user, today.day, block);
        let hear = |block| address(Purpose::Hear, user, today.day, block);
        let draws = population.draws();
        let blocks = draws.blocks([own, house, taste(0), decide(0), decide(1), decide(2), hear(0), hear(1)]);
        let profile = population.profile_from(user, household, review.policy.place(word.class()), [blocks[0], blocks[1]]);
        let mut tastes = [0.0; MAX_MESSENGERS];
        tastes[..8].copy_from_slice(&population.tastes_8(&profile, blocks[2]));
        let mut words = Words { vpn: blocks[3][0], decide: [0; MAX_MESSENGERS], hear: [0; MAX_MESSENGERS] };
        words.decide[..8].copy_from_slice(&blocks[3..6].as_flattened()[1..9]);
        words.hear[..8].copy_from_slice(blocks[6..8].as_flattened());
        if N == 2 {
            let more = draws.blocks([taste(1), decide(3), decide(4), hear(2), hear(3)]);
            tastes[8..].copy_from_slice(&population.tastes_16(&profile, more[0]));
            words.decide[8..11].copy_from_slice(&blocks[5][1..]);
            words.decide[11..].copy_from_slice(&more[1..3].as_flattened()[..5]);
            words.hear[8..].copy_from_slice(more[3..5].as_flattened());
        }

        let access = &today.access[word.row()];
        let held = word.holdings();
        let usage = self.use_in_lanes(review);
        Seen {
            access,
            region: &today.regions[usize::from(profile.place.region)],
            age: usize::from(profile.age),
            abroad: profile.groups & self.abroad_groups != 0,
            profile,
            tastes: Lanes::of(&tastes),
            usage,
            lost_use: if held & access.degraded == 0 { 0.0 } else { (usage - usage * &access.messages).sum() },
            works: held & access.works,
            offers: if review.warm_up { 0 } else { !held & today.launched & access.works },
            lost: held & !access.works_without_vpn,
            words,
        }
    }

    /// Use today of every app held.
    #[inline(always)]
    fn use_in_lanes<const N: usize>(&self, review: &Review<'_>) -> Lanes<N> {
        let row = review.word.row();
        let since = review.today().day - review.days;
        if review.policy.last_flip(row) > since + 1 {
            return Lanes::of(&self.use_after_flip(review, since));
        }
        // What works has not changed since the last review, as on most days: one pair of factors serves all apps.
        let [adapt, fail] = self.usage.factors(review.days);
        let works = Mask::of(review.today().works()[row]);
        let [u, x] = [Lanes::of_bytes(&review.usage), Lanes::of_bytes(&review.target)];
        works.choose(x + (u - x) * adapt, u * fail) & Mask::of(review.word.holdings())
    }

    #[cold]
    fn use_after_flip(&self, review: &Review<'_>, since: i32) -> PerMessenger {
        let mut usage = [0.0; MAX_MESSENGERS];
        for m in bits(review.word.holdings()) {
            usage[m] = self.use_today(review.policy, review.word.row(), m, [review.usage[m], review.target[m]], since);
        }
        usage
    }

    /// Traffic over the apps held, and what the contacts say about the messengers of `asked`.
    #[inline(always)]
    pub(super) fn send<const N: usize>(&self, review: &Review<'_>, seen: &Seen<'_, N>, asked: u16) -> Sent<N> {
        let (access, works) = (seen.access, seen.works);
        let score = seen.tastes * self.p.route_taste + seen.usage * self.p.habit + &self.appeal[seen.age];
        let degraded = works & access.degraded;
        let question = Question::<N> {
            contacts: review.contacts,
            words: review.words,
            table: review.today().works(),
            works,
            order: Order::new(works, score + &access.score),
            call_order: (degraded != 0).then(|| Order::new(works, score + &access.call_score)),
            ask: asked | seen.lost,
            poor: degraded,
            weight: &access.poor,
        };
        let found = survey(&question);
        let per_tie = 1.0 / review.contacts.len().max(1) as f32;
        let incoming = self.p.incoming;
        let messages = Lanes::of_counts(&found.own) * (1.0 - incoming) + Lanes::of_counts(&found.incoming) * incoming;
        Sent {
            asked,
            per_tie,
            messages: messages * per_tie,
            calls: Lanes::of_counts(&found.calls) * &access.call_weight * ((1.0 - self.p.phone) * per_tie),
            abroad: if seen.abroad { self.reach_abroad(access, &question.order) } else { [Lanes::ZERO; 2] },
            holders: Lanes::of_counts(&found.holders),
            unreached: Lanes::of_counts(&found.unreached),
            poorly: [Lanes::of(&found.poorly[0]), Lanes::of(&found.poorly[1])],
        }
    }

    /// Share of contacts abroad that each app takes of those left at its turn, and any other messenger of those left
    /// in the end, by messages and by calls.
    #[inline(always)]
    fn reach_abroad<const N: usize>(&self, access: &Access, order: &Order) -> [Lanes<N>; 2] {
        let mut takes = [self.abroad, (Lanes::<N>::of(&self.abroad) * &access.call_weight).to_array()];
        let mut left = [1.0; 2];
        let mut taken = 0;
        for m in order.iter() {
            for (takes, left) in takes.iter_mut().zip(&mut left) {
                takes[m] *= *left;
                *left -= takes[m];
            }
            taken |= 1 << m;
        }
        let taken = Mask::of(taken);
        let [messages, calls] = [Lanes::of(&takes[0]), Lanes::of(&takes[1])];
        [taken.choose(messages, messages * left[0]), taken.choose(calls, calls * left[1])]
    }

    /// x_im: where use is going, from messages, calls, channels, contacts abroad and mandates; 0 where an app does not
    /// work.
    #[inline(always)]
    pub(super) fn targets<const N: usize>(&self, seen: &Seen<'_, N>, sent: &Sent<N>) -> Lanes<N> {
        let access = seen.access;
        let [for_messages, for_calls, for_channels, for_abroad] = self.weights[seen.age][usize::from(seen.abroad)];
        let works = Mask::of(seen.works);
        let pull = (seen.tastes * self.channel_taste).exp() * &self.content * &access.channels & works;
        let for_pull = for_channels / (self.p.channel_outside + pull.sum());
        let mut target = sent.messages * for_messages + sent.calls * for_calls + pull * for_pull;
        if seen.abroad {
            let [messages, calls] = sent.abroad;
            let abroad = messages * (1.0 - self.p.abroad_calls) + calls * self.p.abroad_calls;
            target = target + (abroad & works) * for_abroad;
        }
        target = target * &access.power;

        if seen.region.mandated & seen.works != 0 {
            let told = seen.told(&seen.region.traffic) & works;
            target = (target + told).min(Lanes::all(1.0));
        }
        target
    }
}

impl<const N: usize> Seen<'_, N> {
    /// The working app of greatest use to come; the lower number of equals.
    #[inline(always)]
    pub(super) fn main_app(&self, target: Lanes<N>) -> Option<usize> {
        let best = target.equal(Lanes::all(target.greatest())).bits() & self.works;
        (best != 0).then(|| best.trailing_zeros() as usize)
    }

    /// The strongest of what the user's groups are told, by messenger.
    #[inline(always)]
    pub(super) fn told(&self, by_group: &[PerMessenger]) -> Lanes<N> {
        let groups = u16::from(self.profile.groups & self.region.mandated_groups);
        bits(groups).fold(Lanes::ZERO, |most, g| most.max(Lanes::of(&by_group[g])))
    }
}
