//! `exodus run --replicates`: one folder, its figures, and going on after a kill.

mod common;

use assert_cmd::Command;
use common::root;
use exodus::experiment::{Replicates, statistics::t_975};
use exodus::storage::{Curves, Manifest};
use std::path::Path;

fn exodus(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("the command");
    command.current_dir(folder).args(args);
    command
}

fn run(folder: &Path, more: &[&str]) -> Command {
    let scenario = root().join("tests/scenarios/everything.toml");
    let mut command = exodus(folder, &["run", &scenario.display().to_string(), "--users", "1500", "--until", "2025-02-20"]);
    command.args(more);
    command
}

/// Rows of a `replicates.csv`: date, messenger, column, and the numbers.
fn rows(folder: &Path) -> Vec<(String, String, String, Vec<f64>)> {
    let mut reader = csv::Reader::from_path(folder.join("replicates.csv")).expect("a table");
    let rows = reader.records().map(|row| {
        let row = row.expect("a row");
        let text = |k: usize| row[k].to_owned();
        (text(0), text(1), text(2), row.iter().skip(3).map(|cell| cell.parse().unwrap_or(f64::NAN)).collect())
    });
    rows.collect()
}

#[test]
fn the_table_is_that_of_the_folders() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), &["--replicates", "4", "--out", "r", "--json", "--threads", "2"]).assert().success();
    let told: serde_json::Value = serde_json::from_slice(&said.get_output().stdout).expect("JSON");
    let folder = folder.path().join("r");
    let replicates = Replicates::open(&folder).expect("replicates");
    let curves: Vec<Curves> = replicates.runs().iter().map(|run| Curves::read(run).expect("curves")).collect();
    let rows = rows(&folder);
    let days = curves[0].dates().len();
    assert_eq!(rows.len(), days * (4 * 9 + 14), "a row per day, messenger and column, and per day and column");
    for (date, messenger, column, numbers) in &rows {
        let day = curves[0].index(date.parse().expect("a date")).expect("a day");
        let figures = curves.iter().map(|c| match messenger.as_str() {
            "" => c.population(column).expect("a column")[day],
            name => c.series(column, name).expect("a column")[day],
        });
        let mut figures: Vec<f64> = figures.filter(|x| !x.is_nan()).collect();
        figures.sort_by(f64::total_cmp);
        let n = figures.len() as f64;
        let mean = figures.iter().sum::<f64>() / n;
        let close = |a: f64, b: f64| (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-6 + 1e-9 * b.abs();
        assert!(close(numbers[0], mean), "{date} {messenger} {column}: {numbers:?} {figures:?}");
        if figures.len() == 4 {
            let sd = (figures.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 3.0).sqrt();
            let half = t_975(3) * sd / 2.0;
            let median = (figures[1] + figures[2]) / 2.0;
            let expected = [mean, sd, mean - half, mean + half];
            assert!(expected.iter().zip(numbers).all(|(a, b)| close(*b, *a)), "{date} {messenger} {column}: {numbers:?}");
            assert!(close(numbers[5], median) && numbers[4] >= figures[0] && numbers[6] <= figures[3]);
        }
    }
    // What is reported is what is in the table.
    let end = rows.iter().rfind(|r| r.1 == "Green" && r.2 == "monthly_reach").expect("a row");
    let reach = told["monthly_reach"].as_array().expect("a list");
    let reach = reach.iter().rfind(|r| r["messenger"] == "Green").expect("a row");
    assert_eq!(reach["date"], end.0);
    assert!((reach["mean"].as_f64().expect("a number") - end.3[0]).abs() < 1e-5);
    // Four seeds, four runs.
    let manifests = replicates.manifests().expect("manifests");
    let mut hashes: Vec<_> = manifests.iter().map(|m| (m.seed, m.state_hash.clone())).collect();
    hashes.sort();
    hashes.dedup_by(|a, b| a.0 == b.0 || a.1 == b.1);
    assert_eq!(hashes.len(), 4);
    assert_eq!(manifests[0].seed, replicates.scenario().seed);
}

#[test]
fn replicates_that_were_killed_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    run(folder, &["--replicates", "3", "--out", "whole", "--quiet", "--threads", "1"]).assert().success();
    run(folder, &["--replicates", "3", "--out", "killed", "--quiet", "--threads", "2"]).assert().success();
    // As a kill leaves them: one finished, one at its beginning, one not begun, no table.
    let killed = folder.join("killed");
    let path = killed.join("replicate-001");
    let mut manifest = Manifest::read(&path).expect("a manifest");
    manifest.status = "running".into();
    manifest.write(&path).expect("written");
    std::fs::remove_file(path.join("series.csv")).expect("removed");
    std::fs::remove_file(killed.join("replicates.csv")).expect("removed");
    let none = killed.join("replicate-002");
    std::fs::remove_dir_all(&none).expect("removed");
    let kept = std::fs::metadata(killed.join("replicate-000/series.csv")).expect("a file").modified().expect("a time");
    // Nothing can be derived from an unfinished one.
    assert!(Replicates::open(&killed).expect("replicates").manifests().is_err());
    exodus(folder, &["resume", "killed", "--quiet", "--threads", "1"]).assert().success();
    for file in ["replicates.csv", "replicate-001/series.csv", "replicate-002/series.csv", "replicate-002/trace.parquet"] {
        let [a, b] = ["whole", "killed"].map(|side| std::fs::read(folder.join(side).join(file)).expect("a file"));
        assert!(a == b, "{file} differs");
    }
    let now = std::fs::metadata(killed.join("replicate-000/series.csv")).expect("a file").modified().expect("a time");
    assert_eq!(kept, now, "a finished run is not repeated");
}

#[test]
fn replicates_are_not_overwritten_unless_asked() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    run(folder, &["--replicates", "3", "--out", "r", "--quiet"]).assert().success();
    let refused = run(folder, &["--replicates", "2", "--out", "r", "--quiet"]).assert().code(2);
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("--force"));
    std::fs::write(folder.join("r/notes.txt"), "mine").expect("written");
    run(folder, &["--replicates", "2", "--out", "r", "--quiet", "--force"]).assert().success();
    assert!(folder.join("r/notes.txt").exists() && !folder.join("r/replicate-002").exists());
    run(folder, &["--replicates", "0", "--out", "none"]).assert().code(2);
    // A folder that holds no replicates is left alone.
    std::fs::create_dir(folder.join("other")).expect("a folder");
    std::fs::write(folder.join("other/thesis.tex"), "years of work").expect("written");
    run(folder, &["--replicates", "2", "--out", "other", "--force", "--quiet"]).assert().code(2);
    assert!(folder.join("other/thesis.tex").exists());
}
