//! The container of exodus's binary files: a header, a table of sections, and the sections, aligned and each with its
//! checksum. `docs/snapshot.md` has it byte by byte.

use crate::error::{Error, Result};
use crate::files;
use crate::memory::Column;
use crate::peers::Peers;
use bytemuck::Pod;
use memmap2::Mmap;
use rayon::prelude::*;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use xxhash_rust::xxh3::{Xxh3, xxh3_64};

/// Bytes of the header, and of an entry of the section table; sections begin at multiples of it.
pub const UNIT: usize = 64;
/// Most sections.
const MAX_SECTIONS: u32 = 8192;

/// A kind of file.
#[derive(Clone, Copy, Debug)]
pub(super) struct FileKind {
    /// First bytes of the file.
    pub magic: [u8; 8],
    /// Version: a newer major one is refused, a newer minor one may hold sections unknown here.
    pub version: [u16; 2],
    /// What it is, for messages: "a snapshot".
    pub what: &'static str,
}

/// A file of sections, mapped: opening takes no time and no memory, whatever its size.
#[derive(Debug)]
pub(super) struct Sections {
    path: PathBuf,
    map: Arc<Mmap>,
    version: [u16; 2],
    sections: Vec<Section>,
}

/// A section: where its bytes lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Name.
    pub name: String,
    /// Type of its values.
    pub kind: String,
    /// Values a row.
    pub width: u64,
    /// First byte in the file.
    pub offset: u64,
    /// Length in bytes.
    pub bytes: u64,
    /// xxh3-64 of its bytes.
    pub xxh3: u64,
}

/// The number at `at`, little-endian.
fn number<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    std::array::from_fn(|k| bytes.get(at + k).copied().unwrap_or(0))
}

/// Letters, digits and underscores: an export makes files of these names.
fn text(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    let (name, rest) = bytes.split_at(end);
    (name.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'_') && rest.iter().all(|&b| b == 0))
        .then(|| String::from_utf8_lossy(name).into_owned())
}

impl Sections {
    /// Opens a file: checks the header and the section table. The sections' checksums are left to [`Sections::verify`].
    pub(super) fn open(path: &Path, kind: &FileKind) -> Result<Self> {
        let FileKind { magic, version: known, what } = *kind;
        let bad = |what: String| Error::corrupt(path, what);
        let file = files::open(path).map_err(|e| Error::io(path, "opening", e))?;
        // SAFETY: a map of a file that another program cuts short while we read would end this process with SIGBUS. Our
        // own programs never do: these files are renamed into place, and never written again.
        let map = unsafe { Mmap::map(&file) }.map_err(|e| Error::io(path, "mapping", e))?;
        if map.len() < UNIT || map[..8] != magic {
            return Err(bad(format!("is not {what} of exodus: its first bytes are not those of one")));
        }
        let version = [u16::from_le_bytes(number(&map, 8)), u16::from_le_bytes(number(&map, 10))];
        if version[0] > known[0] {
            return Err(bad(format!("found format version {}.{}; this exodus reads up to {}", version[0], version[1], known[0])));
        }
        if xxh3_64(&map[..40]) != u64::from_le_bytes(number(&map, 40)) || version[0] == 0 || map[48..UNIT].iter().any(|&b| b != 0)
        {
            return Err(bad("the header is damaged: its checksum is wrong".into()));
        }
        let count = u32::from_le_bytes(number(&map, 12));
        let [table_at, length, table_hash] = [16, 24, 32].map(|at| u64::from_le_bytes(number(&map, at)));
        if length != map.len() as u64 {
            return Err(bad(format!("found {} bytes; the header says {length}: the file was cut short or added to", map.len())));
        }
        let table_end = table_at
            .checked_add(u64::from(count) * UNIT as u64)
            .filter(|&end| end <= length && count <= MAX_SECTIONS && count > 0);
        let Some(table) = table_end.and_then(|end| map.get(table_at as usize..end as usize)) else {
            return Err(bad(format!("the section table, {count} entries at {table_at}, does not lie inside the file")));
        };
        if xxh3_64(table) != table_hash {
            return Err(bad("the section table is damaged: its checksum is wrong".into()));
        }
        let sections = (table.chunks_exact(UNIT).enumerate()).map(|(k, entry)| {
            let [width, offset, bytes, xxh3] = [32, 40, 48, 56].map(|at| u64::from_le_bytes(number(entry, at)));
            let inside = offset.checked_add(bytes).is_some_and(|end| end <= length) && offset % UNIT as u64 == 0;
            match (text(&entry[..24]), text(&entry[24..32])) {
                (Some(name), Some(kind)) if inside => Ok(Section { name, kind, width, offset, bytes, xxh3 }),
                _ => Err(bad(format!("entry {k} of the section table is not one: found {bytes} bytes at {offset}"))),
            }
        });
        Ok(Sections { path: path.to_owned(), sections: sections.collect::<Result<_>>()?, map: Arc::new(map), version })
    }

    /// Format version, major and minor.
    pub(super) fn version(&self) -> [u16; 2] {
        self.version
    }

    /// All sections, in order.
    pub(super) fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Path of the file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The section of a name. Fails where there is none.
    pub(super) fn section(&self, name: &str) -> Result<&Section> {
        let section = self.sections.iter().find(|s| s.name == name);
        section.ok_or_else(|| Error::corrupt(&self.path, format!("has no section `{name}`")))
    }

    /// The bytes of a section.
    pub(super) fn bytes(&self, section: &Section) -> &[u8] {
        // `open` has seen to it that all sections lie inside the map.
        &self.map[section.offset as usize..(section.offset + section.bytes) as usize]
    }

    /// The values of a column. Fails where there is no such column, or it is of another type.
    pub(super) fn column<T: Pod>(&self, name: &str, kind: &str) -> Result<&[T]> {
        let section = self.section(name)?;
        if section.kind != kind {
            return Err(Error::corrupt(
                &self.path,
                format!("section `{name}`: found values of type {}; allowed {kind}", section.kind),
            ));
        }
        bytemuck::try_cast_slice(self.bytes(section)).map_err(|_| {
            Error::corrupt(&self.path, format!("section `{name}`: {} bytes are not whole values of type {kind}", section.bytes))
        })
    }

    /// The same as a column that continues being mapped.
    pub(super) fn mapped<T: Pod>(&self, name: &str, kind: &str) -> Result<Column<T>> {
        let len = self.column::<T>(name, kind)?.len();
        let offset = self.section(name)?.offset as usize;
        Column::mapped(Arc::clone(&self.map), offset, len)
            .ok_or_else(|| Error::corrupt(&self.path, format!("section `{name}` is not aligned")))
    }

    /// The same as a column of its own, checked against its checksum.
    pub(super) fn read<T: Pod>(&self, name: &str, kind: &str) -> Result<Column<T>> {
        let len = self.column::<T>(name, kind)?.len();
        let section = self.section(name)?;
        let mut column = Column::zeroed(len)?;
        let bytes: &mut [u8] = bytemuck::cast_slice_mut(column.to_mut()?);
        let mut file = files::open(&self.path).map_err(|e| Error::io(&self.path, "opening", e))?;
        let filled = file.seek(SeekFrom::Start(section.offset)).and_then(|_| file.read_exact(bytes));
        filled.map_err(|e| Error::io(&self.path, "reading", e))?;
        if xxh3_64(bytes) != section.xxh3 {
            return Err(self.damaged(section));
        }
        Ok(column)
    }

    /// Checks a section against its checksum.
    pub(super) fn check(&self, section: &Section) -> Result<()> {
        if xxh3_64(self.bytes(section)) == section.xxh3 {
            return Ok(());
        }
        Err(self.damaged(section))
    }

    fn damaged(&self, section: &Section) -> Error {
        Error::corrupt(&self.path, format!("section `{}` is damaged: its checksum is wrong", section.name))
    }

    /// Checks every section against its checksum.
    pub(super) fn verify(&self) -> Result<()> {
        self.sections.par_iter().try_for_each(|section| self.check(section))
    }
}

/// A column to be written: its name, and its values.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// Name of the section, at most 24 ASCII letters.
    pub name: &'a str,
    /// Type of the values: `u8`, `u16`, `u32`, `f32`; `row` of bytes that the metadata explain.
    pub kind: &'a str,
    /// Values a row.
    pub width: u64,
    /// The values, little-endian.
    pub bytes: &'a [u8],
}

/// Writes a file in one step: it appears under its name when it is whole and on the disk.
pub(super) fn write(path: &Path, kind: &FileKind, sections: &[Data<'_>]) -> Result<()> {
    let sums: Vec<u64> = sections.par_iter().map(|section| xxh3_64(section.bytes)).collect();
    let lengths: Vec<u64> = sections.iter().map(|section| section.bytes.len() as u64).collect();
    let head = head(kind, sections, &lengths, &sums);
    files::write(path, |out| {
        out.write_all(&head)?;
        sections.iter().try_for_each(|section| {
            out.write_all(section.bytes)?;
            out.write_all(gap(section.bytes.len() as u64))
        })
    })
}

/// The same by several processes: the first of them writes, and of the sections named `divided` each has a part.
pub(super) fn write_among(path: &Path, kind: &FileKind, sections: &[Data<'_>], divided: &[&str], peers: &Peers) -> Result<()> {
    if peers.is_alone() {
        return write(path, kind, sections);
    }
    let is_divided = |section: &Data<'_>| divided.contains(&section.name);
    // A whole section is the first rank's; a divided one is sent there, piece by piece.
    let contents = |section: &Data<'_>, take: &mut dyn FnMut(&[u8]) -> Result<()>| match is_divided(section) {
        true => peers.to_first(|emit| emit(section.bytes), take),
        false if peers.is_first() => take(section.bytes),
        false => Ok(()),
    };
    let (mut lengths, mut sums) = (Vec::new(), Vec::new());
    for section in sections {
        let (mut length, mut hasher) = (0, Xxh3::new());
        contents(section, &mut |bytes| {
            length += bytes.len() as u64;
            hasher.update(bytes);
            Ok(())
        })?;
        lengths.push(length);
        sums.push(hasher.digest());
    }
    // Where writing fails, the others do not hear of it before they have sent all.
    let send_all = || sections.iter().try_for_each(|section| contents(section, &mut |_| Ok(())));
    if !peers.is_first() {
        let sent = send_all();
        return peers.agree(sent);
    }
    let mut asked = false;
    let written = files::write(path, |out| {
        asked = true;
        let mut result = out.write_all(&head(kind, sections, &lengths, &sums));
        for (section, length) in sections.iter().zip(&lengths) {
            let received = contents(section, &mut |bytes| {
                if result.is_ok() {
                    result = out.write_all(bytes);
                }
                Ok(())
            });
            received.map_err(std::io::Error::other)?;
            result = result.and_then(|()| out.write_all(gap(*length)));
        }
        result
    });
    let sent = if asked { Ok(()) } else { send_all() };
    peers.agree(written.and(sent))
}

/// Header and section table.
fn head(kind: &FileKind, sections: &[Data<'_>], lengths: &[u64], sums: &[u64]) -> Vec<u8> {
    let mut offset = (UNIT * (1 + sections.len())) as u64;
    let mut table = Vec::new();
    for ((section, &length), &sum) in sections.iter().zip(lengths).zip(sums) {
        table.extend(padded::<24>(section.name));
        table.extend(padded::<8>(section.kind));
        for number in [section.width, offset, length, sum] {
            table.extend(number.to_le_bytes());
        }
        offset += length.next_multiple_of(UNIT as u64);
    }
    let mut header = Vec::from(kind.magic);
    header.extend(kind.version.iter().flat_map(|v| v.to_le_bytes()));
    header.extend((sections.len() as u32).to_le_bytes());
    header.extend((UNIT as u64).to_le_bytes());
    header.extend(offset.to_le_bytes());
    header.extend(xxh3_64(&table).to_le_bytes());
    header.extend(xxh3_64(&header).to_le_bytes());
    header.resize(UNIT, 0);
    header.extend(table);
    header
}

/// What fills the file up to the next section.
fn gap(length: u64) -> &'static [u8] {
    &[0; UNIT][..(length.next_multiple_of(UNIT as u64) - length) as usize]
}

/// Text as so many bytes, filled up with zeros.
fn padded<const N: usize>(text: &str) -> [u8; N] {
    debug_assert!(text.len() <= N && text.is_ascii());
    std::array::from_fn(|k| text.as_bytes().get(k).copied().unwrap_or(0))
}
