use super::{KIND, Metadata};
use crate::error::Result;
use crate::storage::sections::{self, Data};
use std::path::Path;

/// Writes a snapshot in one step: it appears under its name when it is whole and on the disk.
pub fn write(path: &Path, metadata: &Metadata, columns: &[Data<'_>]) -> Result<()> {
    let encoded = metadata.encode(path)?;
    let mut all = vec![Data { name: "metadata", kind: "bincode", width: 1, bytes: &encoded }];
    all.extend_from_slice(columns);
    sections::write(path, &KIND, &all)
}
