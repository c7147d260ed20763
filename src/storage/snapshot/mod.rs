//! Binary snapshots (`.exo`): everything that a run needs to go on, in one file that other tools can read.
//!
//! All numbers are little-endian. `docs/snapshot.md` has the format byte by byte.

mod export;
mod metadata;
mod read;
mod write;

pub use super::sections::{Data, Section, UNIT};
pub use export::{Format, Selection, USER_FIELDS, export};
pub use metadata::{Metadata, PastScenario, RunProgress};
pub use read::Snapshot;
pub use write::write;

use super::sections::FileKind;

/// Snapshots begin with bytes that are not text, and are spoilt by any transfer that takes them for text.
const KIND: FileKind = FileKind { magic: *b"\x89EXO\r\n\x1a\n", version: [1, 1], what: "a snapshot" };
