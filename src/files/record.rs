//! For tests: what is done to the disk, in order, so that it can be done again up to any point, as a power cut leaves it. Off,
//! this is one load an operation.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

static RECORDING: AtomicBool = AtomicBool::new(false);
static DONE: Mutex<Vec<Done>> = Mutex::new(Vec::new());

/// An operation that has succeeded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// A folder, and those above it, are there.
    Folder(PathBuf),
    /// A new, empty file.
    Create(PathBuf),
    /// Bytes at the end of a file.
    Write(PathBuf, Vec<u8>),
    /// A file is cut back to so many bytes.
    Cut(PathBuf, u64),
    /// A file's bytes are on the disk.
    Sync(PathBuf),
    /// A file has another name.
    Rename(PathBuf, PathBuf),
    /// The names in the folder of this file are on the disk.
    SyncFolder(PathBuf),
    /// A file is gone.
    Remove(PathBuf),
    /// A folder is gone, with all in it.
    RemoveFolder(PathBuf),
}

/// Records from now on what this whole process does.
pub fn start() {
    DONE.lock().unwrap_or_else(PoisonError::into_inner).clear();
    RECORDING.store(true, Ordering::SeqCst);
}

/// Ends it; what was done.
pub fn stop() -> Vec<Done> {
    RECORDING.store(false, Ordering::SeqCst);
    std::mem::take(&mut DONE.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Receives everything that has been done to a disk.
pub(super) fn note(done: impl FnOnce() -> Done) {
    if RECORDING.load(Ordering::Relaxed) {
        DONE.lock().unwrap_or_else(PoisonError::into_inner).push(done());
    }
}
