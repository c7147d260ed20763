//! The edge file that all tools share.

use std::path::Path;

/// Its ties: two numbers of four bytes each.
pub(crate) fn read(path: impl AsRef<Path>) -> std::io::Result<Vec<(u32, u32)>> {
    let bytes = std::fs::read(path)?;
    let number = |b: &[u8]| u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
    Ok(bytes.chunks_exact(8).map(|tie| (number(tie), number(&tie[4..]))).collect())
}
