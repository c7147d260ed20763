//! Who holds what before the first day.

use super::{Portfolio, PortfolioRow, per_messenger};
use crate::model::{Newcomer, PublicState, bits};
use crate::policy::PerMessenger;
use crate::random::normal_quantile;
use crate::scenario::Scenario;

/// Use of an app held, before the warm-up finds its own level (1/255).
const FIRST_USE: u8 = 77;

/// z_m,age (equation 4 of the ODD protocol): taste above which an incumbent is held at the start in each age band, by messenger (Phi^-1(1 - reach)).
/// 0 for a messenger without users.
pub fn start_thresholds(scenario: &Scenario) -> Vec<PerMessenger> {
    // Beyond +-6 standard deviations there is nobody.
    let z = |reach: f64| normal_quantile(1.0 - reach).clamp(-6.0, 6.0);
    let incumbent = |m: &crate::scenario::Messenger| m.reach_by_age.iter().any(|&r| r > 0.0);
    (0..scenario.population.ages.len())
        .map(|a| per_messenger(scenario, |m| if incumbent(m) { z(m.reach_by_age.get(a).copied().unwrap_or(0.0)) } else { 0.0 }))
        .collect()
}

impl<const N: usize> Portfolio<N> {
    /// The incumbents whose reach says so are held, in order of taste, so that whoever likes a messenger has it.
    pub(super) fn start_of(&self, newcomer: &Newcomer<'_>, row: &mut PortfolioRow<N>) -> PublicState {
        let Newcomer { user, profile, public, aware, population, .. } = *newcomer;
        let tastes = population.tastes(user, profile, self.messengers);
        row.set_traits(profile, &population.normals(profile), &tastes[..self.messengers]);
        let threshold = &self.ages[usize::from(profile.age)].threshold;
        // By tastes as drawn, before they are rounded: shares of holders are exact.
        let liked = bits(self.incumbents).filter(|&m| tastes[m] > threshold[m]).fold(0u16, |mask, m| mask | 1 << m);
        let held = population.known_holdings(user).unwrap_or(liked);
        for m in bits(held) {
            row.usage[m / 8][m % 8] = FIRST_USE;
            row.target[m / 8][m % 8] = FIRST_USE;
        }
        row.aware = aware | held;
        public.with_holdings(held)
    }
}
