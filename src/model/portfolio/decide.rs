//! Decisions of a review: awareness, installs, drops, VPN.

use super::{Portfolio, Routed, main_app};
use crate::model::{Review, Word, bits};
use crate::policy::Access;
use crate::random::{Purpose, exp, logistic_happens, unit};
use crate::scenario::MAX_MESSENGERS;

/// Draws at one address, a word a messenger, made four at a time when first asked for.
struct Words<'a, 'b> {
    review: &'a Review<'b>,
    purpose: Purpose,
    made: u32,
    words: [u32; MAX_MESSENGERS],
}

impl<'a, 'b> Words<'a, 'b> {
    #[inline(always)]
    fn new(review: &'a Review<'b>, purpose: Purpose) -> Self {
        Words { review, purpose, made: 0, words: [0; MAX_MESSENGERS] }
    }

    #[inline(always)]
    fn of(&mut self, m: usize) -> u32 {
        let block = m / 4;
        if self.made >> block & 1 == 0 {
            let words = self.review.population.draws().block(self.purpose, self.review.user, self.review.today().day, block as u32);
            self.words[block * 4..block * 4 + 4].copy_from_slice(&words);
            self.made |= 1 << block;
        }
        self.words[m]
    }
}

impl Portfolio {
    /// Writes today's use, rounded by an addressed draw so that rounding has no drift, and its new target.
    ///
    /// The target of an app that does not work is left as it was: what its use would go back to.
    #[inline(always)]
    pub(super) fn settle(&self, review: &mut Review<'_>, routed: &Routed) {
        let mut draws = [0; 8];
        let held = review.word.holdings();
        let day = review.today().day;
        for half in 0..2 {
            if held >> (8 * half) & 0xFF != 0 {
                draws[half * 4..half * 4 + 4].copy_from_slice(&review.population.draws().block(Purpose::Round, review.user, day, half as u32));
            }
        }
        for m in bits(held) {
            let fraction = (draws[m / 2] >> (16 * (m & 1)) & 0xFFFF) as f32 / 65536.0;
            review.usage[m] = (routed.usage[m] * 255.0 + fraction) as u8;
        }
        for m in bits(routed.works) {
            review.target[m] = (routed.target[m] * 255.0 + 0.5) as u8;
        }
    }

    /// The new word.
    #[inline(always)]
    pub(super) fn decide(&self, review: &mut Review<'_>, routed: &Routed) -> Word {
        let access = &review.today().access[review.word.row()];
        self.hear(review, routed);
        // A messenger is either held or not: one word serves its drop or its installation.
        let mut draws = Words::new(review, Purpose::Decide);
        let installs = self.installs(review, routed, &mut draws);
        let drops = self.drops(review, routed, &mut draws);
        let vpn = self.vpn(review, routed, access);

        let appeal = &review.today().regions[usize::from(routed.profile.place.region)];
        for m in bits(installs) {
            let mandated = if appeal.mandated >> m & 1 == 1 { self.mandated(&appeal.traffic, &routed.profile, m) } else { 0.0 };
            review.usage[m] = (self.p.trial * 255.0 + 0.5) as u8;
            review.target[m] = (self.p.trial.max(mandated) * 255.0 + 0.5) as u8;
        }
        for m in bits(drops) {
            review.usage[m] = 0;
            review.target[m] = 0;
        }
        let main = main_app(routed).filter(|m| drops >> m & 1 == 0);
        *review.aware |= installs;
        review.word.with_holdings(review.word.holdings() & !drops | installs).with_main(main).with_vpn(vpn)
    }

    /// Awareness: 1 - (1 - contact)^|B_m| (1 - media)^days, for ever.
    #[inline(always)]
    fn hear(&self, review: &mut Review<'_>, routed: &Routed) {
        let unheard = routed.offers & !*review.aware;
        if unheard == 0 {
            return;
        }
        let region = &review.today().regions[usize::from(routed.profile.place.region)];
        let mut draws = Words::new(review, Purpose::Hear);
        let mut heard = 0;
        for m in bits(unheard) {
            let ln = self.p.hear_contact * routed.found.holders[m] as f32 + region.ln_unheard[m] * review.days as f32;
            if ln < 0.0 && unit(draws.of(m)) < 1.0 - exp(ln) {
                heard |= 1 << m;
            }
        }
        *review.aware |= heard;
    }

    /// net_m: what a messenger not held would do for messages and calls with contacts.
    #[inline(always)]
    fn net(&self, routed: &Routed, access: &Access, m: usize) -> f32 {
        let found = &routed.found;
        let weights = self.weights[routed.age][usize::from(routed.abroad)];
        let all = found.holders[m] as f32;
        let messages = found.unreached[m] as f32 + self.p.poorly_reached * found.poorly[0][m];
        let calls = found.unreached[m] as f32 + found.poorly[1][m];
        let share = |new: f32| (self.p.marginal * new + (1.0 - self.p.marginal) * all) * routed.per_tie;
        weights[0] * access.messages[m] * share(messages) + weights[1] * access.call_weight[m] * share(calls)
    }

    /// abroad_m: what it would do for contacts abroad.
    #[inline(always)]
    fn net_abroad(&self, routed: &Routed, access: &Access, m: usize) -> f32 {
        let [messages, calls] = self.reach_abroad(m, access, &routed.left_abroad);
        (1.0 - self.p.abroad_calls) * messages * access.messages[m] + self.p.abroad_calls * calls
    }

    /// What each messenger that a user does not hold would be worth: (messenger, net, abroad if tagged).
    pub fn offers<'a>(&'a self, review: &Review<'_>, routed: &'a Routed) -> impl Iterator<Item = (usize, f32, Option<f32>)> + 'a {
        let access = review.today().access[review.word.row()].clone();
        bits(routed.offers).map(move |m| {
            let abroad = routed.abroad.then(|| self.net_abroad(routed, &access, m));
            (m, self.net(routed, &access, m), abroad)
        })
    }

    /// V: the wish to install each messenger on offer (logit), and whether the user knows it.
    #[inline(always)]
    pub(crate) fn wishes(&self, review: &Review<'_>, routed: &Routed) -> impl Iterator<Item = (usize, f32)> {
        let access = &review.today().access[review.word.row()];
        let region = &review.today().regions[usize::from(routed.profile.place.region)];
        let mut lost_use = 0.0;
        for m in bits(review.word.holdings()) {
            lost_use += routed.usage[m] * (1.0 - access.messages[m]);
        }
        let privacy = if self.p.privacy == 0.0 { 0.0 } else { self.p.privacy * review.population.normals(&routed.profile).privacy };
        let baseline = review.baseline;
        bits(routed.offers & *review.aware).map(move |m| {
            let net = self.net(routed, access, m) - baseline.net[m];
            let mut v = self.p.network * net + self.taste_weight[m] * (routed.tastes[m] - self.threshold[routed.age][m]);
            v += region.wish[m] + baseline.balance[m] + self.p.need * lost_use * access.good[m] - privacy * self.surveillance[m];
            if routed.abroad {
                v += self.p.abroad * (self.net_abroad(routed, access, m) - baseline.abroad[m]);
            }
            if region.mandated >> m & 1 == 1 {
                v += self.mandated(&region.mandate, &routed.profile, m);
            }
            (m, v)
        })
    }

    /// Installs with sigma(V), of messengers known; or gets the app with a new phone.
    #[inline(always)]
    fn installs(&self, review: &Review<'_>, routed: &Routed, draws: &mut Words<'_, '_>) -> u16 {
        let region = &review.today().regions[usize::from(routed.profile.place.region)];
        let mut installs = 0;
        for (m, v) in self.wishes(review, routed) {
            installs |= u16::from(logistic_happens(v, draws.of(m))) << m;
        }
        for m in bits(routed.offers & region.preinstalled & !installs) {
            // The other end of the same draw: at small probabilities the two do not meet.
            let happens = unit(!draws.of(m)) < 1.0 - exp(-region.preinstall[m] * review.days as f32);
            installs |= u16::from(happens) << m;
        }
        installs
    }

    /// Hazard of dropping each app held (1/day).
    #[inline(always)]
    pub(crate) fn drop_hazards(&self, review: &Review<'_>, routed: &Routed) -> impl Iterator<Item = (usize, f32)> {
        let access = &review.today().access[review.word.row()];
        bits(review.word.holdings()).map(move |m| {
            let good = match () {
                () if access.works >> m & 1 == 0 => 0.0,
                () if access.by_vpn >> m & 1 == 1 => 1.0,
                () => access.messages[m],
            };
            let keep = self.keep[(routed.usage[m] * 255.0) as usize & 0xFF];
            (m, (self.p.idle + self.p.dead * (1.0 - good)) * keep)
        })
    }

    /// Drops: a hazard that grows with disuse, and with bad access.
    #[inline(always)]
    fn drops(&self, review: &Review<'_>, routed: &Routed, draws: &mut Words<'_, '_>) -> u16 {
        let mut drops = 0;
        for (m, hazard) in self.drop_hazards(review, routed) {
            let hazard = hazard * review.days as f32;
            // Hazards too small for any draw need none.
            if hazard > 1e-9 && unit(draws.of(m)) < 1.0 - exp(-hazard) {
                drops |= 1 << m;
            }
        }
        drops
    }

    /// Whether the user has a VPN from now on.
    #[inline(always)]
    fn vpn(&self, review: &Review<'_>, routed: &Routed, access: &Access) -> bool {
        let today = review.today();
        let has = review.word.vpn();
        let mut lost = 0.0;
        for m in bits(routed.lost) {
            lost += self.stake[m] * routed.usage[m] + self.p.vpn_contacts * routed.found.holders[m] as f32 * routed.per_tie;
        }
        for m in bits(review.word.holdings() & access.degraded & !routed.lost) {
            lost += self.p.vpn_slowed * routed.usage[m] * (1.0 - access.without_vpn[m]);
        }
        let propensity = review.population.normals(&routed.profile).propensity + self.vpn_shift[routed.age];
        let e = today.vpn_effectiveness;
        let mut u = self.p.vpn_propensity * (propensity - self.vpn_threshold) + self.p.vpn_need * lost * e - self.p.vpn_weakness * (1.0 - e);
        u += self.p.vpn_peers * (routed.found.vpn as f32 * routed.per_tie - self.p.vpn_share);
        let draw = review.population.draws().block(Purpose::DecideVpn, review.user, today.day, 0)[0];
        if has {
            !logistic_happens(-u - self.p.vpn_hysteresis + today.vpn_cost, draw)
        } else {
            logistic_happens(u - self.p.vpn_cost - today.vpn_cost + today.vpn_salience[usize::from(routed.profile.place.region)], draw)
        }
    }
}
