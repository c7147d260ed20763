//! The first half of a review: what the user is, has and knows, and where traffic goes.

use super::Portfolio;
use super::contacts::{Question, survey};
use crate::model::lanes::{Lanes, Mask, Order, in_lanes};
use crate::model::{Review, bits};
use crate::policy::{Access, Incentives, PerMessenger};
use crate::population::{Population, Profile};
use crate::random::{Purpose, address};
use crate::scenario::{MAX_MESSENGERS, Service};
use fearless_simd::{Level, Simd};

/// What a user knows before asking any contact, for 8 N messengers.
pub(super) struct Seen<'a, S: Simd, const N: usize> {
    /// Stands for the instructions, as in [`Lanes`].
    pub simd: S,
    /// What the user's class can do today.
    pub access: &'a Access,
    /// What draws users of the region to messengers today.
    pub region: &'a Incentives,
    pub profile: Profile,
    pub age: usize,
    /// Has contacts abroad.
    pub abroad: bool,
    pub tastes: Lanes<S, N>,
    /// Use today.
    pub usage: Lanes<S, N>,
    /// L: use lost to bad access.
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
}

/// What a user knows after asking the contacts.
pub(super) struct Sent<S: Simd, const N: usize> {
    /// Messengers that contacts were asked about.
    pub asked: u16,
    /// One contact, as a share of all.
    pub per_tie: f32,
    /// Share of messages with contacts by each app.
    pub messages: Lanes<S, N>,
    /// Share of calls by each app; the rest is telephone.
    pub calls: Lanes<S, N>,
    /// Share of contacts abroad by each app held, and by others if they were installed: messages and calls.
    pub abroad: [Lanes<S, N>; 2],
    /// |B_m|: contacts who hold each messenger asked about, working for them.
    pub holders: Lanes<S, N>,
    /// Of these, contacts whom no app of the user reaches.
    pub unreached: Lanes<S, N>,
    /// Of these, contacts reached badly, weighted by how badly: by messages, and by calls.
    pub poorly: [Lanes<S, N>; 2],
}

/// What [`Portfolio::route`] finds. Lists are by messenger.
pub struct Routed {
    /// Messengers that could be installed.
    pub offers: u16,
    /// net_m of these: what each would do for messages and calls with contacts.
    pub net: PerMessenger,
    /// abroad_m: what each would do for contacts abroad, if the user has any.
    pub abroad: Option<PerMessenger>,
    /// The wish to install each of the offers (logit). Of no meaning for a messenger that the user does not know.
    pub(crate) wish: PerMessenger,
    /// Hazard of dropping each app held (1/day).
    pub(crate) drop_hazard: PerMessenger,
    /// Log-odds of starting a VPN, or of stopping it.
    pub(crate) vpn_change: f32,
    /// Telephone's share of the user's calls.
    pub phone_share: f32,
}

impl Portfolio {
    /// What one user sees before deciding anything: section "routing" of a review.
    pub fn route(&self, review: &Review<'_>) -> Routed {
        in_lanes!(Level::new(), self.route_in_lanes(review))
    }

    #[inline(always)]
    fn route_in_lanes<S: Simd, const N: usize>(&self, simd: S, review: &Review<'_>) -> Routed {
        let seen = self.look::<S, N>(simd, review);
        let sent = self.send(review, &seen, seen.offers);
        Routed {
            offers: seen.offers,
            net: self.net(&seen, &sent).to_array(),
            abroad: if seen.abroad { Some(self.net_abroad(&seen, &sent).to_array()) } else { None },
            wish: self.wish(review, &seen, &sent).to_array(),
            drop_hazard: self.drop_hazard(&seen).to_array(),
            vpn_change: self.vpn_change(review, &seen, &sent),
            phone_share: 1.0 - sent.calls.sum(),
        }
    }

    /// Traits, draws, and apps as they are today.
    #[inline(always)]
    pub(super) fn look<'a, S: Simd, const N: usize>(&self, simd: S, review: &Review<'a>) -> Seen<'a, S, N> {
        let (today, population, user, word) = (review.today(), review.population, review.user, review.word);
        let household = population.household_head(user);
        let [own, house] = Population::trait_addresses(user, household);
        let taste = |block| address(Purpose::Taste, user, 0, block);
        let decide = |block| address(Purpose::Decide, user, today.draw_tick, block);
        let draws = population.draws();
        let blocks = draws.blocks_at(simd.level(), [own, house, taste(0), decide(0), decide(1), decide(2)]);
        let profile = population.profile_from(user, household, review.policy.place(word.class()), [blocks[0], blocks[1]]);
        let mut tastes = [0.0; MAX_MESSENGERS];
        tastes[..8].copy_from_slice(&population.tastes_8(&profile, blocks[2]));
        let mut words = Words { vpn: blocks[3][0], decide: [0; MAX_MESSENGERS] };
        words.decide[..8].copy_from_slice(&blocks[3..6].as_flattened()[1..9]);
        if N == 2 {
            let more = draws.blocks_at(simd.level(), [taste(1), decide(3), decide(4)]);
            tastes[8..].copy_from_slice(&population.tastes_16(&profile, more[0]));
            words.decide[8..11].copy_from_slice(&blocks[5][1..]);
            words.decide[11..].copy_from_slice(&more[1..3].as_flattened()[..5]);
        }

        let access = &today.access[word.row()];
        let held = word.holdings();
        let usage = self.use_in_lanes(simd, review);
        Seen {
            simd,
            access,
            region: &today.regions[usize::from(profile.place.region)],
            age: usize::from(profile.age),
            abroad: profile.groups & self.abroad_groups != 0,
            profile,
            tastes: Lanes::of(simd, &tastes),
            usage,
            lost_use: (usage * &access.lost).sum(),
            works: held & access.works,
            offers: if review.pace == 0.0 { 0 } else { !held & today.launched & access.works },
            lost: held & !access.works_without_vpn,
            words,
        }
    }

    /// Use today of every app held.
    #[inline(always)]
    fn use_in_lanes<S: Simd, const N: usize>(&self, simd: S, review: &Review<'_>) -> Lanes<S, N> {
        let row = review.word.row();
        let since = review.today().day - review.days;
        if review.policy.last_flip(row) > since + 1 {
            return Lanes::of(simd, &self.use_after_flip(review, since));
        }
        // What works has not changed since the last review, as on most days: one pair of factors serves all apps.
        let [adapt, fail] = self.usage.factors(review.days);
        let works = Mask::of(simd, review.today().works()[row]);
        let (u, x) = (Lanes::of_bytes(simd, &review.usage), Lanes::of_bytes(simd, &review.target));
        works.choose(x + (u - x) * adapt, u * fail) & Mask::of(simd, review.word.holdings())
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
    pub(super) fn send<S: Simd, const N: usize>(&self, review: &Review<'_>, seen: &Seen<'_, S, N>, asked: u16) -> Sent<S, N> {
        let (simd, access, works) = (seen.simd, seen.access, seen.works);
        let score = seen.tastes * self.p.route_taste + seen.usage * self.p.habit + &self.appeal[seen.age];
        let degraded = works & access.degraded;
        let order = Order::new(works, score + &access.score);
        let call_order = (degraded != 0).then(|| Order::new(works, score + &access.call_score));
        let found = survey(&Question::<S, N> {
            simd,
            contacts: review.contacts,
            words: review.words,
            today: review.today(),
            works,
            order: &order,
            call_order: call_order.as_ref(),
            ask: asked | seen.lost,
            poor: degraded,
            weight: &access.unserved,
        });
        let per_tie = 1.0 / review.contacts.len().max(1) as f32;
        let incoming = self.p.incoming;
        let messages = found.own * (1.0 - incoming) + found.incoming * incoming;
        Sent {
            asked,
            per_tie,
            messages: messages * per_tie,
            calls: found.calls * &access.call_weight * ((1.0 - self.p.phone) * per_tie),
            abroad: if seen.abroad { self.reach_abroad(simd, access, &order) } else { [Lanes::all(simd, 0.0); 2] },
            holders: found.holders,
            unreached: found.unreached,
            poorly: found.poorly,
        }
    }

    /// Share of contacts abroad that each app takes of those left at its turn, and any other messenger of those left
    /// in the end, by messages and by calls.
    #[inline(always)]
    fn reach_abroad<S: Simd, const N: usize>(&self, simd: S, access: &Access, order: &Order) -> [Lanes<S, N>; 2] {
        let mut takes = [self.abroad, (Lanes::<S, N>::of(simd, &self.abroad) * &access.call_weight).to_array()];
        let mut left = [1.0; 2];
        let mut taken = 0;
        for m in order.iter() {
            for (takes, left) in takes.iter_mut().zip(&mut left) {
                takes[m] *= *left;
                *left -= takes[m];
            }
            taken |= 1 << m;
        }
        let taken = Mask::of(simd, taken);
        let [messages, calls] = [Lanes::of(simd, &takes[0]), Lanes::of(simd, &takes[1])];
        [taken.choose(messages, messages * left[0]), taken.choose(calls, calls * left[1])]
    }

    /// x_im: where use is going, from messages, calls, channels, contacts abroad and mandates; 0 where an app does not
    /// work.
    #[inline(always)]
    pub(super) fn targets<S: Simd, const N: usize>(&self, seen: &Seen<'_, S, N>, sent: &Sent<S, N>) -> Lanes<S, N> {
        let access = seen.access;
        let [for_messages, for_calls, for_channels, for_abroad] = self.weights[seen.age][usize::from(seen.abroad)];
        let works = Mask::of(seen.simd, seen.works);
        let pull = (seen.tastes * self.channel_taste).exp() * &self.content * &access.to[Service::Channels] & works;
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
            target = (target + told).min(Lanes::all(seen.simd, 1.0));
        }
        target
    }
}

impl<S: Simd, const N: usize> Seen<'_, S, N> {
    /// The working app of greatest use to come; the lower number of equals.
    #[inline(always)]
    pub(super) fn main_app(&self, target: Lanes<S, N>) -> Option<usize> {
        let best = target.equal(Lanes::all(self.simd, target.greatest())).bits() & self.works;
        (best != 0).then(|| best.trailing_zeros() as usize)
    }

    /// The strongest of what the user's groups are told, by messenger.
    #[inline(always)]
    pub(super) fn told(&self, by_group: &[PerMessenger]) -> Lanes<S, N> {
        let groups = u16::from(self.profile.groups & self.region.mandated_groups);
        let mut most = Lanes::all(self.simd, 0.0);
        for g in bits(groups) {
            most = most.max(Lanes::of(self.simd, &by_group[g]));
        }
        most
    }
}
