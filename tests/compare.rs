//! `exodus compare`: what differs under common random numbers, how sure that is, and who moved.

mod common;

use assert_cmd::Command;
use common::root;
use exodus::experiment::compare::{Comparison, Measure, RunSet, compare};
use exodus::storage::{Curves, TracedUsers};
use std::path::{Path, PathBuf};

fn exodus(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("the command");
    command.current_dir(folder).args(args);
    command
}

/// Runs a scenario with changes into `out`.
fn run(folder: &Path, scenario: &str, out: &str, args: &[&str]) -> PathBuf {
    let scenario = root().join(scenario).display().to_string();
    exodus(folder, &["run", &scenario, "--quiet", "--out", out]).args(args).assert().success();
    folder.join(out)
}

fn compared(a: &Path, b: &Path) -> Comparison {
    compare(&RunSet::open(a).expect("a side"), &RunSet::open(b).expect("a side")).expect("a comparison")
}

const EVERYTHING: &str = "tests/scenarios/everything.toml";

#[test]
fn pairs_are_equal_before_the_day_they_differ() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let small = ["--users", "2000", "--replicates", "3", "--until", "2025-03-31"];
    let a = run(folder, EVERYTHING, "a", &small);
    let b = run(folder, EVERYTHING, "b", &[&small[..], &["--set", "intervention.full block.severity=0.3"]].concat());
    let c = compared(&a, &b);
    assert_eq!((c.pairs, c.warnings.len()), (3, 0));
    // The block begins on this day, when reviewers of the day see it.
    let first = c.first_difference.expect("a difference");
    assert_eq!(first.to_string(), "2025-03-05");
    let day = c.dates.binary_search(&first).expect("a day");
    for daily in &c.daily {
        for paired in &daily[..day] {
            let none = paired.difference().n() == 0;
            assert!(none || (paired.difference().mean() == 0.0 && paired.interval() == [0.0, 0.0]));
        }
    }
    // By hand, from the folders: the use of Green on the last day.
    let k = c.figures.iter().position(|f| f.messenger == "Green" && f.column == "daily_use").expect("a figure");
    let last = |folder: &Path, r: u32| {
        let curves = Curves::read(&folder.join(format!("replicate-{r:03}"))).expect("curves");
        *curves.series("daily_use", "Green").expect("a column").last().expect("a day")
    };
    let differences: Vec<f64> = (0..3).map(|r| last(&b, r) - last(&a, r)).collect();
    let mean = differences.iter().sum::<f64>() / 3.0;
    assert!(mean > 0.0, "less of a block, more use: {differences:?}");
    let sd = (differences.iter().map(|d| (d - mean) * (d - mean)).sum::<f64>() / 2.0).sqrt();
    let half = 4.302_652_729_911_275 * sd / 3.0f64.sqrt();
    let paired = c.daily[k].last().expect("a day");
    assert!((paired.difference().mean() - mean).abs() < 1e-6 * mean.abs());
    assert!((paired.interval()[0] - (mean - half)).abs() < 1e-6 * mean.abs());
    // The mark, the end and a month are taken from the days.
    let of = |wanted: &dyn Fn(&Measure) -> bool| c.measured[k][c.measures.iter().position(wanted).expect("a measure")];
    assert_eq!(of(&|m| m.what() == "end"), *paired);
    assert_eq!(of(&|m| m.what() == "full block"), c.daily[k][day]);
    let march = of(&|m| *m == Measure::Month { year: 2025, month: 3 });
    let days: Vec<f64> = c.dates.iter().zip(&c.daily[k]).filter(|(d, _)| d.month() == 3).map(|(_, p)| p.b()).collect();
    assert!((march.b() - days.iter().sum::<f64>() / days.len() as f64).abs() < 1e-6 * march.b());
    let peak = of(&|m| *m == Measure::Peak);
    assert!(c.daily[k].iter().all(|p| p.a() <= peak.a() + 1e-6));
}

/// A fork has no days before its snapshot: what is in the same row of two tables is another day.
#[test]
fn forks_are_paired_by_date() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let small = ["--users", "800", "--until", "2025-02-28", "--snapshot-on", "2025-01-20", "--snapshot-on", "2025-02-09"];
    let parent = run(folder, EVERYTHING, "parent", &small);
    for (day, out) in [("2025-01-20", "early"), ("2025-02-09", "late")] {
        let snapshot = format!("parent/snapshots/{day}.exo");
        let found = parent.join("snapshots").read_dir().expect("snapshots").flatten().map(|e| e.path());
        let found: Vec<PathBuf> = found.filter(|p| p.display().to_string().contains(day)).collect();
        let snapshot = found.first().map_or(snapshot, |p| p.display().to_string());
        exodus(folder, &["fork", &snapshot, "--out", out, "--quiet"]).assert().success();
    }
    // Without changes all is equal, on the days that both have, up to the last.
    let same = |reference: &Path, other: &str, first: &str, words: &str| {
        let c = compared(reference, &folder.join(other));
        assert_eq!(c.first_difference, None, "{other}");
        let days = [c.dates[0], c.dates[c.dates.len() - 1]].map(|d| d.to_string());
        assert_eq!(days, [first, "2025-02-28"], "{other}");
        assert_eq!(c.warnings, [words], "{other}");
        let k = c.figures.iter().position(|f| f.column == "holders" && f.messenger == "Green").expect("a figure");
        let curves = Curves::read(reference).expect("curves");
        let green = curves.series("holders", "Green").expect("a column");
        for (date, paired) in c.dates.iter().zip(&c.daily[k]) {
            let right = green[curves.index(*date).expect("a day")];
            assert_eq!([paired.a(), paired.b()], [right, right], "{other} on {date}");
        }
        assert_eq!(c.daily[k].len(), c.dates.len());
        let start = c.measures.iter().position(|m| m.what().contains("first day")).expect("the first day");
        assert_eq!(c.measured[k][start].difference().n(), 1);
        assert_eq!(c.measures.iter().filter(|m| m.what().split(", ").any(|what| what == "start")).count(), 0);
        assert!(c.measured[k].iter().all(|paired| paired.difference().n() == 1), "a measure without a day");
    };
    let said = |first: &str, reference: &str, other: &str| {
        format!(
            "compared on the days that both have, {first} to 2025-02-28: the reference has {reference} to 2025-02-28, \
             the other {other} to 2025-02-28"
        )
    };
    same(&parent, "early", "2025-01-21", &said("2025-01-21", "2025-01-01", "2025-01-21"));
    same(&parent, "late", "2025-02-10", &said("2025-02-10", "2025-01-01", "2025-02-10"));
    same(&folder.join("early"), "late", "2025-02-10", &said("2025-02-10", "2025-01-21", "2025-02-10"));
    // Replicates of which one is a fork of another day: the days that all runs have.
    let replicates = folder.join("replicates");
    std::fs::create_dir(&replicates).expect("made");
    std::fs::copy(parent.join("scenario.toml"), replicates.join("scenario.toml")).expect("copied");
    std::fs::write(replicates.join("replicates.toml"), "replicates = 1\nsnapshot_on = []\n").expect("written");
    std::fs::rename(folder.join("early"), replicates.join("replicate-000")).expect("moved");
    let c = compared(&folder.join("late"), &replicates);
    assert_eq!((c.pairs, c.first_difference, c.dates[0].to_string()), (1, None, "2025-02-10".to_owned()));
    // The table and the page say which days.
    let told = exodus(folder, &["compare", "parent", "late", "--out", "c"]).assert().success();
    let text = String::from_utf8_lossy(&told.get_output().stdout).into_owned();
    assert!(text.contains("1 pair of the same seed, 2025-02-10 to 2025-02-28\nequal in every figure on every day\n"), "{text}");
    assert!(folder.join("c/report.html").exists());
    // No day in common.
    let short = run(folder, EVERYTHING, "short", &["--users", "800", "--until", "2025-01-31"]);
    let error = compare(&RunSet::open(&folder.join("late")).expect("a side"), &RunSet::open(&short).expect("a side"));
    let error = error.expect_err("no day in common").to_string();
    assert!(error.contains("found the days 2025-01-01 to 2025-01-31; allowed some of those of"), "{error}");
}

#[test]
fn flows_are_of_the_same_users() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let small = ["--users", "2000", "--replicates", "2", "--set", "observe.trace=500"];
    let a = run(folder, EVERYTHING, "a", &small);
    let b = run(folder, EVERYTHING, "b", &[&small[..], &["--set", "intervention.full block.severity=0"]].concat());
    let flows = compared(&a, &b).flows;
    assert_eq!(flows.followed, 1000);
    assert_eq!(flows.users.iter().flatten().sum::<u64>(), 1000);
    assert!(flows.main_differs > 0);
    let stayed: u64 = (0..flows.names.len()).map(|k| flows.users[k][k]).sum();
    assert_eq!(stayed + flows.main_differs, 1000);
    // Rows sum to the main apps of the reference, columns to those of the other: both are in the traces.
    let end = "2025-04-30".parse().expect("a date");
    for (side, other) in [(&a, false), (&b, true)] {
        let mut mains = vec![0u64; flows.names.len()];
        for r in 0..2 {
            let followed = TracedUsers::read(&side.join(format!("replicate-{r:03}")), end).expect("a trace");
            followed.users.values().for_each(|held| mains[held.main.unwrap_or(flows.names.len() - 1)] += 1);
        }
        let sum = |k: usize| (0..mains.len()).map(|m| if other { flows.users[m][k] } else { flows.users[k][m] }).sum::<u64>();
        assert_eq!(mains, (0..mains.len()).map(sum).collect::<Vec<_>>());
    }
}

/// With everyone followed, the trace says what the exact counts of the tables say.
#[test]
fn the_trace_of_everyone_is_what_the_tables_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = run(folder.path(), EVERYTHING, "r", &["--users", "800", "--set", "observe.trace=800"]);
    let curves = Curves::read(&run).expect("curves");
    for day in [0, 40, curves.dates().len() - 1] {
        let followed = TracedUsers::read(&run, curves.dates()[day]).expect("a trace");
        assert_eq!(followed.users.len(), 800);
        let people = 1_000_000.0 / 800.0;
        for (m, name) in curves.messengers().iter().enumerate() {
            let held = followed.users.values().filter(|held| held.holdings >> m & 1 == 1).count() as f64 * people;
            assert!((held - curves.series("holders", name).expect("a column")[day]).abs() < 0.1, "{name} on day {day}");
            let main = followed.users.values().filter(|held| held.main == Some(m)).count() as f64 / 800.0;
            assert!((main - curves.series("main_share", name).expect("a column")[day]).abs() < 1e-6, "{name} on day {day}");
        }
        let vpn = followed.users.values().filter(|held| held.vpn).count() as f64 / 800.0;
        assert!((vpn - curves.population("vpn_share").expect("a column")[day]).abs() < 1e-6);
    }
    assert!(TracedUsers::read(folder.path(), curves.dates()[0]).is_err());
}

#[test]
fn identical_runs_differ_by_exactly_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let small = ["--users", "1000", "--replicates", "2", "--until", "2025-02-15"];
    let a = run(folder, EVERYTHING, "a", &small);
    let b = run(folder, EVERYTHING, "b", &small);
    let c = compared(&a, &b);
    assert_eq!(c.first_difference, None);
    // A share of nothing is no figure, and one pair gives no interval.
    assert!(c.daily.iter().flatten().all(|p| p.difference().n() == 0 || p.difference().mean() == 0.0));
    assert!(c.daily.iter().flatten().filter(|p| p.difference().n() > 1).all(|p| p.interval() == [0.0, 0.0]));
    let flows = &c.flows;
    assert_eq!([flows.main_differs, flows.holdings_differ, flows.vpn_differs], [0; 3]);
    let said = exodus(folder, &["compare", "a", "b", "--out", "d"]).assert().success();
    assert!(String::from_utf8_lossy(&said.get_output().stdout).contains("equal in every figure on every day"));
    let rows = |name: &str| {
        let mut reader = csv::Reader::from_path(folder.join("d").join(name)).expect("a table");
        reader.records().map(|r| r.expect("a row")).collect::<Vec<_>>()
    };
    let differences = rows("differences.csv");
    assert_eq!(differences.len(), c.dates.len() * c.figures.len());
    assert!(differences.iter().all(|row| row[6].parse::<f64>().map_or(row[6].is_empty(), |d| d == 0.0)));
    assert_eq!(rows("flows.csv").iter().map(|row| row[3].parse::<u64>().expect("a number")).sum::<u64>(), 2000);
    assert_eq!(rows("measures.csv").len(), c.measures.len() * c.figures.len());
}

/// What the pairs are for: a country like the one of the gallery, Viber not blocked.
#[test]
fn common_random_numbers_gain() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let small = ["--users", "2000", "--replicates", "6", "--until", "2025-02-28"];
    run(folder, "scenarios/russia.toml", "a", &small);
    run(folder, "scenarios/russia.toml", "b", &[&small[..], &["--set", "intervention.Viber blocked.severity=0"]].concat());
    let said = exodus(folder, &["compare", "a", "b", "--json"]).assert().success();
    let told: serde_json::Value = serde_json::from_slice(&said.get_output().stdout).expect("JSON");
    let told = &told[0];
    assert_eq!((told["pairs"].as_u64(), told["first_difference"].as_str()), (Some(6), Some("2024-12-13")));
    let end = told["measures"].as_array().expect("a list").iter().find(|m| {
        m["messenger"] == "Viber" && m["column"] == "monthly_reach" && m["what"].as_str().is_some_and(|w| w.contains("end"))
    });
    let end = end.expect("a measure");
    let number = |key: &str| end[key].as_f64().expect("a number");
    assert!(number("low") > 0.0, "without the block Viber keeps more users: {end}");
    assert!(number("gain") > 1.0 && number("unpaired_replicates") > 6.0, "{end}");
    let text = exodus(folder, &["compare", "a", "b"]).assert().success();
    let text = String::from_utf8_lossy(&text.get_output().stdout).into_owned();
    assert!(text.contains("times smaller") && text.contains("followed in both"), "{text}");
}

#[test]
fn what_cannot_be_compared_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let run = |out: &str, args: &[&str]| run(folder, EVERYTHING, out, &[&["--set", "end=2025-01-10"], args].concat());
    run("a", &["--users", "500"]);
    run("users", &["--users", "600"]);
    run("seed", &["--users", "500", "--seed", "99"]);
    run("graph", &["--users", "500", "--set", "graph.mean_degree=6"]);
    run("start", &["--users", "500", "--set", "start=2025-01-03"]);
    run("longer", &["--users", "500", "--set", "end=2025-01-12"]);
    let message = |args: &[&str], code: i32| {
        let said = exodus(folder, &[&["compare"], args].concat()).assert().code(code);
        let output = said.get_output();
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!message.contains("panicked"), "{message}");
        (message, String::from_utf8_lossy(&output.stdout).into_owned())
    };
    for (other, says) in [("users", "population.users 600"), ("seed", "seed"), ("graph", "graph"), ("start", "2025-01-03")] {
        let (said, _) = message(&["a", other], 2);
        assert!(said.contains(says) && said.lines().count() == 1, "{said}");
    }
    assert!(message(&["a"], 2).0.contains("RUN_DIR"));
    assert!(message(&["a", "nowhere"], 2).0.contains("nowhere: found no such folder"));
    // One pair has no interval, and that is said; different ends are compared as far as they go.
    let (warned, table) = message(&["a", "longer"], 0);
    assert!(
        warned.contains("compared on the days that both have, 2025-01-01 to 2025-01-10: ")
            && table.contains("there is no interval"),
        "{warned}{table}"
    );
}
