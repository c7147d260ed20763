//! The bytes of a network's file, whatever they are packed with.

use crate::error::{Error, Result};
use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

/// Bytes read to recognise a file's format.
const HEAD: u64 = 1 << 16;
/// Most bytes of a line, a quoted record or an XML tag.
pub(super) const LONGEST: usize = 1 << 20;
/// Most memory that unpacking xz may take (kB): what its highest level needs, and more.
const XZ_MEMORY: u32 = 1 << 17;

/// ImportSummary how many bytes of the file, as it lies on the disk, have been read.
pub(super) type Progress<'a> = &'a dyn Fn(u64);

/// Opens a file, unpacks it, and shows its first bytes and all of its bytes.
pub(super) fn open<T>(path: &Path, progress: Progress<'_>, read: impl FnOnce(&[u8], &mut dyn BufRead) -> Result<T>) -> Result<T> {
    let failed = |e| Error::io(path, "reading", e);
    let mut file = crate::files::open(path).map_err(|e| Error::io(path, "opening", e))?;
    let mut first = Vec::new();
    (&mut file).take(16).read_to_end(&mut first).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    if first.starts_with(b"PK\x03\x04") || first.starts_with(b"PK\x05\x06") {
        return zipped(path, file, progress, read);
    }
    let file = BufReader::with_capacity(1 << 18, Counted { file, read: 0, progress });
    let stream: Box<dyn Read + '_> = match &first[..] {
        [0x1F, 0x8B, ..] => Box::new(MultiGzDecoder::new(file)),
        [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Box::new(Zstd { next: Some(file), frame: None }),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Box::new(bzip2::bufread::MultiBzDecoder::new(file)),
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Box::new(lzma_rust2::XzReader::new_mem_limit(file, true, XZ_MEMORY)),
        _ => Box::new(file),
    };
    unpacked(path, stream, read)
}

fn unpacked<T>(path: &Path, mut stream: impl Read, read: impl FnOnce(&[u8], &mut dyn BufRead) -> Result<T>) -> Result<T> {
    let mut head = Vec::new();
    stream.by_ref().take(HEAD).read_to_end(&mut head).map_err(|e| Error::io(path, "reading", e))?;
    if let Some(what) = foreign(&head) {
        return Err(Error::corrupt(path, format!("found {what}")));
    }
    let start = if head.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let mut all = BufReader::with_capacity(1 << 18, Cursor::new(&head[start..]).chain(stream));
    read(&head[start..], &mut all)
}

/// The one file of an archive.
fn zipped<T>(
    path: &Path,
    file: File,
    progress: Progress<'_>,
    read: impl FnOnce(&[u8], &mut dyn BufRead) -> Result<T>,
) -> Result<T> {
    let bad = |e: zip::result::ZipError| {
        Error::corrupt(path, format!("found a zip archive that cannot be read ({})", flat(&e.to_string())))
    };
    let counted = BufReader::with_capacity(1 << 18, Counted { file, read: 0, progress });
    let mut archive = zip::ZipArchive::new(counted).map_err(bad)?;
    let names = archive.file_names().map(|name| name.map(std::borrow::Cow::into_owned));
    let names: Vec<String> = names.collect::<std::result::Result<_, _>>().map_err(bad)?;
    let ends = |end: &str| names.iter().any(|name| name.ends_with(end));
    let office = names.iter().any(|name| name == "[Content_Types].xml" || name == "mimetype");
    let what = match () {
        () if office => Some("a spreadsheet or document (zip); allowed its table saved as CSV"),
        () if ends(".npy") => Some("NumPy arrays (.npz); allowed a list of ties, such as `numpy.savetxt` writes"),
        () => None,
    };
    if let Some(what) = what {
        return Err(Error::corrupt(path, format!("found {what}")));
    }
    let hidden = |name: &str| {
        name.ends_with('/') || name.starts_with("__MACOSX/") || name.rsplit('/').next().is_some_and(|n| n.starts_with('.'))
    };
    let files: Vec<&String> = names.iter().filter(|name| !hidden(name)).collect();
    let [one] = files[..] else {
        let list: Vec<&str> = files.iter().take(5).map(|name| name.as_str()).collect();
        let found = format!("found a zip archive of {} files ({:?}); allowed one with a single file", files.len(), list);
        return Err(Error::corrupt(path, found));
    };
    let member = archive.by_name(one).map_err(bad)?;
    unpacked(path, member, read)
}

/// What a file is that holds no text we know, and what to do about it.
fn foreign(head: &[u8]) -> Option<&'static str> {
    const TEXT: &str = "text in UTF-16 or UTF-32; allowed UTF-8 (in Excel: \"CSV UTF-8\"; or `iconv -f UTF-16 -t UTF-8`)";
    Some(match head {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, 0, 0xFE, 0xFF, ..] => TEXT,
        [b'P', b'A', b'R', b'1', ..] => "Parquet; allowed ties as CSV (tables of nodes may be Parquet: --nodes)",
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => "a NumPy array; allowed a list of ties, such as `numpy.savetxt` writes",
        [0x80, 2..=5, ..] => "a Python pickle; allowed a list of ties, GraphML or GML, such as NetworkX writes",
        [0x89, b'H', b'D', b'F', ..] => "HDF5; allowed a list of ties as CSV",
        [b'S', b'Q', b'L', b'i', b't', b'e', ..] => "an SQLite database; allowed a list of ties as CSV",
        [b'R', b'D', b'X', b'2' | b'3', ..] | [b'X' | b'A' | b'B', b'\n', 0, ..] => {
            "data of R (.rds, .RData); allowed a list of ties, such as `write.csv` or igraph's `write_graph` write"
        }
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => "an Arrow file; allowed a list of ties as CSV",
        [0x37, 0x7A, 0xBC, 0xAF, ..] => "a 7z archive; allowed gzip, zstd, bzip2, xz or zip",
        [b'%', b'P', b'D', b'F', ..] => "a PDF; allowed a network",
        _ if head.get(257..262) == Some(b"ustar") => "a tar archive; allowed the file in it, extracted (`tar xf`)",
        _ if head.len() >= 4 && head[1] == 0 && head[3] == 0 && head[0] != 0 => TEXT,
        _ if is_utf16(head, u16::from_le_bytes) || is_utf16(head, u16::from_be_bytes) => TEXT,
        _ if head.contains(&0) => "bytes that are not text; allowed a list of ties or a network in text",
        _ => return None,
    })
}

/// Whether bytes with zeros among them are text in UTF-16, of any script.
fn is_utf16(head: &[u8], unit: impl Fn([u8; 2]) -> u16) -> bool {
    let whole = head.len().min(1 << 12) & !1;
    let units = head[..whole].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let text: Option<String> = char::decode_utf16(units).map(|c| c.ok()).collect();
    let is_text = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    head.contains(&0) && text.is_some_and(|text| text.contains('\n') && text.chars().all(is_text))
}

struct Counted<'a> {
    file: File,
    read: u64,
    progress: Progress<'a>,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.read += n as u64;
        (self.progress)(self.read);
        Ok(n)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

/// Frames of zstd, one after another, as `cat` and parallel writers leave them.
struct Zstd<R: BufRead> {
    next: Option<R>,
    frame: Option<StreamingDecoder<R, ruzstd::decoding::FrameDecoder>>,
}

impl<R: BufRead> Zstd<R> {
    /// Opens the next frame; whether there is one.
    fn open(&mut self) -> std::io::Result<bool> {
        let Some(mut source) = self.next.take() else { return Ok(false) };
        loop {
            let ahead = source.fill_buf()?;
            if ahead.is_empty() {
                return Ok(false);
            }
            if ahead.len() < 8 || !matches!(ahead, [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..]) {
                break;
            }
            // A frame for other programs: its length follows its mark.
            let length = u64::from(u32::from_le_bytes([ahead[4], ahead[5], ahead[6], ahead[7]])) + 8;
            std::io::copy(&mut source.by_ref().take(length), &mut std::io::sink())?;
        }
        let frame = StreamingDecoder::new(source).map_err(|e| std::io::Error::other(format!("zstd: {e}")))?;
        self.frame = Some(frame);
        Ok(true)
    }
}

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            if self.frame.is_none() && !self.open()? {
                return Ok(0);
            }
            let Some(frame) = &mut self.frame else { return Ok(0) };
            let n = frame.read(buffer)?;
            if n > 0 || buffer.is_empty() {
                return Ok(n);
            }
            self.next = self.frame.take().map(StreamingDecoder::into_inner);
        }
    }
}

/// Lines that end in LF, CR LF or CR, none longer than [`LONGEST`].
pub(super) struct Lines<'a> {
    path: &'a Path,
    stream: &'a mut dyn BufRead,
    /// Number of the line read last, from 1.
    pub(super) number: u64,
    /// Whether the last line ended in CR, so that a LF that follows belongs to it.
    after_cr: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(path: &'a Path, stream: &'a mut dyn BufRead) -> Self {
        Lines { path, stream, number: 0, after_cr: false }
    }

    pub(super) fn path(&self) -> &'a Path {
        self.path
    }

    /// An error at the line read last.
    pub(super) fn bad(&self, what: impl std::fmt::Display) -> Error {
        bad(self.path, self.number, what)
    }

    /// The next line without its end; whether there was one.
    pub(super) fn next(&mut self, line: &mut Vec<u8>) -> Result<bool> {
        line.clear();
        let mut any = false;
        loop {
            let ahead = self.stream.fill_buf().map_err(|e| Error::io(self.path, "reading", e))?;
            if ahead.is_empty() {
                self.number += u64::from(any);
                return Ok(any);
            }
            let skip = usize::from(std::mem::take(&mut self.after_cr) && ahead[0] == b'\n');
            let rest = &ahead[skip..];
            any |= !rest.is_empty();
            let end = memchr::memchr2(b'\n', b'\r', rest);
            line.extend_from_slice(&rest[..end.unwrap_or(rest.len())]);
            let used = skip + end.map_or(rest.len(), |end| end + 1);
            self.after_cr = end.is_some_and(|end| rest[end] == b'\r');
            self.stream.consume(used);
            if line.len() > LONGEST {
                self.number += 1;
                return Err(self.bad(format!("found a line of more than {LONGEST} bytes; allowed shorter ones")));
            }
            if end.is_some() {
                self.number += 1;
                if memchr::memchr(0, line).is_some() {
                    return Err(self.bad("found a zero byte; allowed text"));
                }
                return Ok(true);
            }
        }
    }
}

/// An error at a line of a file.
pub(super) fn bad(path: &Path, line: u64, what: impl std::fmt::Display) -> Error {
    // A name may hold a line break.
    Error::corrupt(path, format!("line {line}: {}", flat(&what.to_string())))
}

/// Some text of a file, short enough for a message, without what would move a terminal's cursor.
pub(super) fn shown(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let mut out: String = flat(&text).chars().take(60).collect();
    if text.chars().count() > 60 {
        out.push('…');
    }
    out
}

/// Text on one line, without what would move a terminal's cursor.
pub(super) fn flat(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect()
}

/// The text of a field.
pub(super) fn utf8(bytes: &[u8]) -> std::result::Result<&str, String> {
    std::str::from_utf8(bytes)
        .map_err(|_| format!("found `{}`, bytes that are not UTF-8; allowed UTF-8 (`iconv -f LATIN1 -t UTF-8`)", shown(bytes)))
}
