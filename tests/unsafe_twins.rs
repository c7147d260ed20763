//! What `unsafe` code gives is what its safe twin gives, where that can be seen from outside; docs/performance.md lists
//! all such places.

use exodus::model::{Row, SingleRow};
use exodus::storage::snapshot::{self, Data, Metadata, Snapshot};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(40) })]

    /// A mapped file against the same file, read.
    #[test]
    fn a_mapped_snapshot_is_the_file(words: Vec<u32>, bytes: Vec<u8>, day: i32) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("any.exo");
        let columns = [
            Data { name: "words", kind: "u32", width: 1, bytes: bytemuck::cast_slice(&words) },
            Data { name: "usage", kind: "u8", width: 1, bytes: &bytes },
        ];
        snapshot::write(&path, &Metadata { day, ..Metadata::default() }, &[], SingleRow::TYPE, &columns).expect("written");
        let snapshot = Snapshot::open(&path).expect("a snapshot");
        let read = std::fs::read(&path).expect("a file");
        for section in snapshot.sections() {
            let range = section.offset as usize..(section.offset + section.bytes) as usize;
            prop_assert_eq!(snapshot.bytes(section), &read[range]);
        }
        prop_assert_eq!(snapshot.column::<u32>("words", "u32").expect("a column"), &words[..]);
        prop_assert_eq!(snapshot.column::<u8>("usage", "u8").expect("a column"), &bytes[..]);
        prop_assert_eq!(snapshot.metadata().day, day);
    }
}
