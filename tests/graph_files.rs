//! Networks in files: what is read, what is refused, what is written, and the published counts of two real graphs.

mod common;

use assert_cmd::Command;
use common::{absent, root};
use exodus::graph::{Graph, GraphStats};
use exodus::storage::networks::{self, Labels, Network, Reading, Separator};
use flate2::{Compression, write::GzEncoder};
use petgraph::algo::connected_components;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

fn read(text: impl AsRef<[u8]>) -> exodus::Result<(Graph, Vec<String>)> {
    read_as("ties.txt", text.as_ref(), &Reading::default()).map(|n| (n.graph, n.labels.iter().map(Cow::into_owned).collect()))
}

fn read_as(name: &str, bytes: &[u8], reading: &Reading) -> exodus::Result<Network> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    networks::read(&path, reading)
}

fn graph_of(path: &Path) -> exodus::Result<Graph> {
    networks::read(path, &Reading::default()).map(|network| network.graph)
}

/// Ties by label, each in order of text, in order.
fn by_label(network: &Network) -> Vec<(String, String)> {
    let label = |node| network.labels.get(node).expect("a label").into_owned();
    let mut ties: Vec<(String, String)> = (network.graph.iter_ties())
        .map(|(a, b)| (label(a), label(b)))
        .map(|(a, b)| if a <= b { (a, b) } else { (b, a) })
        .collect();
    ties.sort();
    ties
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
        "\u{feff}1 2\n2 3\n1 3\n",
        "1 2\r2 3\r3 1\r",
        ",source,target\n0,1,2\n1,2,3\n2,3,1\n",
        "\"\",\"from\",\"to\"\n\"1\",1,2\n\"2\",2,3\n\"3\",3,1\n",
        "\"from\" \"to\"\n\"1\" 1 2\n\"2\" 2 3\n\"3\" 3 1\n",
        "Source,Target,Type,Id,Label,Weight\n1,2,Undirected,0,,1\n2,3,Undirected,1,,1\n1,3,Undirected,2,,1\n",
        "1 2 {}\n2 3 {'weight': 3, 'color': 'a, b'}\n1 3 {}\n",
        "% sym weighted\n% 3 3 3\n1 2 1 1082008561\n2 3 1 1082008561\n3 1 2 1082008562\n",
        "# id source target\n7 1 2\n8 2 3\n9 3 1\n",
        "1,2,0.5\n2,3,1.5\n3,1,2\n",
        "1.0,2.0\n2.0,3.0\n3.0,1.0\n",
        "1;2;0,5\n2;3;0,5\n3;1;1,5\n",
        "1|2\n2|3\n3|1\n",
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
    assert!(message("\u{0}\u{1}\u{2}").contains("not text"));
}

#[test]
fn gzip_and_plain_are_the_same_and_come_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let packed = folder.path().join("in.gz");
    let mut encoder = GzEncoder::new(std::fs::File::create(&packed).expect("a file"), Compression::fast());
    encoder.write_all(b"0 1\n1 2\n2 3\n").expect("written");
    encoder.finish().expect("finished");
    let graph = graph_of(&packed).expect("a graph");
    for name in ["out.txt", "out.csv", "out.csv.gz", "out.tsv.zst", "out.graphml", "out.gml", "out.mtx", "out.gml.gz"] {
        let path = folder.path().join(name);
        networks::write(&path, &graph, &Labels::range(0, graph.nodes())).expect("written");
        assert_eq!(ties(&graph_of(&path).expect("a graph")), ties(&graph), "{name}");
    }
    // Cut short, it is an error and not a smaller graph.
    let bytes = std::fs::read(&packed).expect("bytes");
    std::fs::write(&packed, &bytes[..bytes.len() - 6]).expect("written");
    assert!(graph_of(&packed).is_err());
}

#[test]
fn petgraph_runs_on_our_rows() {
    let graph = Graph::from_ties(6, &[(0, 1), (1, 2), (2, 0), (3, 4)]).expect("a graph");
    assert_eq!(connected_components(&graph.to_csr().expect("rows")), 3);
    let stats = GraphStats::new(&graph, None).expect("statistics");
    assert_eq!((stats.components.count, stats.clustering.triangles, stats.degree.max), (3, Some(1), 2));
}

/// A real graph, or `None` with a message where it is not there.
fn real(name: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("EXODUS_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let path = shared.join("graphs").join(name);
    if !path.exists() {
        absent(&format!("{name} is not there"));
        return None;
    }
    Some(path)
}

#[test]
fn ego_facebook_has_its_published_counts() {
    let Some(path) = real("ego-facebook.txt.gz") else { return };
    let stats = GraphStats::new(&graph_of(&path).expect("a graph"), None).expect("statistics");
    assert_eq!((stats.nodes, stats.ties, stats.degree.max), (4039, 88_234, 1045));
    assert_eq!(stats.clustering.triangles, Some(1_612_010));
    assert!((stats.clustering.mean_local - 0.6055).abs() < 5e-5);
}

#[test]
fn deezer_hungary_has_its_published_counts() {
    let Some(path) = real("deezer-hu.csv.gz") else { return };
    let stats = GraphStats::new(&graph_of(&path).expect("a graph"), None).expect("statistics");
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

#[test]
fn names_with_spaces_quotes_and_lines_are_whole() {
    let three = [("Ann Lee", "Bo Kim"), ("Ann Lee", "Cy Roe"), ("Bo Kim", "Cy Roe")];
    for text in [
        "source,target\nAnn Lee,Bo Kim\nAnn Lee,Cy Roe\nBo Kim,Cy Roe\n",
        "Ann Lee\tBo Kim\nAnn Lee\tCy Roe\nBo Kim\tCy Roe",
        "\"Ann Lee\" \"Bo Kim\"\n\"Ann Lee\" \"Cy Roe\"\n\"Bo Kim\" \"Cy Roe\"\n",
        "id;ego;alter\n1;Ann Lee;Bo Kim\n2;Ann Lee;Cy Roe\n3;Bo Kim;Cy Roe\n",
    ] {
        let network = read_as("n.csv", text.as_bytes(), &Reading::default()).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(by_label(&network), three.map(|(a, b)| (a.into(), b.into())), "{text}");
    }
    let text = "from,to\n\"Lee, \"\"Ann\"\"\",\"Bo\nKim\"\n\"Bo\nKim\",Cy\n";
    let network = read_as("n.csv", text.as_bytes(), &Reading::default()).expect("a graph");
    let labels: Vec<String> = network.labels.iter().map(Cow::into_owned).collect();
    assert_eq!(labels, ["Lee, \"Ann\"", "Bo\nKim", "Cy"]);
    // The same by another reader of RFC 4180.
    let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(text.as_bytes()).records().map(|r| r.expect("a row")).collect();
    assert_eq!(
        by_label(&network),
        [(rows[0][1].to_owned(), rows[1][1].to_owned()), (rows[0][1].to_owned(), rows[0][0].to_owned())]
    );
}

#[test]
fn what_could_mean_two_things_names_the_option() {
    let asks = [
        ("0 1 2\n1 2 3\n2 3 4\n3 4 0\n", "--columns 2,3"),
        ("Name A,Name B\nann,bo\nbo,cy\n", "--header"),
        ("Ann Lee Bo Kim\nBo Kim Cy Roe\n", "--separator"),
        ("#rust,#go\n#go,#c\n", "--comment"),
        ("0,1,1\n1,0,0\n1,0,0\n", "matrix"),
        ("a,x;b\nb,y;c\n", "--separator"),
        ("a b c d\nb c\n", "--separator"),
        ("source,other\nann,bo\n", "--columns"),
        ("Id,Label\n1,Ann\n2,Bo\n", "--nodes"),
    ];
    for (text, option) in asks {
        let error = read(text).expect_err(text).to_string();
        assert!(error.contains(option) && error.lines().count() == 1, "{text}: {error}");
    }
    let settled = [
        ("0 1 2\n1 2 3\n2 3 4\n3 4 0\n", Reading { columns: Some(["2".into(), "3".into()]), ..Reading::default() }, 5),
        ("Name A,Name B\nann,bo\nbo,cy\n", Reading { header: Some(true), ..Reading::default() }, 3),
        ("Name A,Name B\nann,bo\nbo,cy\n", Reading { header: Some(false), ..Reading::default() }, 5),
        ("#rust,#go\n#go,#c\n", Reading { comment: Some(networks::Comment::None), ..Reading::default() }, 3),
        ("a,x;b\nb,y;c\n", Reading { separator: Some(Separator::Comma), header: Some(false), ..Reading::default() }, 4),
    ];
    for (text, reading, nodes) in settled {
        let network = read_as("ties.txt", text.as_bytes(), &reading).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!(network.labels.len(), nodes, "{text}");
    }
}

#[test]
fn what_is_no_network_is_refused_by_name() {
    let refused: [(&str, &[u8], &str); 14] = [
        ("a.txt", b"\xff\xfe1\0 \x002\0\n\0", "UTF-16"),
        ("a.csv", b"1\0,\x002\0\n\0", "UTF-16"),
        ("a.csv", b"M\xfcller,Bo\nBo,Cy\n", "UTF-8"),
        ("a.txt", b"PAR1....", "Parquet"),
        ("a.json", b"{\"nodes\": []}", "JSON"),
        ("a.dot", b"graph {\n a -- b;\n}", "DOT"),
        ("a.txt", b"digraph g {\n a -> b;\n}", "DOT"),
        ("a.txt", b"nodedef>name VARCHAR\na\n", "GDF"),
        ("a.xml", b"<html><body>1 2</body></html>", "HTML"),
        ("a.xml", b"<?xml version=\"1.0\"?><osm></osm>", "GraphML"),
        ("a.mtx", b"%%MatrixMarket matrix coordinate real general\n4 6 1\n1 2 0.5\n", "4 rows and 6 columns"),
        ("a.mtx", b"%%MatrixMarket matrix array real general\n2 2\n0\n1\n1\n0\n", "in full"),
        ("a.csv", b"1,2,5\n3,,7\n", "line 2: found no target"),
        ("a.net", b"*Vertices 4000000000\n", "4000000000 nodes"),
    ];
    for (name, bytes, word) in refused {
        let error = read_as(name, bytes, &Reading::default()).expect_err(name).to_string();
        assert!(error.contains(word) && error.lines().count() == 1, "{name}: {error}");
    }
}

/// Ann, Bo, Cy and lone Di, in every format that names nodes.
const NAMED: [(&str, &str); 7] = [
    (
        "a.graphml",
        "<?xml version=\"1.0\"?>\n<graphml><graph edgedefault=\"undirected\"><node id=\"Ann\"/><node id=\"Bo\"/><node id=\"Cy\"/><node id=\"Di\"/><edge source=\"Ann\" target=\"Bo\"/><edge source=\"Bo\" target=\"Cy\"/></graph></graphml>",
    ),
    (
        "igraph.graphml",
        "<graphml><key id=\"v\" for=\"node\" attr.name=\"name\" attr.type=\"string\"/><graph id=\"G\" edgedefault=\"undirected\"><node id=\"n0\"><data key=\"v\">Ann</data></node><node id=\"n1\"><data key=\"v\">Bo</data></node><node id=\"n2\"><data key=\"v\">Cy</data></node><node id=\"n3\"><data key=\"v\">Di</data></node><edge source=\"n0\" target=\"n1\"/><edge source=\"n1\" target=\"n2\"/></graph></graphml>",
    ),
    (
        "a.gexf",
        "<gexf version=\"1.2\"><graph defaultedgetype=\"directed\"><nodes><node id=\"Ann\" label=\"x\"/><node id=\"Bo\"/><node id=\"Cy\"/><node id=\"Di\"/></nodes><edges><edge id=\"0\" source=\"Ann\" target=\"Bo\" weight=\"2\"/><edge id=\"1\" source=\"Cy\" target=\"Bo\"/></edges></graph></gexf>",
    ),
    (
        "a.gml",
        "Creator \"me\"\ngraph [\n directed 0\n node [ id 7 label \"Ann\" graphics [ x 1 ] ]\n node [ id 5 label \"Bo\" ]\n node [ id 3 label \"Cy\" ]\n node [ id 1 label \"Di\" ]\n edge [ source 7 target 5 value 1 ]\n edge [ source 3 target 5 ]\n]\n",
    ),
    (
        "igraph.gml",
        "graph\n[\n  node\n  [\n    id 0\n    name \"Ann\"\n  ]\n  node\n  [\n    id 1\n    name \"Bo\"\n  ]\n  node [ id 2 name \"Cy\" ]\n  node [ id 3 name \"Di\" ]\n  edge\n  [\n    source 1\n    target 0\n  ]\n  edge [ source 2 target 1 ]\n]\n",
    ),
    ("a.net", "*Vertices 4\n1 \"Ann\" 0.1 0.2\n2 \"Bo\"\n3 \"Cy\"\n4 \"Di\"\n*Edges\n1 2 1\n2 3 1\n"),
    ("arcs.net", "*vertices 4\r\n1 Ann 0.0 0.0 ellipse\r\n2 Bo\r\n3 Cy\r\n4 Di\r\n*Arcslist\r\n2 1 3\r\n"),
];

#[test]
fn every_format_keeps_labels_and_lone_nodes() {
    for (name, text) in NAMED {
        let network = read_as(name, text.as_bytes(), &Reading::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let labels: Vec<String> = network.labels.iter().map(Cow::into_owned).collect();
        assert_eq!(labels, ["Ann", "Bo", "Cy", "Di"], "{name}");
        assert_eq!(ties(&network.graph), [(0, 1), (1, 2)], "{name}");
        let shown: BTreeSet<BTreeSet<&str>> =
            network.summary.shown.iter().map(|tie| tie.iter().map(String::as_str).collect()).collect();
        assert_eq!(shown, [["Ann", "Bo"], ["Bo", "Cy"]].map(BTreeSet::from).into(), "{name}");
    }
    // Those that count nodes.
    for (name, text) in [
        ("a.mtx", "%%MatrixMarket matrix coordinate pattern symmetric\n% a comment\n4 4 2\n2 1\n3 2\n"),
        ("a.mtx", "%%matrixmarket MATRIX coordinate real general\n4 4 3\n1 2 0.5\n2 1 0.5\n2 3 1e3\n"),
        ("a.col", "c a graph\np edge 4 2\ne 1 2\ne 3 2\n"),
        ("a.gr", "c a graph\np sp 4 3\na 1 2 7\na 2 1 7\na 2 3 1\n"),
        ("a.graph", "% METIS\n4 2\n2\n1 3\n2\n\n"),
        ("a.metis", "4 2 011 1\n9 2 5\n9 1 5 3 6\n9 2 6\n9\n"),
        ("a.net", "*Vertices 4\n*Edges\n1 2\n2 3\n"),
    ] {
        let network = read_as(name, text.as_bytes(), &Reading::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let labels: Vec<String> = network.labels.iter().map(Cow::into_owned).collect();
        assert_eq!(
            (labels, ties(&network.graph)),
            (["1", "2", "3", "4"].map(String::from).to_vec(), vec![(0, 1), (1, 2)]),
            "{name}"
        );
    }
}

#[test]
fn node_k_is_node_k_after_every_step() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("in.csv"), "source,target\nzed,amy\namy,bob\ncarl,zed\ndora,amy\nerin,zed\nbob,erin\n").expect("written");
    let first = networks::read(&at("in.csv"), &Reading::default()).expect("a graph");
    let lone = read_as("a.net", NAMED[5].1.as_bytes(), &Reading::default()).expect("a graph");
    for (k, network) in [first, lone].iter().enumerate() {
        for name in ["a.csv", "a.tsv.gz", "a.txt.zst", "a.graphml", "a.gml", "a.mtx"].map(|name| format!("{k}{name}")) {
            networks::write(&at(&name), &network.graph, &network.labels).expect("written");
            let again = networks::read(&at(&name), &Reading::default()).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(again.labels, network.labels, "{name}");
            assert_eq!(ties(&again.graph), ties(&network.graph), "{name}");
            assert_eq!(again.graph.nodes(), network.graph.nodes(), "{name}");
        }
    }
    // An ending that cannot be written is refused, and nothing is written.
    for name in ["a.gexf", "a.net", "a", "a.json", "a.parquet.gz"] {
        let graph = Graph::from_ties(2, &[(0, 1)]).expect("a graph");
        let error = networks::write(&at(name), &graph, &Labels::range(0, 2)).expect_err(name).to_string();
        assert!(error.contains("allowed .csv") && !at(name).exists(), "{error}");
    }
}

#[test]
fn lines_without_end_take_no_memory() {
    for packed in [false, true] {
        let mut bytes = vec![b'1'; 8 << 20];
        if packed {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&bytes).expect("written");
            bytes = encoder.finish().expect("finished");
        }
        let error = read_as("a.txt", &bytes, &Reading::default()).expect_err("refused").to_string();
        assert!(error.contains("line 1: found a line of more than"), "{error}");
    }
    let quoted = format!("a,b\nc,\"{}", "x\n".repeat(1 << 21));
    let error = read_as("a.csv", quoted.as_bytes(), &Reading::default()).expect_err("refused").to_string();
    assert!(error.contains("line 2: found") && error.contains("not closed"), "{error}");
}

/// `0 1`, `1 2`, `2 3`, packed by `bzip2`, `xz`, `zstd` and `zip`.
const PACKED: [(&str, &str); 4] = [
    ("bzip2", "425a683931415926535904e60b5400000358000010400078002000221e936a0c01ab25403c5dc914e1424013982d50"),
    (
        "xz",
        "fd377a585a000004e6d6b4460200210116000000742fe5a301000b3020310a3120320a3220330a00afe30112f6c48b590001240ca618d8d81fb6f37d010000000004595a",
    ),
    ("zstd", "28b52ffd240c6100003020310a3120320a3220330afa853ace"),
    (
        "zip",
        "504b03040a00000000003d617e5db83276080c0000000c00000005000000742e7478743020310a3120320a3220330a504b01021e030a00000000003d617e5db83276080c0000000c000000050000000000000001000000a48100000000742e747874504b05060000000001000100330000002f0000000000",
    ),
];

#[test]
fn what_others_packed_is_unpacked_whatever_its_name() {
    for (program, hex) in PACKED {
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("text"), 16).expect("hex");
        let bytes: Vec<u8> = hex.as_bytes().chunks(2).map(byte).collect();
        for name in ["ties.txt", "ties.dat"] {
            let network = read_as(name, &bytes, &Reading::default()).unwrap_or_else(|e| panic!("{program}: {e}"));
            assert_eq!(ties(&network.graph), [(0, 1), (1, 2), (2, 3)], "{program}");
        }
        // Cut short, or with a byte changed, it is an error, and never a smaller graph.
        assert!(read_as("ties.txt", &bytes[..bytes.len() - 4], &Reading::default()).is_err(), "{program}, cut");
        let mut hurt = bytes.clone();
        let place = if program == "zip" { 40 } else { bytes.len() / 2 };
        hurt[place] ^= 0x55;
        match read_as("ties.txt", &hurt, &Reading::default()) {
            Err(error) => assert_eq!(error.to_string().lines().count(), 1, "{error}"),
            Ok(network) => panic!("{program}, changed: {:?}", ties(&network.graph)),
        }
    }
}

#[test]
fn files_of_others_are_not_overwritten_and_what_was_read_comes_as_json() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let exodus = |args: &[&str]| {
        let mut command = Command::cargo_bin("exodus").expect("the command");
        command.current_dir(folder.path()).args(args);
        command
    };
    std::fs::write(at("names.txt"), "from,to,w\nann,bo,1\nbo,cy,2\ncy,cy,2\nbo,ann,3\n").expect("written");
    std::fs::write(at("s.toml"), std::fs::read_to_string(root().join("scenarios/watts-cascade.toml")).expect("a scenario"))
        .expect("written");
    let mine = "source,target\nmy,own\n";
    for (out, beside) in [("out.csv", false), ("out.graphml", false), ("out.npz", false), ("new.tsv", true)] {
        let there = if beside { "new.tsv.labels.csv" } else { out };
        std::fs::write(at(there), mine).expect("written");
        for verb in [["graph", "import", "names.txt"], ["graph", "export", "names.txt"], ["graph", "build", "s.toml"]] {
            let failed = exodus(&verb).args(["--out", out]).assert().code(2);
            let message = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
            assert_eq!(message, format!("error: {there}: found a file; give another name, or --force to overwrite\n"));
            assert_eq!(std::fs::read_to_string(at(there)).expect("a file"), mine);
        }
        exodus(&["graph", "export", "names.txt", "--out", out, "--force"]).assert().success();
        assert_ne!(std::fs::read(at(out)).expect("a file"), mine.as_bytes());
    }
    // A list that exodus wrote is replaced, with its labels.
    std::fs::write(at("others.txt"), "x y\ny z\nz u\n").expect("written");
    exodus(&["graph", "import", "others.txt", "--out", "new.tsv"]).assert().success();
    let said = exodus(&["graph", "import", "names.txt", "--out", "new.tsv", "--json"]).assert().success();
    let told: serde_json::Value = serde_json::from_slice(&said.get_output().stdout).expect("JSON");
    let right = serde_json::json!({
        "read": "names.txt", "format": "a list of ties separated by comma", "ends_of_ties": "columns `from` and `to`", "nodes": 3,
        "isolated": 0, "ties": 2, "duplicates": 1, "loops": 1, "directed": false, "ignored": ["w"],
        "first_ties": [["ann", "bo"], ["bo", "cy"], ["cy", "cy"]], "notes": [], "written": "new.tsv", "labels": "new.tsv.labels.csv",
    });
    assert_eq!(told, right);
    let exported = exodus(&["graph", "export", "new.tsv", "--out", "g.gml", "--json"]).assert().success();
    let told: serde_json::Value = serde_json::from_slice(&exported.get_output().stdout).expect("JSON");
    assert_eq!(
        (&told["nodes"], &told["labels"], &told["first_ties"][0][0]),
        (&3.into(), &serde_json::Value::Null, &"ann".into())
    );
    // An ending that cannot be written is refused before anything is read.
    let failed = exodus(&["graph", "import", "not-there.txt", "--out", "x.gexf"]).assert().code(2);
    assert!(String::from_utf8_lossy(&failed.get_output().stderr).contains("found the ending `.gexf`"));
}
