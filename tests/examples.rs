//! The programs in `examples/` do what they say. They are modules of this test, so that what is run is always what is there.
#![allow(unreachable_pub, reason = "public in a program of their own")]

#[path = "../examples/own_graph.rs"]
mod own_graph;
#[path = "../examples/own_observer.rs"]
mod own_observer;
#[path = "../examples/own_rule.rs"]
mod own_rule;

#[test]
fn an_own_observer_sees_the_outage() {
    own_observer::main().expect("it runs");
    let days = own_observer::days().expect("it runs");
    let outage = days.iter().find(|day| day.date.to_string() == "2025-06-16").expect("the day");
    let usual = days.iter().filter(|day| day.date < outage.date).map(|day| day.moved).max().expect("days");
    assert!(outage.moved > 2 * usual, "{outage:?}, at most {usual} before");
    assert!(0 < outage.followed && outage.followed < outage.moved, "{outage:?}");
}

#[test]
fn an_own_rule_copies_what_works() {
    own_rule::main().expect("it runs");
    let curves = own_rule::curves().expect("it runs");
    let share = |name: &str| curves.series("main_share", name).expect("a messenger");
    let outage = curves.index("2025-06-16".parse().expect("a day")).expect("the day");
    // Nobody copies an app that is down: on that day WhatsApp can only lose.
    assert!(share("WhatsApp")[outage] < share("WhatsApp")[outage - 1]);
    assert!(share("Telegram")[outage] >= share("Telegram")[outage - 1]);
    // On the days before, copying at random favours nobody.
    let drift = share("WhatsApp")[outage - 1] - share("WhatsApp")[0];
    assert!(drift != 0.0 && drift.abs() < 0.05, "{drift}");
}

#[test]
fn an_own_graph_spreads_faster_with_far_ties() {
    own_graph::main().expect("it runs");
    let [near, far] = [0.0, 0.1].map(|far| own_graph::days_to_half(far).expect("it runs"));
    assert!(far < near && near < 365, "{far} days with far ties, {near} without");
}
