use super::{Review, Rule, Word};
use crate::policy::PerMessenger;
use crate::random::{Purpose, exp, unit};
use crate::scenario::{MAX_MESSENGERS, Scenario};

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
        let count = self.messengers;
        // Contacts by main app, eight counters of 8 bits in each word, emptied before they can overflow.
        let mut on = [0u32; 32];
        for part in review.contacts.chunks(255) {
            let mut packed = [0u64; 4];
            for &j in part {
                let main = Word(review.words[j as usize]).main_code();
                packed[(main >> 3) as usize] += 1 << (8 * (main & 7));
            }
            for (m, on) in on.iter_mut().enumerate().take(count) {
                *on += (packed[m >> 3] >> (8 * (m & 7)) & 0xFF) as u32;
            }
        }

        let population = review.population;
        let tastes = match () {
            () if self.taste == [0.0; MAX_MESSENGERS] => self.taste,
            () if population.has_households() => population.tastes(review.user, &population.profile(review.user), count),
            () => population.own_tastes(review.user, count),
        };
        let age = if self.appeal.len() == 1 { 0 } else { usize::from(population.age(review.user)) };
        let access = &review.today().access[review.word.row()];
        let degree = review.contacts.len().max(1) as f32;
        let mut weights = [0.0f32; MAX_MESSENGERS];
        let mut sum = 0.0;
        for m in 0..count {
            let utility = self.appeal[age][m] + self.taste[m] * tastes[m] + self.conformity * (on[m] as f32 / degree)
                - self.penalty * (1.0 - access.messages[m]);
            let open = review.today().launched >> m & 1 == 1;
            weights[m] = if open { exp(self.beta * utility) } else { 0.0 };
            sum += weights[m];
        }
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
