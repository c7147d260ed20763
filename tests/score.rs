//! `exodus score`: forecasts see nothing of what follows, and their scores add up.

mod common;

use assert_cmd::Command;
use common::root;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const CALIBRATION: &str = r#"
scenario = "bass.toml"
targets = "targets.csv"
users = 400
seed = 5
flag = [{ name = "M", weight = 1.0 }, { name = "I", weight = 0.1 }]
series = [{ name = "holders", messenger = "Novelty", column = "holders", noise = 0.05, floor = 0.0002 }]

[score]
origins = ["2025-02", "2025-03"]
horizon = 2
until = "2025-05"
members = 24
steps = 1
parameter = [{ name = "peer", meaning = "q (1/day)", sets = [{ key = "model.hazard.peer" }], start = 0.06, low = 0.0, high = 0.2 }]

[[parameter]]
name = "spontaneous"
meaning = "p (1/day)"
sets = [{ key = "model.hazard.spontaneous" }]
start = 0.004
low = 0.0005
high = 0.02
log = true
"#;

const TARGETS: [(&str, f64, &str); 4] =
    [("2025-01", 0.2, "M"), ("2025-02", 0.45, "M"), ("2025-03", 0.6, "M"), ("2025-04", 0.65, "M")];

/// Writes the files; the last target may be another.
fn prepare(folder: &Path, last: f64, flag: &str) {
    let bass = fs::read_to_string(root().join("scenarios/bass.toml")).expect("the gallery");
    fs::write(folder.join("bass.toml"), bass.replace("mean_degree = 200", "mean_degree = 20")).expect("written");
    // Of 20,000 people.
    let people: f64 = 0.02;
    let row = |&(month, share, own): &(&str, f64, &str)| {
        let (share, flag) = if month == "2025-04" { (last, flag) } else { (share, own) };
        format!("{month},holders,{},{flag}\n", share * people)
    };
    let table: String = TARGETS.iter().map(row).collect();
    fs::write(folder.join("targets.csv"), format!("month,series,value_mln,flag\n{table}")).expect("written");
    fs::write(folder.join("c.toml"), CALIBRATION).expect("written");
}

fn exodus(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("the command");
    command.args(args).current_dir(folder);
    command
}

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    let header = reader.headers().expect("a header").clone();
    let row = |row: csv::Result<csv::StringRecord>| {
        let row = row.expect("a row");
        header.iter().zip(&row).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    };
    reader.records().map(row).collect()
}

fn number(row: &BTreeMap<String, String>, name: &str) -> f64 {
    row[name].parse().unwrap_or_else(|_| panic!("{name}: {row:?}"))
}

fn said(folder: &Path, args: &[&str]) -> String {
    String::from_utf8(exodus(folder, args).assert().success().get_output().stdout.clone()).expect("text")
}

#[test]
fn scores_add_up_and_the_folder_is_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    prepare(folder, 0.65, "M");
    let table = said(folder, &["score", "c.toml", "--out", "one", "--threads", "1"]);
    assert!(table.contains("persistence") && table.contains("model, what it was fitted to"), "{table}");
    said(folder, &["score", "c.toml", "--out", "two", "--threads", "2", "--quiet", "--no-report"]);
    for name in ["scores.csv", "summary.csv", "origins.csv", "forecasts.csv", "evaluations.csv", "ahead.csv"] {
        let read = |place: &str| fs::read(folder.join(place).join(name)).expect("a table");
        assert_eq!(read("one"), read("two"), "{name}: threads have no influence");
    }
    let scores = rows(&folder.join("one/scores.csv"));
    // Of the first origin two months are forecast, of the second one; by the model and four baselines. Two and three are fitted to.
    let forecast = |row: &&BTreeMap<String, String>| number(row, "horizon") > 0.0;
    assert_eq!((scores.iter().filter(forecast).count(), scores.len()), (3 * 5, 3 * 5 + 5));
    for row in scores.iter().filter(|row| row["method"] == "persistence") {
        let last = if row["origin"] == "2025-02" { 0.009 } else { 0.012 };
        assert!((number(row, "median") - last).abs() < 1e-6, "{row:?}");
        assert!((number(row, "error") - (last - number(row, "measured"))).abs() < 1e-6, "{row:?}");
    }
    // The line through 0.004 in January and 0.012 in March.
    let drift = scores.iter().find(|row| row["method"] == "drift" && row["origin"] == "2025-03").expect("a row");
    assert!((number(drift, "median") - 0.016).abs() < 1e-6, "{drift:?}");
    for row in rows(&folder.join("one/summary.csv")).iter().filter(|row| row["horizon"].is_empty() && row["series"].is_empty()) {
        let own: Vec<_> = scores.iter().filter(forecast).filter(|r| r["method"] == row["method"]).collect();
        for (column, of) in [("crps", "crps"), ("wis", "wis")] {
            let mean = own.iter().map(|r| number(r, of)).sum::<f64>() / own.len() as f64;
            assert!((number(row, column) - mean).abs() < 1e-5, "{row:?}");
        }
        let covered = own.iter().filter(|r| r["in_90"] == "true").count() as f64 / own.len() as f64;
        assert!((number(row, "coverage_90") - covered).abs() < 1e-6 && row["n"] == own.len().to_string());
    }
    for row in &scores {
        let [pit, crps, wis] = ["pit", "crps", "wis"].map(|name| number(row, name));
        assert!((0.0..=1.0).contains(&pit) && crps >= 0.0 && wis >= 0.0, "{row:?}");
        assert_eq!(row["in_90"] == "true", (0.05..=0.95).contains(&pit), "{row:?}");
    }
    // Two months from the first origin; from the last one also May, of which nothing is known.
    let ahead = rows(&folder.join("one/forecasts.csv"));
    let which: Vec<[&str; 3]> = ahead.iter().map(|row| ["origin", "month", "horizon"].map(|name| row[name].as_str())).collect();
    let [first, last] = ["2025-02", "2025-03"];
    let [april, may] = ["2025-04", "2025-05"];
    assert_eq!(which, [[first, "2025-03", "1"], [first, april, "2"], [last, april, "1"], [last, may, "2"]]);
    for row in &ahead {
        let told = ["q05", "q25", "median", "q75", "q95"].map(|name| number(row, name));
        assert!(told.is_sorted() && told[0] < told[4], "{row:?}");
        // Of 20,000 people; the distributions themselves go on beyond.
        assert!(told[0] >= 0.0 && told[4] <= 0.02, "{row:?}");
        let same =
            |r: &&BTreeMap<String, String>| r["origin"] == row["origin"] && r["month"] == row["month"] && r["method"] == "model";
        // What was measured lies in the interval of 90 % as the scores say.
        if let Some(scored) = scores.iter().find(same) {
            assert_eq!(scored["median"], row["median"]);
            let within = (told[0]..=told[4]).contains(&number(scored, "measured"));
            assert_eq!(scored["in_90"] == "true", within, "{scored:?}, {told:?}");
        }
    }
    for row in rows(&folder.join("one/origins.csv")) {
        assert!(number(&row, "effective_members") >= 1.0 && number(&row, "effective_members") <= 24.0);
    }
    for name in
        ["report.html", "figures/skill.svg", "figures/pit.svg", "figures/forecast-holders.svg", "figures/outlook-holders.svg"]
    {
        assert!(folder.join("one").join(name).exists(), "{name}");
    }
    said(folder, &["verify", "one"]);
    let refused = exodus(folder, &["score", "c.toml", "--out", "one"]).assert().code(2).get_output().stderr.clone();
    assert!(String::from_utf8_lossy(&refused).contains("--force"));
    said(folder, &["score", "c.toml", "--out", "one", "--force", "--quiet"]);
    said(folder, &["verify", "one"]);
    assert!(
        said(folder, &["score", "c.toml", "--dry-run"]).contains("96 runs"),
        "24 of the prior, 24 moved at each origin, 24 on to May"
    );
}

#[test]
fn a_forecast_sees_nothing_of_what_follows() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let medians = |last: f64, flag: &str, out: &str| -> Vec<String> {
        prepare(folder, last, flag);
        said(folder, &["score", "c.toml", "--out", out, "--quiet", "--no-report"]);
        let rows = rows(&folder.join(out).join("scores.csv"));
        rows.into_iter().filter(|row| row["month"] != "2025-04").map(|row| row["median"].clone()).collect()
    };
    let seen = medians(0.65, "M", "as-it-was");
    // April came after both origins: whatever it was, what was forecast for March and fitted before is the same.
    assert_eq!(seen, medians(0.9, "M", "another"));
    // An interpolated value is not scored.
    prepare(folder, 0.65, "I");
    said(folder, &["score", "c.toml", "--out", "interpolated", "--quiet", "--no-report"]);
    assert!(rows(&folder.join("interpolated/scores.csv")).iter().all(|row| row["month"] != "2025-04"));
}

#[test]
fn what_cannot_be_scored_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    prepare(folder, 0.65, "M");
    for (from, to, wanted) in [
        ("[score]\norigins", "[score]\norigin", "origin"),
        ("\"2025-03\"]", "\"March\"]", "months such as 2025-08"),
        ("\"2025-03\"]", "\"2024-03\"]", "allowed months of the targets"),
        ("until = \"2025-05\"", "until = \"2025-06\"", "up to the scenario's end, 2025-05-31"),
    ] {
        fs::write(folder.join("c.toml"), CALIBRATION.replace(from, to)).expect("written");
        let output = exodus(folder, &["score", "c.toml", "--out", "out"]).assert().code(2).get_output().stderr.clone();
        let message = String::from_utf8(output).expect("text");
        assert!(message.contains(wanted), "{wanted}: {message}");
    }
    let without = CALIBRATION.split("[score]").next().expect("text").to_owned()
        + &CALIBRATION[CALIBRATION.find("[[parameter]]").expect("a parameter")..];
    fs::write(folder.join("c.toml"), without).expect("written");
    let output = exodus(folder, &["score", "c.toml"]).assert().code(2).get_output().stderr.clone();
    assert!(String::from_utf8_lossy(&output).contains("found no table `score`"));
}
