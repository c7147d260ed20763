//! How many ties a file holds, and what reading them takes, before they are read.

use super::{Format, Reading, detect, input};
use crate::error::Result;
use std::cell::Cell;
use std::io::Read;
use std::path::Path;

/// Bytes, unpacked, that are looked at.
const SAMPLE: u64 = 4 << 20;
/// Bytes that a tie takes at the peak: one and a half times the eight of its two arcs.
const TIE: u64 = 12;

/// What reading a file will take, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Ties, as long as those of the rest are written like those at the start.
    pub ties: u64,
    /// Memory at the peak (bytes), beside labels that are text.
    pub bytes: u64,
}

/// What reading a file will take; `None` where its start says nothing of ties, as in a format that names all nodes first.
///
/// Fails where [`read`](super::read) would at the start.
pub fn forecast(path: &Path, reading: &Reading) -> Result<Option<Forecast>> {
    let size = std::fs::metadata(path).map_or(0, |m| m.len());
    let taken = Cell::new(0);
    let sample = input::open(path, &|read| taken.set(read), |head, stream| {
        let format = match reading.format {
            Some(format) => format,
            None => detect::detect(path, head)?,
        };
        let mut start = Vec::new();
        stream.take(SAMPLE).read_to_end(&mut start).map_err(|e| crate::Error::io(path, "reading", e))?;
        let count = |what: &[u8]| memchr::memmem::find_iter(&start, what).count() as u64;
        let ties = match format {
            Format::GraphMl | Format::Gexf => count(b"<edge "),
            Format::Gml => count(b"edge"),
            // Every tie is there twice, a space before each end.
            Format::Metis => count(b" ") / 2,
            _ => count(b"\n").max(count(b"\r")),
        };
        Ok((ties, start.len() as u64))
    })?;
    let (ties, unpacked) = sample;
    // What was read to unpack the sample is at most a buffer more than the sample's own bytes.
    let share = if unpacked < SAMPLE { 1.0 } else { taken.get().clamp(1, size.max(1)) as f64 / size.max(1) as f64 };
    let plain = taken.get() >= unpacked && unpacked == SAMPLE;
    let share = if plain { share.min(unpacked as f64 / size.max(1) as f64) } else { share };
    let ties = (ties as f64 / share) as u64;
    Ok((ties > 0).then_some(Forecast { ties, bytes: ties.saturating_mul(TIE) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    #[test]
    fn ties_are_foretold_of_plain_and_packed_files() {
        let folder = tempfile::tempdir().expect("a folder");
        let lines: String = (0..1_000_000u32)
            .map(|k| format!("{} {}\n", 1_000_000 + k, 1_000_000 + k.wrapping_mul(2_654_435_761) % 999_983))
            .collect();
        let plain = folder.path().join("plain.txt");
        std::fs::write(&plain, &lines).expect("written");
        let packed = folder.path().join("packed.txt.gz");
        let mut encoder = GzEncoder::new(std::fs::File::create(&packed).expect("a file"), Compression::fast());
        encoder.write_all(lines.as_bytes()).expect("written");
        encoder.finish().expect("finished");
        for path in [plain, packed] {
            let found = forecast(&path, &Reading::default()).expect("read").expect("ties");
            assert!((900_000..1_100_000).contains(&found.ties), "{}: {found:?}", path.display());
        }
    }
}
