//! Run folders that several processes left, beside those of one.

use exodus::storage::Manifest;
use std::collections::BTreeMap;
use std::path::Path;

/// All files of a folder but for those that say when and where.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    // Not every run keeps snapshots.
    for folder in [folder.to_owned(), folder.join("snapshots")].iter().filter(|folder| folder.exists()) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if path.is_file() && !["manifest.json", "ro-crate-metadata.json"].contains(&name.as_str()) {
                found.insert(name, std::fs::read(path).expect("a file"));
            }
        }
    }
    found
}

/// What a manifest says of results.
fn results(manifest: &Manifest) -> Manifest {
    let m = manifest.clone();
    Manifest {
        state_hash: m.state_hash,
        state_hashes: m.state_hashes,
        ties: m.ties,
        users: m.users,
        ticks: m.ticks,
        parent: m.parent,
        panel_error: m.panel_error,
        sampling_error: m.sampling_error,
        ..Manifest::default()
    }
}

/// Fails where two runs left other bytes.
pub(crate) fn assert_same(one: &Path, other: &Path, what: &str) {
    let [a, b] = [one, other].map(files);
    assert!(a.len() >= 7, "{:?}", a.keys());
    assert!(a.keys().eq(b.keys()), "{what}: {:?} and {:?}", a.keys(), b.keys());
    for (name, bytes) in &a {
        assert!(*bytes == b[name], "{what}: {name} has other bytes");
    }
    let [a, b] = [one, other].map(|folder| Manifest::read(folder).expect("a manifest"));
    assert_eq!(results(&a), results(&b), "{what}");
    assert!(!a.state_hash.is_empty());
}
