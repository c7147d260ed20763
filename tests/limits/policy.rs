//! Extremes of policy and cost whose outcome is known.

use crate::parse;
use exodus::engine::Simulation;
use exodus::measure;
use exodus::scenario::Scenario;

const BLOCK: i32 = 20;

/// Green and Blue under the portfolio rule; Green is blocked on day 20 unless `blocked` is false.
fn scenario(blocked: bool, model: &str, onboarding: f64) -> Scenario {
    let block = if blocked { "[[intervention]]\nkind = \"block\"\nmessenger = \"Green\"\nfrom = 2025-01-21" } else { "" };
    parse(&format!(
        r#"
        name = "limit"
        start = 2025-01-01
        end = 2025-02-28
        seed = 5
        population = {{ people = 5000, users = 5000 }}
        [model]
        warm_up_days = 20
        settle_days = 20
        {model}
        [[messenger]]
        name = "Green"
        reach_by_age = [0.9]
        appeal = 0.8
        onboarding = {onboarding}
        [[messenger]]
        name = "Blue"
        reach_by_age = [0.5]
        onboarding = {onboarding}
        {block}
        "#
    ))
}

#[test]
fn nobody_moves_when_moving_costs_too_much() {
    let model = "uninstall = { idle = 0.0, dead = 0.0 }\nvpn = { cost = 100, hysteresis = 100 }";
    let held = |simulation: &Simulation| -> Vec<(u16, bool)> {
        (0..simulation.state().users()).map(|u| simulation.state().public_of(u)).map(|w| (w.holdings(), w.vpn())).collect()
    };
    for (onboarding, model, frozen) in [(100.0, model, true), (2.0, model, false), (100.0, "", false)] {
        let mut simulation = Simulation::new(scenario(true, model, onboarding)).expect("a simulation");
        let before = held(&simulation);
        while !simulation.finished() {
            simulation.step().expect("a step");
        }
        assert_eq!(before == held(&simulation), frozen, "onboarding {onboarding}, {model}");
    }
}

#[test]
fn what_cannot_be_used_is_not_used_from_the_first_day() {
    let model = "vpn = { messages = 0.0, calls = 0.0 }";
    let curves = measure::curves(Simulation::new(scenario(true, model, 5.0)).expect("a simulation")).expect("curves");
    let column = |name: &str| curves.series(name, "Green").expect("a column");
    let (used, tried) = (column("daily_use"), column("daily_reach"));
    let block = BLOCK as usize;
    assert!(used[..block].iter().all(|&people| people > 3000.0));
    assert!(used[block..].iter().all(|&people| people == 0.0), "{:?}", &used[block..]);
    assert!(tried[block] > 1000.0, "people still try");
}

/// A VPN as good as the open net, which everyone has and nobody gives up: a block is nothing.
#[test]
fn a_block_is_nothing_to_those_with_a_perfect_vpn() {
    let hashes = |scenario| {
        let mut simulation = Simulation::new(scenario).expect("a simulation");
        let mut hashes = Vec::new();
        while !simulation.finished() {
            simulation.step().expect("a step");
            hashes.push(simulation.state().hash());
        }
        hashes
    };
    let free = "vpn = { share = 1.0, messages = 1.0, calls = 1.0, hysteresis = 100 }";
    assert_eq!(hashes(scenario(false, free, 5.0)), hashes(scenario(true, free, 5.0)));
    // The same block does something where a VPN loses quality.
    let worse = "vpn = { share = 1.0, messages = 0.6, calls = 0.6, hysteresis = 100 }";
    assert_ne!(hashes(scenario(false, worse, 5.0)), hashes(scenario(true, worse, 5.0)));
}

/// Use stays as it is and opens an app so rarely that openings are in proportion to it; people tire at a speed that is known.
#[test]
fn failing_openings_tire_as_by_hand() {
    let shares = |tire: f64| {
        let model = format!(
            "uninstall = {{ idle = 0.0, dead = 0.0 }}\nvpn = {{ share = 0.0, cost = 100 }}\nusage = {{ fail = 0.0 }}\n\
             opening = {{ rate = 0.01, floor = 0.0, check = 0.0, activity_spread = 0.0, tire = {tire} }}"
        );
        let mut scenario = scenario(true, &model, 100.0);
        // It works again for a day, and fails anew.
        let mut again = scenario.interventions[0].clone();
        scenario.interventions[0].until = Some("2025-01-24".parse().expect("a date"));
        again.from = "2025-01-26".parse().expect("a date");
        scenario.interventions.push(again);
        let curves = measure::curves(Simulation::new(scenario).expect("a simulation")).expect("curves");
        let opened = curves.series("daily_reach", "Green").expect("a column");
        let first = BLOCK as usize;
        (first..first + 8).map(|day| opened[day] / opened[first - 1]).collect::<Vec<_>>()
    };
    // Four days of failure, the day on which it works, three days of failure; 0.01 is more than openings differ from being in proportion.
    for (tire, expected) in
        [(0.0, [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]), (std::f64::consts::LN_2, [1.0, 0.5, 0.25, 0.125, 1.0, 1.0, 0.5, 0.25])]
    {
        let found = shares(tire);
        assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 0.01), "{tire}: {found:?}, by hand {expected:?}");
    }
}
