//! Any bytes are an edge list, plain or packed, or are refused with one line; a graph written and read again is as large.
#![no_main]

use exodus::graph;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let path = std::env::temp_dir().join(format!("exodus-fuzz-{}.txt", std::process::id()));
    std::fs::write(&path, bytes).expect("a file");
    match graph::read_edge_list(&path) {
        Ok((graph, labels)) => {
            assert_eq!(labels.iter().count(), graph.nodes() as usize);
            if graph.ties() > 0 {
                graph::write_edge_list(&graph, &path).expect("written");
                let (again, _) = graph::read_edge_list(&path).expect("read again");
                assert_eq!(again.ties(), graph.ties());
            }
        }
        Err(error) => assert_eq!(error.to_string().lines().count(), 1, "{error}"),
    }
});
