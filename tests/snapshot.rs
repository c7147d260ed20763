//! Snapshots: whole, or refused with a message; never a panic.

mod common;

use assert_cmd::Command;
use common::{everything, root};
use exodus::experiment::{Run, RunOptions, resume_simulation};
use exodus::storage::snapshot::{Snapshot, UNIT};
use std::path::{Path, PathBuf};

/// A small snapshot of 10 February 2025.
fn snapshot(folder: &Path) -> PathBuf {
    let date = "2025-02-10".parse().expect("a date");
    let options = RunOptions { folder: folder.join("run"), snapshot_on: vec![date], ..RunOptions::default() };
    let scenario = everything(&["population.users=200", "end=2025-02-12", "observe.audience_panel=50", "observe.tie_panel=20"]);
    let mut run = Run::begin(scenario, &options).expect("a run");
    while !run.simulation().finished() {
        run.day().expect("a day");
    }
    run.end(String::new()).expect("an end");
    folder.join("run/snapshots/2025-02-10.exo")
}

/// Opens and verifies; the message if it is refused.
fn refusal(path: &Path) -> Option<String> {
    Snapshot::open(path).and_then(|s| s.verify()).err().map(|e| e.to_string())
}

#[test]
fn every_flipped_byte_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = snapshot(folder.path());
    let bytes = std::fs::read(&path).expect("a snapshot");
    assert_eq!(refusal(&path), None);
    let sections: Vec<_> = Snapshot::open(&path).expect("a snapshot").sections().to_vec();
    let inside = |at: usize| sections.iter().any(|s| (s.offset..s.offset + s.bytes).contains(&(at as u64)));
    let copy = folder.path().join("copy.exo");
    for at in 0..bytes.len() {
        let mut hurt = bytes.clone();
        hurt[at] ^= 0x10;
        std::fs::write(&copy, hurt).expect("written");
        let padding = at >= UNIT * (1 + sections.len()) && !inside(at);
        assert!(refusal(&copy).is_some() || padding, "byte {at} flipped, and nobody noticed");
    }
}

#[test]
fn every_length_but_its_own_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = snapshot(folder.path());
    let bytes = std::fs::read(&path).expect("a snapshot");
    let copy = folder.path().join("copy.exo");
    for len in (0..bytes.len()).step_by(7).chain([bytes.len() - 1]) {
        std::fs::write(&copy, &bytes[..len]).expect("written");
        assert!(refusal(&copy).is_some(), "cut to {len} bytes, and nobody noticed");
    }
    std::fs::write(&copy, [&bytes[..], b"more"].concat()).expect("written");
    assert!(refusal(&copy).is_some_and(|message| message.contains("cut short or added to")));
}

/// Header and table with their checksums made right again, so that only the change itself can be found.
fn forged(bytes: &[u8], change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    change(&mut bytes);
    let count = u32::from_le_bytes(bytes[12..16].try_into().expect("four bytes")).min(60) as usize;
    let table = xxhash_rust::xxh3::xxh3_64(&bytes[UNIT..UNIT * (1 + count)]);
    bytes[32..40].copy_from_slice(&table.to_le_bytes());
    let header = xxhash_rust::xxh3::xxh3_64(&bytes[..40]);
    bytes[40..48].copy_from_slice(&header.to_le_bytes());
    bytes
}

#[test]
fn forgeries_are_refused_without_panic() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = snapshot(folder.path());
    let bytes = std::fs::read(&path).expect("a snapshot");
    let copy = folder.path().join("copy.exo");
    let refused = |change: fn(&mut [u8]), says: &str| {
        std::fs::write(&copy, forged(&bytes, change)).expect("written");
        let message = Snapshot::open(&copy).and_then(|s| resume_simulation(&s).map(|_| ())).expect_err("refused").to_string();
        assert!(message.contains(says) && message.lines().count() == 1, "{message}");
    };
    refused(|b| b[8] = 9, "format version 9.0");
    refused(|b| b[12..16].copy_from_slice(&u32::MAX.to_le_bytes()), "does not lie inside");
    refused(|b| b[UNIT + 40..UNIT + 48].copy_from_slice(&(1u64 << 63).to_le_bytes()), "entry 0");
    refused(|b| b[UNIT + 48..UNIT + 56].copy_from_slice(&(1u64 << 63).to_le_bytes()), "entry 0");
    // Sections swapped: the words under the name of the days of review, and the other way round.
    refused(
        |b| {
            let (one, two) = (UNIT * 2, UNIT * 3);
            for k in 0..24 {
                b.swap(one + k, two + k);
            }
        },
        "type",
    );
    // Metadata that claims to be longer than all memory.
    refused(
        |b| {
            let at = u64::from_le_bytes(b[UNIT + 40..UNIT + 48].try_into().expect("eight bytes")) as usize;
            let len = u64::from_le_bytes(b[UNIT + 48..UNIT + 56].try_into().expect("eight bytes")) as usize;
            b[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
            let hash = xxhash_rust::xxh3::xxh3_64(&b[at..at + len]);
            b[UNIT + 56..UNIT + 64].copy_from_slice(&hash.to_le_bytes());
        },
        "metadata",
    );
}

#[test]
fn the_verb_tells_what_is_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = snapshot(folder.path());
    let exodus = |args: &[&str]| {
        let mut command = Command::cargo_bin("exodus").expect("the command");
        command.arg("snapshot").args(args);
        command
    };
    let file = path.to_str().expect("a path");
    exodus(&["verify", file]).assert().success();
    let said = exodus(&["info", file, "--json"]).assert().success();
    let info: serde_json::Value = serde_json::from_slice(&said.get_output().stdout).expect("JSON");
    assert_eq!((&info["date"], &info["users"]), (&"2025-02-10".into(), &200.into()));
    // The columns can be read from the offsets alone: every word's holdings are of the four messengers.
    let words = info["sections"].as_array().expect("a list").iter().find(|s| s["name"] == "words").expect("the words");
    let [at, len] = ["offset", "bytes"].map(|key| words[key].as_u64().expect("a number") as usize);
    let bytes = std::fs::read(&path).expect("a snapshot");
    assert!(bytes[at..at + len].chunks(4).all(|w| u32::from_le_bytes(w.try_into().expect("four bytes")) & 0xFFF0 == 0));
    let failed = exodus(&["info", root().join("Cargo.toml").to_str().expect("a path")]).assert().code(1);
    assert!(String::from_utf8_lossy(&failed.get_output().stderr).contains("is not a snapshot"));
}

#[test]
fn a_snapshot_gives_back_its_state() {
    let folder = tempfile::tempdir().expect("a folder");
    let snapshot = Snapshot::open(&snapshot(folder.path())).expect("a snapshot");
    let mut simulation = resume_simulation(&snapshot).expect("a simulation");
    assert_eq!(simulation.state().hash(), snapshot.metadata().state_hash);
    let golden = common::hashes(everything(&[
        "population.users=200",
        "end=2025-02-12",
        "observe.audience_panel=50",
        "observe.tie_panel=20",
    ]));
    simulation.step().expect("a step");
    simulation.step().expect("a step");
    assert_eq!(Some(&simulation.state().hash()), golden.last());
}

#[test]
fn a_fork_shares_the_past_and_may_change_only_the_future() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenario = root().join("tests/scenarios/everything.toml");
    let exodus = |args: &[&str]| {
        let mut command = Command::cargo_bin("exodus").expect("the command");
        command.current_dir(folder.path()).args(args);
        command
    };
    let run = [
        "run",
        scenario.to_str().expect("a path"),
        "--users",
        "2000",
        "--out",
        "parent",
        "--quiet",
        "--snapshot-on",
        "2025-02-28",
    ];
    exodus(&run).assert().success();
    let snapshot = "parent/snapshots/2025-02-28.exo";
    let manifest = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(folder.path().join(name).join("manifest.json")).expect("a manifest")).expect("JSON")
    };
    // The same future ends in the same state; another does not.
    exodus(&["fork", snapshot, "--out", "same", "--quiet"]).assert().success();
    exodus(&["fork", snapshot, "--set", "intervention.full block.severity=0", "--out", "other", "--quiet"]).assert().success();
    assert_eq!(manifest("same")["state_hash"], manifest("parent")["state_hash"]);
    assert_ne!(manifest("other")["state_hash"], manifest("parent")["state_hash"]);
    assert_eq!(manifest("other")["parent"]["date"], "2025-02-28");
    // Rows begin on the day after the snapshot, and the first days are those of the parent.
    let series = |name: &str| std::fs::read_to_string(folder.path().join(name).join("series.csv")).expect("a table");
    let (parent, same) = (series("parent"), series("same"));
    let rows: Vec<&str> = same.lines().skip(1).collect();
    assert!(rows[0].starts_with("2025-03-01") && parent.ends_with(&format!("{}\n", rows.join("\n"))));
    for (set, says) in [
        ("population.people=5", "population"),
        ("graph.mean_degree=8", "graph"),
        ("seed=9", "seed"),
        ("model.rule=hazard", "reach_by_age"),
        ("messenger.Green.reach_by_age=[0.1,0.1,0.1]", "reach_by_age"),
        ("intervention.mandate State pupils officials 2025-02-01.appeal=1", "interventions would have made another"),
    ] {
        let refused = exodus(&["fork", snapshot, "--set", set, "--out", "no", "--quiet"]).assert().code(2);
        let message = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
        assert!(message.contains(says), "{set}: {message}");
    }
    assert!(!folder.path().join("no").exists());
}
