//! The inputs that fuzzing begins with, and those in which it found something, held to what the fuzzers hold any to.

#[path = "../fuzz/checks.rs"]
#[allow(unreachable_pub, reason = "the fuzzers share it")]
mod checks;

mod common;

use common::root;

/// Calls `check` with every input of a target.
fn each(target: &str, check: impl Fn(&[u8])) {
    let folder = root().join("fuzz/seeds").join(target);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut count = 0;
    for file in files {
        let path = file.expect("a file").path();
        check(&std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display())));
        count += 1;
    }
    assert!(count > 0, "{} is empty", folder.display());
}

#[test]
fn scenarios() {
    each("scenario", |bytes| checks::scenario(&String::from_utf8_lossy(bytes)));
}

#[test]
fn sweeps() {
    each("sweep", |bytes| checks::sweep(&String::from_utf8_lossy(bytes)));
}

#[test]
fn edge_lists() {
    each("edge_list", checks::edge_list);
}

#[test]
fn graphml() {
    each("graphml", checks::graphml);
}

#[test]
fn gml() {
    each("gml", checks::gml);
}

#[test]
fn node_tables() {
    each("node_table", checks::node_table);
}

#[test]
fn packed() {
    each("packed", checks::packed);
}

#[test]
fn snapshots() {
    each("snapshot", checks::snapshot);
}
