//! Binary snapshots (`.exo`): everything that a run needs to continue, in one file that other tools can read.
//!
//! All numbers are little-endian. `docs/snapshot.md` has the format byte by byte.

mod export;
mod metadata;
mod read;
mod write;

pub use super::sections::{Data, Section, UNIT};
pub use export::{Format, Selection, USE_FIELD, USER_FIELDS, export};
pub use metadata::{Metadata, PastScenario, RunProgress, StoredField};
pub use read::Snapshot;
pub use write::{write, write_among};

use super::sections::FileKind;
use crate::engine::State;

/// Snapshots begin with bytes that are not text, and are spoilt by any transfer that takes them for text.
const KIND: FileKind = FileKind { magic: *b"\x89EXO\r\n\x1a\n", version: [2, 0], what: "a snapshot" };

/// Columns of which each of several processes has a part.
const DIVIDED: [&str; 4] = ["rows", "chats", "panel_opened", "tie_households"];

/// The columns of a state; that of group chats only where there are some.
pub fn state_columns(state: &State) -> Vec<Data<'_>> {
    let mut columns = vec![
        Data { name: "public", kind: "u32", width: 1, bytes: bytemuck::cast_slice(state.public()) },
        Data { name: "rows", kind: "row", width: state.row_type().size as u64, bytes: state.rows() },
    ];
    columns.extend(state.chats().map(|bytes| Data { name: "chats", kind: "u8", width: 1, bytes }));
    columns
}
