//! `exodus run` at the keyboard.

mod common;

use assert_cmd::Command;
use common::{load, root};
use exodus::engine::Simulation;
use exodus::observe::{Aggregate, Cells, Observation};
use exodus::storage::Curves;
use std::path::Path;

fn exodus(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("the command");
    command.current_dir(folder);
    command
}

fn everything() -> std::path::PathBuf {
    root().join("tests/scenarios/everything.toml")
}

#[test]
fn a_run_leaves_a_folder_that_reproduces_it() {
    let folder = tempfile::tempdir().expect("a folder");
    exodus(folder.path())
        .arg("run")
        .arg(everything())
        .args(["--users", "3000", "--out", "first", "--threads", "1", "--quiet"])
        .assert()
        .success();
    let first = folder.path().join("first");
    let said = exodus(folder.path()).args(["run", "first/scenario.toml", "--threads", "2", "--json"]).assert().success();
    let manifest: serde_json::Value = serde_json::from_slice(&said.get_output().stdout).expect("JSON");
    let before: serde_json::Value =
        serde_json::from_slice(&std::fs::read(first.join("manifest.json")).expect("a manifest")).expect("JSON");
    for key in ["state_hash", "state_hashes", "scenario_hash", "users", "ties", "ticks", "seed", "panel_error", "sampling_error"]
    {
        assert_eq!(manifest[key], before[key], "{key}");
    }
    assert_eq!(before["status"], "finished");
    assert_eq!(before["ticks"], 120);
    // All users are observed, but they are 3,000 of a million: as a proportion of a simple random sample.
    let curves = Curves::read(&first).expect("curves");
    for messenger in curves.messengers() {
        let reach = *curves.series("monthly_reach", messenger).expect("a column").last().expect("a day");
        let p = reach / 1e6;
        let right = 1e6 * (p * (1.0 - p) / 3000.0 * (1e6 - 3000.0) / (1e6 - 1.0)).sqrt();
        let error = |of: &str| before[of]["monthly_reach"][messenger].as_f64().expect("a number");
        assert!((error("sampling_error") - right).abs() < 0.1, "{messenger}: {} {right}", error("sampling_error"));
        assert_eq!(error("panel_error"), 0.0, "{messenger}");
    }
    // The second went to results/<name>/<time>-<hash of scenario, seed, users>.
    let runs: Vec<_> = std::fs::read_dir(folder.path().join("results/everything")).expect("a folder").collect();
    assert_eq!(runs.len(), 1);
    for output in before["outputs"].as_array().expect("a list") {
        let path = first.join(output["path"].as_str().expect("a path"));
        assert_eq!(std::fs::metadata(path).expect("a file").len(), output["bytes"].as_u64().expect("bytes"));
    }
    assert!(
        !std::fs::read_dir(&first).expect("a folder").any(|f| f
            .expect("a file")
            .path()
            .extension()
            .is_some_and(|e| e == "part" || e == "tmp"))
    );
}

#[test]
fn nothing_is_overwritten_unless_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = |force: bool| {
        let mut command = exodus(folder.path());
        command.arg("run").arg(everything()).args(["--users", "500", "--until", "2025-01-10", "--out", "here", "--quiet"]);
        if force {
            command.arg("--force");
        }
        command.assert()
    };
    run(false).success();
    let before = std::fs::read(folder.path().join("here/series.csv")).expect("a table");
    let refused = run(false).code(2);
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("--force"));
    std::fs::write(folder.path().join("here/notes.txt"), "mine").expect("written");
    run(true).success();
    assert_eq!(std::fs::read(folder.path().join("here/series.csv")).expect("a table"), before);
    assert!(folder.path().join("here/notes.txt").exists(), "only what a run leaves is removed");
    // A folder that is no run is left alone.
    std::fs::create_dir(folder.path().join("other")).expect("a folder");
    std::fs::write(folder.path().join("other/thesis.tex"), "years of work").expect("written");
    exodus(folder.path()).arg("run").arg(everything()).args(["--out", "other", "--force", "--quiet"]).assert().code(2);
    assert!(folder.path().join("other/thesis.tex").exists());
}

#[test]
fn what_cannot_be_is_told_and_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let fails = |args: &[&str], code: i32, says: &str| {
        let failed = exodus(folder.path()).arg("run").args(args).assert().code(code);
        let message = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
        assert!(message.contains(says) && !message.contains("panicked"), "{message}");
    };
    let scenario = everything();
    let scenario = scenario.to_str().expect("a path");
    fails(&["missing.toml"], 1, "missing.toml");
    fails(&[scenario, "--users", "many"], 2, "many");
    fails(&[scenario, "--until", "2024-01-01"], 2, "--until");
    fails(&[scenario, "--set", "messenger.Gren.appeal=1"], 2, "did you mean");
    fails(&[scenario, "--users", "4000000000"], 1, "users would fit");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0, "nothing is created");
}

#[test]
fn tables_add_up() {
    let folder = tempfile::tempdir().expect("a folder");
    exodus(folder.path()).arg("run").arg(everything()).args(["--users", "4000", "--out", "r", "--quiet"]).assert().success();
    let mut series = csv::Reader::from_path(folder.path().join("r/series.csv")).expect("a table");
    let mut holders = std::collections::BTreeMap::new();
    let mut rows = 0;
    for row in series.records().map(|r| r.expect("a row")) {
        let number = |k: usize| row[k].parse::<f64>().unwrap_or(0.0);
        let (held, reach, used, monthly, installs, drops) = (number(2), number(3), number(4), number(5), number(9), number(10));
        if let Some(before) = holders.insert(row[1].to_owned(), held) {
            assert!((before + installs - drops - held).abs() < 0.5, "{row:?}");
        }
        assert!(used <= reach + 0.2 && reach <= held + 0.2 && monthly <= 1_000_000.0, "{row:?}");
        rows += 1;
    }
    assert_eq!(rows, 120 * 4);
    let population = std::fs::read_to_string(folder.path().join("r/population.csv")).expect("a table");
    assert_eq!(population.lines().count(), 121);
    let events = std::fs::read_to_string(folder.path().join("r/events.csv")).expect("a table");
    assert!(events.contains("2025-03-05,begins,full block") && events.contains("2025-02-28,ends,"), "{events}");
}

/// Activity by age moves how often an app is opened, in that age band alone, and nothing that users do.
#[test]
fn the_active_open_more_often() {
    let [as_it_is, active] = ["[1.0, 1.0, 1.0]", "[1.0, 3.0, 1.0]"].map(|factors| {
        let factors = format!("model.opening.activity_by_age={factors}");
        let scenario = load(&everything(), &["population.users=3000", "end=2025-01-10", &factors]);
        let mut simulation = Simulation::new(scenario).expect("a simulation");
        let mut observation = Observation::new(&simulation).expect("an observation");
        while !simulation.finished() {
            simulation.step().expect("a step");
            observation.observe(&simulation).expect("a look");
        }
        let cells = Cells::new(simulation.scenario());
        let reach = [0, 1, 2].map(|age| {
            let of = Aggregate::cells(observation.tally(), simulation.scenario(), |cell| cells.age(cell) == age);
            of.series()[0].daily_reach
        });
        (simulation.state().hash(), reach)
    });
    assert_eq!(as_it_is.0, active.0);
    assert_eq!([as_it_is.1[0], as_it_is.1[2]], [active.1[0], active.1[2]]);
    assert!(active.1[1] > 1.1 * as_it_is.1[1], "{as_it_is:?} {active:?}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_cleanly() {
    use std::process::{Command, Stdio};
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("exodus"))
        .current_dir(folder.path())
        .args(["run", root().join("scenarios/russia.toml").to_str().expect("a path"), "--users", "50000", "--out", "r"])
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("started");
    let series = folder.path().join("r/series.part");
    while !series.exists() && child.try_wait().expect("a status").is_none() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert_eq!(child.wait().expect("a status").code(), Some(130));
    let manifest = std::fs::read_to_string(folder.path().join("r/manifest.json")).expect("a manifest");
    assert!(manifest.contains("\"status\": \"stopped\""));
    assert!(folder.path().join("r/checkpoint.exo").exists() && !folder.path().join("r/series.csv").exists());
}

/// Section 7 of the model: with no policy, reach stays where it is.
#[test]
fn day_0_is_stationary() {
    let scenario = load(&root().join("scenarios/no-intervention.toml"), &["population.users=100000", "end=2025-05-31"]);
    let mut simulation = Simulation::new(scenario).expect("a simulation");
    let mut observation = Observation::new(&simulation).expect("an observation");
    let mut months: Vec<Vec<f64>> = Vec::new();
    while !simulation.finished() {
        simulation.step().expect("a step");
        let tally = observation.observe(&simulation).expect("a look");
        if simulation.day() % 30 == 29 {
            months.push(Aggregate::all(tally, simulation.scenario()).series().iter().map(|row| row.monthly_reach).collect());
        }
    }
    for name in ["WhatsApp", "Telegram", "VK Messenger", "Viber"] {
        let m = simulation.scenario().messenger_index(name).expect("a messenger");
        let (first, last) = (months[0][m], months[months.len() - 1][m]);
        let a_month = libm::log(last / first) / (months.len() - 1) as f64;
        assert!(a_month.abs() < 0.003, "{name}: {:+.2} % a month", 100.0 * a_month);
    }
    // December 2024, million: WhatsApp 96.8, Telegram 88.1 (Mediascope).
    for (name, target) in [("WhatsApp", 96.8), ("Telegram", 88.1)] {
        let m = simulation.scenario().messenger_index(name).expect("a messenger");
        assert!((months[0][m] / 1e6 / target - 1.0).abs() < 0.01, "{name}: {}", months[0][m]);
    }
}

#[test]
fn curves_of_a_folder_are_those_of_the_simulation() {
    let folder = tempfile::tempdir().expect("a folder");
    exodus(folder.path()).arg("run").arg(everything()).args(["--users", "2000", "--out", "run", "--quiet"]).assert().success();
    let read = Curves::read(&folder.path().join("run")).expect("curves");
    let scenario = load(&everything(), &["population.users=2000"]);
    let own = exodus::measure::curves(Simulation::new(scenario).expect("a simulation")).expect("curves");
    assert_eq!(read.dates(), own.dates());
    assert_eq!(read.messengers(), own.messengers());
    let same = |a: Vec<f64>, b: Vec<f64>, tolerance: f64| {
        assert_eq!(a.len(), own.dates().len());
        let far = a.iter().zip(&b).position(|(a, b)| (a - b).abs() > tolerance || a.is_nan() != b.is_nan());
        assert_eq!(far, None, "{a:?} {b:?}");
    };
    for messenger in own.messengers() {
        let column = |curves: &Curves, name| curves.series(name, messenger).expect("a column");
        same(column(&read, "monthly_reach"), column(&own, "monthly_reach"), 0.051);
        same(column(&read, "vpn_use_share"), column(&own, "vpn_use_share"), 0.51e-6);
        same(column(&read, "drops"), column(&own, "drops"), 0.051);
    }
    for (name, tolerance) in [("vpn_share", 0.51e-6), ("hhi", 0.51e-6), ("reviews", 0.0), ("changes", 0.0)] {
        same(read.population(name).expect("a column"), own.population(name).expect("a column"), tolerance);
    }
    assert_eq!(own.series("no_such", "Green"), None);
}
