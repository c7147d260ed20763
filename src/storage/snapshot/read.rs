use super::{MAGIC, MAX_SECTIONS, Metadata, UNIT, VERSION};
use crate::error::{Error, Result};
use bytemuck::Pod;
use memmap2::Mmap;
use rayon::prelude::*;
use std::fs::File;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

/// A snapshot, mapped: opening takes no time and no memory, whatever its size.
#[derive(Debug)]
pub struct Snapshot {
    path: PathBuf,
    map: Mmap,
    version: [u16; 2],
    sections: Vec<Section>,
    metadata: Metadata,
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

fn text(bytes: &[u8]) -> Option<String> {
    let end = bytes.iter().position(|&b| b == 0).unwrap_or(bytes.len());
    let (name, rest) = bytes.split_at(end);
    (name.iter().all(u8::is_ascii_graphic) && rest.iter().all(|&b| b == 0)).then(|| String::from_utf8_lossy(name).into_owned())
}

impl Snapshot {
    /// Opens a snapshot: checks the header, the section table and the metadata. The columns' checksums are left to
    /// [`Snapshot::verify`].
    pub fn open(path: &Path) -> Result<Self> {
        let bad = |what: String| Error::corrupt(path, what);
        let file = File::open(path).map_err(|e| Error::io(path, "opening", e))?;
        // SAFETY: a map of a file that another program cuts short while we read would end this process with SIGBUS. Our
        // own programs never do: snapshots are renamed into place, and never written again.
        let map = unsafe { Mmap::map(&file) }.map_err(|e| Error::io(path, "mapping", e))?;
        if map.len() < UNIT || map[..8] != MAGIC {
            return Err(bad("is not a snapshot of exodus: its first bytes are not those of one".into()));
        }
        let version = [u16::from_le_bytes(number(&map, 8)), u16::from_le_bytes(number(&map, 10))];
        if version[0] > VERSION[0] {
            return Err(bad(format!(
                "found format version {}.{}; this exodus reads up to {}",
                version[0], version[1], VERSION[0]
            )));
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
        let mut snapshot = Snapshot {
            path: path.to_owned(),
            sections: sections.collect::<Result<_>>()?,
            map,
            version,
            metadata: Metadata::default(),
        };
        let metadata = snapshot.section("metadata")?.clone();
        snapshot.check(&metadata)?;
        snapshot.metadata = Metadata::decode(snapshot.bytes(&metadata), path)?;
        Ok(snapshot)
    }

    /// What it is of.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Format version, major and minor.
    pub fn version(&self) -> [u16; 2] {
        self.version
    }

    /// All sections, in order.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn section(&self, name: &str) -> Result<&Section> {
        let section = self.sections.iter().find(|s| s.name == name);
        section.ok_or_else(|| Error::corrupt(&self.path, format!("has no section `{name}`")))
    }

    /// The bytes of a section.
    pub fn bytes(&self, section: &Section) -> &[u8] {
        // `open` has seen to it that all sections lie inside the map.
        &self.map[section.offset as usize..(section.offset + section.bytes) as usize]
    }

    /// The values of a column. Fails where there is no such column, or it is of another type.
    pub fn column<T: Pod>(&self, name: &str, kind: &str) -> Result<&[T]> {
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

    fn check(&self, section: &Section) -> Result<()> {
        if xxh3_64(self.bytes(section)) == section.xxh3 {
            return Ok(());
        }
        Err(Error::corrupt(&self.path, format!("section `{}` is damaged: its checksum is wrong", section.name)))
    }

    /// Checks every section against its checksum.
    pub fn verify(&self) -> Result<()> {
        self.sections.par_iter().try_for_each(|section| self.check(section))
    }
}
