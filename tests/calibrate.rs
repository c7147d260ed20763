//! Calibration: known numbers are found again, what the targets do not tell is named, a kill costs nothing.

mod common;

use assert_cmd::cargo::cargo_bin;
use common::{load, root};
use exodus::engine::Simulation;
use exodus::experiment::calibrate::{Fit, Part, Plan, Watch, calibrate};
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
    assert_eq!(plan.hits(&found.best.figures, Part::All), [4, 4], "{:?}", found.best);
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

/// A second world: the same people two years earlier, where nobody had heard of it, and the same q. Its own p is known from its own figures alone.
const EARLIER: &str = r#"
base = "bass.toml"
name = "earlier"
start = 2023-01-01
end = 2023-05-31
"#;

/// Writes what was measured in the earlier world, where p was 0.003, and the calibration of both.
fn prepare_worlds(folder: &Path) {
    prepare(folder);
    fs::write(folder.join("earlier.toml"), EARLIER).expect("written");
    let settings = ["model.hazard={spontaneous=0.003, peer=0.09}", "population.users=4000", "seed=7"];
    let truth = curves(Simulation::new(load(&folder.join("earlier.toml"), &settings)).expect("a simulation")).expect("curves");
    let holders = truth.series("holders", "Novelty").expect("a column");
    let (mut outputs, mut checks) = (String::new(), String::new());
    for (date, day) in [("2023-01-31", 30), ("2023-02-28", 58), ("2023-03-31", 89)] {
        outputs += &format!("{{ name = \"holders, {date}\", series = \"holders\", messenger = \"Novelty\", at = {date} }},\n");
        let value = holders[day] / 1000.0;
        let [low, high] = [0.8, 1.2].map(|k| k * value);
        checks += &format!(
            "[[pattern.check]]\nname = \"holders, {date}, thousand\"\nplus = [\"holders, {date}\"]\nper = 1000\n\
             published = {value:?}\nlow = {low:?}\nhigh = {high:?}\n"
        );
    }
    let world = format!("[[world]]\nscenario = \"earlier.toml\"\noutput = [\n{outputs}]\n");
    // A check that is only told is no value to be met.
    let told = "[[pattern.check]]\nname = \"told\"\nplus = [\"holders, 2023-01-31\"]\npublished = 1.0\n";
    let patterns = format!("{world}\n[[pattern]]\nnumber = 1\ntext = \"it spreads\"\n{checks}{told}");
    fs::write(folder.join("patterns.toml"), patterns).expect("written");
    let peer = "{ key = \"model.hazard.peer\" }";
    let own = "[[parameter]]\nname = \"earlier spontaneous\"\nmeaning = \"p of the earlier world (1/day)\"\n\
               sets = [{ key = \"model.hazard.spontaneous\", world = \"earlier\" }]\nstart = 0.006\nlow = 0.0005\nhigh = 0.02\nlog = true\n\n";
    let text = BASS
        .replace("targets = \"targets.csv\"", "targets = \"targets.csv\"\npatterns = \"patterns.toml\"")
        .replace(peer, "{ key = \"model.hazard.peer\", world = \"*\" }")
        .replace("[screening]\ntrajectories = 3\n", "")
        .replace("[esmda]", &format!("{own}[esmda]"))
        .replace("name = \"without peers\"", "name = \"without peers\"\nworld = \"*\"");
    fs::write(folder.join("worlds-calibration.toml"), text).expect("written");
}

#[test]
fn other_worlds_are_fitted_with_the_same_numbers_and_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    prepare_worlds(folder);
    let stop = AtomicBool::new(false);
    let plan = Plan::read(&folder.join("worlds-calibration.toml")).unwrap_or_else(|e| panic!("{e}"));
    let fit = |plan: &Plan, out: &str| {
        let found = calibrate(plan, &folder.join(out), &Watch::new(2, &stop, &|_| ())).expect("a calibration");
        found.expect("not stopped")
    };
    let found = fit(&plan, "out");
    // Four months of two series, and three checks: the one that is told is none.
    assert_eq!(found.best.figures.len(), 8 + 3);
    let own = found.constraint(&plan, 3).expect("a posterior");
    assert!(own.is_tight() && own.quantiles[0] < 0.003 && 0.003 < own.quantiles[2], "{own:?}");
    let q = found.constraint(&plan, 1).expect("a posterior");
    assert!(q.is_tight() && q.quantiles[0] < 0.09 && 0.09 < q.quantiles[2], "{q:?}");
    assert!(found.best.error < 1.5 && found.start.error > 3.0, "{} from {}", found.best.error, found.start.error);
    let [[near, of_world], [_, of_all]] = [Part::World(0), Part::All].map(|part| plan.hits(&found.best.figures, part));
    assert!(near >= 2 && of_world == 3 && of_all == 7, "{:?}", found.best);
    // A deviation of 20 % is one of two standard deviations.
    let figures: Vec<f64> = plan.targets.cells.iter().map(|cell| cell.measured.value).collect();
    let values = plan.worlds.as_ref().expect("worlds").checks.iter().map(|check| 1.2 * check.measured.value);
    let figures: Vec<f64> = figures.into_iter().chain(values).collect();
    let error = plan.error(&figures, Part::World(0));
    assert!((error - 2.0).abs() < 1e-9, "{error}");
    // Of weight 4 x 1 + 4 x 0.1 + 3 x 1, all but 3 is met.
    let error = plan.error(&figures, Part::All);
    assert!((error - (3.0f64 * 4.0 / 7.4).sqrt()).abs() < 1e-9, "{error}");
    // The variant changes both worlds.
    let [with, without] = [&found.best, &found.variants[0]].map(|e| [e.figures[3], e.figures[10]]);
    assert!(without[0] < 0.8 * with[0] && without[1] < 0.8 * with[1], "{with:?}, {without:?}");
    let table = fs::read_to_string(folder.join("out/worlds.csv")).expect("a table");
    assert_eq!(table.lines().count(), 4);
    assert_eq!(
        table.lines().skip(1).filter(|line| line.starts_with("earlier,") && line.ends_with(",yes")).count(),
        near,
        "{table}"
    );
    // A row of the errors, a column of the variants.
    let errors = fs::read_to_string(folder.join("out/error.csv")).expect("a table");
    assert!(errors.lines().any(|line| line.starts_with("earlier,")), "{errors}");

    // Left out, the earlier world says nothing of its own p, and what the other says of q meets it or not.
    let plan = plan.leave_out(&["earlier".to_owned()]).unwrap_or_else(|e| panic!("{e}"));
    let found = fit(&plan, "left-out");
    let own = found.constraint(&plan, 3).expect("a posterior");
    assert!(!own.is_tight(), "{own:?}");
    assert_eq!(plan.hits(&found.best.figures, Part::World(0))[1], 3);
    assert!(plan.error(&figures, Part::All).abs() < 1e-9);
    let error = plan.leave_out(&["late".to_owned()]).expect_err("no such world").to_string();
    assert!(error.ends_with("found no world \"late\"; allowed earlier"), "{error}");
}

#[test]
fn what_is_wrong_with_other_worlds_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    prepare_worlds(folder);
    let good = fs::read_to_string(folder.join("worlds-calibration.toml")).expect("a file");
    let refused = |text: String| {
        fs::write(folder.join("bad.toml"), text).expect("written");
        Plan::read(&folder.join("bad.toml")).expect_err("a bad file").to_string()
    };
    let error = refused(good.replace("world = \"earlier\"", "world = \"earler\""));
    assert!(error.contains("sets.0.world: found \"earler\"") && error.contains("did you mean `earlier`?"), "{error}");
    let error = refused(good.replace("model.hazard.spontaneous\", world", "model.hazard.spontaneus\", world"));
    assert!(error.contains("sets.0.key: found \"model.hazard.spontaneus=0.0005\", of which: earlier: "), "{error}");
    let error = refused(good.replace("model.hazard.peer=0", "population.users=600"));
    assert!(error.contains("it changes the population, the graph, the seed or the start"), "{error}");
    let error = refused(good.replace("patterns.toml", "none.toml"));
    assert!(
        error.contains("patterns: found \"none.toml\", of which: ") && error.contains("none.toml: reading failed"),
        "{error}"
    );
    let patterns = fs::read_to_string(folder.join("patterns.toml")).expect("a file");
    fs::write(folder.join("told.toml"), patterns.replace("published", "# published")).expect("written");
    let error = refused(good.replace("patterns.toml", "told.toml"));
    assert!(error.contains("patterns: found no check that is one; allowed at least one with `published`"), "{error}");
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

#[test]
fn the_projects_calibrations_are_valid() {
    for (file, worlds) in [("russia", 0), ("worlds", 2)] {
        let plan = Plan::read(&root().join("calibrations").join(format!("{file}.toml"))).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(plan.worlds.as_ref().map_or(0, |worlds| worlds.patterns.worlds.len()), worlds, "{file}");
    }
    let plan = Plan::read(&root().join("calibrations/russia.toml")).unwrap_or_else(|e| panic!("{e}"));
    let (plan, score) = plan.for_score(Some(10_000)).expect("what is scored");
    // The months ahead are simulated, and the scenario ends with them.
    assert_eq!((score.until.as_deref(), plan.scenario.end.to_string().as_str()), (Some("2026-12"), "2026-12-31"));
    let ahead = plan.targets.cells.iter().filter(|cell| cell.measured.value.is_nan());
    assert_eq!(ahead.count(), 12 * plan.calibration.series.len());
}
