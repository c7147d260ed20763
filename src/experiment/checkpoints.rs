use crate::error::Result;
use crate::files;
use crate::storage::snapshot::Snapshot;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Most wall time between two checkpoints.
const AT_LEAST_EVERY: Duration = Duration::from_secs(600);

/// The checkpoints of a run: the last two are kept, and at every moment one of them is whole.
#[derive(Debug)]
pub(super) struct Checkpoints {
    folder: PathBuf,
    every_days: Option<u32>,
    written: Instant,
    /// Of the graph; found when the first is written.
    pub(super) fingerprint: Option<[u64; 3]>,
    last_day: Option<i32>,
}

/// The newest, the one before, and one that was just written when the run was killed.
const NAMES: [&str; 3] = ["checkpoint.exo", "checkpoint.old.exo", "checkpoint.next.exo"];

impl Checkpoints {
    pub(super) fn new(folder: &Path, every_days: Option<u32>) -> Self {
        Checkpoints { folder: folder.to_owned(), every_days, written: Instant::now(), fingerprint: None, last_day: None }
    }

    /// Whether one is due on the evening of `day`.
    pub(super) fn due(&self, day: i32) -> bool {
        let by_days = self.every_days.is_some_and(|every| ((day + 1) as u32).is_multiple_of(every.max(1)));
        (by_days || self.written.elapsed() > AT_LEAST_EVERY) && self.last_day != Some(day)
    }

    /// Where the next one is to be written.
    pub(super) fn next_path(&self) -> PathBuf {
        self.folder.join(NAMES[2])
    }

    /// Makes the one just written the newest.
    pub(super) fn publish(&mut self, day: i32) -> Result<()> {
        let [newest, old, next] = NAMES.map(|name| self.folder.join(name));
        if newest.exists() {
            files::rename(&newest, &old)?;
        }
        files::publish(&next, &newest)?;
        (self.written, self.last_day) = (Instant::now(), Some(day));
        Ok(())
    }

    /// The newest valid one in a folder.
    pub(super) fn newest(folder: &Path) -> Option<Snapshot> {
        let valid = NAMES
            .iter()
            .filter_map(|name| Snapshot::open(&folder.join(name)).ok())
            .filter(|s| s.metadata().run.is_some() && s.verify().is_ok());
        valid.max_by_key(|snapshot| snapshot.metadata().day)
    }

    /// A finished run needs none.
    pub(super) fn remove(self) -> Result<()> {
        // One that was being written when the run was killed has no name of its own yet.
        let unfinished = format!("{}.tmp", NAMES[2]);
        NAMES.iter().chain([&unfinished.as_str()]).try_for_each(|name| files::remove(&self.folder.join(name)))
    }
}
