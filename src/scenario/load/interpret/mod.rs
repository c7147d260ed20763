//! What keys, types and ranges cannot say: how the parts of a scenario fit together.

mod intervention;
mod model;

use crate::scenario::document::{Cursor, Node, Problems, Value, count, names};
use crate::scenario::{
    MAX_AGES, MAX_DAYS, MAX_GROUPS, MAX_HOUSEHOLD, MAX_INTERVENTIONS, MAX_MESSENGERS, MAX_NAME, MAX_REGIONS, MAX_TARGETS,
    SHARE_TOLERANCE, is_valid_name,
};

/// Names that may be referred to.
struct Names<'a> {
    messengers: Vec<&'a str>,
    regions: Vec<&'a str>,
    ages: usize,
    groups: Vec<&'a str>,
}

/// Checks the whole tree. Values of a wrong type are passed over: the schema check has reported them.
pub(super) fn check(root: &Node, problems: &mut Problems) {
    let root = Cursor { node: root, path: String::new() };
    head(&root, problems);
    let nobody = Node { place: root.node.place.clone(), value: Value::Table(Vec::new()) };
    let population = root.get("population").unwrap_or(Cursor { node: &nobody, path: "population".into() });
    let (regions, ages) = (population.items("regions"), population.items("ages"));
    let (groups, messengers) = (population.items("groups"), root.items("messenger"));
    count(&population, "regions", 1, MAX_REGIONS, problems);
    count(&population, "ages", 1, MAX_AGES, problems);
    count(&population, "groups", 0, MAX_GROUPS, problems);
    count(&root, "messenger", 1, MAX_MESSENGERS, problems);
    count(&root, "intervention", 0, MAX_INTERVENTIONS, problems);
    count(&root, "target", 0, MAX_TARGETS, problems);
    shares(&population, "regions", problems);
    shares(&population, "ages", problems);
    household_sizes(&population, problems);
    names(&ages, "name", problems);
    let mut known = Names {
        messengers: names(&messengers, "name", problems),
        regions: names(&regions, "name", problems),
        ages: ages.len(),
        groups: names(&groups, "name", problems),
    };
    if !population.has("regions") {
        known.regions.push("all");
    }
    if !population.has("ages") {
        known.ages = 1;
    }
    for group in &groups {
        group.known(problems, "regions", &known.regions);
        by_age(group, "share_by_age", &known, true, problems);
    }
    for messenger in &messengers {
        by_age(messenger, "reach_by_age", &known, false, problems);
        by_age(messenger, "appeal_by_age", &known, false, problems);
        launch(&root, messenger, problems);
    }
    for target in root.items("target") {
        target.known(problems, "messenger", &known.messengers);
    }
    model::check(&root, &population, &messengers, &known, problems);
    intervention::check(&root, &messengers, &known, problems);
}

fn head(root: &Cursor<'_>, problems: &mut Problems) {
    if let Some(name) = root.text("name").filter(|name| !is_valid_name(name)) {
        let allowed = format!("1 to {MAX_NAME} letters (a-z), digits, `-` and `_`: a folder is called after it");
        root.problem(problems, "name", format!("{name:?}"), allowed);
    }
    if let (Some(start), Some(end)) = (root.date("start"), root.date("end")) {
        let days = i64::from(start.days_until(end)) + 1;
        if days < 1 {
            root.problem(problems, "end", end, format!("a day not before `start`, {start}"));
        } else if days > i64::from(MAX_DAYS) {
            root.problem(problems, "end", format!("{end}, {days} days after `start`"), format!("at most {MAX_DAYS} days"));
        }
    }
}

fn shares(population: &Cursor<'_>, key: &str, problems: &mut Problems) {
    let items = population.items(key);
    let shares: Option<Vec<f64>> = items.iter().map(|item| item.number("share")).collect();
    let Some(shares) = shares.filter(|s| !s.is_empty()) else { return };
    let sum: f64 = shares.iter().sum();
    // A little slack for the sum's own rounding.
    if (sum - 1.0).abs() > SHARE_TOLERANCE + 1e-9 {
        population.problem(problems, key, format!("shares that sum to {sum:.4}"), format!("a sum of 1 within {SHARE_TOLERANCE}"));
    }
}

fn household_sizes(population: &Cursor<'_>, problems: &mut Problems) {
    const KEY: &str = "household_sizes";
    count(population, KEY, 1, MAX_HOUSEHOLD, problems);
    let sizes = population.items(KEY);
    let sum: f64 = sizes.iter().filter_map(|size| size.node.number()).sum();
    if !sizes.is_empty() && (sum - 1.0).abs() > SHARE_TOLERANCE + 1e-9 {
        population.problem(problems, KEY, format!("shares that sum to {sum:.4}"), format!("a sum of 1 within {SHARE_TOLERANCE}"));
    }
}

/// A list by age is empty or has an entry for each band; some may be a single number for all.
fn by_age(at: &Cursor<'_>, key: &str, names: &Names<'_>, one_for_all: bool, problems: &mut Problems) {
    let Some(list) = at.get(key) else { return };
    let n = list.node.list().len();
    let fits = n == 0 || n == names.ages || (one_for_all && n == 1);
    if !fits && names.ages > 0 {
        let or_one = if one_for_all { ", or one for all" } else { "" };
        at.problem(problems, key, format!("a list of {n}"), format!("{} numbers, one for each age band{or_one}", names.ages));
    }
}

/// Nobody can hold what does not exist yet.
fn launch(root: &Cursor<'_>, messenger: &Cursor<'_>, problems: &mut Problems) {
    let (Some(launch), Some(start)) = (messenger.date("launch"), root.date("start")) else { return };
    let reach = messenger.items("reach_by_age");
    if launch > start && reach.iter().filter_map(|r| r.node.number()).any(|r| r > 0.0) {
        messenger.problem(problems, "reach_by_age", "users at the start", format!("none before its launch on {launch}"));
    }
}
