//! `exodus sweep`: designs, results, going on after a kill, shards.

mod common;

use assert_cmd::Command;
use common::root;
use exodus::engine::Simulation;
use exodus::experiment::sweep::{FactorValue, SweepManifest, SweepPlan};
use exodus::experiment::{point_seed, replicate_seed};
use exodus::measure::curves;
use exodus::scenario::{self, Scenario};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

const OUTPUT: &str = "[[output]]\nseries = \"holders\"\nmessenger = \"State\"\nat = 2025-01-31\n";

/// Three factors with ranges, or what else is given.
const RANGES: &str = "
[[factor]]
key = \"intervention.full block.severity\"
low = 0.0
high = 1.0
[[factor]]
name = \"day\"
key = \"intervention.full block.from\"
low = 2025-03-01
high = 2025-03-10
[[factor]]
name = \"rate\"
key = \"model.review_rate\"
low = 0.01
high = 0.5
log = true
";

/// Writes a sweep of `tests/scenarios/everything.toml`; its path.
fn file(folder: &Path, keys: &str, tables: &str) -> PathBuf {
    let scenario = root().join("tests/scenarios/everything.toml");
    let path = folder.join("sweep.toml");
    let text = format!("name = \"test\"\nscenario = {:?}\nusers = 1000\n{keys}\n{tables}", scenario.display().to_string());
    std::fs::write(&path, text).expect("written");
    path
}

fn plan(keys: &str, tables: &str) -> SweepPlan {
    let folder = tempfile::tempdir().expect("a folder");
    SweepPlan::read(&file(folder.path(), keys, &format!("{tables}\n{OUTPUT}"))).unwrap_or_else(|e| panic!("{e}"))
}

fn points(plan: &SweepPlan) -> Vec<Vec<FactorValue>> {
    (0..plan.design().points() as u32).map(|p| plan.design().point(p)).collect()
}

/// Where values lie in the ranges of [`RANGES`], from 0 to 1; a day by the middle of its tenth.
fn coordinates(point: &[FactorValue]) -> [f64; 3] {
    let number = |k: usize| point[k].number().expect("a number");
    let FactorValue::Date(day) = point[1] else { panic!("{:?} is no day", point[1]) };
    [number(0), (f64::from(day.day()) - 0.5) / 10.0, libm::log(number(2) / 0.01) / libm::log(50.0)]
}

#[test]
fn a_grid_has_all_combinations_in_order() {
    let tables = "[[factor]]\nkey = \"model.review_rate\"\nvalues = [0.1, 0.05]\n\
        [[factor]]\nkey = \"intervention.full block.from\"\nlow = 2025-03-01\nhigh = 2025-03-11\n";
    let plan = plan("design = \"grid\"\nlevels = 3", tables);
    let shown: Vec<String> =
        points(&plan).iter().map(|point| point.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")).collect();
    let expected =
        ["0.1 2025-03-01", "0.1 2025-03-06", "0.1 2025-03-11", "0.05 2025-03-01", "0.05 2025-03-06", "0.05 2025-03-11"];
    assert_eq!(shown, expected);
}

#[test]
fn zip_and_list_take_rows() {
    let tables = "[[factor]]\nkey = \"model.review_rate\"\nvalues = [0.1, 0.05]\n\
        [[factor]]\nname = \"day\"\nkey = \"intervention.full block.from\"\nvalues = [2025-03-01, 2025-03-02]\n";
    let zip = points(&plan("design = \"zip\"", tables));
    assert_eq!(zip.len(), 2);
    assert_eq!(zip[1][0], FactorValue::Number(0.05));
    let folder = tempfile::tempdir().expect("a folder");
    let list = "[[factor]]\nname = \"rate\"\nkey = \"model.review_rate\"\n[[factor]]\nname = \"day\"\nkey = \"intervention.full block.from\"\n";
    std::fs::write(folder.path().join("p.csv"), "day,other,rate\n2025-03-01,x,0.1\n2025-03-02,y,0.05\n").expect("written");
    let path = file(folder.path(), "design = \"list\"\nfile = \"p.csv\"", &format!("{list}{OUTPUT}"));
    let listed = SweepPlan::read(&path).expect("a plan");
    assert_eq!(points(&listed), zip);
    std::fs::write(folder.path().join("p.csv"), "day,rate\n2025-03-01,0.1\n2025-03-02,7\n2025-03-01,0.1\n").expect("written");
    let error = SweepPlan::read(&path).expect_err("repeated").to_string();
    assert!(error.contains("p.csv:4: found a point a second time"), "{error}");
    std::fs::write(folder.path().join("p.csv"), "day,rate\n2025-03-01,0.1\n2025-03-02,7\n").expect("written");
    let error = SweepPlan::read(&path).expect_err("no rate").to_string();
    assert!(error.contains("point 1") && error.contains("found 7"), "{error}");
}

/// Whatever way the same number or day is written: its points would be simulated twice.
#[test]
fn no_point_is_visited_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let factor = |key: &str, rest: &str| format!("[[factor]]\nkey = \"{key}\"\n{rest}\n");
    let error = |keys: &str, tables: &str| {
        let path = file(folder.path(), keys, &format!("{tables}\n{OUTPUT}"));
        SweepPlan::read(&path).map_or_else(|e| e.to_string(), |plan| format!("{} points", plan.design().points()))
    };
    for values in ["[1, 1.0]", "[0.1, \"0.1\"]", "[0.0, -0.0]", "[0.5, 5e-1]", "[1, \"1e0\"]", "[0.1, \" 0.10\"]"] {
        for keys in ["design = \"grid\"", "design = \"zip\"", "design = \"latin_hypercube\"\npoints = 4"] {
            let told = error(keys, &factor("model.review_rate", &format!("values = {values}")));
            assert!(told.contains("values: found ") && told.contains(" a second time"), "{keys} {values}: {told}");
        }
    }
    let dates = factor("intervention.full block.from", "values = [2025-03-01, \"2025-03-01\"]");
    assert!(error("design = \"grid\"", &dates).contains("values: found 2025-03-01 a second time"));
    let fine = factor("model.review_rate", "values = [0.1, 0.30000000000000004, 0.3]");
    assert_eq!(error("design = \"grid\"", &fine), "3 points");
    // A grid with more levels than there are whole numbers or days.
    let whole = factor("model.shock_days", "low = 0\nhigh = 2\nwhole = true");
    assert_eq!(error("design = \"grid\"\nlevels = 3", &whole), "3 points");
    assert!(error("design = \"grid\"\nlevels = 4", &whole).contains("high: found 0 to 2 in 4 `levels`, of which "));
    let days = factor("intervention.full block.from", "low = 2025-03-01\nhigh = 2025-03-03");
    assert!(error("design = \"grid\"\nlevels = 5", &days).contains("high: found 2025-03-01 to 2025-03-03 in 5 `levels`"));
    let wide = factor("population.people", "low = 1\nhigh = 9223372036854775807\nwhole = true");
    assert!(error("design = \"grid\"\nlevels = 3", &wide).contains("whole: found ends 1 and 9223372036854775807"));
}

/// A list's faults are reported by file and line.
/// By name, by number, in quotes: the second factor would undo the first.
#[test]
fn a_key_in_two_spellings_is_one_factor() {
    let error = |a: &str, b: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        let factor = |key: &str| format!("[[factor]]\nkey = '{key}'\nvalues = [0.1, 0.2]\n");
        let path = file(folder.path(), "design = \"grid\"", &format!("{}{}{OUTPUT}", factor(a), factor(b)));
        SweepPlan::read(&path).err().map(|error| error.to_string())
    };
    let appeal = "messenger.Green.appeal";
    for other in ["messenger.0.appeal", "messenger.\"Green\".appeal", "messenger . Green . appeal"] {
        let told = error(appeal, other).unwrap_or_default();
        assert!(told.contains("each key of the scenario once") && told.contains(appeal), "{other}: {told}");
    }
    assert_eq!(error(appeal, "messenger.1.appeal"), None);
    assert_eq!(error(appeal, "model.review_rate"), None);
}

#[test]
fn a_list_is_read_as_it_stands_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let tables = "[[factor]]\nname = \"p\"\nkey = \"model.review_rate\"\n[[factor]]\nname = \"sev\"\nkey = \"intervention.full block.severity\"\n";
    let path = file(folder.path(), "design = \"list\"\nfile = \"p.csv\"", &format!("{tables}{OUTPUT}"));
    let told = |bytes: &[u8]| {
        std::fs::write(folder.path().join("p.csv"), bytes).expect("written");
        let told = SweepPlan::read(&path).map_or_else(|e| e.to_string(), |plan| format!("{} points", plan.design().points()));
        told.replace(&format!("{}/", folder.path().display()), "")
    };
    assert_eq!(told(b"p,sev\n0.1,0.5\n0.2,0.5\n"), "2 points");
    assert_eq!(told(b"p,sev,p\n0.1,0.5,0.9\n"), "p.csv:1: found the column `p` a second time; allowed each once");
    assert_eq!(told(b"sev\n0.1\n"), "p.csv:1: found no column `p`; allowed a table with the columns `p`, `sev`");
    assert_eq!(told(b"p,sev\n0.1\n"), "p.csv:2: found 1 cell; allowed 2, as in the first line");
    assert_eq!(told(b"p,sev\n0.1,\xff\n"), "p.csv:2: found bytes that are not text, in cell 2; allowed CSV in UTF-8");
    assert_eq!(
        told(b"p,sev\n0.1,1\n0.10,1.0\n"),
        "p.csv:3: found a point a second time; allowed each once (`replicates` repeats it)"
    );
}

/// `#SBATCH` splits at spaces and takes `%` for a number of its own; the shell has its own ideas.
#[test]
fn the_script_for_slurm_takes_any_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = quick(folder.path(), 3, "");
    let script = |out: &str| {
        let output = sweep(&path, &folder.path().join(out), &["--slurm", "2"]).output().expect("it runs");
        let script = std::fs::read_to_string(folder.path().join(out).join("slurm.sh")).unwrap_or_default();
        (output.status.code(), script, String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (code, text, _) = script("50 % of 'my' $out");
    let place = folder.path().display();
    assert_eq!(code, Some(0));
    assert!(text.contains(&format!("\n#SBATCH --output=\"{place}/50 %% of 'my' $out/slurm-%a.log\"\n")), "{text}");
    assert!(text.contains(&format!(" --out '{place}/50 % of '\\''my'\\'' $out' ")), "{text}");
    let (code, text, said) = script("a\"b");
    assert!(code == Some(2) && text.is_empty() && said.contains("found '\"' in the path"), "{code:?} {said}");
}

#[test]
fn a_latin_hypercube_has_a_point_in_each_stratum() {
    let plan = plan("design = \"latin_hypercube\"\npoints = 40\nseed = 3", RANGES);
    let all = points(&plan);
    assert_eq!(all.len(), 40);
    for factor in [0, 2] {
        let strata: BTreeSet<usize> = all.iter().map(|point| (coordinates(point)[factor] * 40.0) as usize).collect();
        assert_eq!(strata.len(), 40, "factor {factor}");
    }
    // A day has four strata each.
    for day in 0..10 {
        assert_eq!(all.iter().filter(|point| (coordinates(point)[1] * 10.0) as usize == day).count(), 4);
    }
    // The strata of different factors have nothing to do with each other.
    let diagonal = all.iter().filter(|p| (coordinates(p)[0] * 40.0) as usize == (coordinates(p)[2] * 40.0) as usize).count();
    assert!(diagonal < 8, "{diagonal}");
}

#[test]
fn a_sobol_design_is_that_of_saltelli() {
    let plan = plan("design = \"sobol\"\npoints = 64", RANGES);
    let all = points(&plan);
    assert_eq!(all.len(), 64 * 5);
    let (mut of_a, mut of_b) = (Vec::new(), Vec::new());
    for block in all.chunks(5) {
        let [a, b] = [&block[0], &block[4]];
        for factor in 0..3 {
            let mixed = &block[1 + factor];
            for other in 0..3 {
                assert_eq!(mixed[other], if other == factor { b[other].clone() } else { a[other].clone() });
            }
        }
        of_a.push(coordinates(a));
        of_b.push(coordinates(b));
    }
    // Each coordinate of a Sobol' sequence has one of its first 2^m points in each of 2^m intervals.
    for matrix in [&of_a, &of_b] {
        for factor in [0, 2] {
            let strata: BTreeSet<usize> = matrix.iter().map(|c| (c[factor] * 64.0) as usize).collect();
            assert_eq!(strata.len(), 64);
        }
    }
    // A and B are different columns of one sequence: in two dimensions too each of 8 x 8 squares has one point, or nearly.
    assert!(of_a.iter().zip(&of_b).all(|(a, b)| a != b));
    let squares: BTreeSet<[usize; 2]> =
        of_a.iter().zip(&of_b).map(|(a, b)| [(a[0] * 8.0) as usize, (b[0] * 8.0) as usize]).collect();
    assert!(squares.len() > 48, "{}", squares.len());
}

#[test]
fn morris_moves_one_factor_at_a_time() {
    let plan = plan("design = \"morris\"\ntrajectories = 20\nlevels = 6", RANGES);
    let all = points(&plan);
    assert_eq!(all.len(), 20 * 4);
    let mut orders = BTreeSet::new();
    for trajectory in all.chunks(4) {
        let mut moved = Vec::new();
        for pair in trajectory.windows(2) {
            let [a, b] = [0, 1].map(|k| coordinates(&pair[k]));
            let changed: Vec<usize> = (0..3).filter(|&f| a[f] != b[f]).collect();
            assert_eq!(changed.len(), 1);
            // p / (2 (p - 1)) of the way; of ten days, six.
            let step = (a[changed[0]] - b[changed[0]]).abs();
            assert!((step - 0.6).abs() < 1e-9 || (changed[0] == 1 && (step - 0.6).abs() < 0.11), "{step}");
            moved.push(changed[0]);
        }
        orders.insert(moved.clone());
        moved.sort_unstable();
        assert_eq!(moved, [0, 1, 2]);
    }
    assert!(orders.len() > 2, "always in the same order");
}

#[test]
fn common_seeds_are_paired_and_independent_ones_are_not() {
    let common = plan("design = \"latin_hypercube\"\npoints = 30\nreplicates = 3", RANGES);
    let independent = plan("design = \"latin_hypercube\"\npoints = 30\nreplicates = 3\nseeds = \"independent\"", RANGES);
    let mut seen = BTreeSet::new();
    for point in 0..30 {
        for replicate in 0..3 {
            assert_eq!(common.seed(point, replicate), replicate_seed(7, replicate));
            assert_eq!(common.scenario_at(point, replicate).expect("a scenario").seed, replicate_seed(7, replicate));
            assert_eq!(independent.seed(point, replicate), point_seed(7, point, replicate));
            assert!(i64::try_from(independent.seed(point, replicate)).is_ok(), "a scenario can hold it");
            seen.insert(independent.seed(point, replicate));
        }
    }
    assert_eq!(seen.len(), 90);
}

#[test]
fn a_bad_file_is_told_with_all_problems() {
    let folder = tempfile::tempdir().expect("a folder");
    let tables = "
[[factor]]
name = \"x\"
key = \"model.review_rte\"
low = 0.1
high = 0.05
[[factor]]
name = \"x\"
key = \"intervention.full block.from\"
low = 2025-03-01
high = 3
[[factor]]
key = \"model.review_rate\"
values = [0.1, 5, 0.1]
[[output]]
series = \"monthly_rech\"
messenger = \"State\"
at = 2036-03-31
[[output]]
population = \"vpn_share\"
difference = true
[[output]]
name = \"x\"
population = \"vpn_share\"
take = \"peak\"
";
    let path = file(folder.path(), "design = \"sobol\"\npoints = 100\nlevels = 4\nreplicate = 2", tables);
    let error = SweepPlan::read(&path).expect_err("a bad file");
    assert!(error.is_invalid());
    let text = error.to_string();
    let expected = [
        ":5: points: found 100; allowed a power of two",
        ":6: levels: found it with `sobol`",
        ":7: replicate: found an unknown key",
        ":11: factor.x.key: found \"model.review_rte=0.1\"",
        ":13: factor.x.high: found 0.05; allowed more than `low`, 0.1",
        ":15: factor.x.name: found \"x\" a second time",
        ":17: factor.x.low: found 2025-03-01 to 3; allowed two numbers or two days",
        ":20: factor.2.key: found \"model.review_rate=5\"",
        ":21: factor.2.values: found 0.1 a second time",
        ":23: output.0.series: found \"monthly_rech\"",
        ":25: output.0.at: found 2036-03-31",
        ":26: output.1.take: found 0 of `at`, `take`, `time_to`",
        ":28: output.1.difference: found true; allowed only with a `baseline`",
        ":30: output.x.name: found \"x\" a second time",
    ];
    for part in expected {
        assert!(text.contains(part), "{part}\nis not in\n{text}");
    }
    let command = exodus().arg("sweep").arg(&path).current_dir(folder.path()).assert().code(2);
    assert_eq!(String::from_utf8_lossy(&command.get_output().stderr).lines().count(), text.lines().count());
    assert!(!folder.path().join("results").exists(), "nothing is created");
}

fn exodus() -> Command {
    Command::cargo_bin("exodus").expect("the command")
}

/// A sweep that is quickly done: dates and severities of a block, the rate of reviews.
fn quick(folder: &Path, points: u32, more: &str) -> PathBuf {
    let keys = format!("set = [\"model.vpn.cost=2\"]\ndesign = \"latin_hypercube\"\npoints = {points}\nreplicates = 2\n{more}");
    file(folder, &keys, &format!("{}\n{OUTPUT}", RANGES.replace("2025-03-", "2025-01-")))
}

fn sweep(path: &Path, out: &Path, more: &[&str]) -> Command {
    let mut command = exodus();
    command.arg("sweep").arg(path).arg("--out").arg(out).args(["--quiet", "--threads", "2"]).args(more);
    command
}

fn rows(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().map(|file| file.expect("readable").path());
    let rows = files.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("rows-")));
    let texts: Vec<String> = rows.map(|path| std::fs::read_to_string(path).unwrap_or_default()).collect();
    texts.iter().flat_map(|text| text.split_inclusive('\n').skip(1)).filter(|l| l.ends_with('\n')).map(str::to_owned).collect()
}

fn assert_same(a: &Path, b: &Path) {
    for name in ["results.csv", "results.parquet", "points.csv", "sweep.toml", "scenario.toml"] {
        let [x, y] = [a, b].map(|folder| std::fs::read(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}")));
        assert!(x == y, "{name} differs");
    }
    assert_eq!(rows(a).len() + rows(b).len(), 0, "rows are in the results");
}

#[test]
fn results_are_those_of_runs_made_one_by_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let tables = "baseline = [\"intervention.full block.severity=0\"]
[[factor]]
name = \"severity\"
key = \"intervention.full block.severity\"
values = [0.4, 1]
[[factor]]
name = \"degree\"
key = \"graph.mean_degree\"
values = [8, 12]
[[output]]
name = \"reach\"
series = \"monthly_reach\"
messenger = \"Green\"
at = 2025-03-28
[[output]]
name = \"difference\"
series = \"monthly_reach\"
messenger = \"Green\"
at = 2025-03-28
difference = true
[[output]]
name = \"use\"
series = \"daily_use\"
messenger = \"Green\"
take = \"mean\"
from = 2025-03-20
until = 2025-03-25
[[output]]
name = \"reviews\"
population = \"reviews\"
take = \"integral\"
from = 2025-03-20
[[output]]
name = \"fall\"
series = \"daily_use\"
messenger = \"Green\"
time_to = 400_000
from = 2025-03-03
";
    // Ties are measured only where an output needs them, and early days only where one looks at them: each must be the same.
    let more = [
        "[[output]]\nname = \"calls\"\npopulation = \"phone_calls\"\nat = 2025-03-28\n",
        "[[output]]\nname = \"lost\"\npopulation = \"lost_household_ties\"\nat = 2025-03-28\n",
    ];
    for further in 0..=2 {
        let path = file(folder.path(), "design = \"grid\"\nreplicates = 2", &format!("{tables}{}", more[..further].concat()));
        let out = folder.path().join(format!("out-{further}"));
        sweep(&path, &out, &[]).assert().success();
        let mut table = csv::Reader::from_path(out.join("results.csv")).expect("a table");
        let names: Vec<String> = table.headers().expect("a header").iter().map(str::to_owned).collect();
        let expected = [
            "point",
            "replicate",
            "seed",
            "severity",
            "degree",
            "reach",
            "difference",
            "use",
            "reviews",
            "fall",
            "calls",
            "lost",
        ];
        assert_eq!(names, expected[..names.len()]);
        assert_eq!(names.len(), 10 + further);
        let run = |seed: &str, changes: &[String]| {
            let fixed = ["population.users=1000".to_owned(), format!("seed={seed}")];
            let options: Vec<String> = fixed.iter().chain(changes).cloned().collect();
            let scenario = scenario::load(&root().join("tests/scenarios/everything.toml"), &options).expect("a scenario");
            curves(Simulation::new(scenario).expect("a simulation")).expect("curves")
        };
        let rows: Vec<csv::StringRecord> = table.records().map(|row| row.expect("a row")).collect();
        assert_eq!(rows.len(), 8);
        let step = if further == 0 { 1 } else { 5 };
        for (k, row) in rows.iter().enumerate().step_by(step) {
            assert_eq!((&row[0], &row[1]), (&*(k / 2).to_string(), &*(k % 2).to_string()));
            assert_eq!(row[2], replicate_seed(7, (k % 2) as u32).to_string());
            let block = |severity: &str| format!("intervention.full block.severity={severity}");
            let here = run(&row[2], &[block(&row[3]), format!("graph.mean_degree={}", &row[4])]);
            let baseline = run(&row[2], &[block("0")]);
            let day = |date: &str| here.index(date.parse().expect("a date")).expect("a day");
            let green = |curves: &exodus::storage::Curves, column: &str| curves.series(column, "Green").expect("a series");
            let reach = green(&here, "monthly_reach")[day("2025-03-28")];
            let used = green(&here, "daily_use");
            let days = day("2025-03-20")..=day("2025-03-25");
            let mean = used[days].iter().sum::<f64>() / 6.0;
            let fall = used[day("2025-03-03")..].iter().position(|&x| x <= 400_000.0);
            let mut expected = vec![reach, reach - green(&baseline, "monthly_reach")[day("2025-03-28")], mean];
            // Without an end, a figure continues to the run's.
            expected.push(here.population("reviews").expect("a column")[day("2025-03-20")..].iter().sum());
            expected.push(fall.map_or(f64::NAN, |day| day as f64));
            for name in ["phone_calls", "lost_household_ties"] {
                expected.push(here.population(name).expect("a column")[day("2025-03-28")]);
            }
            for (c, expected) in (5..names.len()).zip(expected) {
                let found: f64 = row[c].parse().unwrap_or(f64::NAN);
                assert!(found == expected || (found.is_nan() && expected.is_nan()), "{}: {found}, not {expected}", names[c]);
            }
        }
    }
}

/// Moments of all kinds are those of `tests/kills.rs`.
#[test]
fn a_sweep_killed_and_continued_is_that_of_one_never_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    // 200 runs.
    let path = quick(folder.path(), 100, "");
    let [whole, killed] = ["whole", "killed"].map(|name| folder.path().join(name));
    sweep(&path, &whole, &[]).assert().success();
    let kills = 5;
    let mut finished: Vec<String> = Vec::new();
    for kill in 0..kills {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin("exodus"));
        command.arg("sweep").arg(&path).arg("--out").arg(&killed).args(["--quiet", "--threads", "2"]);
        let mut child = command.stdout(Stdio::null()).spawn().expect("started");
        let goal = 200 * (kill + 1) / (kills + 2);
        while rows(&killed).len() < goal && child.try_wait().expect("a status").is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().expect("killed");
        child.wait().expect("a status");
        let now = rows(&killed);
        assert!(finished.iter().all(|row| now.contains(row)), "a finished run was lost");
        let distinct: BTreeSet<&String> = now.iter().collect();
        assert_eq!(distinct.len(), now.len(), "a finished run was repeated");
        finished = now;
        // What a kill in the middle of a write leaves.
        if kill % 2 == 0 && killed.join("rows-0.csv").exists() {
            use std::io::Write;
            let mut file = std::fs::OpenOptions::new().append(true).open(killed.join("rows-0.csv")).expect("opened");
            file.write_all(b"7,1,2024").expect("written");
        }
    }
    assert!(finished.len() >= 200 * kills / (kills + 2), "{} runs were finished", finished.len());
    sweep(&path, &killed, &[]).assert().success();
    assert_same(&whole, &killed);
    assert_eq!(SweepManifest::read(&killed).expect("a manifest").status, "finished");
    // A finished one has nothing to do.
    sweep(&path, &killed, &[]).assert().success();
    assert_same(&whole, &killed);
}

/// Runs that share nothing, large and one after another, on one thread or all: the same rows.
#[test]
fn independent_seeds_and_large_runs_one_after_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let tables = "[[factor]]\nkey = \"model.review_rate\"\nvalues = [0.05, 0.1]\n";
    let keys = "design = \"grid\"\nreplicates = 2\nseeds = \"independent\"";
    let path = file(folder.path(), keys, &format!("{tables}{OUTPUT}"));
    // More users than keep one thread busy, and a short time.
    let text = std::fs::read_to_string(&path).expect("read").replace("users = 1000", "users = 140_000");
    std::fs::write(&path, text.replace("2025-01-31", "2025-01-03")).expect("written");
    let plan = SweepPlan::read(&path).expect("a plan");
    let needs = plan.needs(2, plan.runs()).expect("it fits");
    assert_eq!((needs.at_a_time, needs.threads), (1, 2));
    let [two, one] = ["two", "one"].map(|name| folder.path().join(name));
    sweep(&path, &two, &[]).assert().success();
    exodus().arg("sweep").arg(&path).arg("--out").arg(&one).args(["--quiet", "--threads", "1"]).assert().success();
    assert_same(&two, &one);
    let mut table = csv::Reader::from_path(two.join("results.csv")).expect("a table");
    let rows: Vec<csv::StringRecord> = table.records().map(|row| row.expect("a row")).collect();
    let seeds: BTreeSet<&str> = rows.iter().map(|row| &row[2]).collect();
    assert_eq!((rows.len(), seeds.len()), (4, 4));
    let row = &rows[3];
    assert_eq!((&row[0], &row[1], &row[2]), ("1", "1", &*point_seed(7, 1, 1).to_string()));
    let options = ["population.users=140000".to_owned(), format!("seed={}", &row[2]), "model.review_rate=0.1".to_owned()];
    let scenario = scenario::load(&root().join("tests/scenarios/everything.toml"), &options).expect("a scenario");
    let day = curves(Simulation::new(Scenario { end: plan.scenario.end, ..scenario }).expect("a simulation")).expect("curves");
    let holders = day.series("holders", "State").expect("a series");
    assert_eq!(row[4].parse::<f64>().ok(), holders.last().copied());
}

#[test]
fn a_maximum_of_memory_is_kept() {
    let runs = |gigabytes: f64| {
        let plan = plan(
            &format!("design = \"grid\"\nlevels = 4\nmax_memory = {gigabytes}"),
            "[[factor]]\nkey = \"model.review_rate\"\nlow = 0.1\nhigh = 0.2\n",
        );
        plan.needs(4, plan.runs())
    };
    let needs = runs(1.0).expect("it fits");
    assert_eq!((needs.at_a_time, needs.threads), (4, 1));
    let one = needs.bytes as f64 / 1e9;
    let needs = runs(2.5 * one).expect("two fit");
    assert_eq!((needs.at_a_time, needs.threads), (2, 2));
    let error = runs(0.5 * one).expect_err("none fits").to_string();
    assert!(error.contains("memory"), "{error}");
}

#[test]
fn shards_join_to_the_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = quick(folder.path(), 5, "");
    let [whole, parts] = ["whole", "parts"].map(|name| folder.path().join(name));
    sweep(&path, &whole, &[]).assert().success();
    sweep(&path, &parts, &["--shard", "1/3"]).assert().success();
    sweep(&path, &parts, &["--shard", "3/3"]).assert().success();
    let said = exodus().arg("sweep").arg("merge").arg(&parts).assert().code(1);
    let said = String::from_utf8_lossy(&said.get_output().stderr).into_owned();
    assert!(said.contains("found 7 of 10 runs finished"), "{said}");
    assert!(said.contains("shard 2/3: 3 missing: point 0 replicate 1, point 2 replicate 0, point 3 replicate 1"), "{said}");
    assert!(!parts.join("results.csv").exists());
    sweep(&path, &parts, &["--shard", "2/3"]).assert().success();
    exodus().arg("sweep").arg("merge").arg(&parts).assert().success();
    assert_same(&whole, &parts);
    // A shard is never touched by what is not its own.
    sweep(&path, &parts, &[]).assert().code(2);
    sweep(&path, &parts, &["--shard", "4/3"]).assert().code(2);
}

#[test]
fn another_sweep_is_not_mixed_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("out");
    sweep(&quick(folder.path(), 2, ""), &out, &[]).assert().success();
    let path = quick(folder.path(), 3, "");
    let said = sweep(&path, &out, &[]).assert().code(2);
    let said = String::from_utf8_lossy(&said.get_output().stderr).into_owned();
    assert!(said.contains("found another sweep") && said.contains("--force"), "{said}");
    sweep(&path, &out, &["--force"]).assert().success();
    let lines = std::fs::read_to_string(out.join("results.csv")).expect("a table").lines().count();
    assert_eq!(lines, 1 + 3 * 2);
    let strange = folder.path().join("strange");
    std::fs::create_dir(&strange).expect("made");
    std::fs::write(strange.join("thesis.tex"), "mine").expect("written");
    sweep(&path, &strange, &["--force"]).assert().code(2);
    assert!(strange.join("thesis.tex").exists());
}

#[test]
fn two_processes_do_not_work_in_one_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = quick(folder.path(), 3, "");
    let out = folder.path().join("out");
    std::fs::create_dir(&out).expect("made");
    let lock = exodus::files::Lock::take(&out).expect("the lock");
    let said = sweep(&path, &out, &[]).assert().code(2);
    assert!(String::from_utf8_lossy(&said.get_output().stderr).contains("one at a time"));
    drop(lock);
    sweep(&path, &out, &[]).assert().success();
}

#[test]
fn a_dry_run_says_all_and_does_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = quick(folder.path(), 5, "");
    let said = exodus().args(["sweep", "--dry-run"]).arg(&path).current_dir(folder.path()).assert().success();
    let said = String::from_utf8_lossy(&said.get_output().stdout).into_owned();
    for part in [
        "latin_hypercube: 5 points",
        "10 (2 at each point, common seeds)",
        "of memory",
        "rate, model.review_rate: 0.01 to 0.5, logarithmic",
    ] {
        assert!(said.contains(part), "{part} is not in\n{said}");
    }
    assert!(!folder.path().join("results").exists());
}
