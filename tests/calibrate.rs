//! Calibration: known numbers are found again, what the targets do not tell is named, a kill costs nothing.

mod common;

use assert_cmd::cargo::cargo_bin;
use common::{load, root};
use exodus::engine::Simulation;
use exodus::experiment::calibrate::{Fit, Plan, Watch, calibrate};
use exodus::measure::curves;
use exodus::scenario;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The Bass curve on a small graph, with targets that the model itself made at other numbers than the search starts from;
/// the weight of taste has no influence under this rule.
const BASS: &str = r#"
scenario = "bass.toml"
targets = "targets.csv"
users = 500
replicates = 2
seed = 5

[[flag]]
name = "M"
weight = 1.0

[[flag]]
name = "I"
weight = 0.1

[[series]]
name = "holders"
messenger = "Novelty"
column = "holders"
noise = 0.03
floor = 0.0002
tolerance = 0.1

[[series]]
name = "installs"
messenger = "Novelty"
column = "installs"
take = "mean"
noise = 0.1
floor = 0.00002

[[parameter]]
name = "spontaneous"
meaning = "p (1/day)"
sets = [{ key = "model.hazard.spontaneous" }]
start = 0.002
low = 0.0005
high = 0.02
log = true

[[parameter]]
name = "peer"
meaning = "q (1/day)"
sets = [{ key = "model.hazard.peer" }]
start = 0.04
low = 0.0
high = 0.2

[[parameter]]
name = "taste"
meaning = "without influence here (score)"
sets = [{ key = "model.routing.taste" }, { key = "model.routing.habit", times = 2.0 }]
start = 1.0
low = 0.0
high = 2.0
sd = 0.5

[screening]
trajectories = 3

[esmda]
members = 32
steps = 3

[cma_es]
generations = 4

[ensemble]
members = 8
within = 10.0

[confirm]
users = 1000
candidates = 3

[[variant]]
name = "without peers"
set = ["model.hazard.peer=0"]
"#;

const TRUTH: [f64; 2] = [0.005, 0.09];

/// Writes scenario, targets and calibration.
fn prepare(folder: &Path) {
    let bass = fs::read_to_string(root().join("scenarios/bass.toml")).expect("the gallery");
    fs::write(folder.join("bass.toml"), bass.replace("mean_degree = 200", "mean_degree = 20")).expect("written");
    fs::write(folder.join("bass-calibration.toml"), BASS).expect("written");
    let [p, q] = TRUTH;
    let settings = [format!("model.hazard={{spontaneous={p}, peer={q}}}"), "population.users=4000".into(), "seed=99".into()];
    let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
    let truth = curves(Simulation::new(load(&folder.join("bass.toml"), &settings)).expect("a simulation")).expect("curves");
    let series = ["holders", "installs"].map(|column| truth.series(column, "Novelty").expect("a column"));
    let mut table = String::from("month,series,value_mln,flag\n");
    for (month, first, last) in [("01", 0, 31), ("02", 31, 59), ("03", 59, 90), ("04", 90, 120)] {
        let installs = series[1][first..last].iter().sum::<f64>() / (last - first) as f64;
        table += &format!("2025-{month},holders,{},M\n2025-{month},installs,{},I\n", series[0][last - 1] / 1e6, installs / 1e6);
    }
    fs::write(folder.join("targets.csv"), table).expect("written");
}

fn run(folder: &Path, out: &str, threads: usize) -> (Plan, Fit) {
    let plan = Plan::read(&folder.join("bass-calibration.toml")).unwrap_or_else(|e| panic!("{e}"));
    let stop = AtomicBool::new(false);
    let found = calibrate(&plan, &folder.join(out), &Watch::new(threads, &stop, &|_| ())).expect("a calibration");
    (plan, found.expect("not stopped"))
}

#[test]
fn known_numbers_are_found_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    prepare(folder);
    let (plan, found) = run(folder, "out", 2);
    assert!(found.best.error < 1.5 && found.start.error > 5.0, "{} from {}", found.best.error, found.start.error);
    for (k, truth) in TRUTH.into_iter().enumerate() {
        let constraint = found.constraint(&plan, k).expect("a posterior");
        let [low, _, high] = constraint.quantiles;
        assert!(constraint.is_tight() && low < truth && truth < high, "parameter {k}: {truth} in {constraint:?}");
        let best = found.best.point.values[k];
        assert!((best / truth - 1.0).abs() < 0.2, "parameter {k}: {best} for {truth}");
        assert!(found.effects[k].mean_size > 1.0, "{:?}", found.effects);
    }
    let open = found.constraint(&plan, 2).expect("a posterior");
    assert!(!open.is_tight() && found.effects[2].mean_size == 0.0, "{open:?}, {:?}", found.effects);
    assert_eq!(found.hits(&plan, &found.best, None), [4, 4], "{:?}", found.best);
    assert!(found.variants[0].error > 3.0 * found.best.error);

    // The best point is a scenario to be run.
    let best = scenario::load(&folder.join("out/best.toml"), &[]).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(best, plan.whole_scenario_at(&found.best.point.values, &[]).expect("a scenario"));
    assert_eq!(best.model.hazard.peer, found.best.point.values[1]);
    // The ensemble differs, in a column for each key.
    let ensemble = fs::read_to_string(folder.join("out/ensemble.csv")).expect("an ensemble");
    let rows: std::collections::BTreeSet<&str> = ensemble.lines().skip(1).collect();
    assert_eq!(
        ensemble.lines().next(),
        Some("model.hazard.spontaneous,model.hazard.peer,model.routing.taste,model.routing.habit")
    );
    assert!(rows.len() >= 2 && rows.len() == ensemble.lines().count() - 1, "{ensemble}");
}

const TABLES: [&str; 9] = [
    "best.toml",
    "cells.csv",
    "confirmations.csv",
    "ensemble.csv",
    "error.csv",
    "evaluations.csv",
    "parameters.csv",
    "posterior.csv",
    "variants.csv",
];

fn command(folder: &Path, out: &str, threads: &str) -> Command {
    let mut command = Command::new(cargo_bin!("exodus"));
    command.args(["calibrate", "bass-calibration.toml", "--quiet", "--threads", threads, "--out", out]);
    command.current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

#[test]
fn a_calibration_killed_at_any_moment_ends_like_one_never_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    prepare(folder);
    assert!(command(folder, "whole", "2").status().expect("a run").success());
    let lines = |file: &str| fs::read_to_string(folder.join("killed").join(file)).map_or(0, |text| text.lines().count());
    // In the screening, in the smoother, and while the best are evaluated again.
    for (file, enough) in [("evaluations.csv.part", 8), ("evaluations.csv.part", 60), ("confirmations.csv.part", 2)] {
        let mut killed = command(folder, "killed", "1").spawn().expect("a run");
        while lines(file) < enough && killed.try_wait().expect("a status").is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        killed.kill().expect("killed");
        killed.wait().expect("ended");
        assert!(!folder.join("killed/best.toml").exists(), "killed too late to show anything");
    }
    // A line cut off by the kill is not taken for a whole one.
    let part = folder.join("killed/evaluations.csv.part");
    let text = fs::read_to_string(&part).expect("evaluations");
    let mut hurt = text[..text.len() - 5].to_owned().into_bytes();
    // Nor is a row with another digit in it, wherever it stands: the point is evaluated again, and ends as it was.
    let rows: Vec<usize> = (0..hurt.len()).filter(|&k| k == 0 || hurt[k - 1] == b'\n').collect();
    for row in [rows[2], rows[rows.len() / 2], rows[rows.len() - 2]] {
        let at = (row + 6..hurt.len()).find(|&k| hurt[k].is_ascii_digit()).expect("a digit");
        hurt[at] = if hurt[at] == b'7' { b'3' } else { b'7' };
    }
    fs::write(&part, &hurt).expect("written");
    assert!(command(folder, "killed", "2").status().expect("a run").success());
    for table in TABLES.into_iter().chain(["figures/fit.svg", "figures/posterior.svg"]) {
        let [a, b] = ["whole", "killed"].map(|out| fs::read(folder.join(out).join(table)).expect(table));
        assert!(a == b, "{table} differs");
    }
    let left = fs::read_dir(folder.join("killed")).expect("a folder").count();
    assert_eq!(left, TABLES.len() + 3, "nothing else is left but figures, page and manifest");
    // Their data: a row for each month and series and one for each target; a row for each parameter.
    let rows = |file: &str| fs::read_to_string(folder.join("whole").join(file)).expect(file).lines().count() - 1;
    common::figures_stay(&folder.join("whole"));
    assert_eq!(rows("figures/fit.csv"), 2 * rows("cells.csv"));
    assert_eq!(rows("figures/posterior.csv"), rows("parameters.csv"));
    // Begun over, it evaluates its points again, and spoils nobody's file.
    fs::write(folder.join("killed/mine.txt"), "mine").expect("written");
    fs::write(folder.join("killed/evaluations.csv"), "spoilt").expect("written");
    assert!(command(folder, "killed", "2").arg("--force").status().expect("a run").success());
    for table in TABLES {
        let [a, b] = ["whole", "killed"].map(|out| fs::read(folder.join(out).join(table)).expect(table));
        assert!(a == b, "{table} differs");
    }
    assert!(folder.join("killed/mine.txt").exists());
    let page = Command::new(cargo_bin!("exodus")).args(["report", "whole"]).current_dir(folder).output().expect("a command");
    assert!(page.status.success() && folder.join("whole/report.html").exists(), "{}", String::from_utf8_lossy(&page.stderr));
}

#[test]
fn bad_files_are_told_with_all_their_problems() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    prepare(folder);
    let refused = |text: &str| {
        fs::write(folder.join("bad.toml"), text).expect("written");
        let error = Plan::read(&folder.join("bad.toml")).expect_err("a bad file");
        assert!(error.is_invalid(), "{error}");
        error.to_string()
    };
    let bad = BASS
        .replace("replicates = 2", "replicats = 2")
        .replace("column = \"holders\"", "column = \"holder\"")
        .replace("messenger = \"Novelty\"\ncolumn = \"installs\"", "messenger = \"Noveltyy\"\ncolumn = \"installs\"")
        .replace("model.hazard.peer\" }", "model.hazard.per\" }")
        .replace("high = 0.02", "high = 0.0001")
        .replace("model.routing.habit\"", "population.users\"")
        .replace("name = \"I\"", "name = \"M\"")
        .replace("weight = 1.0", "weight = 2")
        .replace("model.hazard.peer=0", "graph.mean_degree=3");
    let error = refused(&bad);
    for part in [
        "bad.toml:5: replicats: found an unknown key",
        "did you mean `replicates`?",
        "series.holders.column: found \"holder\"",
        "series.installs.messenger: found \"Noveltyy\"",
        "parameter.peer.sets.0.key: found \"model.hazard.per=",
        "did you mean `peer`?",
        "parameter.spontaneous.high: found 0.0001; allowed more than `low`, 0.0005",
        "parameter.taste.sets.1.key: found \"population.users=",
        "flag.M.name: found \"M\" a second time",
        "flag.M.weight: found 2; allowed a number from 0 to 1",
        "variant.without peers.set: found changes of which: it changes the population, the graph, the seed or the start",
    ] {
        assert!(error.contains(part), "{part:?} is not in\n{error}");
    }
    assert!(refused(&BASS.replace("bass.toml", "none.toml")).contains("none.toml: reading failed"));

    fs::write(folder.join("targets.csv"), "month,series,value_mln,flag\n2025-13,holders,1,M\n2025-02,holder,-1,X\n")
        .expect("written");
    let error = refused(BASS);
    let places =
        ["targets.csv:2: month: found \"2025-13\"", "targets.csv:3: series", "targets.csv:3: value_mln", "targets.csv:3: flag"];
    for part in places {
        assert!(error.contains(part), "{part:?} is not in\n{error}");
    }
    fs::write(folder.join("targets.csv"), "month,series,value\n").expect("written");
    assert!(
        refused(BASS).contains("targets.csv:1: found no column `value_mln`, `flag`; allowed a table with the columns `month`")
    );
    fs::write(folder.join("targets.csv"), "month,series,value_mln,flag\n2025-02,holders,1,M\n2025-02,holders,1,M\n")
        .expect("written");
    assert!(refused(BASS).contains("targets.csv:3: month: found \"2025-02\"; allowed each month of a series once"));
}
