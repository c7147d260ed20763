//! What keys, types and ranges of a sweep file cannot say.

use super::design::{MAX_SOBOL, MAX_SOBOL_FACTORS};
use super::factor::Factor;
use super::factor_value::FactorValue;
use crate::measure::Output;
use crate::scenario::{self, Cursor, MAX_NAME, Problems, Scenario, fault_of_name, is_valid_name, names, too_long};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Names of columns that every table has.
const TAKEN: [&str; 3] = ["point", "replicate", "seed"];

/// Most factors, and most outputs or values of a factor.
const MOST_FACTORS: usize = 1000;
const MOST_ITEMS: usize = 10_000;

/// Greatest whole number of a range: from there on not every one is a number of double precision.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

/// Checks the whole tree; `folder` is that of the file.
pub(super) fn check(root: &Cursor<'_>, folder: &Path, problems: &mut Problems) {
    if too_long(root, &["factor", "set", "baseline"], MOST_FACTORS, problems)
        || too_long(root, &["output"], MOST_ITEMS, problems)
        || root.items("factor").iter().any(|factor| too_long(factor, &["values"], MOST_ITEMS, problems))
    {
        return;
    }
    if let Some(name) = root.text("name").filter(|name| !is_valid_name(name)) {
        let allowed = format!("1 to {MAX_NAME} letters (a-z), digits, `-` and `_`: a folder is called after it");
        root.problem(problems, "name", format!("{name:?}"), allowed);
    }
    let base = Base::read(root, folder, problems);
    let factors = root.items("factor");
    for (list, items) in [("factor", &factors), ("output", &root.items("output"))] {
        if root.has(list) && items.is_empty() {
            root.problem(problems, list, "an empty list", "at least one");
        }
    }
    names(&factors, "key", problems);
    let mut columns: Vec<String> = TAKEN.map(String::from).to_vec();
    for at in &factors {
        factor(at, root, base.as_ref(), problems);
        if let Some(factor) = read::<Factor>(at) {
            column(at, factor.name(), &mut columns, problems);
        }
    }
    if let Some(base) = &base {
        one_each(&factors, base, problems);
    }
    design(root, &factors, problems);
    for at in root.items("output") {
        Output::check(&at, base.as_ref().map(|base| &base.scenario), problems);
        if at.node.get("difference").is_some_and(|node| node.shown() == "true") && !root.has("baseline") {
            at.problem(problems, "difference", "true", "only with a `baseline`");
        }
        if let Some(output) = read::<Output>(&at) {
            column(&at, &output.name(), &mut columns, problems);
        }
    }
    if let (Some(base), Some(_)) = (&base, root.get("baseline"))
        && let Some(why) = base.fault(&texts(root, "baseline"))
    {
        root.problem(problems, "baseline", format!("changes of which: {why}"), "changes that leave a valid scenario");
    }
}

/// The `--set` options that a file asks for at all points.
pub(super) fn options(set: &[String], users: Option<impl ToString>, until: Option<impl ToString>) -> Vec<String> {
    let users = users.map(|users| format!("population.users={}", users.to_string()));
    let until = until.map(|until| format!("end={}", until.to_string()));
    set.iter().cloned().chain(users).chain(until).collect()
}

/// The scenario that everything is tried on.
struct Base {
    path: PathBuf,
    options: Vec<String>,
    scenario: Scenario,
}

impl Base {
    fn read(root: &Cursor<'_>, folder: &Path, problems: &mut Problems) -> Option<Self> {
        let name = root.text("scenario")?;
        let path = folder.join(name);
        let options = options(&texts(root, "set"), root.number("users"), root.date("until"));
        match scenario::load(&path, &options) {
            Ok(scenario) => Some(Base { path, options, scenario }),
            Err(error) => {
                for line in error.to_string().lines() {
                    root.problem(problems, "scenario", format!("{name:?}, of which: {line}"), "a valid scenario");
                }
                None
            }
        }
    }

    /// Where a change goes, in the one spelling that all have.
    fn places(&self, change: &str) -> Vec<String> {
        let values = scenario::load_with_origins(&self.path, &[change.to_owned()]).map(|(_, values)| values).unwrap_or_default();
        values.into_iter().filter(|value| value.origin == scenario::Origin::Set).map(|value| value.path).collect()
    }

    /// Why the scenario with these changes cannot be used; `None` where it can.
    fn fault(&self, changes: &[String]) -> Option<String> {
        let all: Vec<String> = self.options.iter().chain(changes).cloned().collect();
        let error = scenario::load(&self.path, &all).err()?;
        error.to_string().lines().next().map(|line| line.split_once(": ").map_or(line, |(_, why)| why).to_owned())
    }
}

/// Two factors with one key, in two spellings (by name, by number, in quotes): the later would undo the earlier.
fn one_each(factors: &[Cursor<'_>], base: &Base, problems: &mut Problems) {
    let mut taken: BTreeMap<String, String> = BTreeMap::new();
    for at in factors {
        let Some(factor) = read::<Factor>(at) else { continue };
        let Some(value) = factor.values.first().or(factor.low.as_ref()) else { continue };
        for place in base.places(&format!("{}={value}", factor.key)) {
            match taken.get(&place) {
                Some(other) if *other != factor.key => {
                    let found = format!("{:?}, which is `{place}`, as {other:?} is", factor.key);
                    at.problem(problems, "key", found, "each key of the scenario once");
                    break;
                }
                _ => drop(taken.insert(place, factor.key.clone())),
            }
        }
    }
}

fn texts(at: &Cursor<'_>, key: &str) -> Vec<String> {
    at.items(key).iter().filter_map(|item| item.node.text()).map(str::to_owned).collect()
}

fn read<T: DeserializeOwned>(at: &Cursor<'_>) -> Option<T> {
    T::deserialize(at.node.to_json()).ok()
}

/// Every factor and output has a column of its own.
fn column(at: &Cursor<'_>, name: &str, columns: &mut Vec<String>, problems: &mut Problems) {
    if let Some(allowed) = fault_of_name(name) {
        at.problem(problems, "name", format!("{name:?}"), allowed);
    } else if columns.iter().any(|column| column == name) {
        at.problem(problems, "name", format!("{name:?} a second time"), "a name that no other column has");
    }
    columns.push(name.to_owned());
}

fn factor(at: &Cursor<'_>, root: &Cursor<'_>, base: Option<&Base>, problems: &mut Problems) {
    let list = root.text("design") == Some("list");
    let [low, high] = ["low", "high"].map(|key| at.has(key));
    match (at.has("values"), low || high) {
        (false, false) if list => {}
        (false, false) => at.problem(problems, "values", "nothing", "`values`, or `low` and `high`"),
        (true, true) => at.problem(problems, "values", "`values` and a range", "`values`, or `low` and `high`"),
        (false, true) if low != high => {
            let missing = if low { "high" } else { "low" };
            at.problem(problems, missing, "nothing", "both `low` and `high`");
        }
        _ => {}
    }
    if at.text("key").is_some_and(|key| key == "seed") {
        at.problem(problems, "key", "\"seed\"", "any other key; `replicates` give seeds");
        return;
    }
    let Some(factor) = read::<Factor>(at) else { return };
    if at.has("values") && factor.values.is_empty() {
        at.problem(problems, "values", "an empty list", "at least one value");
    }
    if let Some(again) = twice(&factor.values) {
        at.problem(problems, "values", format!("{again} a second time"), "values that differ");
    }
    range(at, &factor, problems);
    levels(at, root, &factor, problems);
    let Some(base) = base else { return };
    let tried = factor.values.iter().chain(&factor.low).chain(&factor.high);
    let fault = tried.map(|value| format!("{}={value}", factor.key)).find_map(|option| {
        let why = base.fault(std::slice::from_ref(&option))?;
        Some(format!("{option:?}, of which: {why}"))
    });
    if let Some(found) = fault {
        at.problem(problems, "key", found, "a key of the scenario that takes all the values");
    }
}

/// The first value that was there before, in whatever spelling: its points would be simulated twice.
fn twice(values: &[FactorValue]) -> Option<&FactorValue> {
    let mut seen = std::collections::BTreeSet::new();
    values.iter().find(|value| !seen.insert(value.plain()))
}

/// A grid finer than the whole numbers, days or digits between `low` and `high` would visit some of them twice.
fn levels(at: &Cursor<'_>, root: &Cursor<'_>, factor: &Factor, problems: &mut Problems) {
    let levels = root.number("levels").filter(|_| root.text("design") == Some("grid") && factor.values.is_empty());
    let (Some(levels), Some(low), Some(high)) = (levels, &factor.low, &factor.high) else { return };
    if let Some(again) = twice(&factor.grid(levels as u32)) {
        let found = format!("{low} to {high} in {levels} `levels`, of which {again} a second time");
        at.problem(problems, "high", found, "a range with as many values that differ");
    }
}

fn range(at: &Cursor<'_>, factor: &Factor, problems: &mut Problems) {
    let (Some(low), Some(high)) = (&factor.low, &factor.high) else {
        if factor.log || factor.whole {
            at.problem(problems, if factor.log { "log" } else { "whole" }, "true", "only beside `low` and `high`");
        }
        return;
    };
    match (low.number(), high.number()) {
        (Some(a), Some(b)) => {
            if a >= b {
                at.problem(problems, "high", high, format!("more than `low`, {low}"));
            }
            if factor.log && a <= 0.0 {
                at.problem(problems, "low", low, "more than 0 with `log`");
            }
            if factor.whole && [a, b].iter().any(|end| end.fract() != 0.0 || end.abs() > MAX_WHOLE) {
                let allowed = format!("whole `low` and `high`, from -{MAX_WHOLE} to {MAX_WHOLE}");
                at.problem(problems, "whole", format!("ends {low} and {high}"), allowed);
            }
        }
        _ => match (low, high) {
            (FactorValue::Date(a), FactorValue::Date(b)) if a >= b => {
                at.problem(problems, "high", high, format!("a day after `low`, {low}"))
            }
            (FactorValue::Date(_), FactorValue::Date(_)) if factor.log || factor.whole => {
                at.problem(problems, if factor.log { "log" } else { "whole" }, "true", "only with numbers");
            }
            (FactorValue::Date(_), FactorValue::Date(_)) => {}
            _ => at.problem(problems, "low", format!("{low} to {high}"), "two numbers or two days"),
        },
    }
}

fn design(root: &Cursor<'_>, factors: &[Cursor<'_>], problems: &mut Problems) {
    let Some(design) = root.text("design") else { return };
    let ranges = factors.iter().any(|factor| factor.has("low"));
    let (needed, possible): (&[&str], &[&str]) = match design {
        "grid" if ranges => (&["levels"], &["levels"]),
        "latin_hypercube" | "sobol" => (&["points"], &["points"]),
        "morris" => (&["trajectories"], &["trajectories", "levels"]),
        "list" => (&["file"], &["file"]),
        "threshold" => (&["search"], &["search"]),
        _ => (&[], &[]),
    };
    for key in ["points", "trajectories", "levels", "file", "search"] {
        match (root.has(key), needed.contains(&key), possible.contains(&key)) {
            (false, true, _) => root.problem(problems, key, "nothing", format!("`{key}`, which this design needs")),
            (true, _, false) => root.problem(problems, key, format!("it with `{design}`"), "only with a design that uses it"),
            _ => {}
        }
    }
    match design {
        "sobol" => {
            if let Some(points) = root.number("points").filter(|&n| n > f64::from(MAX_SOBOL) || !(n as u64).is_power_of_two()) {
                root.problem(problems, "points", points, format!("a power of two up to {MAX_SOBOL}"));
            }
            if factors.len() > MAX_SOBOL_FACTORS {
                root.problem(problems, "factor", format!("{} factors", factors.len()), format!("at most {MAX_SOBOL_FACTORS}"));
            }
        }
        "morris" => {
            if let Some(levels) = root.number("levels").filter(|n| n % 2.0 != 0.0) {
                root.problem(problems, "levels", levels, "an even number");
            }
        }
        "threshold" => threshold(root, factors, problems),
        "zip" => {
            let lengths: Vec<usize> = factors.iter().map(|factor| factor.items("values").len()).collect();
            if ranges {
                root.problem(problems, "design", "\"zip\" with ranges", "`values` of all factors");
            } else if lengths.windows(2).any(|pair| pair[0] != pair[1]) {
                root.problem(problems, "design", format!("\"zip\" of {lengths:?} values"), "as many values of each factor");
            }
        }
        _ => {}
    }
}

/// The first factor is searched, the others are not; what is compared is there.
fn threshold(root: &Cursor<'_>, factors: &[Cursor<'_>], problems: &mut Problems) {
    for (k, at) in factors.iter().enumerate() {
        match (k, at.has("low")) {
            (0, false) => at.problem(problems, "low", "nothing", "`low` and `high` of the first factor, which is searched"),
            (1.., true) => at.problem(problems, "low", "a range", "`values`: only the first factor is searched"),
            _ => {}
        }
    }
    let outputs: Vec<String> = root.items("output").iter().filter_map(|at| Some(read::<Output>(at)?.name())).collect();
    let Some(search) = root.get("search") else { return };
    let known: Vec<&str> = outputs.iter().map(String::as_str).collect();
    search.known(problems, "of", &known);
    search.known(problems, "over", &known);
    if search.has("over") == search.has("value") {
        let found = if search.has("over") { "`over` and `value`" } else { "nothing" };
        search.problem(problems, "over", found, "`over`, the name of an output, or `value`");
    }
}
