use super::fault;
use crate::error::{Error, Result};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// A folder that no other process writes into while this lives.
///
/// The lock is the system's, on a file in the folder: it ends with its process, however that ends, so a file that a
/// killed process left behind is taken over. NFS carries such locks from host to host. Where a file system has none, the
/// file itself is the lock: then one that was left behind has to be removed by hand, and the message says so.
#[derive(Debug)]
pub struct Lock {
    path: PathBuf,
    file: Option<File>,
}

impl Lock {
    /// Name of the file.
    pub const NAME: &str = "exodus.lock";

    /// Whether a living process holds the lock of a folder, as far as the file system can tell.
    pub fn held(folder: &Path) -> bool {
        let held = |file: File| !matches!(file.try_lock_shared(), Ok(()) | Err(TryLockError::Error(_)));
        super::open(&folder.join(Self::NAME)).is_ok_and(held)
    }

    /// Takes the lock of a folder, which must be there; refused while anybody holds it.
    pub fn take(folder: &Path) -> Result<Self> {
        Self::with(folder, File::try_lock)
    }

    fn with(folder: &Path, try_lock: impl Fn(&File) -> std::result::Result<(), TryLockError>) -> Result<Self> {
        let path = folder.join(Self::NAME);
        let failed = |e| Error::io(&path, "locking", e);
        let mut options = OpenOptions::new();
        options.read(true).write(true);
        loop {
            fault::point("lock").map_err(failed)?;
            // A link, a pipe or a device is not ours: whatever it leads to is left alone.
            if let Ok(there) = fs::symlink_metadata(&path) {
                super::read::regular(there.file_type()).map_err(failed)?;
            }
            let (mut file, found) = match options.clone().create_new(true).open(&path) {
                Ok(file) => (file, false),
                Err(e) if e.kind() == ErrorKind::AlreadyExists => match options.open(&path) {
                    Ok(file) => (file, true),
                    Err(e) if e.kind() == ErrorKind::NotFound => continue,
                    Err(e) => return Err(failed(e)),
                },
                Err(e) => return Err(failed(e)),
            };
            match try_lock(&file) {
                // Between opening and locking, the last holder may have removed it.
                Ok(()) if !is_at(&file, &path) => continue,
                Ok(()) => {}
                Err(TryLockError::Error(_)) if !found => {}
                Err(TryLockError::WouldBlock) => {
                    let (folder, holder) = (folder.display(), holder(&mut file));
                    return Err(Error::invalid(format!("{folder}: found {holder} writing into it; allowed one at a time")));
                }
                Err(TryLockError::Error(e)) => {
                    let (path, holder) = (path.display(), holder(&mut file));
                    return Err(Error::invalid(format!(
                        "{path}: found the lock of {holder}, of which this file system cannot tell whether it still runs \
                         ({e}); if it does not, remove the file"
                    )));
                }
            }
            // The text is for the messages above; the lock holds without it.
            let text = format!("process {} on {}\n", std::process::id(), host());
            let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(text.as_bytes()));
            return Ok(Lock { path, file: Some(file) });
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // First the file, then the lock: whoever has opened the file meanwhile finds it gone, and makes a new one.
        let _ = fs::remove_file(&self.path);
        self.file.take();
    }
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.take(200).read_to_string(&mut text) {
        Ok(1..) => text.trim().replace(char::is_control, " "),
        _ => "another process".into(),
    }
}

/// The machine's name, for messages.
fn host() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| std::env::var("COMPUTERNAME").ok());
    name.map_or_else(|| "this host".into(), |name| name.trim().to_owned())
}

/// Whether the file still stands under that name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let place = |m: &fs::Metadata| (m.dev(), m.ino());
    matches!((&file.metadata(), &fs::symlink_metadata(path)), (Ok(a), Ok(b)) if place(a) == place(b))
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_locks_of_the_system_the_file_is_the_lock() {
        let folder = std::env::temp_dir().join(format!("exodus-lock-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let none = |_: &File| Err(TryLockError::Error(ErrorKind::Unsupported.into()));
        let first = Lock::with(&folder, none).expect("the lock");
        let message = Lock::with(&folder, none).expect_err("refused").to_string();
        let own = format!("process {} on ", std::process::id());
        assert!(message.contains(&own) && message.contains("remove the file") && message.lines().count() == 1, "{message}");
        drop(first);
        drop(Lock::with(&folder, none).expect("the lock, given back"));
        fs::remove_dir_all(&folder).expect("removed");
    }
}
