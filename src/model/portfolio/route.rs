//! The first half of a review: what the user is, has and knows, and where traffic goes. Numbers in brackets are those of the
//! equations in section 7 of the ODD protocol.

use super::contacts::{Ask, ContactQuery, count_contacts};
use super::{AgeBand, Portfolio, PortfolioRow, TRAIT_STEP};
use crate::model::lanes::{Lanes, Mask, Order};
use crate::model::{Outlook, PublicState, UserView, bits};
use crate::policy::{Access, Incentives, PerMessenger, Policy};
use crate::random::{Purpose, address};
use crate::scenario::{MAX_MESSENGERS, Service};
use fearless_simd::Simd;

/// What a user knows before asking any contact, for 8 N messengers.
pub(super) struct Context<'a, S: Simd, const N: usize> {
    /// Stands for the instructions, as in [`Lanes`].
    pub simd: S,
    /// What the user's class can do today.
    pub access: &'a Access,
    /// What draws users of the region to messengers today.
    pub region: &'a Incentives,
    pub age: &'a AgeBand,
    /// Groups, a bit each.
    pub groups: u8,
    /// Has contacts abroad.
    pub abroad: bool,
    pub tastes: Lanes<S, N>,
    /// VPN propensity and privacy concern: standard normal.
    pub propensity: f32,
    pub privacy: f32,
    /// Use today.
    pub usage: Lanes<S, N>,
    /// Apps held that work.
    pub works: u16,
    /// Messengers that could be installed.
    pub available: u16,
    /// Apps held that would not work without a VPN.
    pub needs_vpn: u16,
    /// Group chats that the user is in, where they are on some app.
    pub chats: Option<Conversations<S, N>>,
    pub draws: ReviewDraws<N>,
}

/// The group chats of a user.
pub(super) struct Conversations<S: Simd, const N: usize> {
    /// s: share of messages that are written in them.
    pub share: f32,
    /// The same by the app that they are on.
    pub on: Lanes<S, N>,
    /// These apps.
    pub apps: u16,
}

/// The random words of a review, which are drawn together: one a messenger.
///
/// A messenger is either held or not: the first 24 bits decide about its drop or its installation. The next five round its
/// use; the last three of the first eight messengers together decide about the VPN.
pub(super) struct ReviewDraws<const N: usize>(pub [[u32; 8]; N]);

/// What may happen today whatever contacts have: the day's draws rule out most. Contacts are asked about nothing else; what
/// happens is the same.
pub(super) struct Candidates {
    /// Messengers that may be installed.
    pub install: u16,
    /// Messengers that may be heard of.
    pub hear: u16,
    /// Whether a VPN may be started or stopped.
    pub vpn: bool,
}

/// Where the traffic of a user goes, and what contacts have. Lists are by messenger.
pub(super) struct Routing<S: Simd, const N: usize> {
    /// One contact, as a share of all.
    pub per_tie: f32,
    /// Share of messages with contacts by each app.
    pub messages: Lanes<S, N>,
    /// Share of calls by each app; the rest is telephone.
    pub calls: Lanes<S, N>,
    /// Share of contacts abroad by each app held, and by others if they were installed: messages and calls.
    pub abroad: [Lanes<S, N>; 2],
    /// |B_m|: contacts who hold each messenger that may matter, working for them.
    pub holders: Lanes<S, N>,
    /// Of those of messengers that may be installed, contacts whom no app of the user reaches.
    pub unreached: Lanes<S, N>,
    /// Of these, contacts reached badly, weighted by how badly: by messages, and by calls.
    pub badly_reached: [Lanes<S, N>; 2],
}

impl<const N: usize> Portfolio<N> {
    /// What one user would do, if nothing were drawn.
    #[inline(always)]
    pub(super) fn outlook_in_lanes<S: Simd>(&self, simd: S, review: &UserView<'_>, row: &PortfolioRow<N>) -> Outlook {
        let context = self.context(simd, review, row);
        let all = Candidates { install: context.available, hear: 0, vpn: true };
        let routing = self.route(review, &context, &all);
        Outlook {
            available: context.available,
            aware: row.aware | context.chats.as_ref().map_or(0, |chats| chats.apps),
            net: self.net(&context, &routing).to_array(),
            abroad: if context.abroad { Some(self.net_abroad(&context, &routing).to_array()) } else { None },
            install_utility: self.install_utility(review, &context, &routing).to_array(),
            drop_hazard: self.drop_hazard(&context).to_array(),
            vpn_change: self.vpn_change(review, &context, &routing),
            phone_share: 1.0 - routing.calls.sum(),
        }
    }

    /// Traits, draws, and apps as they are today.
    #[inline(always)]
    pub(super) fn context<'a, S: Simd>(&'a self, simd: S, review: &UserView<'a>, row: &PortfolioRow<N>) -> Context<'a, S, N> {
        let (today, public) = (review.today(), review.public);
        let access = &today.access[public.row()];
        let held = public.holdings();
        let region = usize::from(review.policy.place(public.class()).region);
        Context {
            simd,
            access,
            region: &today.regions[region],
            age: &self.ages[usize::from(row.age)],
            groups: row.groups,
            abroad: row.groups & self.abroad_groups != 0,
            tastes: Lanes::of_steps(simd, row.taste) * TRAIT_STEP,
            propensity: f32::from(row.propensity) * TRAIT_STEP,
            privacy: f32::from(row.privacy) * TRAIT_STEP,
            usage: self.use_in_lanes(simd, review.policy, public, row),
            works: held & access.works,
            available: if review.pace == 0.0 { 0 } else { !held & today.launched & access.works },
            needs_vpn: held & !access.works_without_vpn,
            chats: self.conversations(simd, review, row.groups),
            draws: ReviewDraws(words(simd, review, Purpose::Decide)),
        }
    }

    /// Where the user's group chats are (47).
    #[inline(always)]
    fn conversations<S: Simd>(&self, simd: S, review: &UserView<'_>, groups: u8) -> Option<Conversations<S, N>> {
        if self.chats.is_empty() {
            return None;
        }
        let (mut share, mut on, mut apps) = (0.0, [0.0; MAX_MESSENGERS], 0);
        for (kind, app) in self.chats.iter().zip(review.chats.map(usize::from)) {
            if app < on.len() && kind.groups.is_none_or(|group| groups & group != 0) {
                share += kind.share;
                on[app] += kind.share;
                apps |= 1 << app;
            }
        }
        (apps != 0).then(|| Conversations { share, on: Lanes::of(simd, &on), apps })
    }

    /// Use today of every app held (24).
    #[inline(always)]
    pub(super) fn use_in_lanes<S: Simd>(
        &self,
        simd: S,
        policy: &Policy,
        public: PublicState,
        row: &PortfolioRow<N>,
    ) -> Lanes<S, N> {
        let (access, today) = (public.row(), policy.today());
        let since = crate::model::day_of(row.reviewed);
        if policy.last_flip(access) > since + 1 {
            return Lanes::of(simd, &self.use_after_flip(policy, public, row, since));
        }
        // What works has not changed since the last review, as on most days: one pair of factors serves all apps.
        let [adapt, fail] = self.usage.factors(today.day - since);
        let works = Mask::of(simd, today.works()[access]);
        let (u, x) = (Lanes::of_bytes(simd, row.usage), Lanes::of_bytes(simd, row.target));
        works.choose(x + (u - x) * adapt, u * fail) & Mask::of(simd, public.holdings())
    }

    #[cold]
    fn use_after_flip(&self, policy: &Policy, public: PublicState, row: &PortfolioRow<N>, since: i32) -> PerMessenger {
        let mut usage = [0.0; MAX_MESSENGERS];
        for m in bits(public.holdings()).take_while(|&m| m < 8 * N) {
            usage[m] = self.use_of(policy, public.row(), m, row.use_and_target(m), since);
        }
        usage
    }

    /// Traffic over the apps held (14) to (17), and what the contacts say about messengers that may matter (18).
    #[inline(always)]
    pub(super) fn route<S: Simd>(
        &self,
        review: &UserView<'_>,
        context: &Context<'_, S, N>,
        candidates: &Candidates,
    ) -> Routing<S, N> {
        let (simd, access, works) = (context.simd, context.access, context.works);
        let score = context.tastes * self.p.route_taste + context.usage * self.p.habit + &context.age.appeal;
        let degraded = works & access.degraded;
        let order = Order::new(works, score + &access.score);
        let call_order = (degraded != 0).then(|| Order::new(works, score + &access.call_score));
        let counts = count_contacts(&ContactQuery::<S, N> {
            simd,
            contacts: review.contacts,
            states: review.states,
            today: review.today(),
            works,
            order: &order,
            call_order: call_order.as_ref(),
            ask: Ask {
                all: candidates.install,
                holders: (candidates.hear | if candidates.vpn { context.needs_vpn } else { 0 }) & !candidates.install,
                degraded,
                weight: &access.unserved,
            },
        });
        // The number of contacts is one of 32 bits, of which conversion is one instruction.
        let per_tie = 1.0 / review.contacts.len().max(1) as i32 as f32;
        let incoming = self.p.incoming;
        let mut messages = (counts.own * (1.0 - incoming) + counts.incoming * incoming) * per_tie;
        if let Some(chats) = &context.chats {
            messages = messages * (1.0 - chats.share) + (chats.on & Mask::of(simd, works));
        }
        Routing {
            per_tie,
            messages,
            calls: counts.calls * &access.call_weight * ((1.0 - self.p.phone) * per_tie),
            abroad: if context.abroad {
                self.reach_abroad(access, &order).map(|list| Lanes::of(simd, &list))
            } else {
                [Lanes::all(simd, 0.0); 2]
            },
            holders: counts.holders,
            unreached: counts.unreached,
            badly_reached: counts.badly_reached,
        }
    }

    /// Share of contacts abroad that each app takes of those left at its turn, and any other messenger of those left
    /// in the end, by messages and by calls (19). Of few users, so a call of its own.
    #[inline(never)]
    fn reach_abroad(&self, access: &Access, order: &Order) -> [PerMessenger; 2] {
        let mut takes = [self.abroad, std::array::from_fn(|m| self.abroad[m] * access.call_weight[m])];
        let mut left = [1.0; 2];
        let mut others = !0u16;
        for m in order.iter() {
            for (takes, left) in takes.iter_mut().zip(&mut left) {
                takes[m] *= *left;
                *left -= takes[m];
            }
            others &= !(1 << m);
        }
        for m in bits(others) {
            for (takes, left) in takes.iter_mut().zip(left) {
                takes[m] *= left;
            }
        }
        takes
    }

    /// x_im: where use is going, from messages, calls, channels, contacts abroad and mandates; 0 where an app does not
    /// work (20) to (22).
    #[inline(always)]
    pub(super) fn targets<S: Simd>(&self, context: &Context<'_, S, N>, routing: &Routing<S, N>) -> Lanes<S, N> {
        let access = context.access;
        let [for_messages, for_calls, for_channels, for_abroad] = context.age.weights[usize::from(context.abroad)];
        let works = Mask::of(context.simd, context.works);
        let pull = (context.tastes * self.channel_taste).exp() * &self.content * &access.to[Service::Channels] & works;
        let for_pull = for_channels / (self.p.channel_outside + pull.sum());
        let mut target = routing.messages * for_messages + routing.calls * for_calls + pull * for_pull;
        if context.abroad {
            let [messages, calls] = routing.abroad;
            let abroad = messages * (1.0 - self.p.abroad_calls) + calls * self.p.abroad_calls;
            target = target + (abroad & works) * for_abroad;
        }
        target = target * &access.power;

        if context.region.mandated & context.works != 0 {
            let mandated = context.mandated(&context.region.traffic) & works;
            target = (target + mandated).min(Lanes::all(context.simd, 1.0));
        }
        target
    }
}

/// The random words of a review for a purpose, one a messenger.
#[inline(always)]
pub(super) fn words<S: Simd, const N: usize>(simd: S, review: &UserView<'_>, purpose: Purpose) -> [[u32; 8]; N] {
    let (draws, tick) = (review.population.draws(), review.today().draw_tick);
    let block = |index| address(purpose, review.user, tick, index);
    let mut words = [[0; 8]; N];
    for (b, eight) in words.iter_mut().enumerate() {
        let b = 2 * b as u32;
        *eight = bytemuck::cast(draws.blocks_at(simd.level(), [block(b), block(b + 1)]));
    }
    words
}

impl<S: Simd, const N: usize> Context<'_, S, N> {
    /// L: use lost to bad access (27).
    #[inline(always)]
    pub(super) fn lost_use(&self) -> f32 {
        (self.usage * &self.access.lost).sum()
    }

    /// The working app of greatest use to come; the lower number of equals (23).
    #[inline(always)]
    pub(super) fn main_app(&self, target: Lanes<S, N>) -> Option<usize> {
        let best = target.equal(Lanes::all(self.simd, target.greatest())).bits() & self.works;
        (best != 0).then(|| best.trailing_zeros() as usize)
    }

    /// The strongest order to the user's groups, by messenger.
    #[inline(always)]
    pub(super) fn mandated(&self, by_group: &[PerMessenger]) -> Lanes<S, N> {
        strongest(self.simd, self.groups & self.region.mandated_groups, by_group)
    }
}

/// The greatest of the numbers of some groups, by messenger, or 0.
#[inline(always)]
pub(super) fn strongest<S: Simd, const N: usize>(simd: S, groups: u8, by_group: &[PerMessenger]) -> Lanes<S, N> {
    let mut most = Lanes::all(simd, 0.0);
    for g in bits(u16::from(groups)) {
        most = most.max(Lanes::of(simd, &by_group[g]));
    }
    most
}

impl<const N: usize> ReviewDraws<N> {
    /// The VPN's number: the last three bits of the words of eight messengers, as the first 24 of a word.
    #[inline(always)]
    pub(super) fn vpn_word(&self) -> u32 {
        let mut bits = 0;
        for (m, word) in self.0[0].iter().enumerate() {
            bits |= (word & 7) << (3 * m);
        }
        bits << 8 | 0x80
    }
}
