//! Promise 3: nothing is lost, in a power cut either. What a run does to the disk is recorded, and done again up to every single
//! operation: what lies there then is nothing, or a run that goes on and ends like one never stopped.
//!
//! Two disks are modelled here, by a map of names to bytes that knows nothing of exodus: one that has done everything in order up to the
//! cut, and one that has of each file only what was synced (names come at once, bytes late, as ext4 and XFS do it).

mod common;

use common::everything;
use exodus::experiment::{Run, RunOptions};
use exodus::files::record::{self, Done};
use exodus::storage::Manifest;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn options(folder: &Path) -> RunOptions {
    let snapshot_on = vec!["2025-01-05".parse().expect("a date")];
    RunOptions { folder: folder.join("run"), checkpoint_every: Some(2), snapshot_on, ..RunOptions::default() }
}

/// Begins a run, or goes on with it, to its end.
fn run(folder: &Path) -> exodus::Result<()> {
    let scenario = everything(&["population.users=200", "end=2025-01-07", "observe.audience_panel=50", "observe.tie_panel=20"]);
    let options = options(folder);
    let run = match options.folder.join("manifest.json").exists() {
        true => Run::resume(&options.folder, &options)?,
        false => Some(Run::begin(scenario, &options)?),
    };
    let Some(mut run) = run else { return Ok(()) };
    while !run.simulation().finished() {
        run.day()?;
    }
    run.end(String::new()).map(|_| ())
}

/// A disk: of each file its bytes, and how many of them are safe.
#[derive(Default)]
struct Disk {
    files: BTreeMap<PathBuf, (Vec<u8>, usize)>,
    folders: BTreeSet<PathBuf>,
}

impl Disk {
    fn after(done: &[Done]) -> Self {
        let mut disk = Disk::default();
        for one in done {
            match one.clone() {
                Done::Folder(path) => drop(disk.folders.insert(path)),
                Done::Create(path) => drop(disk.files.insert(path, (Vec::new(), 0))),
                Done::Write(path, bytes) => disk.files.get_mut(&path).expect("created").0.extend(bytes),
                Done::Cut(path, length) => {
                    let (bytes, safe) = disk.files.get_mut(&path).expect("there");
                    bytes.truncate(length as usize);
                    *safe = (*safe).min(length as usize);
                }
                Done::Sync(path) => {
                    let (bytes, safe) = disk.files.get_mut(&path).expect("there");
                    *safe = bytes.len();
                }
                Done::Rename(from, to) => {
                    let file = disk.files.remove(&from).expect("there");
                    disk.files.insert(to, file);
                }
                Done::SyncFolder(_) => {}
                Done::Remove(path) => drop(disk.files.remove(&path)),
                Done::RemoveFolder(path) => {
                    disk.files.retain(|file, _| !file.starts_with(&path));
                    disk.folders.retain(|folder| !folder.starts_with(&path));
                }
            }
        }
        disk
    }

    /// Puts it where it was recorded.
    fn lay_out(&self, only_safe: bool) {
        self.folders.iter().for_each(|folder| fs::create_dir_all(folder).expect("a folder"));
        for (path, (bytes, safe)) in &self.files {
            fs::write(path, if only_safe { &bytes[..*safe] } else { bytes }).expect("written");
        }
    }
}

/// What two runs of the same must have in common.
fn results(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            match path.extension().and_then(|end| end.to_str()) {
                _ if path.is_dir() => folders.push(path),
                // Times and hardware.
                Some("json") => {}
                _ => drop(all.insert(path.strip_prefix(folder).expect("below").to_owned(), fs::read(path).expect("a file"))),
            }
        }
    }
    all
}

#[test]
fn a_power_cut_after_any_operation_leaves_nothing_or_a_run_to_go_on_with() {
    let shm = Path::new("/dev/shm");
    let base = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.expect("a folder");
    let work = base.path().join("work");
    fs::create_dir(&work).expect("a folder");
    record::start();
    run(&work).expect("a run");
    let done = record::stop();
    let whole = results(&work.join("run"));
    let hash = |folder: &Path| Manifest::finished(folder).expect("a finished run").state_hash;
    let state = hash(&work.join("run"));
    // The model is right: all done, it has what the disk has.
    let disk = Disk::after(&done);
    for (name, bytes) in &whole {
        assert!(disk.files[&work.join("run").join(name)].0 == *bytes, "{}", name.display());
    }
    let (mut nothing, mut gone_on) = (0, 0);
    for cut in 0..=done.len() {
        for only_safe in [false, true] {
            let context = format!(
                "cut after {cut} of {} ({:?}), only what was synced: {only_safe}",
                done.len(),
                done.get(cut.wrapping_sub(1)).map(name)
            );
            fs::remove_dir_all(&work).expect("removed");
            fs::create_dir(&work).expect("a folder");
            Disk::after(&done[..cut]).lay_out(only_safe);
            if work.join("run/manifest.json").exists() {
                gone_on += 1
            } else {
                nothing += 1
            }
            run(&work).unwrap_or_else(|e| panic!("{context}: {e}"));
            assert_eq!(hash(&work.join("run")), state, "{context}");
            let found = results(&work.join("run"));
            assert!(found.keys().eq(whole.keys()), "{context}: {:?}", found.keys());
            for (name, bytes) in &whole {
                assert!(found[name] == *bytes, "{context}: {}", name.display());
            }
        }
    }
    println!("{} operations; nothing there: {nothing}, gone on with: {gone_on}, each to the same end", done.len());
    assert!(gone_on > 100 && nothing > 0, "{gone_on}, {nothing}");
}

fn name(done: &Done) -> String {
    match done {
        Done::Write(path, bytes) => format!("{} bytes to {}", bytes.len(), path.display()),
        other => format!("{other:?}"),
    }
}
