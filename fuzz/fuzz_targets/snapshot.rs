//! Any bytes are a snapshot, or are refused with one line: looked at, verified, exported, gone on with. Checksums are made
//! right first, as no mutation would get past them.
#![no_main]

use exodus::experiment::resume_simulation;
use exodus::storage::snapshot::{Format, Selection, Snapshot, UNIT, export};
use libfuzzer_sys::fuzz_target;
use xxhash_rust::xxh3::xxh3_64;

fn number(bytes: &[u8], at: usize) -> usize {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes")) as usize
}

/// The same bytes, with the checksums they should have.
fn signed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = bytes.to_vec();
    let count = u32::from_le_bytes(bytes.get(12..16)?.try_into().ok()?).min(64) as usize;
    let table = UNIT..UNIT * (1 + count);
    bytes.get(table.clone())?;
    for entry in table.clone().step_by(UNIT) {
        let (at, len) = (number(&bytes, entry + 40), number(&bytes, entry + 48));
        if let Some(section) = at.checked_add(len).and_then(|end| bytes.get(at..end)) {
            let sum = xxh3_64(section);
            bytes[entry + 56..entry + 64].copy_from_slice(&sum.to_le_bytes());
        }
    }
    let whole = bytes.len() as u64;
    bytes[24..32].copy_from_slice(&whole.to_le_bytes());
    let sum = xxh3_64(&bytes[table]);
    bytes[32..40].copy_from_slice(&sum.to_le_bytes());
    let sum = xxh3_64(&bytes[..40]);
    bytes[40..48].copy_from_slice(&sum.to_le_bytes());
    Some(bytes)
}

fn use_it(folder: &std::path::Path, bytes: &[u8]) -> exodus::Result<()> {
    let path = folder.join("fuzz.exo");
    std::fs::write(&path, bytes).expect("a file");
    let snapshot = Snapshot::open(&path)?;
    snapshot.verify()?;
    export(&snapshot, &Selection { sample: Some(5), ..Selection::default() }, Format::Csv, &folder.join("csv"))?;
    let mut simulation = resume_simulation(&snapshot)?;
    if !simulation.finished() {
        simulation.step()?;
    }
    Ok(())
}

fuzz_target!(|bytes: &[u8]| {
    let folder = std::env::temp_dir().join(format!("exodus-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    for bytes in [Some(bytes.to_vec()), signed(bytes)].into_iter().flatten() {
        if let Err(error) = use_it(&folder, &bytes) {
            assert!(!error.to_string().is_empty());
        }
    }
});
