//! Promise 3: nothing is lost. Runs that are killed or stopped go on, and end like runs never stopped.

mod common;

use assert_cmd::cargo::cargo_bin;
use common::root;
use exodus::storage::snapshot::Snapshot;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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

/// Kills a run with SIGKILL at moments spread over its length, also in a row, and resumes it to the end.
/// `EXODUS_KILLS=200 cargo test --release --test resume` is the long version.
#[test]
fn a_run_killed_at_any_moment_ends_like_one_never_stopped() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = folder.path().join("whole");
    let start = Instant::now();
    assert!(begin(&whole, "2").status().expect("a run").success());
    let length = start.elapsed();
    let kills: u32 = std::env::var("EXODUS_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(6);
    for k in 0..kills {
        let killed = folder.path().join(format!("killed-{k}"));
        // Moments that do not repeat: the fractional parts of multiples of the golden ratio.
        let moment = |n: u32| length.mul_f64((f64::from(n + 1) * 0.618_033_988_75).fract());
        let mut child = begin(&killed, if k % 2 == 0 { "1" } else { "2" }).spawn().expect("started");
        std::thread::sleep(moment(k));
        child.kill().expect("killed");
        child.wait().expect("a status");
        if !killed.join("manifest.json").exists() {
            // Killed before there was anything: nothing to go on with, and nothing lost.
            assert!(begin(&killed, "1").status().expect("a run").success());
        }
        // Killed a second time, while it goes on.
        let mut child = resume(&killed, "2").spawn().expect("started");
        std::thread::sleep(moment(k + 1000).min(Duration::from_millis(400)));
        let _ = child.kill();
        child.wait().expect("a status");
        let last = resume(&killed, "1").stderr(Stdio::piped()).output().expect("a run");
        assert!(last.status.success(), "{}", String::from_utf8_lossy(&last.stderr));
        assert_same(&whole, &killed);
        std::fs::remove_dir_all(&killed).expect("removed");
    }
    // A finished run says so, and stays as it is.
    assert!(resume(&whole, "1").status().expect("a run").success());
    assert_same(&whole, &whole);
    // But for its page, if it was killed while that was made.
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
