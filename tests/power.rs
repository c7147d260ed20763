//! Promise 3: nothing is lost, in a power cut either. What a work does to the disk is recorded, and done again up to every single
//! operation: what lies there then is nothing, or something that the same work resumes, and that ends like one never stopped.
//!
//! Two disks are modelled here, by a map of names to bytes that knows nothing of exodus: one that has done everything in order up to the
//! cut, and one that has of each file only what was synced (names come at once, bytes late, as ext4 and XFS do it).

mod common;
#[path = "common/works.rs"]
mod works;

use exodus::experiment::verify;
use exodus::files::record::{self, Done};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use works::{WORKS, results};

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

#[test]
fn a_power_cut_after_any_operation_leaves_nothing_or_what_is_gone_on_with() {
    let shm = Path::new("/dev/shm");
    let base = if shm.is_dir() { tempfile::tempdir_in(shm) } else { tempfile::tempdir() }.expect("a folder");
    println!("| work | operations | disks | of which nothing |\n|---|---|---|---|");
    for (name, work) in WORKS {
        let [inputs, place] = ["inputs", "work"].map(|part| base.path().join(format!("{name}-{part}")));
        fs::create_dir(&inputs).expect("a folder");
        // What it begins from is there before.
        work(&base.path().join(format!("{name}-first")), &inputs).unwrap_or_else(|e| panic!("{name}: {e}"));
        fs::create_dir(&place).expect("a folder");
        record::start();
        work(&place, &inputs).unwrap_or_else(|e| panic!("{name}: {e}"));
        let done = record::stop();
        let whole = results(&place);
        // The model is right: all done, it has what the disk has.
        let disk = Disk::after(&done);
        for file in whole.keys() {
            let path = place.join(file);
            assert!(disk.files[&path].0 == fs::read(&path).expect("a file"), "{}", path.display());
        }
        let mut nothing = 0;
        for cut in 0..=done.len() {
            for only_safe in [false, true] {
                let last = done.get(cut.wrapping_sub(1)).map(in_words);
                let context = format!("{name}, cut after {cut} of {} ({last:?}), only what was synced: {only_safe}", done.len());
                fs::remove_dir_all(&place).expect("removed");
                fs::create_dir(&place).expect("a folder");
                Disk::after(&done[..cut]).lay_out(only_safe);
                nothing += usize::from(fs::read_dir(&place).expect("a folder").count() == 0);
                work(&place, &inputs).unwrap_or_else(|e| panic!("{context}: {e}"));
                let found = results(&place);
                assert!(found.keys().eq(whole.keys()), "{context}: {:?}", found.keys());
                for (file, bytes) in &whole {
                    assert!(found[file] == *bytes, "{context}: {}", file.display());
                }
                if name != "export" {
                    let folder = fs::read_dir(&place).expect("a folder").next().expect("one").expect("an entry").path();
                    let verified = verify(&folder).unwrap_or_else(|e| panic!("{context}: {e}"));
                    assert!(verified.differences.is_empty() && verified.files > 0, "{context}: {verified:?}");
                }
            }
        }
        println!("| {name} | {} | {} | {nothing} |", done.len(), 2 * (done.len() + 1));
    }
}

fn in_words(done: &Done) -> String {
    match done {
        Done::Write(path, bytes) => format!("{} bytes to {}", bytes.len(), path.display()),
        other => format!("{other:?}"),
    }
}
