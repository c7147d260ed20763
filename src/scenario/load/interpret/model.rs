//! Model and graph.

use super::{Names, by_age};
use crate::scenario::document::{Cursor, Problems, count, names};
use crate::scenario::{MAX_CHATS, Model, SHARE_TOLERANCE};

pub(super) fn check(
    root: &Cursor<'_>,
    population: &Cursor<'_>,
    messengers: &[Cursor<'_>],
    known: &Names<'_>,
    problems: &mut Problems,
) {
    if let Some(model) = root.get("model") {
        if let Some(vpn) = model.get("vpn") {
            by_age(&vpn, "skill_by_age", known, false, problems);
        }
        if let Some(traffic) = model.get("traffic") {
            by_age(&traffic, "channels_by_age", known, false, problems);
            weights(&traffic, problems);
        }
        if let Some(opening) = model.get("opening") {
            by_age(&opening, "activity_by_age", known, false, problems);
        }
        if let Some(threshold) = model.get("threshold") {
            thresholds(&threshold, problems);
        }
        if matches!(model.text("rule"), Some("logit" | "threshold" | "hazard")) {
            one_app(&model, messengers, known, problems);
        }
        if let Some(chats) = model.get("chats") {
            self::chats(&chats, &model, root, known, problems);
        }
    }
    if let Some(graph) = root.get("graph") {
        self::graph(&graph, population, problems);
    }
    if let Some(observe) = root.get("observe") {
        let mut seen = Vec::new();
        for cohort in observe.items("cohorts") {
            let name = cohort.node.text();
            if name.is_some() && seen.contains(&name) {
                problems.add(
                    &cohort.node.place,
                    "observe.cohorts",
                    format!("{} a second time", cohort.node.shown()),
                    "each once",
                );
            }
            seen.push(name);
        }
    }
}

/// Group chats: what they are made of must be there.
fn chats(chats: &Cursor<'_>, model: &Cursor<'_>, root: &Cursor<'_>, known: &Names<'_>, problems: &mut Problems) {
    const KINDS: &str = "kinds";
    let kinds = chats.items(KINDS);
    count(chats, KINDS, 0, MAX_CHATS, problems);
    names(&kinds, "name", problems);
    let rule = model.text("rule").unwrap_or("portfolio");
    if rule != "portfolio" && !kinds.is_empty() {
        chats.problem(
            problems,
            KINDS,
            format!("chats under the rule {rule}"),
            "none: only under the rule portfolio are there chats",
        );
    }
    let graph = root.get("graph").and_then(|graph| graph.text("kind")).unwrap_or("layered");
    for kind in &kinds {
        kind.known(problems, "group", &known.groups);
        if !kind.has("size") && graph != "layered" {
            let allowed = format!("a mean number of members: a graph of kind {graph} has no households of neighbouring users");
            kind.problem(problems, "size", "nothing", allowed);
        }
    }
    let groups = root.get("population").map(|population| population.items("groups")).unwrap_or_default();
    let from_table = root.get("graph").is_some_and(|graph| graph.has("nodes"));
    let bands = groups.iter().map(|group| group.items("share_by_age").len()).max().unwrap_or(1);
    let sum_in = |band: usize| -> f64 {
        let in_one = |kind: &&Cursor<'_>| {
            let name = kind.text("group");
            let group = groups.iter().find(|group| name.is_some() && group.text("name") == name);
            group.is_none_or(|group| from_table || may_have_members(group, band))
        };
        kinds.iter().filter(in_one).filter_map(|kind| kind.number("share")).sum()
    };
    let sum = (0..bands.max(1)).map(sum_in).fold(0.0, f64::max);
    if sum > 1.0 + 1e-9 {
        chats.problem(
            problems,
            KINDS,
            format!("shares that sum to {sum:.3}"),
            "a sum of at most 1: they are shares of one person's messages",
        );
    }
}

/// Whether somebody of an age band may be in a group: pupils and pensioners share no chat, so that theirs need not leave room for each other.
fn may_have_members(group: &Cursor<'_>, band: usize) -> bool {
    let shares = group.items("share_by_age");
    // A household has members of all ages.
    let all_ages = shares.len() < 2 || group.text("unit") == Some("household");
    all_ages || shares.get(band).and_then(|share| share.node.number()).is_none_or(|share| share > 0.0)
}

/// Shares of use that must leave room for each other.
fn weights(traffic: &Cursor<'_>, problems: &mut Problems) {
    let default = Model::default().traffic;
    let of = |key, default| traffic.number(key).unwrap_or(default);
    let sum = of("calls", default.calls) + of("abroad", default.abroad) + of("least_messages", default.least_messages);
    if sum > 1.0 + 1e-9 {
        let key = ["calls", "abroad", "least_messages"].into_iter().find(|key| traffic.has(key)).unwrap_or("calls");
        let found = format!("`calls`, `abroad` and `least_messages` that sum to {sum:.3}");
        traffic.problem(problems, key, found, "a sum of at most 1: they are shares of one person's use");
    }
}

fn thresholds(threshold: &Cursor<'_>, problems: &mut Problems) {
    let default = Model::default().threshold;
    let location = threshold.number("location").unwrap_or(default.location);
    let counts = threshold.get("count").is_some_and(|c| c.node.shown() == "true");
    if threshold.text("distribution") != Some("normal") && (location < 0.0 || (!counts && location > 1.0)) {
        let allowed =
            if counts { "a number of contacts, at least 0" } else { "a share of contacts from 0 to 1 (or `count = true`)" };
        threshold.problem(problems, "location", location, allowed);
    }
}

/// Under rules with one app per user, the shares that hold each at the start exclude each other.
fn one_app(model: &Cursor<'_>, messengers: &[Cursor<'_>], names: &Names<'_>, problems: &mut Problems) {
    for age in 0..names.ages {
        let reach = |m: &Cursor<'_>| m.get("reach_by_age").and_then(|r| r.node.list().get(age)?.number());
        let sum: f64 = messengers.iter().filter_map(reach).sum();
        if sum > 1.0 + SHARE_TOLERANCE {
            let found = format!(
                "{:?}, and `reach_by_age` of all messengers that sums to {sum:.3} in age band {age}",
                model.text("rule").unwrap_or_default()
            );
            model.problem(problems, "rule", found, "a sum of at most 1: under this rule a user holds one messenger");
            return;
        }
    }
}

fn graph(graph: &Cursor<'_>, population: &Cursor<'_>, problems: &mut Problems) {
    let kind = graph.text("kind").unwrap_or("layered");
    match (kind, graph.get("path")) {
        ("file", None) => graph.problem(problems, "path", "nothing", "the path of an edge list, as `kind` is \"file\""),
        ("file", Some(path)) if path.node.text().is_some_and(|t| t.trim().is_empty()) => {
            graph.problem(problems, "path", path.node.shown(), "the path of an edge list");
        }
        ("file", Some(_)) => {}
        (_, Some(path)) => graph.problem(problems, "path", path.node.shown(), "no path unless `kind` is \"file\""),
        _ => {}
    }
    let even = matches!(kind, "watts_strogatz" | "barabasi_albert");
    if let Some(users) = population.number("users").filter(|&users| even && users < 3.0) {
        population.problem(problems, "users", users, format!("at least 3 for a {kind} graph"));
        return;
    }
    let Some(degree) = graph.number("mean_degree") else { return };
    if even && (degree < 2.0 || degree % 2.0 != 0.0) {
        graph.problem(problems, "mean_degree", degree, format!("an even number, at least 2, for a {kind} graph"));
    }
    if let Some(users) = population.number("users")
        && !matches!(kind, "file" | "complete")
        && degree > users - 1.0
    {
        graph.problem(problems, "mean_degree", degree, format!("less than the number of users, {users}"));
    }
}
