//! Promise 3: nothing is lost. Runs that are killed or stopped continue, and end like runs never stopped.

mod common;

use assert_cmd::cargo::cargo_bin;
use common::root;
use exodus::storage::snapshot::Snapshot;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const FILES: [&str; 7] =
    ["series.csv", "population.csv", "series.parquet", "cohorts.parquet", "trace.parquet", "events.csv", "scenario.toml"];

/// A day near the end, of which a snapshot is kept.
const KEPT: &str = "2025-03-20";

fn exodus(args: &[&str]) -> Command {
    let mut command = Command::new(cargo_bin!("exodus"));
    command.args(args).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn begin(folder: &Path, threads: &str) -> Command {
    let scenario = root().join("tests/scenarios/everything.toml");
    let (scenario, folder) = (scenario.display().to_string(), folder.display().to_string());
    let mut command = exodus(&["run", &scenario, "--users", "20000", "--out", &folder, "--threads", threads]);
    command.args(["--checkpoint-every", "3", "--snapshot-on", KEPT, "--quiet"]);
    command
}

fn resume(folder: &Path, threads: &str) -> Command {
    exodus(&["resume", &folder.display().to_string(), "--threads", threads, "--checkpoint-every", "3", "--quiet"])
}

fn hashes(folder: &Path) -> (String, String) {
    let text = std::fs::read_to_string(folder.join("manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(manifest["status"], "finished");
    (manifest["state_hash"].to_string(), manifest["state_hashes"].to_string())
}

fn assert_same(a: &Path, b: &Path) {
    assert_eq!(hashes(a), hashes(b));
    for file in FILES {
        let [x, y] = [a, b].map(|folder| std::fs::read(folder.join(file)).expect("a file of the run"));
        assert!(x == y, "{file} differs");
    }
    let [x, y] = [a, b].map(|folder| {
        let snapshot = Snapshot::open(&folder.join(format!("snapshots/{KEPT}.exo"))).expect("the snapshot asked for");
        snapshot.metadata().state_hash.clone()
    });
    assert_eq!(x, y);
    let left = std::fs::read_dir(b).expect("a folder").map(|f| f.expect("a file").file_name().to_string_lossy().into_owned());
    let left: Vec<String> = left.filter(|n| n.ends_with(".part") || n.ends_with(".tmp") || n.starts_with("checkpoint")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_finished_run_stays_as_it_is_but_for_a_page_that_was_cut_short() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = folder.path().join("whole");
    assert!(begin(&whole, "2").status().expect("a run").success());
    assert!(resume(&whole, "1").status().expect("a run").success());
    assert_same(&whole, &whole);
    std::fs::rename(whole.join("report.html"), whole.join("report.html.tmp")).expect("renamed");
    assert!(resume(&whole, "1").status().expect("a run").success());
    assert!(whole.join("report.html").exists());
    assert_same(&whole, &whole);
}

#[test]
fn a_damaged_checkpoint_gives_way_to_the_one_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let [whole, hurt] = ["whole", "hurt"].map(|name| folder.path().join(name));
    assert!(begin(&whole, "2").status().expect("a run").success());
    let mut child = begin(&hurt, "2").spawn().expect("started");
    while !hurt.join("checkpoint.old.exo").exists() && child.try_wait().expect("a status").is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().expect("killed");
    child.wait().expect("a status");
    let newest = hurt.join("checkpoint.exo");
    if let Ok(mut bytes) = std::fs::read(&newest) {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&newest, bytes).expect("written");
    }
    assert!(resume(&hurt, "2").status().expect("a run").success());
    assert_same(&whole, &hurt);
}
