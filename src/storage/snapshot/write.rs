use super::{MAGIC, Metadata, UNIT, VERSION};
use crate::error::Result;
use crate::files;
use std::io::{Seek, Write};
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64;

/// A column to be written: its name, and its values.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// Name of the section, at most 24 ASCII letters.
    pub name: &'a str,
    /// Type of the values: `u8`, `u16`, `u32`, `f32`.
    pub kind: &'a str,
    /// Values a row.
    pub width: u64,
    /// The values, little-endian.
    pub bytes: &'a [u8],
}

/// Writes a snapshot in one step: it appears under its name when it is whole and on the disk.
pub fn write(path: &Path, metadata: &Metadata, columns: &[Data<'_>]) -> Result<()> {
    let encoded = metadata.encode(path)?;
    let first = Data { name: "metadata", kind: "bincode", width: 1, bytes: &encoded };
    let sections: Vec<&Data<'_>> = std::iter::once(&first).chain(columns).collect();
    let mut offset = (UNIT * (1 + sections.len())) as u64;
    let mut table = Vec::new();
    for section in &sections {
        table.extend(padded::<24>(section.name));
        table.extend(padded::<8>(section.kind));
        for number in [section.width, offset, section.bytes.len() as u64, xxh3_64(section.bytes)] {
            table.extend(number.to_le_bytes());
        }
        offset += (section.bytes.len() as u64).next_multiple_of(UNIT as u64);
    }
    let mut header = Vec::from(MAGIC);
    header.extend(VERSION.iter().flat_map(|v| v.to_le_bytes()));
    header.extend((sections.len() as u32).to_le_bytes());
    header.extend((UNIT as u64).to_le_bytes());
    header.extend(offset.to_le_bytes());
    header.extend(xxh3_64(&table).to_le_bytes());
    header.extend(xxh3_64(&header).to_le_bytes());
    header.resize(UNIT, 0);

    files::write(path, |out| {
        out.write_all(&header)?;
        out.write_all(&table)?;
        for section in &sections {
            out.write_all(section.bytes)?;
            let gap = section.bytes.len().next_multiple_of(UNIT) - section.bytes.len();
            out.write_all(&[0; UNIT][..gap])?;
        }
        debug_assert_eq!(out.stream_position().ok(), Some(offset));
        Ok(())
    })
}

/// Text as so many bytes, filled up with zeros.
fn padded<const N: usize>(text: &str) -> [u8; N] {
    debug_assert!(text.len() <= N && text.is_ascii());
    std::array::from_fn(|k| text.as_bytes().get(k).copied().unwrap_or(0))
}
