//! Graphs and starts kept on disk, to be used again instead of being made anew.

mod graphs;
mod starts;

use super::sections::{self, Data, FileKind, Sections};
use crate::error::{Error, Result};
use crate::files;
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The section that holds the key: a file under another name is not taken for what its name says.
const KEY: &str = "key";
/// How names end of files that are still being written.
const WRITTEN: &str = "tmp";
/// Whoever writes is never silent for as long as this; what stands still was left behind by a kill. An hour leaves room for
/// hosts whose clocks differ.
const SILENT: Duration = Duration::from_secs(3600);
/// Smaller graphs are regenerated as fast as they are read and checked: those of about four million users.
const LEAST: u64 = 256 << 20;

/// A folder of graphs, and of states on the eve of the start, by what they are made from.
#[derive(Clone, Debug)]
pub struct Cache {
    /// The folder; made when the first of them is kept.
    pub folder: PathBuf,
    /// Most bytes that all in it may take; what was used longest ago makes way.
    pub limit: u64,
    /// Smaller graphs (in bytes) are not kept, nor starts of less than a quarter of it.
    pub least: u64,
}

/// Where a graph or a start came from.
#[derive(Debug, Default)]
pub enum Origin {
    /// Made, and not worth keeping.
    #[default]
    Made,
    /// Made, and kept in this file for the next time.
    Kept(PathBuf),
    /// Taken from this file.
    Reused(PathBuf),
    /// Made; it could not be kept.
    NotKept(Error),
}

/// What is kept: a kind of file, by the ending of its names.
struct Kept {
    kind: FileKind,
    ending: &'static str,
    /// For messages.
    name: &'static str,
}

/// All that is kept.
const ALL: [&Kept; 2] = [&graphs::KEPT, &starts::KEPT];

impl Cache {
    /// A cache that keeps what is worth it.
    pub fn new(folder: PathBuf, limit: u64) -> Self {
        Cache { folder, limit, least: LEAST }
    }

    fn path(&self, kept: &Kept, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.{}", kept.ending))
    }

    /// Opens what was kept, once its key is right; its sections are still to be checked.
    fn open(&self, kept: &Kept, key: &str) -> Result<Sections> {
        let path = self.path(kept, key);
        let file = Sections::open(&path, &kept.kind)?;
        if file.column::<u8>(KEY, "u8")? != key.as_bytes() {
            return Err(Error::corrupt(path, format!("holds {} of another key", kept.name)));
        }
        Ok(file)
    }

    /// Notes that a file was used: whatever was used last goes last. A folder that cannot be written to is no hindrance.
    fn reused(&self, path: PathBuf) -> Origin {
        let _ = File::options().append(true).open(&path).and_then(|file| file.set_modified(SystemTime::now()));
        let _ = self.make_room(0, "nothing");
        Origin::Reused(path)
    }

    /// Keeps something for the next time, under its key.
    fn keep(&self, kept: &Kept, key: &str, columns: &[Data<'_>]) -> Origin {
        let path = self.path(kept, key);
        let written = || {
            files::create_folder(&self.folder)?;
            self.make_room(columns.iter().map(|column| column.bytes.len() as u64).sum(), kept.name)?;
            let own = path.with_extension(format!("{:016x}.{}", nobody_elses(), kept.ending));
            let key = Data { name: KEY, kind: "u8", width: 1, bytes: key.as_bytes() };
            sections::write(&own, &kept.kind, &[&[key], columns].concat())?;
            files::rename(&own, &path).inspect_err(|_| drop(files::remove(&own)))
        };
        match written() {
            Ok(()) => Origin::Kept(path),
            Err(error) => Origin::NotKept(error),
        }
    }

    /// Removes what killed processes left, then files used longest ago, until there is room for `bytes` more. What others are
    /// writing counts as far as it has come; together with them the limit may be passed for as long as they write.
    fn make_room(&self, bytes: u64, name: &str) -> Result<()> {
        let no_room = |what: String| Error::invalid(format!("{}: {what}; allowed {}", self.folder.display(), self.limit));
        if bytes > self.limit {
            return Err(no_room(format!("found {name} of {bytes} bytes")));
        }
        let mut whole = Vec::new();
        let mut all = 0;
        for entry in fs::read_dir(&self.folder).map_err(|e| Error::io(&self.folder, "opening", e))? {
            let path = entry.map_err(|e| Error::io(&self.folder, "reading", e))?.path();
            // What another process has just removed is not there to be counted.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            match Entry::of(&path) {
                None => continue,
                Some(Entry::Whole) => whole.push((modified, metadata.len(), path)),
                Some(Entry::Unfinished) if modified.elapsed().is_ok_and(|age| age > SILENT) && files::remove(&path).is_ok() => {
                    continue;
                }
                Some(Entry::Unfinished) => {}
            }
            all += metadata.len();
        }
        whole.sort();
        for (_, len, path) in whole {
            if all + bytes <= self.limit {
                break;
            }
            // One that cannot be removed, such as another user's, continues taking its room.
            if files::remove(&path).is_ok() {
                all -= len;
            }
        }
        if all + bytes > self.limit {
            return Err(no_room(format!("found {all} bytes that cannot be removed, and {name} of {bytes}")));
        }
        Ok(())
    }
}

/// What a file of the folder is, by its name.
enum Entry {
    /// `key.exg`, `key.exs`.
    Whole,
    /// `key.NUMBER.exg.tmp` while it is written, `key.NUMBER.exg` for a moment after.
    Unfinished,
}

impl Entry {
    /// `None` for a file that is not ours.
    fn of(path: &Path) -> Option<Self> {
        let is_ending = |ending: &str| ALL.iter().any(|kept| kept.ending == ending);
        match path.file_name()?.to_str()?.split('.').collect::<Vec<_>>()[..] {
            [_, ending] if is_ending(ending) => Some(Entry::Whole),
            [_, _, ending] | [_, _, ending, WRITTEN] if is_ending(ending) => Some(Entry::Unfinished),
            _ => None,
        }
    }
}

/// A number that nobody else has, be it in another process, on another host or in another container: the system's randomness
/// makes it.
fn nobody_elses() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_writings_have_one_name() {
        let numbers = (0..8).map(|_| std::thread::spawn(|| (0..2000).map(|_| nobody_elses()).collect::<Vec<_>>()));
        let numbers: Vec<_> = numbers.collect::<Vec<_>>().into_iter().flat_map(|t| t.join().expect("numbers")).collect();
        assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), 16_000);
    }
}
