//! Decisions of a review: awareness, installs, drops, VPN.

use super::{Portfolio, Routed, main_app};
use crate::model::{Review, Word, bits};
use crate::policy::Access;
use crate::random::{Draws, Purpose, exp, logistic_happens, unit};
use crate::scenario::MAX_MESSENGERS;

/// The words of a review: one for the VPN, then one a messenger, made four at a time when first asked for.
///
/// A messenger is either held or not, so one word serves its drop or its installation; the last eight bits, which
/// those do not look at, round its use.
pub(super) struct Words {
    draws: Draws,
    user: u32,
    day: i32,
    made: u32,
    words: [u32; MAX_MESSENGERS + 4],
}

impl Words {
    /// With the first two blocks, which nearly every review needs.
    #[inline(always)]
    pub(super) fn new(review: &Review<'_>, first: [[u32; 4]; 2]) -> Self {
        let (draws, user, day) = (*review.population.draws(), review.user, review.today().day);
        let mut words = [0; MAX_MESSENGERS + 4];
        words[..8].copy_from_slice(first.as_flattened());
        Words { draws, user, day, made: 3, words }
    }

    #[inline(always)]
    fn of(&mut self, m: usize) -> u32 {
        self.word(m + 1)
    }

    #[inline(always)]
    fn vpn(&mut self) -> u32 {
        self.word(0)
    }

    #[inline(always)]
    fn word(&mut self, k: usize) -> u32 {
        let block = k / 4;
        if self.made >> block & 1 == 0 {
            let words = self.draws.block(Purpose::Decide, self.user, self.day, block as u32);
            self.words[block * 4..block * 4 + 4].copy_from_slice(&words);
            self.made |= 1 << block;
        }
        self.words[k]
    }
}

impl Portfolio {
    /// Writes today's use, rounded by an addressed draw so that rounding has no drift, and its new target.
    ///
    /// The target of an app that does not work is left as it was: what its use would go back to.
    #[inline(always)]
    pub(super) fn settle(&self, review: &mut Review<'_>, routed: &Routed, words: &mut Words) {
        for m in bits(review.word.holdings()) {
            let fraction = (words.of(m) & 0xFF) as f32 * (1.0 / 256.0);
            review.usage[m] = (routed.usage[m] * 255.0 + fraction) as u8;
        }
        for m in bits(routed.works) {
            review.target[m] = (routed.target[m] * 255.0 + 0.5) as u8;
        }
    }

    /// The new word.
    #[inline(always)]
    pub(super) fn decide(&self, review: &mut Review<'_>, routed: &Routed, words: &mut Words) -> Word {
        let access = &review.today().access[review.word.row()];
        if self.p.hear_contact != 0.0 {
            self.hear(review, routed);
        }
        let installs = self.installs(review, routed, words);
        let drops = self.drops(review, routed, words);
        let vpn = self.vpn(review, routed, access, words.vpn());

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
    pub(super) fn hear(&self, review: &mut Review<'_>, routed: &Routed) {
        let unheard = routed.offers & !*review.aware;
        if unheard == 0 {
            return;
        }
        let region = &review.today().regions[usize::from(routed.profile.place.region)];
        let mut heard = 0;
        for m in bits(unheard) {
            let ln = self.p.hear_contact * routed.found.holders[m] as f32 + region.ln_unheard[m] * review.days as f32;
            if ln < 0.0 {
                let draws = review.population.draws().block(Purpose::Hear, review.user, review.today().day, m as u32 / 4);
                heard |= u16::from(unit(draws[m % 4]) < 1.0 - exp(ln)) << m;
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
    pub fn offers<'a>(&'a self, review: &Review<'a>, routed: &'a Routed) -> impl Iterator<Item = (usize, f32, Option<f32>)> + 'a {
        let access = &review.today().access[review.word.row()];
        bits(routed.offers).map(move |m| {
            let abroad = routed.abroad.then(|| self.net_abroad(routed, access, m));
            (m, self.net(routed, access, m), abroad)
        })
    }

    /// V without the worth of contacts (logit).
    #[inline(always)]
    fn own_wish(&self, review: &Review<'_>, routed: &Routed, m: usize) -> f32 {
        let access = &review.today().access[review.word.row()];
        let region = &review.today().regions[usize::from(routed.profile.place.region)];
        let mut v = self.taste_weight[m] * (routed.tastes[m] - self.threshold[routed.age][m]);
        v += region.wish[m] + review.baseline.balance[m] + self.p.need * routed.lost_use * access.good[m];
        if self.p.privacy != 0.0 {
            v -= self.p.privacy * review.population.normals(&routed.profile).privacy * self.surveillance[m];
        }
        if region.mandated >> m & 1 == 1 {
            v += self.mandated(&region.mandate, &routed.profile, m);
        }
        v
    }

    /// V: the wish to install each messenger asked about and known (logit).
    #[inline(always)]
    pub(crate) fn wishes(&self, review: &Review<'_>, routed: &Routed) -> impl Iterator<Item = (usize, f32)> {
        let access = &review.today().access[review.word.row()];
        let baseline = review.baseline;
        bits(routed.asked & *review.aware).map(move |m| {
            let mut v = self.own_wish(review, routed, m) + self.p.network * (self.net(routed, access, m) - baseline.net[m]);
            if routed.abroad {
                v += self.p.abroad * (self.net_abroad(routed, access, m) - baseline.abroad[m]);
            }
            (m, v)
        })
    }

    /// Messengers that may be installed today: the day's draw would allow it if all contacts were there. Most are ruled
    /// out, so that contacts need not be asked about them; what happens is the same.
    #[inline(always)]
    pub(super) fn possible(&self, review: &Review<'_>, routed: &Routed, words: &mut Words) -> u16 {
        // Nobody's contacts are worth more than 1. A little is added for rounding.
        let worth = |m: usize| {
            let abroad = if routed.abroad { self.p.abroad * (1.0 - review.baseline.abroad[m]).max(0.0) } else { 0.0 };
            self.p.network * (1.0 - review.baseline.net[m]).max(0.0) + abroad + 0.01
        };
        let known = routed.offers & *review.aware;
        let mut possible = if self.p.hear_contact == 0.0 { 0 } else { routed.offers & !known };
        for m in bits(known) {
            possible |= u16::from(logistic_happens(self.own_wish(review, routed, m) + worth(m), words.of(m))) << m;
        }
        possible
    }

    /// Installs with sigma(V), of messengers known; or gets the app with a new phone.
    #[inline(always)]
    fn installs(&self, review: &Review<'_>, routed: &Routed, words: &mut Words) -> u16 {
        let region = &review.today().regions[usize::from(routed.profile.place.region)];
        let mut installs = 0;
        for (m, v) in self.wishes(review, routed) {
            installs |= u16::from(logistic_happens(v, words.of(m))) << m;
        }
        for m in bits(routed.offers & region.preinstalled & !installs) {
            // The other end of the same draw: at small probabilities the two do not meet.
            let happens = unit(!words.of(m)) < 1.0 - exp(-region.preinstall[m] * review.days as f32);
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
    fn drops(&self, review: &Review<'_>, routed: &Routed, words: &mut Words) -> u16 {
        let mut drops = 0;
        for (m, hazard) in self.drop_hazards(review, routed) {
            let hazard = hazard * review.days as f32;
            // 1 - exp(-h) is below h: most draws need no more than that.
            let draw = unit(words.of(m));
            if draw < hazard + 1e-6 && draw < 1.0 - exp(-hazard) {
                drops |= 1 << m;
            }
        }
        drops
    }

    /// Whether the user has a VPN from now on.
    #[inline(always)]
    fn vpn(&self, review: &Review<'_>, routed: &Routed, access: &Access, draw: u32) -> bool {
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
        let mut u = self.p.vpn_propensity * (propensity - self.vpn_threshold) + self.p.vpn_need * lost * e
            - self.p.vpn_weakness * (1.0 - e);
        u += self.p.vpn_peers * (routed.found.vpn as f32 * routed.per_tie - self.p.vpn_share);
        if has {
            !logistic_happens(-u - self.p.vpn_hysteresis + today.vpn_cost, draw)
        } else {
            logistic_happens(
                u - self.p.vpn_cost - today.vpn_cost + today.vpn_salience[usize::from(routed.profile.place.region)],
                draw,
            )
        }
    }
}
