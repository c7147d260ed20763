//! One group chat and two apps: on which day it moves, and whether it comes back, can be computed by hand.

use crate::parse;
use exodus::engine::Simulation;

/// Users, of whom all hold A and nobody installs or drops anything.
const USERS: u32 = 1000;

/// Use of A and of B on each evening, in users; and how many hold B.
///
/// Everything that is written is written in one chat of all users, who all review every day. From day 10 to day 39 `what` is done.
fn course(what: &str, quorum: f64, gain: f64) -> (Vec<[f64; 2]>, f64) {
    let scenario = parse(&format!(
        r#"
        name = "one-chat"
        start = 2025-01-01
        end = 2025-02-28
        seed = 5
        population = {{ people = {USERS}, users = {USERS}, groups = [{{ name = "all", share_by_age = [1.0] }}] }}
        [model]
        review_rate = 1.0
        warm_up_rate = 1.0
        warm_up_days = 3
        settle_days = 0
        traffic = {{ calls = 0.0, channels = 0.0, abroad = 0.0 }}
        usage = {{ adapt = 1.0, fail = 1.0 }}
        uninstall = {{ idle = 0.0, dead = 0.0 }}
        vpn = {{ share = 0.0, cost = 100 }}
        chats = {{ rate = 1.0, quorum = {quorum}, gain = {gain}, kinds = [{{ name = "all", group = "all", size = 2048, share = 1.0 }}] }}
        [[messenger]]
        name = "A"
        reach_by_age = [1.0]
        [[messenger]]
        name = "B"
        reach_by_age = [0.6]
        onboarding = 100
        [[intervention]]
        from = 2025-01-11
        until = 2025-02-09
        {what}
        "#
    ));
    let mut simulation = Simulation::new(scenario).expect("a simulation");
    let holders = |m: usize| (0..USERS).filter(|&u| simulation.state().public_of(u).holdings() >> m & 1 == 1).count();
    assert_eq!(holders(0), USERS as usize);
    let of_b = holders(1) as f64;
    let mut days = Vec::new();
    while !simulation.finished() {
        simulation.step().expect("a step");
        let used = |m: usize| (0..USERS).map(|u| f64::from(simulation.use_today(u)[m])).sum();
        days.push([used(0), used(1)]);
    }
    (days, of_b)
}

/// From the first day on, as from the days of `changes` on: use of A and of B.
#[track_caller]
fn assert_course(days: &[[f64; 2]], changes: &[(usize, [f64; 2])]) {
    for (day, used) in days.iter().enumerate() {
        let (_, expected) = changes.iter().rev().find(|(from, _)| *from <= day).expect("from the first day on");
        assert!((0..2).all(|m| (used[m] - expected[m]).abs() < 1e-3), "day {day}: {used:?}, not {expected:?}");
    }
}

const BLOCK: &str = "kind = \"block\"\nmessenger = \"A\"";
const ORDER: &str = "kind = \"mandate\"\nmessenger = \"B\"\ngroups = [\"all\"]\nchats = 1.0";
const ALL: f64 = USERS as f64;

/// On day 10 nobody can use A, and the chat moves that evening; on day 11 members find it on B, and use follows the day after. Who does
/// not hold B takes no part. When A is back, all try it for a day, and B has by the share of people without it less: this decides whether
/// the chat goes back.
#[test]
fn a_chat_moves_when_a_quorum_can_and_returns_where_that_gains_enough() {
    let (_, b) = course(BLOCK, 0.5, 0.0);
    assert!((0.5..0.7).contains(&(b / ALL)), "{b} hold B");
    let (quorum, loss) = (b / ALL, 1.0 - b / ALL);

    let (days, _) = course(BLOCK, quorum, loss);
    let back = [(40, [ALL, b]), (41, [0.0, b])];
    let moved = [(0, [ALL, 0.0]), (10, [0.0, 0.0]), (12, [0.0, b])];
    assert_course(&days, &[&moved[..], &back, &[(42, [ALL, 0.0])]].concat());
    // Moving costs more than what is gained: locked in.
    let (days, _) = course(BLOCK, quorum, loss + 0.001);
    assert_course(&days, &[&moved[..], &back].concat());
    // One member fewer than a quorum: it stays where nobody can read it until A is back.
    let (days, _) = course(BLOCK, quorum + 0.001, loss);
    assert_course(&days, &[(0, [ALL, 0.0]), (10, [0.0, 0.0]), (40, [ALL, 0.0])]);
}

/// An app that gets a twentieth of messages through works for nobody, so a chat could be nothing on it, and moves even where it must gain nearly all who hold B.
/// Were the twentieth to count, it would stay.
#[test]
fn a_chat_could_be_nothing_on_an_app_that_does_not_work() {
    let slowed = "kind = \"throttle\"\nmessenger = \"A\"\nseverity = 0.95";
    let (_, b) = course(slowed, 0.5, 0.0);
    let (days, _) = course(slowed, b / ALL, b / ALL - 0.01);
    assert_course(&days, &[(0, [ALL, 0.0]), (10, [0.0, 0.0]), (12, [0.0, b]), (40, [ALL, b]), (41, [0.0, b])]);
}

/// Another future may change how chats move, but not who is in them.
#[test]
fn a_fork_keeps_its_chats() {
    let with = |chats: &str| {
        parse(&format!(
            "name = \"fork\"\nstart = 2025-01-01\nend = 2025-01-31\npopulation = {{ people = 5000, users = 5000 }}\n\
             [model]\nwarm_up_days = 2\nsettle_days = 0\n{chats}\n[[messenger]]\nname = \"A\"\nreach_by_age = [0.9]"
        ))
    };
    let chats = |rate: f64, size: u32| {
        format!("chats = {{ rate = {rate}, kinds = [{{ name = \"friends\", size = {size}, share = 0.5 }}] }}")
    };
    let under = |other: &str| Simulation::new(with(&chats(0.1, 8))).expect("a simulation").under(with(other));
    assert!(under(&chats(0.9, 8)).is_ok());
    for other in [chats(0.1, 9), String::new()] {
        let error = under(&other).expect_err("other chats").to_string();
        assert!(error.contains("the state has other group chats than the scenario"), "{error}");
    }
}

/// Told to, it moves whoever can follow; when the order ends it returns only where that gains enough.
#[test]
fn a_chat_that_is_told_to_moves_whoever_can_follow() {
    let (days, b) = course(ORDER, 1.0, 0.0);
    assert_course(&days, &[(0, [ALL, 0.0]), (12, [0.0, b]), (42, [ALL, 0.0])]);
    let (days, _) = course(ORDER, 1.0, 0.5);
    assert_course(&days, &[(0, [ALL, 0.0]), (12, [0.0, b])]);
    // Ten orders for a tenth of the chats each are one for all of them.
    let tenth = ORDER.replace("chats = 1.0", "chats = 0.1");
    let tenths = [&tenth[..]; 10].join("\n[[intervention]]\nfrom = 2025-01-11\nuntil = 2025-02-09\n");
    let (days, _) = course(&tenths, 1.0, 0.5);
    assert_course(&days, &[(0, [ALL, 0.0]), (12, [0.0, b])]);
}
