use super::metadata::{PastScenario, StoredField, encode};
use super::{DIVIDED, KIND, Metadata};
use crate::error::Result;
use crate::model::RowType;
use crate::peers::Peers;
use crate::storage::sections::{self, Data};
use std::path::Path;

/// Writes a snapshot in one step: it appears under its name when it is whole and on the disk.
///
/// `past` are the scenarios that were in force before; `row_type` is that of the column `rows`.
pub fn write(path: &Path, metadata: &Metadata, past: &[PastScenario], row_type: RowType, columns: &[Data<'_>]) -> Result<()> {
    write_among(path, metadata, past, row_type, columns, &Peers::alone())
}

/// The same by several processes, of which each has the rows of its part of the users, and what is remembered of its members of the
/// panels.
pub fn write_among(
    path: &Path,
    metadata: &Metadata,
    past: &[PastScenario],
    row_type: RowType,
    columns: &[Data<'_>],
    peers: &Peers,
) -> Result<()> {
    let encoded = encode(metadata, "metadata", path)?;
    let fields = encode(&StoredField::all(row_type), "row_fields", path)?;
    let encoded_past = encode(&past, "past", path)?;
    let mut all = vec![Data { name: "metadata", kind: "bincode", width: 1, bytes: &encoded }];
    if !past.is_empty() {
        all.push(Data { name: "past", kind: "bincode", width: 1, bytes: &encoded_past });
    }
    all.push(Data { name: "row_fields", kind: "bincode", width: 1, bytes: &fields });
    all.extend_from_slice(columns);
    sections::write_among(path, &KIND, &all, &DIVIDED, peers)
}
