use super::lanes::{Lanes, Mask};
use super::{Review, Rule, Word};
use crate::policy::PerMessenger;
use crate::random::{Purpose, unit};
use crate::scenario::{MAX_MESSENGERS, Scenario};
use fearless_simd::{Level, Simd, dispatch};

/// One app, chosen by multinomial logit with social utility (Brock and Durlauf 2001):
/// P(m) proportional to exp(beta (a_m + s taste + J share of contacts on m - penalty (1 - access))).
///
/// a_m is `messenger.appeal`, plus the part of the age band; s is `messenger.taste_weight`. A messenger that has
/// not been launched cannot be chosen. The VPN bit stays as it was drawn at the start.
#[derive(Debug)]
pub struct Logit {
    messengers: usize,
    beta: f32,
    conformity: f32,
    penalty: f32,
    /// By age band.
    appeal: Vec<PerMessenger>,
    taste: PerMessenger,
}

impl Logit {
    /// The rule of a validated scenario.
    pub fn new(scenario: &Scenario) -> Self {
        let spec = &scenario.model.logit;
        let mut taste = [0.0; MAX_MESSENGERS];
        for (m, messenger) in scenario.messengers.iter().enumerate() {
            taste[m] = messenger.taste_weight as f32;
        }
        Logit {
            messengers: scenario.messengers.len(),
            beta: spec.sensitivity as f32,
            conformity: spec.conformity as f32,
            penalty: spec.access_penalty as f32,
            appeal: super::portfolio::appeal_by_age(scenario),
            taste,
        }
    }
}

impl Rule for Logit {
    #[inline(always)]
    fn review(&self, review: &mut Review<'_>) -> Word {
        self.review_at(Level::new(), review)
    }
}

impl Logit {
    /// The review by the instructions of `level`; all compute the same bits.
    #[inline(always)]
    pub(crate) fn review_at(&self, level: Level, review: &Review<'_>) -> Word {
        if self.messengers <= 8 {
            dispatch!(level, simd => self.choose::<_, 1>(simd, review))
        } else {
            dispatch!(level, simd => self.choose::<_, 2>(simd, review))
        }
    }

    /// The choice, in lanes of 8 N messengers.
    #[inline(always)]
    fn choose<S: Simd, const N: usize>(&self, simd: S, review: &Review<'_>) -> Word {
        let count = self.messengers;
        let population = review.population;
        let tastes = match () {
            () if self.taste == [0.0; MAX_MESSENGERS] => self.taste,
            () if population.has_households() => population.tastes(review.user, &population.profile(review.user), count),
            () => population.own_tastes(review.user, count),
        };
        let age = if self.appeal.len() == 1 { 0 } else { usize::from(population.age(review.user)) };
        let access = &review.today().access[review.word.row()];
        let degree = review.contacts.len().max(1) as f32;
        let share = Lanes::<S, N>::of_counts(simd, &contacts_by_app(review, count)) / degree;
        let utility = Lanes::of(simd, &self.appeal[age]) + Lanes::of(simd, &self.taste) * &tastes + self.conformity * share
            - self.penalty * (1.0 - Lanes::of(simd, &access.messages));
        let weights = ((self.beta * utility).exp() & Mask::of(simd, review.today().launched)).to_array();
        // In order: rounding depends on it.
        let sum: f32 = weights[..count].iter().sum();
        let draw = population.draws().block(Purpose::Decide, review.user, review.today().day, 0)[0];
        let mut left = unit(draw) * sum;
        let mut choice = None;
        for (m, &weight) in weights.iter().enumerate().take(count).filter(|(_, w)| **w > 0.0) {
            choice = Some(m);
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
        review.word.with_only(choice)
    }
}

/// Contacts by main app: eight counters of 8 bits in a word, emptied before they can overflow.
#[inline(always)]
fn contacts_by_app(review: &Review<'_>, count: usize) -> [i32; MAX_MESSENGERS] {
    let main = |j: u32| Word(review.words[j as usize]).main_code();
    let mut on = [0; MAX_MESSENGERS];
    for part in review.contacts.chunks(255) {
        let mut packed = [0u64; 4];
        if count < 8 {
            // A word in a register: memory would wait for each addition before the next. None, 31, counts as a seventh.
            packed[0] = part.iter().fold(0, |sum, &j| sum + 1u64.wrapping_shl(8 * main(j)));
        } else {
            for &j in part {
                packed[(main(j) >> 3) as usize] += 1 << (8 * (main(j) & 7));
            }
        }
        for (m, on) in on.iter_mut().enumerate().take(count) {
            *on += (packed[m >> 3] >> (8 * (m & 7)) & 0xFF) as i32;
        }
    }
    on
}
