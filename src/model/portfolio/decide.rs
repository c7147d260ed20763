//! The second half of a review: awareness, installs, drops, VPN. Numbers in brackets are those of the equations in section 7
//! of the ODD protocol.

use super::route::{Candidates, Context, Routing, strongest, words};
use super::{Portfolio, PortfolioRow};
use crate::model::lanes::{Lanes, Mask};
use crate::model::{PublicState, UserView, bits};
use crate::policy::PerMessenger;
use crate::random::{Purpose, logistic_happens, logistic_may_happen};
use crate::scenario::Service;
use fearless_simd::Simd;

impl<const N: usize> Portfolio<N> {
    /// Writes today's use, rounded by an addressed draw so that rounding has no drift (25), and its new target.
    ///
    /// The target of an app that does not work is left as it was: what its use would go back to.
    #[inline(always)]
    pub(super) fn store_use<S: Simd>(
        &self,
        review: &UserView<'_>,
        row: &mut PortfolioRow<N>,
        context: &Context<'_, S, N>,
        target: Lanes<S, N>,
    ) {
        let held = Mask::of(context.simd, review.public.holdings());
        row.usage = context.usage.put_bytes(row.usage, held, Lanes::of_rounding_bits(context.simd, &context.draws.0));
        row.target = target.put_bytes(row.target, Mask::of(context.simd, context.works), Lanes::all(context.simd, 0.0));
    }

    /// The new public state. `main` is the main app, unless it is dropped.
    #[inline(always)]
    pub(super) fn decide<S: Simd>(
        &self,
        review: &UserView<'_>,
        row: &mut PortfolioRow<N>,
        context: &Context<'_, S, N>,
        candidates: &Candidates,
        routing: &Routing<S, N>,
        main: Option<usize>,
    ) -> PublicState {
        if self.p.hear_contact != 0.0 && candidates.hear != 0 {
            row.aware |= self.heard(review, context, routing.holders * self.p.hear_contact) & candidates.hear;
        }
        let installs = self.installs(review, context, candidates.install & row.aware, routing);
        let drops = self.drops(review, context);
        let vpn = review.public.vpn()
            ^ (candidates.vpn && self.vpn_changes(review, context, self.vpn_change(review, context, routing)));
        if installs | drops != 0 {
            let groups = context.groups & context.region.mandated_groups;
            self.begin_and_end_use(context.simd, row, [installs, drops], &context.region.traffic, groups);
        }
        let main = main.filter(|m| drops >> m & 1 == 0);
        review.public.with_holdings(review.public.holdings() & !drops | installs).with_main(main).with_vpn(vpn)
    }

    /// First use of apps installed (32), none of those dropped. Rare, and so not inlined, whatever that costs lanes.
    #[cold]
    fn begin_and_end_use<S: Simd>(
        &self,
        simd: S,
        row: &mut PortfolioRow<N>,
        [installs, drops]: [u16; 2],
        mandated: &[PerMessenger],
        groups: u8,
    ) {
        let (installed, trial) = (Mask::of(simd, installs), Lanes::all(simd, self.p.trial));
        let exactly = Lanes::all(simd, 0.0);
        row.usage = trial.put_bytes(row.usage, installed, exactly);
        row.target = trial.max(strongest(simd, groups, mandated)).put_bytes(row.target, installed, exactly);
        for m in bits(drops) {
            row.usage[m / 8 % N][m % 8] = 0;
            row.target[m / 8 % N][m % 8] = 0;
        }
        row.aware |= installs;
    }

    /// What may happen today, whatever contacts have.
    #[inline(always)]
    pub(super) fn candidates<S: Simd>(
        &self,
        review: &UserView<'_>,
        row: &PortfolioRow<N>,
        context: &Context<'_, S, N>,
    ) -> Candidates {
        let unknown = context.available & !row.aware;
        let mut hear = 0;
        if self.p.hear_contact != 0.0 && unknown != 0 {
            // If all contacts held it. A little is added for rounding.
            let all = Lanes::all(context.simd, self.p.hear_contact * review.contacts.len() as f32 - 1e-4);
            hear = self.heard(review, context, all) & unknown;
        }
        let known = context.available & row.aware | hear;
        let mut install = 0;
        if known != 0 {
            // Nobody's contacts are worth more than 1.
            let (none, all) = (Lanes::all(context.simd, 0.0), Lanes::all(context.simd, 1.0));
            let mut utility = self.own_utility(review, context) + (all - &review.baseline.net).max(none) * self.p.network + 0.01;
            if context.abroad {
                utility = utility + (all - &review.baseline.abroad).max(none) * self.p.abroad;
            }
            let u = Lanes::of_words(context.simd, &context.draws.0);
            if may_happen(utility, u) & known != 0 {
                install = happens(utility, u) & known;
            }
        }
        let vpn = review.pace > 0.0
            && logistic_may_happen(self.most_vpn_change(review, context) + 0.01, context.draws.vpn_word(), review.pace);
        Candidates { install, hear, vpn }
    }

    /// Messengers heard of today, a bit each: 1 - (1 - contact)^|B_m| (1 - media)^days, permanently (26). `by_contacts` is the
    /// logarithm of not hearing from them.
    #[inline(always)]
    pub(super) fn heard<S: Simd>(&self, review: &UserView<'_>, context: &Context<'_, S, N>, by_contacts: Lanes<S, N>) -> u16 {
        let ln = Lanes::of(context.simd, &context.region.ln_unheard) * review.days as f32 + by_contacts;
        let hears = Lanes::of_words(context.simd, &words(context.simd, review, Purpose::Hear)) + ln.exp();
        hears.less(Lanes::all(context.simd, 1.0)).bits()
    }

    /// net_m: what a messenger not held would do for messages and calls with contacts (28).
    #[inline(always)]
    pub(super) fn net<S: Simd>(&self, context: &Context<'_, S, N>, routing: &Routing<S, N>) -> Lanes<S, N> {
        let access = context.access;
        let [for_messages, for_calls, ..] = context.age.weights[usize::from(context.abroad)];
        let (of_new, of_all) = (self.p.marginal * routing.per_tie, (1.0 - self.p.marginal) * routing.per_tie);
        let all = routing.holders * of_all;
        let [by_messages, by_calls] = routing.badly_reached;
        let mut messages = (routing.unreached + by_messages * self.p.poorly_reached) * of_new + all;
        if let Some(chats) = &context.chats {
            messages = messages * (1.0 - chats.share) + chats.on;
        }
        let calls = (routing.unreached + by_calls) * of_new + all;
        messages * &access.to[Service::Messages] * for_messages + calls * &access.call_weight * for_calls
    }

    /// abroad_m: what it would do for contacts abroad (29).
    #[inline(always)]
    pub(super) fn net_abroad<S: Simd>(&self, context: &Context<'_, S, N>, routing: &Routing<S, N>) -> Lanes<S, N> {
        let [messages, calls] = routing.abroad;
        messages * &context.access.to[Service::Messages] * (1.0 - self.p.abroad_calls) + calls * self.p.abroad_calls
    }

    /// V: utility of installing (logit) (30). Of no meaning for a messenger that was not asked about.
    #[inline(always)]
    pub(super) fn install_utility<S: Simd>(
        &self,
        review: &UserView<'_>,
        context: &Context<'_, S, N>,
        routing: &Routing<S, N>,
    ) -> Lanes<S, N> {
        let net = self.net(context, routing) - &review.baseline.net;
        let utility = self.own_utility(review, context) + net * self.p.network;
        if !context.abroad {
            return utility;
        }
        utility + (self.net_abroad(context, routing) - &review.baseline.abroad) * self.p.abroad
    }

    /// V without the worth of contacts (logit).
    #[inline(always)]
    fn own_utility<S: Simd>(&self, review: &UserView<'_>, context: &Context<'_, S, N>) -> Lanes<S, N> {
        let (access, region) = (context.access, context.region);
        let mut utility =
            (context.tastes - &context.age.threshold) * &self.taste_weight + &region.install_utility + &review.baseline.balance;
        if self.p.need != 0.0 {
            utility = utility + Lanes::of(context.simd, &access.message_weight) * (self.p.need * context.lost_use());
        }
        if self.p.privacy != 0.0 {
            utility = utility - Lanes::of(context.simd, &self.surveillance) * (self.p.privacy * context.privacy);
        }
        if region.mandated & context.available != 0 {
            utility = utility + context.mandated(&region.mandate);
        }
        utility
    }

    /// Installs with sigma(V), of messengers known; or gets the app with a new phone (31).
    #[inline(always)]
    fn installs<S: Simd>(
        &self,
        review: &UserView<'_>,
        context: &Context<'_, S, N>,
        candidates: u16,
        routing: &Routing<S, N>,
    ) -> u16 {
        let mut installs = 0;
        if candidates != 0 {
            let utility = self.install_utility(review, context, routing);
            installs = happens(utility, Lanes::of_words(context.simd, &context.draws.0)) & candidates;
        }
        let region = context.region;
        let preinstalled = context.available & region.preinstalled & !installs;
        if preinstalled != 0 {
            // The other end of the same draw: at small probabilities the two do not meet.
            let u = Lanes::<S, N>::all(context.simd, 1.0) - Lanes::of_words(context.simd, &context.draws.0);
            let without = (Lanes::of(context.simd, &region.preinstall) * -(review.days as f32)).exp();
            installs |= (u + without).less(Lanes::all(context.simd, 1.0)).bits() & preinstalled;
        }
        installs
    }

    /// Hazard of dropping each app held (1/day) (33).
    #[inline(always)]
    pub(super) fn drop_hazard<S: Simd>(&self, context: &Context<'_, S, N>) -> Lanes<S, N> {
        self.unused_hazard(context) * (context.usage * -self.p.per_use_scale).exp()
    }

    /// Hazard of dropping each app if it is not used at all, which grows with bad access (1/day).
    #[inline(always)]
    fn unused_hazard<S: Simd>(&self, context: &Context<'_, S, N>) -> Lanes<S, N> {
        (1.0 - Lanes::of(context.simd, &context.access.retention_quality)) * self.p.dead + self.p.idle
    }

    /// Drops: the hazard shrinks with use.
    #[inline(always)]
    fn drops<S: Simd>(&self, review: &UserView<'_>, context: &Context<'_, S, N>) -> u16 {
        let hazard = self.unused_hazard(context) * review.days as f32;
        let u = Lanes::of_words(context.simd, &context.draws.0);
        // 1 - exp(-h) is below h: most draws need no more than that.
        let possible = u.less(hazard + 1e-6).bits() & review.public.holdings();
        if possible == 0 {
            return 0;
        }
        let keeps = (-(hazard * (context.usage * -self.p.per_use_scale).exp())).exp();
        (u + keeps).less(Lanes::all(context.simd, 1.0)).bits() & possible
    }

    /// Whether a VPN is started or stopped, at these log-odds (36).
    #[inline(always)]
    fn vpn_changes<S: Simd>(&self, review: &UserView<'_>, context: &Context<'_, S, N>, log_odds: f32) -> bool {
        logistic_happens(log_odds, context.draws.vpn_word(), review.pace)
    }

    /// Log-odds of starting a VPN, or of stopping it where there is one (34) to (36).
    #[inline(always)]
    pub(super) fn vpn_change<S: Simd>(&self, review: &UserView<'_>, context: &Context<'_, S, N>, routing: &Routing<S, N>) -> f32 {
        let mut by_contacts = 0.0;
        if context.needs_vpn != 0 {
            let holders = (routing.holders & Mask::of(context.simd, context.needs_vpn)).sum();
            by_contacts = holders * (self.p.vpn_contacts * routing.per_tie);
        }
        let mut peers = 0.0;
        if self.p.vpn_peers != 0.0 {
            peers = review.contact_states().filter(|state| state.vpn()).count() as f32 * routing.per_tie;
        }
        self.vpn_change_by(review, context, by_contacts, peers)
    }

    /// The most that the log-odds can be, whatever contacts have.
    #[inline(always)]
    fn most_vpn_change<S: Simd>(&self, review: &UserView<'_>, context: &Context<'_, S, N>) -> f32 {
        // They speak for a VPN: for starting one if all do, for stopping it if none does.
        let starts = starts(review.public);
        self.vpn_change_by(review, context, context.needs_vpn.count_ones() as f32 * self.p.vpn_contacts * starts, starts)
    }

    /// Log-odds of starting a VPN, or of stopping it: with what is lost by contacts, and with the share of them who have one.
    #[inline(always)]
    fn vpn_change_by<S: Simd>(&self, review: &UserView<'_>, context: &Context<'_, S, N>, by_contacts: f32, peers: f32) -> f32 {
        let (today, access) = (review.today(), context.access);
        // Of no use to one for whom everything works as ever; cheaper than to ask who that is.
        let at_stake = context.usage * &self.stake;
        let by_slowed = at_stake * &access.lost_without_vpn * self.p.vpn_slowed;
        let lost = by_contacts + Mask::of(context.simd, context.needs_vpn).choose(at_stake, by_slowed).sum();
        let propensity = context.propensity + context.age.vpn_shift;
        let e = today.vpn_effectiveness;
        let u = self.p.vpn_propensity * (propensity - self.vpn_threshold)
            + self.p.vpn_need * lost * e
            + self.p.vpn_peers * (peers - self.p.vpn_share)
            - self.p.vpn_weakness * (1.0 - e)
            - today.vpn_cost
            + review.baseline.vpn;
        // The other way round for stopping. A factor instead of a branch, as nobody can foretell who has one.
        let starts = starts(review.public);
        let cost = [self.p.vpn_cost, self.p.vpn_hysteresis][usize::from(review.public.vpn())];
        u * (2.0 * starts - 1.0) - cost + context.region.vpn_salience * starts
    }
}

/// 1 if a VPN could be started, 0 if it could be stopped.
#[inline(always)]
fn starts(public: PublicState) -> f32 {
    [1.0, 0.0][usize::from(public.vpn())]
}

/// Whether any of these events can happen; asks less than [`happens`], and says yes too often, never too rarely.
#[inline(always)]
fn may_happen<S: Simd, const N: usize>(v: Lanes<S, N>, u: Lanes<S, N>) -> u16 {
    // exp(x) is above (1 + x/16)^16; the factor is far more than rounding.
    let mut least = (v * (-1.0 / 16.0) + 1.0).max(Lanes::all(v.simd(), 0.0));
    for _ in 0..4 {
        least = least * least;
    }
    (u + u * (least * 0.999)).less(Lanes::all(v.simd(), 1.0)).bits()
}

/// Which events of log-odds `v` happen, given uniform numbers: u < 1 / (1 + exp(-v)).
#[inline(always)]
fn happens<S: Simd, const N: usize>(v: Lanes<S, N>, u: Lanes<S, N>) -> u16 {
    (u + u * (-v).exp()).less(Lanes::all(v.simd(), 1.0)).bits()
}
