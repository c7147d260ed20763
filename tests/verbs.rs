//! What all commands have in common, and what they say to someone new.

mod common;

use assert_cmd::Command;
use common::{reach_over_days, root};
use exodus::storage::Manifest;
use std::path::Path;

fn exodus(args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("built");
    command.args(args);
    command
}

fn stdout(args: &[&str]) -> String {
    String::from_utf8(exodus(args).assert().success().get_output().stdout.clone()).expect("text")
}

const SMALL: [&str; 6] = ["--users", "300", "--set", "observe.audience_panel=50", "--set", "observe.tie_panel=20"];

fn everything() -> String {
    root().join("tests/scenarios/everything.toml").display().to_string()
}

#[test]
fn without_arguments_five_commands_are_shown() {
    let text = stdout(&[]);
    assert_eq!(text.lines().filter(|line| line.starts_with("  exodus ")).count(), 5, "{text}");
}

#[test]
fn verbs_that_end_with_results_take_the_same_flags() {
    for (verb, flags) in [
        ("run", "--json --quiet --no-report --force --dry-run"),
        ("fork", "--json --quiet --no-report --force --dry-run --replicates"),
        ("resume", "--json --quiet --no-report"),
        ("compare", "--json --quiet --no-report --force --dry-run"),
        ("sweep", "--json --quiet --no-report --force --dry-run --set --users --seed"),
        ("sweep merge", "--json --quiet --no-report"),
        ("calibrate", "--json --quiet --no-report --force --dry-run --users --leave-out"),
        ("sensitivity", "--json --quiet --no-report"),
        ("validate", "--json --quiet --force --dry-run"),
        ("score", "--json --quiet --no-report --force --dry-run --users"),
        ("recover", "--json --quiet --no-report --force --dry-run --users --draws"),
        ("resilience", "--json --quiet --no-report --force --dry-run --set --users --seed"),
        ("report", "--json --quiet"),
        ("verify", "--json --quiet"),
        ("snapshot export", "--json --quiet --force"),
        ("snapshot verify", "--json --quiet"),
        ("graph build", "--json --quiet --force"),
        ("graph import", "--json --quiet --force"),
        ("graph export", "--json --quiet --force"),
    ] {
        let words: Vec<&str> = verb.split(' ').chain(["--help"]).collect();
        let help = stdout(&words);
        for flag in flags.split(' ') {
            assert!(help.contains(flag), "exodus {verb} has no {flag}");
        }
    }
}

/// State hashes of the replicates in a folder.
fn hashes(folder: &Path, replicates: u32) -> Vec<String> {
    let run = |k| Manifest::finished(&folder.join(format!("replicate-{k:03}"))).expect("a run").state_hash;
    (0..replicates).map(run).collect()
}

#[test]
fn replicates_branch_from_one_snapshot_and_are_compared_in_pairs() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (scenario, run) = (everything(), at("run"));
    let mut args = vec!["run", &scenario, "--out", &run, "--quiet", "--no-report", "--snapshot-on", "2025-02-10"];
    args.extend(SMALL);
    stdout(&args);
    let snapshot = at("run/snapshots/2025-02-10.exo");
    let fork = |out: &str, more: &[&str]| {
        let mut args = vec!["fork", &snapshot, "--until", "2025-03-20", "--quiet", "--no-report", "--out", out];
        args.extend(more);
        stdout(&args);
    };
    let [plain, as_is, other] = ["plain", "as-is", "other"].map(at);
    fork(&plain, &[]);
    fork(&as_is, &["--replicates", "3"]);
    fork(&other, &["--replicates", "3", "--set", "model.review_rate=0.2"]);
    let three = hashes(folder.path().join("as-is").as_path(), 3);
    // The first replicate draws what a fork alone draws; each other one draws a future of its own.
    assert_eq!(three[0], Manifest::finished(&folder.path().join("plain")).expect("a run").state_hash);
    assert!(three[0] != three[1] && three[1] != three[2] && three[0] != three[2], "{three:?}");
    // Their table begins on their first day, as does that of one fork.
    for replicates in ["1", "2"] {
        let out = at(&format!("shown-{replicates}"));
        let end = ["--until", "2025-03-20", "--no-report", "--replicates", replicates, "--out", &out];
        let text = stdout(&[&["fork", &snapshot][..], &end].concat());
        let days: Vec<&str> = text.lines().filter(|line| line.starts_with("2025-")).collect();
        assert!(days[0].starts_with("2025-02-11 ") && days[0].ends_with("first day"), "{text}");
        assert!(days.last().is_some_and(|day| day.starts_with("2025-03-20 ") && day.ends_with("end")), "{text}");
    }
    // A branch given by hand is that of the replicate.
    let second = at("second");
    fork(&second, &["--set", "branch=1"]);
    assert_eq!(three[1], Manifest::finished(&folder.path().join("second")).expect("a run").state_hash);
    // All begin with the people and ties of the snapshot.
    let manifests = (0..3).map(|k| Manifest::finished(&folder.path().join(format!("other/replicate-{k:03}"))).expect("a run"));
    let of = |m: Manifest| (m.seed, m.ties, m.parent.expect("a parent").state_hash);
    let mut parents: Vec<_> = manifests.map(of).collect();
    parents.dedup();
    assert_eq!(parents.len(), 1, "{parents:?}");
    // Of two others the intervals are wider: they hold together.
    let (third, out) = (at("third"), at("comparison-of-three"));
    fork(&third, &["--replicates", "3", "--set", "model.review_rate=0.1"]);
    let json = stdout(&["compare", &as_is, &other, &third, "--json", "--no-report", "--out", &out]);
    let told: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let measures = told[1]["measures"].as_array().expect("measures");
    let width = |m: &serde_json::Value, low: &str, high: &str| Some(m[high].as_f64()? - m[low].as_f64()?);
    let both = measures.iter().filter_map(|m| Some((width(m, "low", "high")?, width(m, "low_adjusted", "high_adjusted")?)));
    let wide: Vec<(f64, f64)> = both.filter(|(plain, _)| *plain > 0.0).collect();
    // t(1 - 0.0125, 2) / t(0.975, 2) = 6.2053 / 4.3027
    assert!(!wide.is_empty() && wide.iter().all(|(plain, adjusted)| (adjusted / plain - 1.4422).abs() < 1e-3));
    let text = stdout(&["compare", &as_is, &other, &third, "--no-report", "--out", &at("again")]);
    assert!(text.contains("adjusted for 2 comparisons"), "{text}");
    let out = at("comparison");
    let json = stdout(&["compare", &as_is, &other, "--json", "--no-report", "--out", &out]);
    let told: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(told[0]["pairs"], 3);
    let measures = told[0]["measures"].as_array().expect("measures");
    assert!(measures.iter().any(|m| m["low"].as_f64() < m["high"].as_f64()), "an interval has a width");
}

/// What would be done is said, and nothing is done.
#[test]
fn dry_runs_leave_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (scenario, run, other) = (everything(), at("run"), at("other"));
    for (out, more) in [(&run, "model.review_rate=0.1"), (&other, "model.review_rate=0.2")] {
        let mut args =
            vec!["run", &scenario, "--out", out, "--quiet", "--no-report", "--snapshot-on", "2025-02-10", "--set", more];
        args.extend(SMALL);
        stdout(&args);
    }
    let snapshot = at("run/snapshots/2025-02-10.exo");
    let text = stdout(&["fork", &snapshot, "--until", "2025-03-20", "--dry-run", "--out", &at("fork")]);
    assert!(text.contains("2025-02-11 to 2025-03-20, 1 run\n"), "{text}");
    let refused = exodus(&["fork", &snapshot, "--set", "population.people=5000000", "--dry-run"]).assert().code(2);
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("a fork may change"));
    let text = stdout(&["compare", &run, &other, "--dry-run", "--out", &at("comparison")]);
    assert!(text.contains("1 pair of the same seed; the scenarios differ in 1 key\n"), "{text}");
    assert!(!folder.path().join("fork").exists() && !folder.path().join("comparison").exists());
    // What is as it should be needs no word; what is not is said in JSON too.
    assert_eq!(stdout(&["verify", &run, "--quiet"]), "");
    assert_eq!(stdout(&["snapshot", "verify", &snapshot, "--quiet"]), "");
    std::fs::write(folder.path().join("run/series.csv"), "spoilt").expect("written");
    let out = exodus(&["verify", &run, "--json"]).assert().code(1).get_output().stdout.clone();
    let told: serde_json::Value = serde_json::from_slice(&out).expect("JSON");
    assert_eq!(told["differences"].as_array().map(Vec::len), Some(1), "{told}");
}

#[test]
fn a_sweep_takes_changes_from_the_command_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sweep.toml");
    let text = format!(
        "name = \"s\"\nscenario = {:?}\ndesign = \"grid\"\n[[factor]]\nkey = \"model.review_rate\"\nvalues = [0.1, 0.2]\n{}",
        everything(),
        reach_over_days()
    );
    std::fs::write(&file, text).expect("written");
    let (file, out) = (file.display().to_string(), folder.path().join("out"));
    let place = out.display().to_string();
    let mut args = vec!["sweep", &file, "--out", &place, "--quiet", "--no-report", "--seed", "7"];
    args.extend(SMALL);
    stdout(&args);
    let scenario = exodus::scenario::load_written(&out.join("scenario.toml"), &[]).expect("a scenario");
    assert_eq!((scenario.population.users, scenario.seed, scenario.observe.tie_panel), (300, 7, 20));
}

#[test]
fn a_scenario_without_patterns_is_named_in_one_line() {
    let out = exodus(&["validate", &everything()]).assert().code(2).get_output().stderr.clone();
    let message = String::from_utf8(out).expect("text");
    assert_eq!(message.lines().count(), 1, "{message}");
    assert!(message.contains("patterns"), "{message}");
}

#[test]
fn a_file_of_another_kind_is_named_in_one_line() {
    let own = |path: &str| root().join(path).display().to_string();
    let files = [
        ("a scenario", everything()),
        ("a sweep file", own("sweeps/state-leads.toml")),
        ("a calibration file", own("calibrations/russia.toml")),
        ("a file of patterns", own("scenarios/patterns/russia.toml")),
    ];
    let verbs = [
        ("run", "a scenario"),
        ("check", "a scenario"),
        ("sweep", "a sweep file"),
        ("calibrate", "a calibration file"),
        ("score", "a calibration file"),
        ("recover", "a calibration file"),
    ];
    for ((verb, allowed), (found, file)) in verbs.into_iter().flat_map(|verb| files.iter().map(move |file| (verb, file))) {
        if *found == allowed {
            continue;
        }
        let (args, said) = ([verb, file.as_str()], format!("found {found}; allowed {allowed}"));
        let out = exodus(&args).assert().code(2).get_output().stderr.clone();
        let message = String::from_utf8(out).expect("text");
        assert!(message.lines().count() == 1 && message.contains(&said), "{args:?}: {message}");
    }
}
