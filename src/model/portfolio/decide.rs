//! The second half of a review: awareness, installs, drops, VPN.

use super::Portfolio;
use super::route::{Seen, Sent};
use crate::model::lanes::{Lanes, Mask};
use crate::model::{Review, Word, bits};
use crate::random::{Purpose, address, logistic_happens};
use crate::scenario::{MAX_MESSENGERS, Service};
use fearless_simd::Simd;

impl Portfolio {
    /// Writes today's use, rounded by an addressed draw so that rounding has no drift, and its new target.
    ///
    /// The target of an app that does not work is left as it was: what its use would go back to.
    #[inline(always)]
    pub(super) fn settle<S: Simd, const N: usize>(&self, review: &mut Review<'_>, seen: &Seen<'_, S, N>, target: Lanes<S, N>) {
        let held = Mask::of(seen.simd, review.word.holdings());
        seen.usage.put_bytes(&mut review.usage, held, Lanes::of_last_bits(seen.simd, &seen.words.decide));
        target.put_bytes(&mut review.target, Mask::of(seen.simd, seen.works), Lanes::all(seen.simd, 0.0));
    }

    /// The new word. `main` is the main app, unless it is dropped.
    #[inline(always)]
    pub(super) fn decide<S: Simd, const N: usize>(
        &self,
        review: &mut Review<'_>,
        seen: &Seen<'_, S, N>,
        sent: &Sent<S, N>,
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

    /// First use of apps installed, none of those dropped. Rare, and so not inlined, whatever that costs lanes.
    #[cold]
    fn open_and_close<S: Simd, const N: usize>(&self, review: &mut Review<'_>, seen: &Seen<'_, S, N>, installs: u16, drops: u16) {
        let (installed, trial) = (Mask::of(seen.simd, installs), Lanes::all(seen.simd, self.p.trial));
        let exactly = Lanes::all(seen.simd, 0.0);
        trial.put_bytes(&mut review.usage, installed, exactly);
        trial.max(seen.told(&seen.region.traffic)).put_bytes(&mut review.target, installed, exactly);
        for m in bits(drops) {
            review.usage[m] = 0;
            review.target[m] = 0;
        }
        review.aware |= installs;
    }

    /// Awareness: 1 - (1 - contact)^|B_m| (1 - media)^days, for ever.
    #[inline(always)]
    pub(super) fn hear<S: Simd, const N: usize>(
        &self,
        review: &mut Review<'_>,
        seen: &Seen<'_, S, N>,
        holders: Option<Lanes<S, N>>,
    ) {
        let region = seen.region;
        let talked_of = if holders.is_some() { !0 } else { region.in_media };
        let unheard = seen.offers & !review.aware & talked_of;
        if unheard == 0 {
            return;
        }
        let mut ln = Lanes::of(seen.simd, &region.ln_unheard) * review.days as f32;
        if let Some(holders) = holders {
            ln = ln + holders * self.p.hear_contact;
        }
        // Most reviews end before they need these words.
        let draws = review.population.draws();
        let hear = |block| address(Purpose::Hear, review.user, review.today().draw_tick, block);
        let mut words = [0; MAX_MESSENGERS];
        words[..8].copy_from_slice(draws.blocks_at(seen.simd.level(), [hear(0), hear(1)]).as_flattened());
        if N == 2 {
            words[8..].copy_from_slice(draws.blocks_at(seen.simd.level(), [hear(2), hear(3)]).as_flattened());
        }
        let hears = Lanes::of_words(seen.simd, &words) + ln.exp();
        review.aware |= hears.less(Lanes::all(seen.simd, 1.0)).bits() & unheard;
    }

    /// net_m: what a messenger not held would do for messages and calls with contacts.
    #[inline(always)]
    pub(super) fn net<S: Simd, const N: usize>(&self, seen: &Seen<'_, S, N>, sent: &Sent<S, N>) -> Lanes<S, N> {
        let access = seen.access;
        let [for_messages, for_calls, ..] = self.weights[seen.age][usize::from(seen.abroad)];
        let (of_new, of_all) = (self.p.marginal * sent.per_tie, (1.0 - self.p.marginal) * sent.per_tie);
        let all = sent.holders * of_all;
        let messages = (sent.unreached + sent.poorly[0] * self.p.poorly_reached) * of_new + all;
        let calls = (sent.unreached + sent.poorly[1]) * of_new + all;
        messages * &access.to[Service::Messages] * for_messages + calls * &access.call_weight * for_calls
    }

    /// abroad_m: what it would do for contacts abroad.
    #[inline(always)]
    pub(super) fn net_abroad<S: Simd, const N: usize>(&self, seen: &Seen<'_, S, N>, sent: &Sent<S, N>) -> Lanes<S, N> {
        let [messages, calls] = sent.abroad;
        messages * &seen.access.to[Service::Messages] * (1.0 - self.p.abroad_calls) + calls * self.p.abroad_calls
    }

    /// V: the wish to install (logit). Of no meaning for a messenger that was not asked about.
    #[inline(always)]
    pub(super) fn wish<S: Simd, const N: usize>(
        &self,
        review: &Review<'_>,
        seen: &Seen<'_, S, N>,
        sent: &Sent<S, N>,
    ) -> Lanes<S, N> {
        let net = self.net(seen, sent) - &review.baseline.net;
        let wish = self.own_wish(review, seen) + net * self.p.network;
        if !seen.abroad {
            return wish;
        }
        wish + (self.net_abroad(seen, sent) - &review.baseline.abroad) * self.p.abroad
    }

    /// V without the worth of contacts (logit).
    #[inline(always)]
    fn own_wish<S: Simd, const N: usize>(&self, review: &Review<'_>, seen: &Seen<'_, S, N>) -> Lanes<S, N> {
        let (access, region) = (seen.access, seen.region);
        let mut wish =
            (seen.tastes - &self.threshold[seen.age]) * &self.taste_weight + &region.install_utility + &review.baseline.balance;
        if seen.lost_use > 0.0 {
            wish = wish + Lanes::of(seen.simd, &access.message_weight) * (self.p.need * seen.lost_use);
        }
        if self.p.privacy != 0.0 {
            let concern = review.population.normals(&seen.profile).privacy;
            wish = wish - Lanes::of(seen.simd, &self.surveillance) * (self.p.privacy * concern);
        }
        if region.mandated & seen.offers != 0 {
            wish = wish + seen.told(&region.mandate);
        }
        wish
    }

    /// Messengers that may be installed today: the day's draw would allow it if all contacts were there. Most are ruled
    /// out, so that contacts need not be asked about them; what happens is the same.
    #[inline(always)]
    pub(super) fn possible<S: Simd, const N: usize>(&self, review: &Review<'_>, seen: &Seen<'_, S, N>) -> u16 {
        let known = seen.offers & review.aware;
        let unknown = if self.p.hear_contact == 0.0 { 0 } else { seen.offers & !review.aware };
        if known == 0 {
            return unknown;
        }
        // Nobody's contacts are worth more than 1. A little is added for rounding.
        let (none, all) = (Lanes::all(seen.simd, 0.0), Lanes::all(seen.simd, 1.0));
        let mut wish = self.own_wish(review, seen) + (all - &review.baseline.net).max(none) * self.p.network + 0.01;
        if seen.abroad {
            wish = wish + (all - &review.baseline.abroad).max(none) * self.p.abroad;
        }
        happens(wish, Lanes::of_words(seen.simd, &seen.words.decide)) & known | unknown
    }

    /// Installs with sigma(V), of messengers known; or gets the app with a new phone.
    #[inline(always)]
    fn installs<S: Simd, const N: usize>(&self, review: &Review<'_>, seen: &Seen<'_, S, N>, sent: &Sent<S, N>) -> u16 {
        let asked = sent.asked & review.aware;
        let mut installs = 0;
        if asked != 0 {
            installs = happens(self.wish(review, seen, sent), Lanes::of_words(seen.simd, &seen.words.decide)) & asked;
        }
        let region = seen.region;
        let preinstalled = seen.offers & region.preinstalled & !installs;
        if preinstalled != 0 {
            // The other end of the same draw: at small probabilities the two do not meet.
            let u = Lanes::<S, N>::all(seen.simd, 1.0) - Lanes::of_words(seen.simd, &seen.words.decide);
            let without = (Lanes::of(seen.simd, &region.preinstall) * -(review.days as f32)).exp();
            installs |= (u + without).less(Lanes::all(seen.simd, 1.0)).bits() & preinstalled;
        }
        installs
    }

    /// Hazard of dropping each app held (1/day).
    #[inline(always)]
    pub(super) fn drop_hazard<S: Simd, const N: usize>(&self, seen: &Seen<'_, S, N>) -> Lanes<S, N> {
        self.unused_hazard(seen) * (seen.usage * -self.p.per_use_scale).exp()
    }

    /// Hazard of dropping each app if it is not used at all, which grows with bad access (1/day).
    #[inline(always)]
    fn unused_hazard<S: Simd, const N: usize>(&self, seen: &Seen<'_, S, N>) -> Lanes<S, N> {
        (1.0 - Lanes::of(seen.simd, &seen.access.retention_quality)) * self.p.dead + self.p.idle
    }

    /// Drops: the hazard shrinks with use.
    #[inline(always)]
    fn drops<S: Simd, const N: usize>(&self, review: &Review<'_>, seen: &Seen<'_, S, N>) -> u16 {
        let hazard = self.unused_hazard(seen) * review.days as f32;
        let u = Lanes::of_words(seen.simd, &seen.words.decide);
        // 1 - exp(-h) is below h: most draws need no more than that.
        let possible = u.less(hazard + 1e-6).bits() & review.word.holdings();
        if possible == 0 {
            return 0;
        }
        let keeps = (-(hazard * (seen.usage * -self.p.per_use_scale).exp())).exp();
        (u + keeps).less(Lanes::all(seen.simd, 1.0)).bits() & possible
    }

    /// Whether the user has a VPN from now on.
    #[inline(always)]
    fn vpn<S: Simd, const N: usize>(&self, review: &Review<'_>, seen: &Seen<'_, S, N>, sent: &Sent<S, N>) -> bool {
        review.word.vpn() ^ logistic_happens(self.vpn_change(review, seen, sent), seen.words.vpn, review.pace)
    }

    /// Log-odds of starting a VPN, or of stopping it where there is one.
    #[inline(always)]
    pub(super) fn vpn_change<S: Simd, const N: usize>(
        &self,
        review: &Review<'_>,
        seen: &Seen<'_, S, N>,
        sent: &Sent<S, N>,
    ) -> f32 {
        let (today, access) = (review.today(), seen.access);
        let mut lost = 0.0;
        if seen.lost | review.word.holdings() & access.restricted != 0 {
            let at_stake = seen.usage * &self.stake;
            let by_lost = at_stake + sent.holders * (self.p.vpn_contacts * sent.per_tie);
            let by_slowed = at_stake * &access.lost_without_vpn * self.p.vpn_slowed;
            lost = Mask::of(seen.simd, seen.lost).choose(by_lost, by_slowed).sum();
        }
        let propensity = review.population.normals(&seen.profile).propensity + self.vpn_shift[seen.age];
        let e = today.vpn_effectiveness;
        let mut u = self.p.vpn_propensity * (propensity - self.vpn_threshold) + self.p.vpn_need * lost * e
            - self.p.vpn_weakness * (1.0 - e)
            - today.vpn_cost
            + review.baseline.vpn;
        if self.p.vpn_peers != 0.0 {
            let peers = review.contact_words().filter(|word| word.vpn()).count() as f32;
            u += self.p.vpn_peers * (peers * sent.per_tie - self.p.vpn_share);
        }
        if review.word.vpn() {
            -u - self.p.vpn_hysteresis
        } else {
            u - self.p.vpn_cost + today.vpn_salience[usize::from(seen.profile.place.region)]
        }
    }
}

/// Which events of log-odds `v` happen, given uniform numbers: u < 1 / (1 + exp(-v)).
#[inline(always)]
fn happens<S: Simd, const N: usize>(v: Lanes<S, N>, u: Lanes<S, N>) -> u16 {
    (u + u * (-v).exp()).less(Lanes::all(v.simd(), 1.0)).bits()
}
