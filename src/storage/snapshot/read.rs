use super::metadata::{PastScenario, StoredField, decode};
use super::{KIND, Metadata};
use crate::error::Result;
use crate::storage::sections::{Section, Sections};
use bytemuck::Pod;
use std::path::Path;

/// A snapshot, mapped: opening takes no time and no memory, whatever its size.
#[derive(Debug)]
pub struct Snapshot {
    file: Sections,
    metadata: Metadata,
}

impl Snapshot {
    /// Opens a snapshot: checks the header, the section table and the metadata. The columns' checksums are left to
    /// [`Snapshot::verify`].
    pub fn open(path: &Path) -> Result<Self> {
        let file = Sections::open(path, &KIND)?;
        let metadata = file.section("metadata")?;
        file.check(metadata)?;
        Ok(Snapshot { metadata: decode(file.bytes(metadata), "metadata", path)?, file })
    }

    /// What it is of.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Scenarios that were in force before the one of the metadata, in order; none unless the run was forked.
    pub fn past(&self) -> Result<Vec<PastScenario>> {
        match self.sections().iter().find(|section| section.name == "past") {
            Some(section) => decode(self.bytes(section), "past", self.path()),
            None => Ok(Vec::new()),
        }
    }

    /// Fields of the rows in which users keep what only they read. None in format 1, which had a column for each.
    pub fn row_fields(&self) -> Result<Vec<StoredField>> {
        match self.sections().iter().find(|section| section.name == "row_fields") {
            Some(section) => decode(self.bytes(section), "row_fields", self.path()),
            None => Ok(Vec::new()),
        }
    }

    /// Format version, major and minor.
    pub fn version(&self) -> [u16; 2] {
        self.file.version()
    }

    /// All sections, in order.
    pub fn sections(&self) -> &[Section] {
        self.file.sections()
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The section of this name. Fails where there is none.
    pub fn section_named(&self, name: &str) -> Result<&Section> {
        self.file.section(name)
    }

    /// The bytes of a section.
    pub fn bytes(&self, section: &Section) -> &[u8] {
        self.file.bytes(section)
    }

    /// The values of a column. Fails where there is no such column, or it is of another type.
    pub fn column<T: Pod>(&self, name: &str, kind: &str) -> Result<&[T]> {
        self.file.column(name, kind)
    }

    /// Checks every section against its checksum.
    pub fn verify(&self) -> Result<()> {
        self.file.verify()
    }
}
