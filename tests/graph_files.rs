//! Edge lists: what is read, what is refused, and the published counts of two real graphs.

mod common;

use assert_cmd::Command;
use common::root;
use exodus::graph::{Graph, GraphStats, read_edge_list, write_edge_list};
use flate2::{Compression, write::GzEncoder};
use petgraph::algo::connected_components;
use std::io::Write;
use std::path::PathBuf;

fn read(text: &str) -> exodus::Result<(Graph, Vec<String>)> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ties.txt");
    std::fs::write(&path, text).expect("written");
    read_edge_list(&path).map(|(graph, labels)| (graph, labels.iter().map(str::to_owned).collect()))
}

fn ties(graph: &Graph) -> Vec<(u32, u32)> {
    graph.iter_ties().collect()
}

#[test]
fn separators_comments_headers_and_labels_of_all_kinds() {
    for text in [
        "# a comment\n1 2\n2 3\n3 1\n",
        "% another\n1\t2\n\n2\t3\r\n3\t1",
        "source,target,weight\n1,2,0.5\n2,3,1\n3,1,7\n",
        "from;to\n1;2\n2;3\n3;1\n",
        "// header of words\nperson  friend\n1 2\n2 3\n3 1\n1 2\n2 1\n1 1\n",
        "\"1\",\"2\"\n\"2\",\"3\"\n\"3\",\"1\"\n",
    ] {
        let (graph, labels) = read(text).expect("a graph");
        assert_eq!(ties(&graph), [(0, 1), (0, 2), (1, 2)], "{text}");
        assert_eq!(labels, ["1", "2", "3"], "{text}");
    }
    let (graph, labels) = read("Anna Boris\nBoris Клара\n").expect("a graph");
    assert_eq!((ties(&graph), labels[2].as_str()), (vec![(0, 1), (1, 2)], "Клара"));
    assert_eq!(ties(&read("7 9\n").expect("a graph").0), [(0, 1)]);
}

#[test]
fn bad_lines_are_named() {
    let message = |text: &str| read(text).expect_err("refused").to_string();
    assert!(message("1 2\n\n# fine\n17\n").contains("line 4: found `17`"), "{}", message("1 2\n\n# fine\n17\n"));
    assert!(message("").contains("no tie"));
    assert!(message("source,target\n").contains("no tie"));
    assert!(message("\u{0}\u{1}\u{2}").contains("line 1"));
}

#[test]
fn gzip_and_plain_are_the_same_and_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let packed = folder.path().join("in.gz");
    let mut encoder = GzEncoder::new(std::fs::File::create(&packed).expect("a file"), Compression::fast());
    encoder.write_all(b"0 1\n1 2\n2 3\n").expect("written");
    encoder.finish().expect("finished");
    let graph = read_edge_list(&packed).expect("a graph").0;
    for name in ["out.txt", "out.csv", "out.csv.gz"] {
        let path = folder.path().join(name);
        write_edge_list(&graph, &path).expect("written");
        assert_eq!(ties(&read_edge_list(&path).expect("a graph").0), ties(&graph), "{name}");
    }
    // Cut short, it is an error and not a smaller graph.
    let bytes = std::fs::read(&packed).expect("bytes");
    std::fs::write(&packed, &bytes[..bytes.len() - 6]).expect("written");
    assert!(read_edge_list(&packed).is_err());
}

#[test]
fn petgraph_runs_on_our_rows() {
    let graph = Graph::from_ties(6, &[(0, 1), (1, 2), (2, 0), (3, 4)]).expect("a graph");
    assert_eq!(connected_components(&graph), 3);
    let stats = GraphStats::new(&graph, None);
    assert_eq!((stats.components.count, stats.clustering.triangles, stats.degree.max), (3, Some(1), 2));
}

/// A real graph, or `None` with a message where it is not there.
fn real(name: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("EXODUS_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let path = shared.join("graphs").join(name);
    if !path.exists() {
        println!("skipped: {name} is not there");
        return None;
    }
    Some(path)
}

#[test]
fn ego_facebook_has_its_published_counts() {
    let Some(path) = real("ego-facebook.txt.gz") else { return };
    let stats = GraphStats::new(&read_edge_list(&path).expect("a graph").0, None);
    assert_eq!((stats.nodes, stats.ties, stats.degree.max), (4039, 88_234, 1045));
    assert_eq!(stats.clustering.triangles, Some(1_612_010));
    assert!((stats.clustering.mean_local - 0.6055).abs() < 5e-5);
}

#[test]
fn deezer_hungary_has_its_published_counts() {
    let Some(path) = real("deezer-hu.csv.gz") else { return };
    let stats = GraphStats::new(&read_edge_list(&path).expect("a graph").0, None);
    assert_eq!((stats.nodes, stats.ties, stats.degree.max), (47_538, 222_887, 112));
}

#[test]
fn the_verb_builds_describes_and_refuses() {
    let folder = tempfile::tempdir().expect("a folder");
    let exodus = || {
        let mut command = Command::cargo_bin("exodus").expect("the command");
        command.current_dir(folder.path());
        command
    };
    let scenario = root().join("scenarios/watts-cascade.toml");
    exodus().args(["graph", "build"]).arg(&scenario).args(["--users", "2000", "--out", "ties.csv.gz"]).assert().success();
    let said = exodus().args(["graph", "stats", "ties.csv.gz", "--json"]).assert().success();
    let stats: serde_json::Value = serde_json::from_slice(&said.get_output().stdout).expect("JSON");
    assert!(stats["ties"].as_u64().is_some_and(|ties| (3900..4100).contains(&ties)), "{stats}");
    std::fs::write(folder.path().join("names.txt"), "a b\nb c\n").expect("written");
    exodus().args(["graph", "import", "names.txt", "--out", "numbers.tsv"]).assert().success();
    let labels = std::fs::read_to_string(folder.path().join("numbers.tsv.labels.csv")).expect("labels");
    assert_eq!(labels, "node,label\n0,a\n1,b\n2,c\n");
    std::fs::write(folder.path().join("bad.txt"), "a b\nc\n").expect("written");
    let failed = exodus().args(["graph", "stats", "bad.txt"]).assert().code(1);
    let message = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
    assert!(message.starts_with("error: bad.txt: line 2: found `c`") && message.lines().count() == 1, "{message}");
}
