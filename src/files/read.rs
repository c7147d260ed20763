//! Reading: only regular files are opened, and none is taken that does not fit.
//!
//! A pipe or a device where a file should be would wait indefinitely, or never end; a line without an end would fill the memory.

use std::fs::{self, File, FileType};
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// Most bytes of a text that is read as a whole: scenarios, sweep files, manifests.
pub const MOST_TEXT: u64 = 64 << 20;
/// Most bytes of a line of a table.
pub const MOST_LINE: usize = 1 << 20;

/// Opens a regular file, or a link to one, for reading.
pub fn open(path: &Path) -> Result<File> {
    // Before it is opened, as opening a pipe waits for its other end.
    regular(fs::metadata(path)?.file_type())?;
    let file = File::open(path)?;
    regular(file.metadata()?.file_type())?;
    Ok(file)
}

/// The bytes of a file of at most [`MOST_TEXT`].
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(MOST_TEXT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_TEXT {
        return Err(refused(format!("found a file of more than {MOST_TEXT} bytes; allowed at most that")));
    }
    Ok(bytes)
}

/// The same as text.
pub fn read_text(path: &Path) -> Result<String> {
    String::from_utf8(read(path)?).map_err(|_| refused("found bytes that are not text; allowed UTF-8".into()))
}

/// A table to read line by line, of any length, but without lines of more than [`MOST_LINE`] bytes.
pub fn open_lines(path: &Path) -> Result<Lines> {
    Ok(Lines::new(open(path)?))
}

/// A table of lines, none longer than [`MOST_LINE`]. Ends of lines inside quotes end no line, as a reader of tables continues
/// there: a quote that is never closed would fill the memory too.
#[derive(Debug)]
pub struct Lines<R = File> {
    source: R,
    /// Bytes since the last end of a line.
    line: usize,
    quoted: bool,
    /// The last byte.
    last: u8,
}

impl<R> Lines<R> {
    /// The lines of a source.
    pub fn new(source: R) -> Self {
        Lines { source, line: 0, quoted: false, last: b'\n' }
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let n = self.source.read(buffer)?;
        for &byte in &buffer[..n] {
            self.line += 1;
            match byte {
                // Inside, one closes, and the second of two opens again.
                b'"' if self.quoted => self.quoted = false,
                // Elsewhere than at the beginning of a cell a quote is a letter.
                b'"' => self.quoted = matches!(self.last, b'\n' | b'\r' | b',' | b'\t' | b';' | b'"'),
                b'\n' | b'\r' if !self.quoted => self.line = 0,
                _ => {}
            }
            self.last = byte;
            if self.line > MOST_LINE {
                return Err(refused(format!("found a line of more than {MOST_LINE} bytes; allowed at most that")));
            }
        }
        Ok(n)
    }
}

impl<R: std::io::Seek> std::io::Seek for Lines<R> {
    fn seek(&mut self, to: std::io::SeekFrom) -> Result<u64> {
        (self.line, self.quoted, self.last) = (0, false, b'\n');
        self.source.seek(to)
    }
}

pub(super) fn refused(what: String) -> Error {
    Error::new(ErrorKind::InvalidData, what)
}

/// Refuses what is no regular file, such as a link where links are not followed.
pub(super) fn regular(kind: FileType) -> Result<()> {
    if kind.is_file() {
        return Ok(());
    }
    let found = match () {
        () if kind.is_dir() => "a folder",
        () if kind.is_symlink() => "a link",
        () => "a pipe or a device",
    };
    Err(refused(format!("found {found}; allowed a regular file")))
}

/// The same as a table of comma-separated values.
pub fn open_table(path: &Path, form: &csv::ReaderBuilder) -> csv::Result<csv::Reader<Lines>> {
    Ok(form.from_reader(open_lines(path)?))
}
