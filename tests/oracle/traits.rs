//! Traits: section 7.1 of the ODD protocol.

use crate::common::{load, root};
use exodus::population::Population;

/// (1): tastes are standard normal, independent between messengers, and correlated inside a household as the scenario asks. Bounds are more than
/// five standard deviations of estimates from so many users.
#[test]
fn tastes_are_correlated_inside_households_as_asked() {
    const MESSENGERS: usize = 16;
    for asked in [0.0, 0.3, 0.8] {
        let changes = ["population.users=40000", &format!("population.household_correlation={asked}")];
        let scenario = load(&root().join("scenarios/russia.toml"), &changes);
        let population = Population::new(&scenario, 40_000);
        let of = |user| population.tastes(user, &population.profile(user), MESSENGERS).map(f64::from);
        let tastes: Vec<_> = (0..population.users()).map(of).collect();
        let mean = |products: &mut dyn Iterator<Item = f64>| {
            let (sum, count) = products.fold((0.0, 0.0), |(sum, count), x| (sum + x, count + 1.0));
            assert!(count > 10_000.0, "{count}");
            sum / count
        };
        for m in 0..MESSENGERS {
            let other = (m + 5) % MESSENGERS;
            let all = || tastes.iter();
            assert!(mean(&mut all().map(|t| t[m])).abs() < 0.05, "mean of {m}");
            assert!((mean(&mut all().map(|t| t[m] * t[m])) - 1.0).abs() < 0.06, "variance of {m}");
            assert!(mean(&mut all().map(|t| t[m] * t[other])).abs() < 0.05, "{m} and {other}");
            // The first member of each household of several, and the second.
            let pairs = (0..population.users()).filter_map(|user| {
                let household = population.household(user);
                (user == household.start && household.len() > 1).then(|| [user, user + 1].map(|user| tastes[user as usize][m]))
            });
            let found = mean(&mut pairs.map(|[a, b]| a * b));
            assert!((found - asked).abs() < 0.07, "{m}: correlation {found}, {asked} asked");
        }
    }
}
