//! `exodus bench`, as typed. No test looks at how fast anything is.

use assert_cmd::Command;
use serde_json::Value;
use std::path::Path;

fn bench(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("exodus").expect("binary");
    let output = command.current_dir(folder).arg("bench").args(args).output().expect("runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
}

#[test]
fn every_row_names_its_workload_and_json_is_the_table() {
    let folder = tempfile::tempdir().expect("folder");
    let args = ["--quick", "--users", "3000,6000", "--threads", "1,2", "--degree", "10", "--review-rate", "0.2"];
    let (code, out, err) = bench(folder.path(), &[&args[..], &["--json", "--out", "bench.json"]].concat());
    assert_eq!(code, 0, "{err}");
    let report: Value = serde_json::from_str(&out).expect("JSON");
    let written = std::fs::read_to_string(folder.path().join("bench.json")).expect("written");
    assert_eq!(report, serde_json::from_str::<Value>(&written).expect("JSON"));

    let positive = |row: &Value, key: &str| assert!(row[key].as_f64().is_some_and(|x| x > 0.0), "{key}: {row}");
    let rows = |key: &str| report[key].as_array().expect("rows").clone();
    assert_eq!((rows("copy").len(), rows("graphs").len(), rows("ticks").len(), rows("snapshots").len()), (2, 2, 4, 2));
    for row in rows("ticks") {
        let number = |key: &str| row[key].as_f64().expect("a number");
        assert!([3000.0, 6000.0].contains(&number("users")) && [1.0, 2.0].contains(&number("threads")), "{row}");
        assert!((number("mean_degree") - 10.0).abs() < 1.0 && number("review_rate") == 0.2, "{row}");
        // What is counted does not depend on the machine: reviews per update are the review rate, reads per review the degree.
        assert!((number("reviews_per_second") / number("updates_per_second") - 0.2).abs() < 0.02, "{row}");
        assert!((number("tie_reads_per_second") / number("reviews_per_second") - number("mean_degree")).abs() < 0.5, "{row}");
        assert!(number("bytes_per_user") > number("state_bytes_per_user"), "{row}");
        positive(&row, "gather_limit");
    }
    for row in rows("graphs") {
        for key in ["ties", "ties_per_second", "bytes_per_tie"] {
            positive(&row, key);
        }
    }
    rows("snapshots").iter().for_each(|row| positive(row, "share_of_plain"));
    // What it wrote to measure the disk is gone.
    assert!(std::fs::read_dir(folder.path().join("results")).expect("a folder").next().is_none());

    let (code, out, _) = bench(folder.path(), &["--quick", "--users", "2000", "--threads", "1"]);
    assert_eq!(code, 0);
    assert!(out.contains("Simulating days") && out.contains("2,000") && out.contains("0.0714"), "{out}");
}

#[test]
fn wrong_usage_is_told() {
    let folder = tempfile::tempdir().expect("folder");
    for wrong in [
        ["--users", "0"],
        ["--users", "many"],
        ["--threads", "0"],
        ["--degree", "-1"],
        ["--review-rate", "2"],
        ["--out", "no/such/folder.json"],
    ] {
        let expected = if wrong[0] == "--out" { 1 } else { 2 };
        let (code, out, err) = bench(folder.path(), &["--quick", "--users", "2000", "--threads", "1", wrong[0], wrong[1]]);
        assert_eq!((code, out.as_str()), (expected, ""), "{wrong:?}: {err}");
    }
}
