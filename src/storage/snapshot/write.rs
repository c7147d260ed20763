use super::metadata::{PastScenario, StoredField, encode};
use super::{KIND, Metadata};
use crate::error::Result;
use crate::model::RowType;
use crate::storage::sections::{self, Data};
use std::path::Path;

/// Writes a snapshot in one step: it appears under its name when it is whole and on the disk.
///
/// `past` are the scenarios that were in force before; `row_type` is that of the column `rows`.
pub fn write(path: &Path, metadata: &Metadata, past: &[PastScenario], row_type: RowType, columns: &[Data<'_>]) -> Result<()> {
    let encoded = encode(metadata, "metadata", path)?;
    let fields = encode(&StoredField::all(row_type), "row_fields", path)?;
    let encoded_past = encode(&past, "past", path)?;
    let mut all = vec![Data { name: "metadata", kind: "bincode", width: 1, bytes: &encoded }];
    if !past.is_empty() {
        all.push(Data { name: "past", kind: "bincode", width: 1, bytes: &encoded_past });
    }
    all.push(Data { name: "row_fields", kind: "bincode", width: 1, bytes: &fields });
    all.extend_from_slice(columns);
    sections::write(path, &KIND, &all)
}
