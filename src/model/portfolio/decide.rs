//! The second half of a review: awareness, installs, drops, VPN.

use super::Portfolio;
use super::route::{Routed, Seen, Sent};
use crate::model::lanes::{Lanes, Mask};
use crate::model::{Review, Word, bits};
use crate::random::logistic_happens;

impl Portfolio {
    /// Writes today's use, rounded by an addressed draw so that rounding has no drift, and its new target.
    ///
    /// The target of an app that does not work is left as it was: what its use would go back to.
    #[inline(always)]
    pub(super) fn settle<const N: usize>(&self, review: &mut Review<'_>, seen: &Seen<'_, N>, target: Lanes<N>) {
        let held = Mask::of(review.word.holdings());
        seen.usage.put_bytes(&mut review.usage, held, Lanes::of_last_bits(&seen.words.decide));
        target.put_bytes(&mut review.target, Mask::of(seen.works), Lanes::ZERO);
    }

    /// The new word. `main` is the main app, unless it is dropped.
    #[inline(always)]
    pub(super) fn decide<const N: usize>(
        &self,
        review: &mut Review<'_>,
        seen: &Seen<'_, N>,
        sent: &Sent<N>,
        main: Option<usize>,
    ) -> Word {
        if self.p.hear_contact != 0.0 {
            self.hear(review, seen, Some(sent.holders));
        }
        let installs = self.installs(review, seen, sent);
        let drops = self.drops(review, seen);
        let vpn = self.vpn(review, seen, sent);
        if installs | drops != 0 {
            self.open_and_close(review, seen, installs, drops);
        }
        let main = main.filter(|m| drops >> m & 1 == 0);
        review.word.with_holdings(review.word.holdings() & !drops | installs).with_main(main).with_vpn(vpn)
    }

    /// First use of apps installed, none of those dropped.
    #[cold]
    fn open_and_close<const N: usize>(&self, review: &mut Review<'_>, seen: &Seen<'_, N>, installs: u16, drops: u16) {
        let region = seen.region;
        let trial = Lanes::all(self.p.trial);
        trial.put_bytes(&mut review.usage, Mask::<N>::of(installs), Lanes::ZERO);
        trial.max(seen.told(&region.traffic)).put_bytes(&mut review.target, Mask::of(installs), Lanes::ZERO);
        for m in bits(drops) {
            review.usage[m] = 0;
            review.target[m] = 0;
        }
        review.aware |= installs;
    }

    /// Awareness: 1 - (1 - contact)^|B_m| (1 - media)^days, for ever.
    #[inline(always)]
    pub(super) fn hear<const N: usize>(&self, review: &mut Review<'_>, seen: &Seen<'_, N>, holders: Option<Lanes<N>>) {
        let region = seen.region;
        let talked_of = if holders.is_some() { !0 } else { region.in_media };
        let unheard = seen.offers & !review.aware & talked_of;
        if unheard == 0 {
            return;
        }
        let mut ln = Lanes::of(&region.ln_unheard) * review.days as f32;
        if let Some(holders) = holders {
            ln = ln + holders * self.p.hear_contact;
        }
        let hears = Lanes::of_words(&seen.words.hear) + ln.exp();
        review.aware |= hears.less(Lanes::all(1.0)).bits() & unheard;
    }

    /// net_m: what a messenger not held would do for messages and calls with contacts.
    #[inline(always)]
    fn net<const N: usize>(&self, seen: &Seen<'_, N>, sent: &Sent<N>) -> Lanes<N> {
        let access = seen.access;
        let [for_messages, for_calls, ..] = self.weights[seen.age][usize::from(seen.abroad)];
        let (of_new, of_all) = (self.p.marginal * sent.per_tie, (1.0 - self.p.marginal) * sent.per_tie);
        let all = sent.holders * of_all;
        let messages = (sent.unreached + sent.poorly[0] * self.p.poorly_reached) * of_new + all;
        let calls = (sent.unreached + sent.poorly[1]) * of_new + all;
        messages * &access.messages * for_messages + calls * &access.call_weight * for_calls
    }

    /// abroad_m: what it would do for contacts abroad.
    #[inline(always)]
    fn net_abroad<const N: usize>(&self, seen: &Seen<'_, N>, sent: &Sent<N>) -> Lanes<N> {
        let [messages, calls] = sent.abroad;
        messages * &seen.access.messages * (1.0 - self.p.abroad_calls) + calls * self.p.abroad_calls
    }

    /// What each messenger that a user does not hold would be worth: (messenger, net, abroad if tagged).
    pub fn offers(&self, routed: &Routed<'_>) -> impl Iterator<Item = (usize, f32, Option<f32>)> + use<> {
        let Routed { seen, sent } = routed;
        let (net, net_abroad) = (self.net(seen, sent).to_array(), self.net_abroad(seen, sent).to_array());
        let abroad = seen.abroad;
        bits(seen.offers).map(move |m| (m, net[m], abroad.then(|| net_abroad[m])))
    }

    /// The wish to install each messenger asked about and known (logit).
    pub(crate) fn wishes(&self, review: &Review<'_>, routed: &Routed<'_>) -> impl Iterator<Item = (usize, f32)> + use<> {
        let wish = self.wish(review, &routed.seen, &routed.sent).to_array();
        bits(routed.sent.asked & review.aware).map(move |m| (m, wish[m]))
    }

    /// V: the wish to install (logit). Of no meaning for a messenger that was not asked about.
    #[inline(always)]
    fn wish<const N: usize>(&self, review: &Review<'_>, seen: &Seen<'_, N>, sent: &Sent<N>) -> Lanes<N> {
        let net = self.net(seen, sent) - &review.baseline.net;
        let wish = self.own_wish(review, seen) + net * self.p.network;
        if !seen.abroad {
            return wish;
        }
        wish + (self.net_abroad(seen, sent) - &review.baseline.abroad) * self.p.abroad
    }

    /// V without the worth of contacts (logit).
    #[inline(always)]
    fn own_wish<const N: usize>(&self, review: &Review<'_>, seen: &Seen<'_, N>) -> Lanes<N> {
        let (access, region) = (seen.access, seen.region);
        let mut wish = (seen.tastes - &self.threshold[seen.age]) * &self.taste_weight + &region.wish + &review.baseline.balance;
        if seen.lost_use > 0.0 {
            wish = wish + Lanes::of(&access.good) * (self.p.need * seen.lost_use);
        }
        if self.p.privacy != 0.0 {
            let concern = review.population.normals(&seen.profile).privacy;
            wish = wish - Lanes::of(&self.surveillance) * (self.p.privacy * concern);
        }
        if region.mandated & seen.offers != 0 {
            wish = wish + seen.told(&region.mandate);
        }
        wish
    }

    /// Messengers that may be installed today: the day's draw would allow it if all contacts were there. Most are ruled
    /// out, so that contacts need not be asked about them; what happens is the same.
    #[inline(always)]
    pub(super) fn possible<const N: usize>(&self, review: &Review<'_>, seen: &Seen<'_, N>) -> u16 {
        let known = seen.offers & review.aware;
        let unknown = if self.p.hear_contact == 0.0 { 0 } else { seen.offers & !review.aware };
        if known == 0 {
            return unknown;
        }
        // Nobody's contacts are worth more than 1. A little is added for rounding.
        let most = |baseline: Lanes<N>, weight: f32| (Lanes::all(1.0) - baseline).max(Lanes::ZERO) * weight;
        let mut wish = self.own_wish(review, seen) + most(Lanes::of(&review.baseline.net), self.p.network) + 0.01;
        if seen.abroad {
            wish = wish + most(Lanes::of(&review.baseline.abroad), self.p.abroad);
        }
        happens(wish, Lanes::of_words(&seen.words.decide)) & known | unknown
    }

    /// Installs with sigma(V), of messengers known; or gets the app with a new phone.
    #[inline(always)]
    fn installs<const N: usize>(&self, review: &Review<'_>, seen: &Seen<'_, N>, sent: &Sent<N>) -> u16 {
        let asked = sent.asked & review.aware;
        let mut installs = 0;
        if asked != 0 {
            installs = happens(self.wish(review, seen, sent), Lanes::of_words(&seen.words.decide)) & asked;
        }
        let region = seen.region;
        let preinstalled = seen.offers & region.preinstalled & !installs;
        if preinstalled != 0 {
            // The other end of the same draw: at small probabilities the two do not meet.
            let u = Lanes::<N>::all(1.0) - Lanes::of_words(&seen.words.decide);
            let without = (Lanes::of(&region.preinstall) * -(review.days as f32)).exp();
            installs |= (u + without).less(Lanes::all(1.0)).bits() & preinstalled;
        }
        installs
    }

    /// Hazard of dropping each app held (1/day).
    pub(crate) fn drop_hazards(&self, review: &Review<'_>, routed: &Routed<'_>) -> impl Iterator<Item = (usize, f32)> + use<> {
        let unused = (routed.seen.usage * -self.p.per_use_scale).exp();
        let hazard = (self.unused_hazard(&routed.seen) * unused).to_array();
        bits(review.word.holdings()).map(move |m| (m, hazard[m]))
    }

    /// Hazard of dropping each app if it is not used at all, which grows with bad access (1/day).
    #[inline(always)]
    fn unused_hazard<const N: usize>(&self, seen: &Seen<'_, N>) -> Lanes<N> {
        (1.0 - Lanes::of(&seen.access.good_to_keep)) * self.p.dead + self.p.idle
    }

    /// Drops: the hazard shrinks with use.
    #[inline(always)]
    fn drops<const N: usize>(&self, review: &Review<'_>, seen: &Seen<'_, N>) -> u16 {
        let hazard = self.unused_hazard(seen) * review.days as f32;
        let u = Lanes::of_words(&seen.words.decide);
        // 1 - exp(-h) is below h: most draws need no more than that.
        let possible = u.less(hazard + 1e-6).bits() & review.word.holdings();
        if possible == 0 {
            return 0;
        }
        let keeps = (-(hazard * (seen.usage * -self.p.per_use_scale).exp())).exp();
        (u + keeps).less(Lanes::all(1.0)).bits() & possible
    }

    /// Whether the user has a VPN from now on.
    #[inline(always)]
    fn vpn<const N: usize>(&self, review: &Review<'_>, seen: &Seen<'_, N>, sent: &Sent<N>) -> bool {
        let (today, access) = (review.today(), seen.access);
        let slowed = review.word.holdings() & access.degraded;
        let mut lost = 0.0;
        if seen.lost | slowed != 0 {
            let by_lost = seen.usage * &self.stake + sent.holders * (self.p.vpn_contacts * sent.per_tie);
            let by_slowed = (seen.usage - seen.usage * &access.without_vpn) * self.p.vpn_slowed;
            lost = Mask::<N>::of(seen.lost).choose(by_lost, by_slowed & Mask::of(slowed)).sum();
        }
        let propensity = review.population.normals(&seen.profile).propensity + self.vpn_shift[seen.age];
        let e = today.vpn_effectiveness;
        let mut u = self.p.vpn_propensity * (propensity - self.vpn_threshold) + self.p.vpn_need * lost * e
            - self.p.vpn_weakness * (1.0 - e);
        if self.p.vpn_peers != 0.0 {
            let peers = review.contact_words().filter(|word| word.vpn()).count() as f32;
            u += self.p.vpn_peers * (peers * sent.per_tie - self.p.vpn_share);
        }
        let has = review.word.vpn();
        let salience = today.vpn_salience[usize::from(seen.profile.place.region)];
        let stops = -u - self.p.vpn_hysteresis + today.vpn_cost;
        let starts = u - self.p.vpn_cost - today.vpn_cost + salience;
        has ^ logistic_happens(if has { stops } else { starts }, seen.words.vpn)
    }
}

/// Which events of log-odds `v` happen, given uniform numbers: u < 1 / (1 + exp(-v)).
#[inline(always)]
fn happens<const N: usize>(v: Lanes<N>, u: Lanes<N>) -> u16 {
    (u + u * (-v).exp()).less(Lanes::all(1.0)).bits()
}
