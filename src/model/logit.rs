use super::lanes::{Lanes, Mask, Packed};
use super::{PublicState, Rule, SingleRow, UserView};
use crate::policy::PerMessenger;
use crate::population::Profile;
use crate::random::{Purpose, address, unit};
use crate::scenario::{MAX_MESSENGERS, Scenario, Service};
use fearless_simd::{Level, Simd, dispatch};

/// One app, chosen by multinomial logit with social utility (Brock and Durlauf 2001):
/// P(m) proportional to exp(beta (a_m + s taste + J share of contacts on m - penalty (1 - access))).
///
/// a_m is `messenger.appeal`, plus the part of the age band; s is `messenger.taste_weight`. A messenger that has
/// not been launched cannot be chosen. The VPN bit stays as it was drawn at the start.
#[derive(Debug)]
pub struct Logit {
    /// Instructions of the processor.
    level: Level,
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
            level: Level::new(),
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
    type Row = SingleRow;

    #[inline(always)]
    fn review(&self, review: &UserView<'_>, _: &mut SingleRow) -> PublicState {
        if self.messengers <= 8 {
            dispatch!(self.level, simd => self.choose::<_, 1>(simd, review))
        } else {
            dispatch!(self.level, simd => self.choose::<_, 2>(simd, review))
        }
    }
}

impl Logit {
    /// The rule by the instructions of another level; all compute the same bits.
    #[cfg(test)]
    pub(crate) fn at(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// The choice, in lanes of 8 N messengers: equation (39) of the ODD protocol.
    #[inline(always)]
    fn choose<S: Simd, const N: usize>(&self, simd: S, review: &UserView<'_>) -> PublicState {
        let count = self.messengers;
        let population = review.population;
        let taste = |index| address(Purpose::Taste, review.user, 0, index);
        let decide = address(Purpose::Decide, review.user, review.today().draw_tick, 0);
        let draws = population.draws();
        let [decide, own @ ..] = if N == 1 {
            let [decide, own] = draws.blocks_at(simd.level(), [decide, taste(0)]);
            [decide, own, [0; 4]]
        } else {
            draws.blocks_at(simd.level(), [decide, taste(0), taste(1)])
        };
        let tastes = if self.taste == [0.0; MAX_MESSENGERS] {
            self.taste
        } else {
            let profile = if population.has_households() { population.profile(review.user) } else { Profile::default() };
            population.tastes_from(&profile, &own[..N])
        };
        let age = if self.appeal.len() == 1 { 0 } else { usize::from(population.age(review.user)) };
        let access = &review.today().access[review.public.row()];
        let degree = review.contacts.len().max(1) as f32;
        let share = contacts_by_app::<S, N>(simd, review, count) / degree;
        let utility = Lanes::of(simd, &self.appeal[age]) + Lanes::of(simd, &self.taste) * &tastes + self.conformity * share
            - self.penalty * (1.0 - Lanes::of(simd, &access.to[Service::Messages]));
        let launched = Mask::of(simd, review.today().launched);
        // The best weighs 1, so that no sensitivity makes all weights zero or infinite.
        let best = launched.choose(utility, Lanes::all(simd, f32::MIN)).greatest();
        let weights = ((self.beta * (utility - best)).exp() & launched).to_array();
        // In order: rounding depends on it.
        let sum: f32 = weights[..count].iter().sum();
        let mut left = unit(decide[0]) * sum;
        let mut choice = None;
        for (m, &weight) in weights.iter().enumerate().take(count).filter(|(_, w)| **w > 0.0) {
            choice = Some(m);
            left -= weight;
            if left < 0.0 {
                break;
            }
        }
        review.public.with_only(choice)
    }
}

/// Contacts by main app, counted in bytes that are emptied before they can overflow.
#[inline(always)]
fn contacts_by_app<S: Simd, const N: usize>(simd: S, review: &UserView<'_>, count: usize) -> Lanes<S, N> {
    let mut on = Lanes::all(simd, 0.0);
    for part in review.contacts.chunks(255) {
        let mut packed = Packed::<N>::default();
        for &j in part {
            let main = PublicState(review.states[j as usize]).main_code() as usize;
            // None, 31, falls on the last place: that of no messenger, where there are fewer.
            if count < 8 * N || main < MAX_MESSENGERS {
                packed.add(main, 1);
            }
        }
        on = on + Lanes::of_packed(simd, packed);
    }
    on
}
