//! Promise 3: nothing is lost. Every operation on the disk fails in turn; a failure is reported in one line, spoils no file,
//! and the run can continue. Its table is in `docs/durability.md`; `--nocapture` shows it.

mod common;
#[path = "common/works.rs"]
mod works;

use common::everything;
use exodus::experiment::{Run, RunOptions};
use exodus::files::{Lock, fault::Fault};
use exodus::storage::Manifest;
use exodus::storage::snapshot::{Format, Selection, Snapshot, export};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use works::{WORKS, results};

/// Faults are those of the whole process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// EDQUOT, whose number is not the same on all Unixes.
const OVER_QUOTA: i32 = if cfg!(target_os = "linux") { 122 } else { 69 };
/// ENOSPC, EIO, EACCES, EDQUOT.
const ERRORS: [(i32, &str); 4] =
    [(28, "No space left"), (5, "Input/output error"), (13, "Permission denied"), (OVER_QUOTA, "quota exceeded")];
/// Files that two runs of the same must have in common, byte by byte.
const TABLES: [&str; 8] = [
    "scenario.toml",
    "events.csv",
    "series.csv",
    "series.parquet",
    "population.csv",
    "cohorts.parquet",
    "trace.parquet",
    "snapshots/2025-01-06.exo",
];

fn options(folder: &Path) -> RunOptions {
    let snapshot_on = vec!["2025-01-06".parse().expect("a date")];
    RunOptions { folder: folder.join("run"), checkpoint_every: Some(3), snapshot_on, ..RunOptions::default() }
}

/// A run of nine days, begun or resumed, until the evening of a day.
fn run(folder: &Path, until: i32) -> exodus::Result<()> {
    let scenario = everything(&["population.users=200", "end=2025-01-09", "observe.audience_panel=50", "observe.tie_panel=20"]);
    let options = options(folder);
    let run = match options.folder.join("manifest.json").exists() {
        true => Run::resume(&options.folder, &options)?,
        false => Some(Run::begin(scenario, &options)?),
    };
    let Some(mut run) = run else { return Ok(()) };
    while !run.simulation().finished() && run.simulation().day() < until {
        run.day()?;
    }
    if run.simulation().finished() { run.end(String::new()) } else { run.pause() }.map(|_| ())
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn copy(from: &Path, to: &Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).expect("below"));
        fs::create_dir_all(target.parent().expect("a folder")).expect("a folder");
        fs::copy(file, target).expect("copied");
    }
}

/// No file under a final name is half there.
fn assert_whole(folder: &Path, reference: &Path, context: &str) {
    for file in files(folder) {
        let name = file.strip_prefix(folder).expect("below").to_string_lossy().into_owned();
        match () {
            () if name.ends_with(".part") || name.ends_with(".tmp") || name.ends_with(Lock::NAME) => {}
            () if name.ends_with(".exo") => {
                Snapshot::open(&file).and_then(|s| s.verify()).unwrap_or_else(|e| panic!("{context}: {e}"));
            }
            () if name.ends_with("manifest.json") => {
                Manifest::read(file.parent().expect("a folder")).unwrap_or_else(|e| panic!("{context}: {e}"));
            }
            () if name.ends_with(".json") => {}
            () => {
                let [found, whole] = [&file, &reference.join(&name)].map(|p| fs::read(p).expect("a file"));
                assert!(found == whole, "{context}: {name} is not whole");
            }
        }
    }
}

fn state(folder: &Path) -> String {
    Manifest::finished(&folder.join("run")).expect("a finished run").state_hash
}

/// What is done, and what must be there before.
type Work = (&'static str, Box<dyn Fn(&Path)>, Box<dyn Fn(&Path) -> exodus::Result<()>>);

#[test]
fn whatever_fails_is_told_and_spoils_nothing() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    // Where files live in memory syncs take no time.
    let shm = Path::new("/dev/shm");
    let base = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.expect("a folder");
    let [reference, paused, work] = ["reference", "paused", "work"].map(|name| base.path().join(name));
    run(&reference, i32::MAX).expect("a run");
    run(&paused, 4).expect("a paused run");
    let snapshot = reference.join("run/snapshots/2025-01-06.exo");
    let exports = move |folder: &Path| {
        let snapshot = Snapshot::open(&snapshot)?;
        [Format::Csv, Format::Parquet, Format::Numpy]
            .into_iter()
            .try_for_each(|format| export(&snapshot, &Selection::default(), format, &folder.join("export"), true).map(|_| ()))
    };
    exports(&reference).expect("exports");
    let works: [Work; 4] = [
        ("run", Box::new(|_| {}), Box::new(|folder| run(folder, i32::MAX))),
        ("pause", Box::new(|_| {}), Box::new(|folder| run(folder, 4))),
        ("resume", Box::new(move |folder| copy(&paused, folder)), Box::new(|folder| run(folder, i32::MAX))),
        ("export", Box::new(|_| {}), Box::new(exports)),
    ];
    let mut table: BTreeMap<(usize, &str), [u32; 2]> = BTreeMap::new();
    for (w, (name, prepare, attempt)) in works.iter().enumerate() {
        for lasting in [false, true] {
            for after in 0.. {
                prepare(&work);
                let (error, says) = ERRORS[after as usize % ERRORS.len()];
                Fault { after, error, lasting, hit: None }.arm();
                let result = attempt(&work);
                let Some(operation) = Fault::disarm().expect("it was armed").hit else {
                    result.expect("nothing failed");
                    fs::remove_dir_all(&work).expect("removed");
                    break;
                };
                let context = format!("{name}, operation {after}, {operation}, lasting {lasting}");
                let message = result.expect_err(&context).to_string();
                assert!(message.contains(says) && message.lines().count() == 1, "{context}: {message}");
                assert!(message.starts_with(&work.display().to_string()), "{context}: {message}");
                assert_whole(&work, &reference, &context);
                // And then it works again, and ends as if nothing had been.
                if *name == "export" {
                    attempt(&work).unwrap_or_else(|e| panic!("{context}: {e}"));
                } else {
                    run(&work, i32::MAX).unwrap_or_else(|e| panic!("{context}: {e}"));
                    assert_eq!(state(&work), state(&reference), "{context}");
                    for table in TABLES {
                        let [found, whole] = [&work, &reference].map(|f| fs::read(f.join("run").join(table)).expect("a file"));
                        assert!(found == whole, "{context}: {table} differs");
                    }
                }
                assert_whole(&work, &reference, &context);
                let left = files(&work);
                let left = left.iter().find(|f| {
                    let name = f.to_string_lossy();
                    name.ends_with(".part") || name.ends_with(".tmp") || name.contains("checkpoint") || f.ends_with(Lock::NAME)
                });
                assert_eq!(left, None, "{context}");
                table.entry((w, operation)).or_default()[usize::from(lasting)] += 1;
                fs::remove_dir_all(&work).expect("removed");
            }
        }
    }
    println!("| work | operation | failed once | failed from then on |\n|---|---|---|---|");
    for ((w, operation), [once, lasting]) in table {
        println!("| {} | {operation} | {once} | {lasting} |", works[w].0);
    }
}

/// The same of everything else that writes a folder.
#[test]
fn whatever_fails_in_other_works_is_told_and_they_go_on() {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let shm = Path::new("/dev/shm");
    let base = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.expect("a folder");
    println!("| work | operations that failed |\n|---|---|");
    // Runs and exports are observed more closely above.
    for (name, work) in WORKS.iter().filter(|(name, _)| !["run", "export"].contains(name)) {
        let [inputs, place, first] = ["inputs", "work", "first"].map(|part| base.path().join(format!("{name}-{part}")));
        fs::create_dir(&inputs).expect("a folder");
        work(&first, &inputs).unwrap_or_else(|e| panic!("{name}: {e}"));
        let whole = results(&first);
        let mut failed = 0;
        for lasting in [false, true] {
            for after in 0.. {
                fs::create_dir(&place).expect("a folder");
                let (error, says) = ERRORS[after as usize % ERRORS.len()];
                Fault { after, error, lasting, hit: None }.arm();
                let result = work(&place, &inputs);
                let hit = Fault::disarm().expect("it was armed").hit;
                let context = format!("{name}, operation {after}, {hit:?}, lasting {lasting}");
                if hit.is_some() {
                    failed += 1;
                    let message = result.expect_err(&context).to_string();
                    assert!(message.contains(says) && message.lines().count() == 1, "{context}: {message}");
                    assert!(message.starts_with(&base.path().display().to_string()), "{context}: {message}");
                    work(&place, &inputs).unwrap_or_else(|e| panic!("{context}: {e}"));
                } else {
                    result.expect("nothing failed");
                }
                let found = results(&place);
                assert!(found.keys().eq(whole.keys()), "{context}: {:?}", found.keys());
                for (file, bytes) in &whole {
                    assert!(found[file] == *bytes, "{context}: {}", file.display());
                }
                fs::remove_dir_all(&place).expect("removed");
                if hit.is_none() {
                    break;
                }
            }
        }
        println!("| {name} | {failed} |");
    }
}
