//! `exodus validate`: figures are those of the runs, verdicts follow from them, bad files are reported with all their problems.

mod common;

use assert_cmd::Command;
use common::{load, root};
use exodus::engine::Simulation;
use exodus::experiment::replicate_seed;
use exodus::experiment::validate::{Outputs, PatternFile, Plan, Validation};
use exodus::measure::{Output, curves};
use exodus::scenario::Date;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// Two worlds, small ones.
const WORLDS: &str = r#"
users = 400
replicates = 3

[[world]]
scenario = "everything.toml"
output = [
    { name = "Green, end of March", series = "monthly_reach", messenger = "Green", at = 2025-03-31 },
    { name = "Blue, end of March", series = "monthly_reach", messenger = "Blue", at = 2025-03-31 },
    { name = "Blue, young", series = "monthly_reach", messenger = "Blue", ages = ["young"], at = 2025-03-31 },
    { name = "Blue, others", series = "monthly_reach", messenger = "Blue", ages = ["middle", "old"], at = 2025-03-31 },
    { name = "mean held", population = "mean_installed", at = 2025-03-31 },
    { name = "1", installed_at_least = 1, at = 2025-03-31 },
    { name = "2", installed_at_least = 2, at = 2025-03-31 },
    { name = "3", installed_at_least = 3, at = 2025-03-31 },
    { name = "4", installed_at_least = 4, at = 2025-03-31 },
]

[[world]]
scenario = "everything.toml"
set = ["intervention.full block.severity=0"]
output = [{ name = "Green, not blocked", series = "monthly_reach", messenger = "Green", at = 2025-04-30 }]
"#;

const PATTERNS: &str = r#"
[[pattern]]
number = 1
text = "of figures that follow from each other"
source = "arithmetic"

[[pattern.check]]
name = "ages add up"
plus = ["Blue, young", "Blue, others"]
over = ["Blue, end of March"]
low = 0.999999999
high = 1.000000001

[[pattern.check]]
name = "so do holders of one and more"
plus = ["1", "2", "3", "4"]
minus = ["mean held"]
low = -1e-9
high = 1e-9

[[pattern.check]]
name = "Green by Blue"
plus = ["Green, end of March"]
over = ["Blue, end of March"]
per = 0.01
unit = "%"
published = 100

[[pattern]]
number = 7
text = "of what is not so"
note = "on purpose"

[[pattern.check]]
name = "hardly anybody opens what is not blocked"
plus = ["Green, not blocked"]
per = 1_000_000
unit = "million"
high = 0.1
"#;

/// Writes the file and its scenario.
fn prepare(folder: &Path, text: &str) -> PathBuf {
    fs::copy(root().join("tests/scenarios/everything.toml"), folder.join("everything.toml")).expect("copied");
    let path = folder.join("patterns.toml");
    fs::write(&path, text).expect("written");
    path
}

fn exodus(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("the command");
    command.arg("validate").args(args).current_dir(folder);
    command
}

#[test]
fn figures_are_those_of_the_runs_and_verdicts_follow() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    prepare(folder, &[WORLDS, PATTERNS].concat());
    let told = |threads| {
        let said = exodus(folder, &["patterns.toml", "--json", "--threads", threads, "--out", threads]).assert().success();
        String::from_utf8(said.get_output().stdout.clone()).expect("text")
    };
    let text = told("1");
    assert_eq!(text, told("2"), "threads have no influence");
    let json: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&json["passed"], &json["replicates"]), (&1.into(), &3.into()));
    let [right, wrong] = [&json["patterns"][0], &json["patterns"][1]];
    assert_eq!((&right["passes"], &right["number"]), (&true.into(), &1.into()));
    assert_eq!((&wrong["passes"], &wrong["number"], &wrong["note"]), (&false.into(), &7.into(), &"on purpose".into()));
    // A figure without a tolerance is reported, and not judged.
    let ratio = &right["checks"][2];
    assert!(ratio["passes"].is_null() && ratio["published"] == 100.0, "{ratio}");
    // It is that of the runs of the same seeds.
    for replicate in 0..3u32 {
        let mut scenario = load(&folder.join("everything.toml"), &["population.users=400", "end=2025-03-31"]);
        scenario.seed = replicate_seed(scenario.seed, replicate);
        let curves = curves(Simulation::new(scenario).expect("a simulation")).expect("curves");
        let [green, blue] =
            ["Green", "Blue"].map(|m| *curves.series("monthly_reach", m).expect("a column").last().expect("days"));
        let figure = ratio["figures"][replicate as usize].as_f64().expect("a number");
        assert!((figure - 100.0 * green / blue).abs() < 1e-9, "{replicate}: {figure} for {green} by {blue}");
    }

    let table = fs::read_to_string(folder.join("1/checks.csv")).expect("a table");
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(rows.len(), 5, "{table}");
    assert!(rows[1].starts_with("1,ages add up,,") && rows[1].ends_with(",3,pass"), "{table}");
    assert!(rows[3].ends_with(",3,") && rows[4].ends_with(",3,fail"), "{table}");
    let table = fs::read_to_string(folder.join("1/patterns.csv")).expect("a table");
    assert_eq!(
        table,
        "pattern,text,checks,passed,verdict\n1,of figures that follow from each other,2,2,pass\n7,of what is not so,1,0,fail\n"
    );
}

#[test]
fn a_scenario_leads_to_its_patterns() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    fs::create_dir(folder.join("patterns")).expect("a folder");
    let text = [WORLDS, PATTERNS].concat().replace("\"everything.toml\"", "\"../everything.toml\"");
    prepare(folder, "");
    fs::write(folder.join("patterns/everything.toml"), text).expect("written");
    let said = exodus(folder, &["everything.toml", "--users", "100", "--replicates", "1"]).assert().success();
    let said = String::from_utf8_lossy(&said.get_output().stdout).into_owned();
    for part in
        ["pass  1: of figures", "FAIL  7: of what is not so", "(on purpose)", "1 of 2 patterns are reproduced; 100 users, 1 seed"]
    {
        assert!(said.contains(part), "{part:?} is not in\n{said}");
    }
    // Neither patterns nor a scenario that has some.
    exodus(&root().join("tests/scenarios"), &["everything.toml"]).assert().code(2);
    exodus(folder, &["none.toml"]).assert().code(1);
    exodus(folder, &["everything.toml", "--users", "0"]).assert().code(2);
}

/// Outputs a to e of two replicates.
fn judged(checks: &str) -> Validation {
    let text = format!(
        "[[world]]\nscenario = \"x.toml\"\noutput = []\n[[pattern]]\nnumber = 1\ntext = \"\"\n{}",
        checks.replace("check ", "[[pattern.check]]\nname = \"\"\n").replace("; ", "\n")
    );
    let file: PatternFile = toml::from_str(&text).expect("patterns");
    assert_eq!(file.replicates, 10, "the default");
    let outputs = [[8.0, 2.0, 0.0, f64::NAN], [12.0, 2.0, 0.0, 1.0]];
    let outputs = outputs.map(|x| ["a", "b", "zero", "gap"].map(String::from).into_iter().zip(x).collect::<Outputs>());
    Validation::of(&file, &outputs)
}

#[test]
fn verdicts_are_those_of_means_within_tolerances() {
    let figures = |checks: &str| judged(checks).patterns[0][0].figures.clone();
    assert_eq!(figures("check plus = [\"a\"]; low = 0"), [8.0, 12.0]);
    assert_eq!(figures("check plus = [\"a\", \"b\"]; minus = [\"b\", \"b\"]; over = [\"b\"]; per = 0.5; low = 0"), [6.0, 10.0]);
    let verdict = |check: &str| judged(check).patterns[0][0].passes;
    for (tolerance, passes) in [
        ("low = 10; high = 10", Some(true)),
        ("low = 10.1", Some(false)),
        ("high = 9.9", Some(false)),
        ("low = 9.9", Some(true)),
        ("high = 10.1", Some(true)),
        ("published = 10", None),
    ] {
        assert_eq!(verdict(&format!("check plus = [\"a\"]; {tolerance}")), passes, "{tolerance}");
    }
    // What has no figure in one replicate fails: something by nothing, or a day that is not there.
    for plus_over in ["plus = [\"a\"]; over = [\"zero\"]", "plus = [\"gap\"]"] {
        let judged = judged(&format!("check {plus_over}; low = -1e300"));
        assert_eq!(judged.patterns[0][0].passes, Some(false), "{plus_over}");
        assert!(judged.patterns[0][0].moments().mean().is_nan());
    }
    // A pattern is reproduced where no check fails.
    let [good, bad, told] = ["check plus = [\"a\"]; low = 1; ", "check plus = [\"a\"]; high = 1; ", "check plus = [\"a\"]; "];
    for (checks, passed) in [([good, good], 1), ([good, bad], 0), ([good, told], 1)] {
        assert_eq!(judged(&checks.concat()).passed(), passed, "{checks:?}");
    }
}

#[test]
fn outputs_are_figures_of_a_series() {
    let start = Date::new(2025, 1, 1).expect("a day");
    let dates: Vec<Date> = (0..5).map(|day| start.plus(day)).collect();
    let series = [1.0, f64::NAN, 5.0, 2.0, 2.0];
    let of = |keys: &str| {
        let output: Output =
            toml::from_str(&format!("population = \"vpn_share\"\n{}", keys.replace("; ", "\n"))).expect("an output");
        output.of(&dates, &series)
    };
    for (keys, figure) in [
        ("at = 2025-01-03", 5.0),
        ("take = \"mean\"", 2.5),
        ("take = \"peak\"", 5.0),
        ("take = \"integral\"; from = 2025-01-03; until = 2025-01-04", 7.0),
        ("time_to = 4.0", 2.0),
    ] {
        assert_eq!(of(keys), figure, "{keys}");
    }
    for keys in ["at = 2025-01-02", "at = 2026-01-01", "take = \"mean\"; from = 2026-01-01"] {
        assert!(of(keys).is_nan(), "{keys}");
    }
}

#[test]
fn bad_files_are_told_with_all_their_problems() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let refused = |text: &str| {
        let error = Plan::read(&prepare(folder, text), None, None).expect_err("a bad file");
        assert!(error.is_invalid(), "{error}");
        error.to_string()
    };
    let bad = [WORLDS, PATTERNS]
        .concat()
        .replace("replicates = 3", "replicate = 3")
        .replace("messenger = \"Green\", at = 2025-03-31", "messenger = \"Grean\", at = 2025-03-31")
        .replace("ages = [\"young\"]", "ages = [\"yuong\"]")
        .replace("{ name = \"1\",", "{ name = \"2\",")
        .replace("{ name = \"3\", installed_at_least = 3", "{ name = \"3\", ages = [\"old\"], installed_at_least = 3")
        .replace("{ name = \"4\", ", "{ ")
        .replace("at = 2025-04-30", "at = 2026-04-30, difference = true")
        .replace("high = 1e-9", "high = -1e-8")
        .replace("over = [\"Blue, end of March\"]\nper = 0.01", "over = [\"Blue, end of Mrach\"]\nper = 0")
        .replace("number = 7", "number = 1")
        .replace("\nhigh = 0.1", "");
    let error = refused(&bad);
    for part in [
        "patterns.toml:3: replicate: found an unknown key",
        "patterns.toml:8: world.0.output.Green, end of March.messenger: found \"Grean\"",
        "did you mean `Green`?",
        "patterns.toml:10: world.0.output.Blue, young.ages: found \"yuong\"",
        "patterns.toml:14: world.0.output.2.name: found \"2\" a second time",
        "patterns.toml:15: world.0.output.3.ages: found it beside `installed_at_least`",
        "patterns.toml:16: world.0.output.8.name: found nothing; allowed a name, which checks use",
        "world.1.output.Green, not blocked.at: found 2026-04-30; allowed a day of the run",
        "world.1.output.Green, not blocked.difference: found it; allowed only in sweeps",
        "pattern.0.check.so do holders of one and more.high: found -0.00000001; allowed at least `low`, -0.000000001",
        "pattern.0.check.Green by Blue.over: found \"Blue, end of Mrach\"",
        "pattern.0.check.Green by Blue.per: found 0; allowed any other number",
        "pattern.1.number: found 1 a second time",
        "pattern.1.check: found none with a tolerance",
    ] {
        assert!(error.contains(part), "{part:?} is not in\n{error}");
    }
    let command = exodus(folder, &["patterns.toml"]).assert().code(2);
    assert_eq!(String::from_utf8_lossy(&command.get_output().stderr).lines().count(), error.lines().count());
    assert!(refused(&WORLDS.replace("everything.toml", "nothing.toml")).contains("nothing.toml: reading failed"));
    let empty = refused("world = []\npattern = [{ number = 1, text = \"\", check = [] }]");
    for part in ["world: found an empty list", "pattern.0.check: found an empty list"] {
        assert!(empty.contains(part), "{part:?} is not in\n{empty}");
    }
}

#[test]
fn the_patterns_of_russia_are_twelve_and_from_before_2026() {
    let plan = Plan::read(&root().join("scenarios/patterns/russia.toml"), None, None).unwrap_or_else(|e| panic!("{e}"));
    let numbers: Vec<u32> = plan.file.patterns.iter().map(|pattern| pattern.number).collect();
    assert_eq!(numbers, (1..=12).collect::<Vec<_>>());
    let last = Date::new(2025, 12, 31).expect("a day");
    assert!(plan.worlds.iter().all(|world| world.end <= last));
    // What was published is within what is allowed.
    for check in plan.file.patterns.iter().flat_map(|pattern| &pattern.checks) {
        assert!(check.published.is_none_or(|published| check.allows(published) != Some(false)), "{}", check.name);
    }
}
