//! Snapshots: whole, or refused with a message; never a panic.

mod common;

use assert_cmd::Command;
use common::{everything, python, root};
use exodus::engine::Simulation;
use exodus::experiment::{Run, RunOptions, resume_simulation};
use exodus::model::{PublicState, Rule, SingleRow, UserView};
use exodus::observe::{Aggregate, Observation};
use exodus::storage::snapshot::{Data, Format, Selection, Snapshot, UNIT, export, write};
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
    // Sections swapped: public states under the name of the rows, and the other way round.
    refused(
        |b| {
            let (one, two) = (UNIT * 3, UNIT * 4);
            for k in 0..24 {
                b.swap(one + k, two + k);
            }
        },
        "type",
    );
    // Another row of use, with a right checksum: the hash of the state knows.
    refused(
        |b| {
            let entry = UNIT * 4;
            let [at, len] =
                [40, 48].map(|k| u64::from_le_bytes(b[entry + k..entry + k + 8].try_into().expect("eight bytes")) as usize);
            b[at] ^= 1;
            let hash = xxhash_rust::xxh3::xxh3_64(&b[at..at + len]);
            b[entry + 56..entry + 64].copy_from_slice(&hash.to_le_bytes());
        },
        "state",
    );
    // A name that an export would write to.
    refused(|b| b[UNIT * 2..UNIT * 2 + 6].copy_from_slice(b"../../"), "entry 1");
    // Columns of fewer users than the scenario has, who would all get a graph.
    let whole = Snapshot::open(&path).expect("a snapshot");
    let mut metadata = whole.metadata().clone();
    metadata.scenario = metadata.scenario.replace("users = 200", "users = 4000000000");
    let columns = whole.sections().iter().filter(|s| s.name != "metadata" && s.name != "row_fields");
    let columns: Vec<Data<'_>> =
        columns.map(|s| Data { name: &s.name, kind: &s.kind, width: s.width, bytes: whole.bytes(s) }).collect();
    write(&copy, &metadata, &[], exodus::engine::row_type_of(&everything(&[])), &columns).expect("written");
    let message = Snapshot::open(&copy).and_then(|s| resume_simulation(&s).map(|_| ())).expect_err("refused").to_string();
    assert!(message.contains("its columns are of 200 users, its scenario is of 4000000000"), "{message}");
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
    // The columns can be read from the offsets alone: everyone's holdings are of the four messengers.
    let states = info["sections"].as_array().expect("a list").iter().find(|s| s["name"] == "public").expect("the public states");
    let [at, len] = ["offset", "bytes"].map(|key| states[key].as_u64().expect("a number") as usize);
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
        ("intervention.mandate State pupils officials 2025-02-01.appeal=1", "before the snapshot"),
    ] {
        let refused = exodus(&["fork", snapshot, "--set", set, "--out", "no", "--quiet"]).assert().code(2);
        let message = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
        assert!(message.contains(says), "{set}: {message}");
    }
    assert!(!folder.path().join("no").exists());
}

/// The hash of the state in which a run ends.
fn finish_run(run: exodus::Result<Option<Run>>) -> String {
    let mut run = run.expect("a run").expect("not finished");
    while !run.simulation().finished() {
        run.day().expect("a day");
    }
    let hash = run.simulation().state().hash();
    run.end(String::new()).expect("an end");
    hash
}

/// A messenger that is blocked on 5 January, on the evening of the 31st.
fn blocked(changes: &[&str]) -> exodus::scenario::Scenario {
    let text = r#"
        name = "blocked"
        start = 2025-01-01
        end = 2025-03-31
        [population]
        people = 20_000
        users = 20_000
        [[messenger]]
        name = "A"
        reach_by_age = [0.9]
        [[messenger]]
        name = "B"
        reach_by_age = [0.5]
        [[intervention]]
        kind = "block"
        messenger = "A"
        from = 2025-01-05
    "#;
    let changes: Vec<String> = changes.iter().map(|change| change.to_string()).collect();
    exodus::scenario::parse(text, "blocked.toml", &changes).expect("a scenario")
}

/// Daily reach of A after each of `days` days more.
fn reach(simulation: &mut Simulation, days: u32) -> Vec<f64> {
    let mut observation = Observation::new(simulation).expect("observed");
    (0..days)
        .map(|_| {
            simulation.step().expect("a step");
            Aggregate::all(observation.observe(simulation).expect("a look"), simulation.scenario()).series()[0].daily_reach
        })
        .collect()
}

#[test]
fn what_happened_before_a_fork_is_what_the_parent_did() {
    let parent = || Simulation::new(blocked(&[])).expect("a simulation");
    let mut whole = parent();
    let days = reach(&mut whole, 32);
    let fork = |set: &str| {
        let mut simulation = parent();
        reach(&mut simulation, 31);
        simulation.under(blocked(&[set])).expect("a fork")
    };
    // Openings of an app that fails do not fade any more: the first day under this is like the last day before, but for the
    // few who review. They fade at once: nobody opens it but by habit of opening what is installed.
    let (last, next) = (days[30], days[31]);
    let kept = reach(&mut fork("model.usage.fail=0"), 1)[0];
    assert!((kept / last - 1.0).abs() < 0.01, "{last} before, {kept} after");
    assert!(next < kept, "{last} before, {next} in the parent");
    // What A would give if it worked is nothing to those for whom it is blocked.
    let other = reach(&mut fork("messenger.A.quality.messages=0.1"), 1)[0];
    assert!((other / next - 1.0).abs() < 0.01, "{next} in the parent, {other}");
    // Nor does it change the past that apps become worse for everyone.
    let b =
        |simulation: &Simulation| simulation.state().public().iter().filter(|&&word| PublicState(word).main() == Some(1)).count();
    assert_eq!(b(&fork("messenger.B.quality.messages=0")), b(&fork("model.usage.adapt=0.9")));
    // A fork that is stopped and resumed remembers it too.
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name);
    let options = |name: &str| RunOptions { folder: place(name), ..RunOptions::default() };
    let until = "2025-01-31".parse().expect("a date");
    let run = Run::begin(blocked(&[]), &RunOptions { snapshot_on: vec![until], ..options("parent") }).expect("a run");
    finish_run(Ok(Some(run)));
    let snapshot = Snapshot::open(&place("parent").join("snapshots/2025-01-31.exo")).expect("a snapshot");
    let forked = |name: &str| Run::fork(&snapshot, blocked(&["model.usage.fail=0.001"]), &options(name)).expect("a fork");
    let mut stopped = forked("stopped");
    stopped.day().expect("a day");
    stopped.pause().expect("a checkpoint");
    let ends = [finish_run(Ok(Some(forked("whole")))), finish_run(Run::resume(&place("stopped"), &options("stopped")))];
    assert_eq!(ends[0], ends[1]);
    // It does make a difference.
    let anew = finish_run(Run::begin(blocked(&["model.usage.fail=0.001"]), &options("anew")).map(Some));
    assert_ne!(ends[0], anew);
}

#[test]
fn a_state_resumes_only_under_what_it_fits() {
    let simulation = Simulation::new(blocked(&[])).expect("a simulation");
    let mut three = blocked(&[]);
    three.messengers.push(three.messengers[1].clone());
    three.messengers[2].name = "C".into();
    let error = simulation.under(three).expect_err("another number of messengers").to_string();
    assert_eq!(error, "the state is of 2 messengers; the scenario has 3");

    /// Nobody ever does anything else.
    struct Stay;
    impl Rule for Stay {
        type Row = SingleRow;

        fn review(&self, review: &UserView<'_>, _: &mut SingleRow) -> PublicState {
            review.public
        }
    }
    let graph = Simulation::new(blocked(&[])).expect("a simulation").graph().clone();
    let mut own = Simulation::with_rule(blocked(&[]), graph, Stay).expect("a simulation");
    let states = own.state().public().to_vec();
    own.step().expect("a step");
    let mut own = own.under(blocked(&["model.review_rate=0.9"])).expect("goes on");
    own.step().expect("a step");
    assert!(states == own.state().public(), "the own rule was forgotten");
}

#[test]
fn exports_are_the_state() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = snapshot(folder.path());
    let export = |args: &[&str]| {
        let mut command = Command::cargo_bin("exodus").expect("the command");
        command.current_dir(folder.path()).args(["snapshot", "export"]).arg(&file).args(["--force", "--out", "x"]).args(args);
        command
    };
    for format in ["parquet", "csv", "npy"] {
        export(&["--format", format]).assert().success();
    }
    let opened = Snapshot::open(&file).expect("a snapshot");
    let states: &[u32] = opened.column("public", "u32").expect("the public states");
    let mut table = csv::Reader::from_path(folder.path().join("x/users.csv")).expect("a table");
    let rows: Vec<csv::StringRecord> = table.records().map(|r| r.expect("a row")).collect();
    assert_eq!(rows.len(), 200);
    assert!(rows.iter().zip(states).all(|(row, word)| (&row[7] == "true") == (word & 1 == 1)));
    let npy = std::fs::read(folder.path().join("x/public.npy")).expect("a file");
    assert!(npy.len() % 64 == (200 * 4) % 64 && npy.ends_with(bytemuck::cast_slice(states)));
    export(&["--format", "csv", "--region", "East", "--sample", "100"]).assert().success();
    let east = std::fs::read_to_string(folder.path().join("x/users.csv")).expect("a table");
    assert!(east.lines().skip(1).all(|row| row.contains(",East,")) && (20..60).contains(&east.lines().count()));
    export(&["--format", "csv", "--region", "Eest"]).assert().code(2);
}

/// The page's example, where Python and NumPy are there.
#[test]
fn numpy_reads_a_snapshot_without_us() {
    let Some(python) = python("numpy") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let file = snapshot(folder.path());
    let page = std::fs::read_to_string(root().join("docs/snapshot.md")).expect("the page");
    let code = page.split("```python\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let ours = Path::new(env!("CARGO_BIN_EXE_exodus")).parent().expect("a folder").to_owned();
    let before = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(ours).chain(std::env::split_paths(&before)));
    let code = format!("{}\nprint(holders)", code.replace("FILE.exo", file.to_str().expect("a path")));
    let out = std::process::Command::new(python).args(["-c", &code]).env("PATH", path.expect("a path")).output().expect("python");
    let opened = Snapshot::open(&file).expect("a snapshot");
    let states: &[u32] = opened.column("public", "u32").expect("the public states");
    let holders = states.iter().filter(|&word| word & 1 == 1).count();
    assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), holders.to_string(), "{}", String::from_utf8_lossy(&out.stderr));
}

/// The run that the committed snapshots are of, stopped on the evening of 10 February 2025.
const OLD: [&str; 4] = ["population.users=200", "end=2025-02-28", "observe.audience_panel=50", "observe.tie_panel=20"];

/// Remakes what `tests/snapshots` holds of the present format. Of older ones there is nothing to remake: they stay as they
/// are, and stay readable.
#[test]
#[ignore = "writes into the sources"]
fn write_a_snapshot_to_be_kept() {
    let folder = root().join("tests/snapshots/v2");
    let mut run = Run::begin(everything(&OLD), &RunOptions { folder, ..RunOptions::default() }).expect("a run");
    while run.simulation().date() < "2025-02-10".parse().expect("a date") {
        run.day().expect("a day");
    }
    run.pause().expect("a checkpoint");
}

#[test]
fn a_snapshot_of_format_1_is_read_for_ever() {
    let snapshot = Snapshot::open(&root().join("tests/snapshots/v1/checkpoint.exo")).expect("a snapshot");
    snapshot.verify().expect("whole");
    let m = snapshot.metadata();
    assert_eq!(snapshot.version(), [1, 0]);
    assert_eq!((m.users, m.day, m.date.as_str(), m.messengers.len()), (200, 40, "2025-02-10", 4));
    assert_eq!(m.state_hash, "3300aaa57fbc1a8f9fe844aef309ac2a");
    let sections = snapshot.sections().iter();
    let sections: Vec<_> = sections.map(|s| (s.name.as_str(), s.kind.as_str(), s.width, s.bytes)).collect();
    let columns = [
        ("words", "u32", 1, 800),
        ("reviewed", "u16", 1, 400),
        ("aware", "u16", 1, 400),
        ("usage", "u8", 4, 800),
        ("target", "u8", 4, 800),
        ("baseline", "f32", 16, 192),
        ("panel_opened", "u16", 8, 800),
        ("tie_households", "u32", 1, 80),
    ];
    assert_eq!(sections[1..], columns);
    let words: &[u32] = snapshot.column("words", "u32").expect("the words");
    assert_eq!(words[..4], [0x02800003, 0x02810003, 0x06000003, 0x02010003]);
    let folder = tempfile::tempdir().expect("a folder");
    export(&snapshot, &Selection::default(), Format::Csv, folder.path(), false).expect("exported");
    let table = std::fs::read(folder.path().join("users.csv")).expect("a table");
    assert!(table == std::fs::read(root().join("tests/snapshots/v1.users.csv")).expect("a table"));
}

/// Results have changed since format 1: its state cannot continue, and says so in one line.
#[test]
fn an_old_run_says_that_it_cannot_go_on() {
    let old = Snapshot::open(&root().join("tests/snapshots/v1/checkpoint.exo")).expect("a snapshot");
    let error = resume_simulation(&old).expect_err("refused").to_string();
    assert!(error.contains("is of format 1, and results have changed since") && error.lines().count() == 1, "{error}");
}

/// From the committed snapshot of format 2 a run continues to the end that it would have had, while results are unchanged.
#[test]
fn a_kept_run_goes_on_while_results_are_unchanged() {
    let folder = tempfile::tempdir().expect("a folder");
    let old = root().join("tests/snapshots/v2");
    for entry in std::fs::read_dir(&old).expect("a folder") {
        let path = entry.expect("an entry").path();
        std::fs::copy(&path, folder.path().join(path.file_name().expect("a name"))).expect("copied");
    }
    let options = RunOptions { folder: folder.path().to_owned(), ..RunOptions::default() };
    let finish = |run: exodus::Result<Option<Run>>| {
        let mut run = run?.expect("a run that is not finished");
        while !run.simulation().finished() {
            run.day()?;
        }
        run.end(String::new()).map(|manifest| manifest.state_hash)
    };
    let snapshot = Snapshot::open(&old.join("checkpoint.exo")).expect("a snapshot");
    let forked = RunOptions { folder: folder.path().join("fork"), ..RunOptions::default() };
    let ends = [finish(Run::resume(folder.path(), &options)), finish(Run::fork(&snapshot, everything(&OLD), &forked).map(Some))];
    let today = common::hashes(everything(&OLD));
    let unchanged = today[41] == snapshot.metadata().state_hash;
    for end in ends {
        match end {
            Ok(hash) => assert_eq!(hash == today[today.len() - 1], unchanged),
            Err(error) => assert!(!unchanged && error.to_string().lines().count() == 1, "{error}"),
        }
    }
}
