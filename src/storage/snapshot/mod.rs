//! Binary snapshots (`.exo`): everything that a run needs to go on, in one file that other tools can read.
//!
//! All numbers are little-endian. `docs/snapshot.md` has the format byte by byte.

mod metadata;
mod read;
mod write;

pub use metadata::{Metadata, RunProgress};
pub use read::{Section, Snapshot};
pub use write::{Data, write};

/// First bytes of a snapshot: not text, and spoilt by any transfer that takes it for text.
pub const MAGIC: [u8; 8] = *b"\x89EXO\r\n\x1a\n";
/// Format version: a newer major one is refused, a newer minor one may hold sections unknown here.
pub const VERSION: [u16; 2] = [1, 0];
/// Bytes of the header, and of an entry of the section table; sections begin at multiples of it.
pub const UNIT: usize = 64;
/// Most sections.
const MAX_SECTIONS: u32 = 64;
