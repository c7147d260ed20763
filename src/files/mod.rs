//! Files that appear under their name only when they are whole.
//!
//! Whatever the library does to a disk it does through these functions: a test holds it to that, and makes each of them
//! fail in turn.

#[doc(hidden)]
pub mod fault;
mod lock;
mod read;
#[doc(hidden)]
pub mod record;

pub use lock::Lock;
pub use read::{Lines, MOST_LINE, MOST_TEXT, open, open_lines, open_table, read, read_text};

use crate::error::{Error, Result};
use record::Done;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// A file that is being written.
#[derive(Debug)]
pub struct Writer {
    file: File,
    path: PathBuf,
}

impl Writer {
    /// A new file; an older one of that name is removed, or a link, which is not followed.
    pub fn create(path: &Path) -> Result<Self> {
        let file = fault::point("create").and_then(|()| {
            match fs::remove_file(path) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
                _ => {}
            }
            OpenOptions::new().write(true).create_new(true).open(path)
        });
        let file = file.map_err(|e| Error::io(path, "creating", e))?;
        record::note(|| Done::Create(path.to_owned()));
        Ok(Writer { file, path: path.to_owned() })
    }

    /// A file that is there, cut back to its first `bytes` bytes, to continue writing after them.
    ///
    /// Fails where it is shorter than that.
    pub fn reopen(path: &Path, bytes: u64) -> Result<Self> {
        let file = fault::point("open").and_then(|()| {
            read::regular(fs::symlink_metadata(path)?.file_type())?;
            OpenOptions::new().read(true).write(true).open(path)
        });
        let mut file = file.map_err(|e| Error::io(path, "opening", e))?;
        let found = file.metadata().map_err(|e| Error::io(path, "reading", e))?.len();
        if found < bytes {
            return Err(Error::corrupt(path, format!("found {found} bytes; expected at least {bytes}")));
        }
        let cut = fault::point("cut").and_then(|()| file.set_len(bytes)).and_then(|()| file.seek(SeekFrom::End(0)));
        cut.map_err(|e| Error::io(path, "cutting back", e))?;
        record::note(|| Done::Cut(path.to_owned(), bytes));
        Ok(Writer { file, path: path.to_owned() })
    }

    /// Puts everything on the disk.
    pub fn sync(&self) -> std::io::Result<()> {
        fault::point("sync")?;
        self.file.sync_all()?;
        record::note(|| Done::Sync(self.path.clone()));
        Ok(())
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        fault::point("write")?;
        let written = self.file.write(bytes)?;
        record::note(|| Done::Write(self.path.clone(), bytes[..written].to_vec()));
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Ends the name of a file that is still being written.
const UNFINISHED: &str = ".tmp";

/// Whether a folder holds a file of which the writing was cut short, by a kill; not where there is no folder.
pub fn unfinished(folder: &Path) -> bool {
    let mut entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.any(|entry| entry.file_name().to_string_lossy().ends_with(UNFINISHED))
}

/// Writes a file under its final name in one step: into a temporary file beside it, which is synced and renamed.
/// On failure the temporary file is removed and an older file of that name is left as it was.
pub fn write(path: &Path, fill: impl FnOnce(&mut BufWriter<Writer>) -> std::io::Result<()>) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(UNFINISHED);
    let temporary = path.with_file_name(name);
    let filled = Writer::create(&temporary).and_then(|writer| {
        let mut out = BufWriter::with_capacity(1 << 20, writer);
        let filled = fill(&mut out).and_then(|()| out.flush()).and_then(|()| out.get_ref().sync());
        // What is left in the buffer after a failure is not wanted.
        let (_file, _rest) = out.into_parts();
        filled.map_err(|e| Error::io(path, "writing", e))
    });
    filled.and_then(|()| publish(&temporary, path)).inspect_err(|_| {
        let _ = remove(&temporary);
    })
}

/// Gives a finished file its final name, and makes the name last.
pub fn publish(from: &Path, to: &Path) -> Result<()> {
    rename(from, to)?;
    let folder = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Folders cannot be opened or synced everywhere; where they can, the rename survives a power cut.
    let Ok(folder) = File::open(folder) else { return Ok(()) };
    match fault::point("sync folder").and_then(|()| folder.sync_all()) {
        Err(e) if !matches!(e.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Err(Error::io(to, "writing", e)),
        _ => {
            record::note(|| Done::SyncFolder(to.to_owned()));
            Ok(())
        }
    }
}

/// Gives a file another name; an older one of that name is replaced.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    fault::point("rename").and_then(|()| fs::rename(from, to)).map_err(|e| Error::io(to, "renaming", e))?;
    record::note(|| Done::Rename(from.to_owned(), to.to_owned()));
    Ok(())
}

/// Makes a folder in one that is ours, where it is missing. Other than in [`create_folder`], a link in its place is refused.
pub fn create_folder_in(folder: &Path, name: &str) -> Result<PathBuf> {
    let path = folder.join(name);
    if fs::symlink_metadata(&path).is_ok_and(|found| found.is_symlink()) {
        return Err(Error::invalid(format!(
            "{}: found a link; allowed a folder, as what is written there is ours",
            path.display()
        )));
    }
    create_folder(&path)?;
    Ok(path)
}

/// Makes a folder and those above it, where they are missing. Links to folders are followed, but for ones that lead nowhere.
pub fn create_folder(path: &Path) -> Result<()> {
    if let Some(link) =
        path.ancestors().find(|p| fs::symlink_metadata(p).is_ok_and(|m| m.is_symlink()) && fs::metadata(p).is_err())
    {
        let to = fs::read_link(link).unwrap_or_default();
        let (link, to) = (link.display(), to.display());
        return Err(Error::invalid(format!("{link}: found a link to {to}, which is not there; allowed a folder")));
    }
    fault::point("create folder").and_then(|()| fs::create_dir_all(path)).map_err(|e| Error::io(path, "creating", e))?;
    record::note(|| Done::Folder(path.to_owned()));
    Ok(())
}

/// Removes a file; one that is gone already is no error.
pub fn remove(path: &Path) -> Result<()> {
    gone(path, fault::point("remove").and_then(|()| fs::remove_file(path)))?;
    record::note(|| Done::Remove(path.to_owned()));
    Ok(())
}

/// Removes a folder that is empty; one that is not stays.
pub fn remove_empty_folder(path: &Path) -> Result<()> {
    match fault::point("remove folder").and_then(|()| fs::remove_dir(path)) {
        Err(e) if e.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
        removed => {
            gone(path, removed)?;
            record::note(|| Done::RemoveFolder(path.to_owned()));
            Ok(())
        }
    }
}

fn gone(path: &Path, removed: std::io::Result<()>) -> Result<()> {
    match removed {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(Error::io(path, "removing", e)),
        _ => Ok(()),
    }
}

/// Ends a text file with a newline, as everything that is read by people should.
pub fn write_text(path: &Path, text: &str) -> Result<()> {
    write(path, |out| out.write_all(text.trim_end().as_bytes()).and_then(|()| out.write_all(b"\n")))
}
