//! Decisions of a review: awareness, installs, drops, VPN.

use super::lanes::{Lanes, Mask};
use super::{Portfolio, Routed, mandated};
use crate::model::{Review, Word, bits};
use crate::policy::{Access, Appeal};
use crate::random::{Purpose, address, logistic_happens};
use crate::scenario::MAX_MESSENGERS;

/// The middle of the interval from which fractions are drawn: rounds to the nearest.
const NEAREST: [u32; MAX_MESSENGERS] = [0x8000; MAX_MESSENGERS];

impl Portfolio {
    /// Writes today's use, rounded by an addressed draw so that rounding has no drift, and its new target.
    ///
    /// The target of an app that does not work is left as it was: what its use would go back to.
    #[inline(always)]
    pub(super) fn settle<const N: usize>(&self, review: &mut Review<'_>, routed: &Routed<N>, target: Lanes<N>) {
        // The low halves of the words that decide whether apps are dropped: their high halves decide that.
        routed.usage.put_bytes(&mut review.usage, Mask::of(review.word.holdings()), &routed.hand.decide);
        target.put_bytes(&mut review.target, Mask::of(routed.works), &NEAREST);
    }

    /// The new word. `main` is the main app, unless it is dropped.
    #[inline(always)]
    pub(super) fn decide<const N: usize>(&self, review: &mut Review<'_>, routed: &Routed<N>, mut main: Option<usize>) -> Word {
        let held = review.word.holdings();
        let region = &review.today().regions[usize::from(routed.hand.profile.place.region)];
        self.hear(review, routed, region);

        // A messenger is either held or not: one word serves its drop or its installation, and one exponential.
        // Dropped: u < 1 - exp(-hazard). Installed: u < 1 / (1 + exp(-wish)).
        let holds = Mask::<N>::of(held);
        let u = Lanes::of_words(&routed.hand.decide);
        let hazard = self.drop_hazard(review, routed) * review.days as f32;
        let e = (-holds.choose(hazard, self.wish(review, routed, region))).exp();
        let happens = (u + holds.choose(Lanes::all(1.0), u) * e).less(Lanes::all(1.0)).bits();
        let drops = happens & held;
        let installs = happens & routed.offers & review.aware | self.preinstalls(review, routed, region);
        let vpn = self.vpn(review, routed);

        if drops | installs != 0 {
            self.open_and_close(review, routed, region, installs, drops);
            main = main.filter(|m| drops >> m & 1 == 0);
        }
        review.word.with_holdings(held & !drops | installs).with_main(main).with_vpn(vpn)
    }

    /// First use of apps installed, none of those dropped.
    #[cold]
    fn open_and_close<const N: usize>(
        &self,
        review: &mut Review<'_>,
        routed: &Routed<N>,
        region: &Appeal,
        installs: u16,
        drops: u16,
    ) {
        let trial = Lanes::<N>::all(self.p.trial);
        let told = mandated(&region.traffic, routed.hand.profile.groups & region.mandated_groups);
        trial.put_bytes(&mut review.usage, Mask::of(installs), &NEAREST);
        trial.max(told).put_bytes(&mut review.target, Mask::of(installs), &NEAREST);
        for m in bits(drops) {
            review.usage[m] = 0;
            review.target[m] = 0;
        }
        review.aware |= installs;
    }

    /// Awareness: 1 - (1 - contact)^|B_m| (1 - media)^days, for ever.
    #[inline(always)]
    fn hear<const N: usize>(&self, review: &mut Review<'_>, routed: &Routed<N>, region: &Appeal) {
        let talked_of = if self.p.hear_contact < 0.0 { !0 } else { region.in_media };
        let unheard = routed.offers & !review.aware & talked_of;
        if unheard == 0 {
            return;
        }
        let block = |k| address(Purpose::Hear, review.user, review.today().day, k);
        let words = review.population.draws().blocks([block(0), block(1), block(2), block(3)]);
        let u = Lanes::<N>::of_words(words.as_flattened().first_chunk().expect("sixteen words"));
        let by_contacts = routed.holders * self.p.hear_contact;
        let not_heard = (by_contacts + Lanes::of(&region.ln_unheard) * review.days as f32).exp();
        review.aware |= (u + not_heard).less(Lanes::all(1.0)).bits() & unheard;
    }

    /// net_m: what a messenger not held would do for messages and calls with contacts.
    #[inline(always)]
    fn net<const N: usize>(&self, routed: &Routed<N>, access: &Access) -> Lanes<N> {
        let [for_messages, for_calls, ..] = self.weights[routed.age][usize::from(routed.abroad)];
        let (of_new, of_all) = (self.p.marginal * routed.per_tie, (1.0 - self.p.marginal) * routed.per_tie);
        let all = routed.holders * of_all;
        let messages = (routed.unreached + routed.poorly[0] * self.p.poorly_reached) * of_new + all;
        let calls = (routed.unreached + routed.poorly[1]) * of_new + all;
        messages * &access.messages * for_messages + calls * &access.call_weight * for_calls
    }

    /// abroad_m: what it would do for contacts abroad.
    #[inline(always)]
    fn net_abroad<const N: usize>(&self, routed: &Routed<N>, access: &Access) -> Lanes<N> {
        let [messages, calls] = routed.reach_abroad;
        messages * &access.messages * (1.0 - self.p.abroad_calls) + calls * self.p.abroad_calls
    }

    /// What each messenger that a user does not hold would be worth: (messenger, net, abroad if tagged).
    pub fn offers(&self, review: &Review<'_>, routed: &Routed) -> impl Iterator<Item = (usize, f32, Option<f32>)> + use<> {
        let access = &review.today().access[review.word.row()];
        let (net, net_abroad) = (self.net(routed, access).to_array(), self.net_abroad(routed, access).to_array());
        let abroad = routed.abroad;
        bits(routed.offers).map(move |m| (m, net[m], abroad.then(|| net_abroad[m])))
    }

    /// The wish to install each messenger on offer that the user knows (logit).
    pub(crate) fn wishes(&self, review: &Review<'_>, routed: &Routed) -> impl Iterator<Item = (usize, f32)> + use<> {
        let region = &review.today().regions[usize::from(routed.hand.profile.place.region)];
        let wish = self.wish(review, routed, region).to_array();
        bits(routed.offers & review.aware).map(move |m| (m, wish[m]))
    }

    /// V: the wish to install (logit). Of no meaning for a messenger that is not on offer.
    #[inline(always)]
    fn wish<const N: usize>(&self, review: &Review<'_>, routed: &Routed<N>, region: &Appeal) -> Lanes<N> {
        let access = &review.today().access[review.word.row()];
        let (baseline, hand) = (review.baseline, &routed.hand);
        let lost_use = (routed.usage - routed.usage * &access.messages).sum();
        let mut wish = (self.net(routed, access) - &baseline.net) * self.p.network
            + (routed.tastes - &self.threshold[routed.age]) * &self.taste_weight
            + Lanes::of(&access.good) * (self.p.need * lost_use)
            + &region.wish
            + &baseline.balance;
        if self.p.privacy != 0.0 {
            let concern = review.population.normals(&hand.profile).privacy;
            wish = wish - Lanes::of(&self.surveillance) * (self.p.privacy * concern);
        }
        if routed.abroad {
            wish = wish + (self.net_abroad(routed, access) - &baseline.abroad) * self.p.abroad;
        }
        if region.mandated != 0 {
            wish = wish + mandated(&region.mandate, hand.profile.groups & region.mandated_groups);
        }
        wish
    }

    /// Messengers that come with a new phone.
    #[inline(always)]
    fn preinstalls<const N: usize>(&self, review: &Review<'_>, routed: &Routed<N>, region: &Appeal) -> u16 {
        let offers = routed.offers & region.preinstalled;
        if offers == 0 {
            return 0;
        }
        // The other end of the draw that installs: at small probabilities the two do not meet.
        let u = Lanes::<N>::of_words(&routed.hand.decide.map(|word| !word));
        let without = (Lanes::of(&region.preinstall) * -(review.days as f32)).exp();
        (u + without).less(Lanes::all(1.0)).bits() & offers
    }

    /// Hazard of dropping each app held (1/day).
    pub(crate) fn drop_hazards(&self, review: &Review<'_>, routed: &Routed) -> impl Iterator<Item = (usize, f32)> + use<> {
        let hazard = self.drop_hazard(review, routed).to_array();
        bits(review.word.holdings()).map(move |m| (m, hazard[m]))
    }

    /// A hazard that grows with disuse, and with bad access (1/day). Of no meaning for a messenger not held.
    #[inline(always)]
    fn drop_hazard<const N: usize>(&self, review: &Review<'_>, routed: &Routed<N>) -> Lanes<N> {
        let access = &review.today().access[review.word.row()];
        let unused = (routed.usage * -self.p.per_use_scale).exp();
        unused * ((1.0 - Lanes::of(&access.good_to_keep)) * self.p.dead + self.p.idle)
    }

    /// Whether the user has a VPN from now on.
    #[inline(always)]
    fn vpn<const N: usize>(&self, review: &Review<'_>, routed: &Routed<N>) -> bool {
        let today = review.today();
        let access = &today.access[review.word.row()];
        let slowed = review.word.holdings() & access.degraded;
        let mut lost = 0.0;
        if routed.lost | slowed != 0 {
            let contacts = routed.holders * (self.p.vpn_contacts * routed.per_tie);
            let by_lost = routed.usage * &self.stake + contacts;
            let by_slowed = (routed.usage - routed.usage * &access.without_vpn) * self.p.vpn_slowed;
            lost = Mask::<N>::of(routed.lost).choose(by_lost, by_slowed & Mask::of(slowed)).sum();
        }
        let propensity = review.population.normals(&routed.hand.profile).propensity + self.vpn_shift[routed.age];
        let e = today.vpn_effectiveness;
        let mut u = self.p.vpn_propensity * (propensity - self.vpn_threshold) + self.p.vpn_need * lost * e;
        u -= self.p.vpn_weakness * (1.0 - e);
        if self.p.vpn_peers != 0.0 {
            let peers = review.contact_words().filter(|word| word.vpn()).count() as f32;
            u += self.p.vpn_peers * (peers * routed.per_tie - self.p.vpn_share);
        }
        if review.word.vpn() {
            !logistic_happens(-u - self.p.vpn_hysteresis + today.vpn_cost, routed.hand.vpn)
        } else {
            let salience = today.vpn_salience[usize::from(routed.hand.profile.place.region)];
            logistic_happens(u - self.p.vpn_cost - today.vpn_cost + salience, routed.hand.vpn)
        }
    }
}
