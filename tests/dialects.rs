//! Dialects of lists, and damaged or odd files of every format: each is taken with the ties that it means, written here by hand, or
//! refused by name. Nothing is misread in silence.

use exodus::storage::networks::{self, Network, Reading};

fn read(name: &str, bytes: &[u8]) -> exodus::Result<Network> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    networks::read(&path, &Reading::default())
}

/// Ties by label, `a-b c-d`, each in order of text, in order.
fn ties(network: &Network) -> String {
    let label = |node| network.labels.get(node).expect("a label").into_owned();
    let mut ties: Vec<String> = (network.graph.iter_ties())
        .map(|(a, b)| (label(a), label(b)))
        .map(|(a, b)| if a <= b { format!("{a}-{b}") } else { format!("{b}-{a}") })
        .collect();
    ties.sort();
    ties.join(" ")
}

fn taken(cases: &[(&str, impl AsRef<[u8]>, &str)]) {
    for (name, bytes, right) in cases {
        let bytes = bytes.as_ref();
        let network = read(name, bytes).unwrap_or_else(|e| panic!("{name}: {}: {e}", String::from_utf8_lossy(bytes)));
        assert_eq!(ties(&network), *right, "{name}: {}", String::from_utf8_lossy(bytes));
    }
}

fn refused(cases: &[(&str, impl AsRef<[u8]>, &str)]) {
    for (name, bytes, words) in cases {
        let bytes = bytes.as_ref();
        match read(name, bytes) {
            Ok(network) => panic!("{name} was taken as {}", ties(&network)),
            Err(error) => {
                let error = error.to_string();
                assert!(error.contains(words) && error.lines().count() == 1, "{name}: no {words:?} in {error}");
            }
        }
    }
}

#[test]
fn dialects_of_lists_mean_what_they_say() {
    taken(&[
        ("space-before-quotes.csv", "\"Ann, A\", \"Bo\"\n\"Bo\" , \"Cy\"\n\"Cy\", \"Ann, A\"\n", "Ann, A-Bo Ann, A-Cy Bo-Cy"),
        ("excel-hint.csv", "sep=;\nsource;target\na;b\nb;c\n", "a-b b-c"),
        (
            "gephi.csv",
            "Source,Target,Type,Id,Label,timeset,Weight\nAnn,Bo,Undirected,0,,,1.0\nBo,Cy,Undirected,1,,,2.0\n",
            "Ann-Bo Bo-Cy",
        ),
        ("weight-without-ends.csv", "a;b;weight\n1;2;0,5\n2;3;1,5\n", "1-2 2-3"),
        ("weight-first.csv", "weight,from,to\n0.5,1,2\n1.5,2,3\n", "1-2 2-3"),
        ("time-first.csv", "time,person,contact\n20,1,2\n40,2,3\n", "1-2 2-3"),
        ("other-language.csv", "Quelle;Ziel;Gewicht\na;b;0,5\nb;c;1,5\n", "a-b b-c"),
        ("decimal-comma.txt", "1 2 0,5\n2 3 1,5\n", "1-2 2-3"),
        ("separator-at-end.csv", "1,2,\n2,3,\n3,4,\n", "1-2 2-3 3-4"),
        ("cr-cr-lf.txt", "1 2\r\r\n2 3\r\r\n", "1-2 2-3"),
        ("no-break-space.csv", "Ann,Bo\nAnn\u{a0},Cy\nBo,Cy\n", "Ann-Bo Ann-Cy Bo-Cy"),
        (
            "table-of-r.txt",
            "\"from\" \"to\" \"weight\"\n\"1\" \"Ann Lee\" \"Bo\" 0.5\n\"2\" \"Bo\" \"Cy\" 1\n",
            "Ann Lee-Bo Bo-Cy",
        ),
        ("csv-of-r.csv", "\"\",\"from\",\"to\"\n\"1\",\"Ann\",\"Bo\"\n\"2\",\"Bo\",\"Cy\"\n", "Ann-Bo Bo-Cy"),
        ("pandas.csv", ",source,target,weight\n0,a,b,1\n1,b,c,2\n", "a-b b-c"),
        ("doubles.csv", "source,target\n1.0,2.0\n2.0,3.0\n", "1-2 2-3"),
        ("negative.txt", "-1 2\n2 3\n", "-1-2 2-3"),
        ("tabs-and-spaces.txt", "1\t2\n2 3\n3   1\n", "1-2 1-3 2-3"),
        ("konect.tsv", "% asym weighted\n% 3 2 2\n1 2 1 100\n2 3 1 200\n", "1-2 2-3"),
        ("snap.txt", "# Directed graph\n# FromNodeId\tToNodeId\n0\t1\n1\t2\n", "0-1 1-2"),
        ("single-quotes.csv", "'Ann','Bo'\n'Bo','Cy'\n", "'Ann'-'Bo' 'Bo'-'Cy'"),
        ("weights-of-integers.txt", "5 2 7\n2 3 9\n3 5 8\n", "2-3 2-5 3-5"),
        ("letters.txt", "a b\nb c\n", "a-b b-c"),
        ("letters.ncol", "a b 1.5\nb c 2\n", "a-b b-c"),
        ("letters.txt", "u v\nv w\nw u\n", "u-v u-w v-w"),
        ("letters-over-numbers.csv", "t,i,j\n5,1,2\n6,2,3\n", "1-2 2-3"),
    ]);
    let quoted = read("q.csv", b"'Ann','Bo'\n'Bo','Cy'\n").expect("a graph");
    assert!(quoted.summary.notes[0].contains("keep their single quotes"), "{:?}", quoted.summary.notes);
}

#[test]
fn lists_that_could_mean_two_things_name_the_option() {
    refused(&[
        ("arrow.txt", "a -> b\nb -> c\nc -> a\n", "--separator"),
        ("words.csv", "source,target\n.,the\nthe,cat\n", "--columns A,B"),
        ("arrow.csv", "a,->,b\nb,->,c\n", "--columns"),
        ("time-first.txt", "1353303380\t1148\t1644\n1353303380\t1613\t1148\n1353303400\t1644\t1613\n", "--columns 2,3"),
        ("kind-first.txt", "e 1 2\ne 2 3\ne 3 1\n", "--columns 2,3"),
        ("kind-first.txt", "a 1 2 5\na 2 3 7\n", "--columns 2,3"),
        ("no-name-known.csv", "when,person,contact\n2020-01-01,1,2\n2020-01-02,2,3\n", "--columns"),
        ("no-name-known.csv", "group,person,friend\n1,10,20\n1,20,30\n2,30,10\n", "--columns"),
        ("letters.txt", "u v\nx y\ny z\n", "--header"),
        ("size-first.txt", "4 3\n0 1\n1 2\n2 3\n", "--header yes"),
        ("size-first.txt", "3 3 2\n2 1 1\n3 2 1\n", "--header yes"),
        ("column-numbers.csv", "0,1\n4,5\n5,6\n6,4\n", "--header yes"),
        ("semicolon-comment.txt", "1 2\n;note x\n2 3\n", "--comment"),
        ("sign.txt", "1 2\n; note\n2 3\n", "--comment"),
        ("percent.csv", "a,b\n%b,%c\n%c,a\n", "--comment '%'"),
        ("addresses.csv", "//h/a,//h/b\n//h/b,//h/c\n", "--comment '//'"),
    ]);
}

#[test]
fn what_is_no_list_of_ties_is_not_taken_for_one() {
    refused(&[
        ("matrix-with-names.csv", ",a,b,c\na,0,1,0\nb,1,0,1\nc,0,1,0\n", "matrix"),
        ("matrix-with-names.csv", "name;A;B;C\nA;0;2;0\nB;1;0;1\nC;0;1;0\n", "matrix"),
        ("matrix-under-names.csv", "a,b,c,d\n0,1,0,0\n0,0,1,0\n0,0,0,1\n1,0,0,0\n", "a matrix"),
        ("matrix.txt", "0 1 0 0\n0 0 1 0\n0 0 0 1\n1 0 0 0\n", "a matrix"),
        ("weights.txt", "0 2.5 0 1\n0 0 1 0\n0 3 0 1\n1 0 0 0\n", "a matrix"),
        ("names-and-rows.txt", "A 0 1 0\nB 1 0 1\nC 0 1 0\n", "a matrix"),
        ("markdown.txt", "| source | target |\n|---|---|\n| a | b |\n| b | c |\n", "Markdown"),
        ("pairs.txt", "(0, 1)\n(1, 2)\n(2, 0)\n", "pairs in brackets"),
        ("tgf.txt", "1 Ann\n2 Bo\n#\n1 2\n", "Trivial Graph Format"),
        ("matrix-market.txt", "%MatrixMarket matrix coordinate real symmetric\n3 3 2\n2 1 1\n3 2 1\n", "%%MatrixMarket"),
        ("matrix-market.mtx", "%% MatrixMarket matrix coordinate real symmetric\n3 3 2\n2 1 1\n3 2 1\n", "%%MatrixMarket"),
        ("header-twice.csv", "source,target\na,b\nb,c\nsource,target\nc,d\n", "line 4: found the names of the columns again"),
        ("column-twice.csv", "source,target,source\na,b,c\nb,c,d\n", "a second time"),
        ("mark-amid.csv", "a,b\nb,c\n\u{feff}a,c\n", "line 3: found a byte order mark"),
        ("rounded.csv", "source,target\n1.23457E+17,2.34568E+17\n1.23457E+17,3.45679E+17\n", "rounded"),
        ("backslash.csv", "source,target\n\"Ann \\\"A\\\" Lee\",Bo\nBo,Cy\n", "line 2: found"),
        ("after-quote.csv", "source,target\n\"Ann\" Lee,Bo\nBo,Cy\n", "text after a closing quote"),
        ("colon.txt", "1:2\n2:3\n", "--separator"),
        ("wide-comma.csv", "a，b\nb，c\n", "--separator"),
        ("two-separators.csv", "a,b\nb;c\n", "--separator"),
        ("quoted-lines.csv", "\"a,b\"\n\"b,c\"\n", "--separator"),
        ("inline-comment.txt", "1 2\n2 3 # y\n", "line 2: found"),
        ("one-label.csv", "source,target\na,b\nb\n", "line 3: found"),
        ("three-labels.csv", "source,target\na,b\nb,c,d\n", "line 3: found"),
        ("no-label.csv", "source,target\n\"\",b\na,b\n", "line 2: found no source"),
        ("white-space.csv", "a,b\n\u{b},c\n\u{a0},b\n", "line 2: found no source"),
        ("spaces.csv", "source,target\n\"  \",b\na,b\n", "line 2: found no source"),
    ]);
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
    let wide = |text: &str| text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect::<Vec<u8>>();
    refused(&[
        ("cyrillic.csv", utf16("Анна,Борис\nБорис,Вера\n"), "UTF-16"),
        ("umlaut.csv", big("ä,b\nb,c\n"), "UTF-16"),
        ("marked.csv", utf16("\u{feff}a,b\nb,c\n"), "UTF-16"),
        ("four-bytes.txt", wide("1 2\n2 3\n"), "UTF-16 or UTF-32"),
    ]);
}

#[test]
fn other_formats_in_the_ways_of_other_programs() {
    taken(&[
        (
            "comment-in-line.gml",
            "graph [\n node [ id 1 # the first\n label \"A\" ]\n node [ id 2 label \"B\" ]\n edge [ source 1 target 2 ]\n]\n",
            "A-B",
        ),
        (
            "broken-numbers.gml",
            "graph [\n node [ id 1.0 label \"A\" ]\n node [ id 2.0 label \"B\" ]\n edge [ source 1 target 2 ]\n]\n",
            "A-B",
        ),
        (
            "labels-twice.gml",
            "graph [\n node [ id 1 label \"A\" ]\n node [ id 2 label \"A\" ]\n edge [ source 1 target 2 ]\n]\n",
            "1-2",
        ),
        (
            "gephi.gexf",
            "<gexf version=\"1.3\"><graph><nodes><node id=\"0\" label=\"Ann\"/><node id=\"1\" label=\"Bo\"/></nodes><edges><edge id=\"0\" source=\"0\" target=\"1\"/></edges></graph></gexf>",
            "Ann-Bo",
        ),
        (
            "parent.gexf",
            "<gexf><graph mode=\"dynamic\"><nodes><node id=\"a\" pid=\"b\"/><node id=\"b\"/></nodes><edges><edge source=\"a\" target=\"b\"/></edges></graph></gexf>",
            "a-b",
        ),
        (
            "yed.graphml",
            "<graphml xmlns:y=\"http://www.yworks.com/xml/graphml\"><key for=\"node\" id=\"d6\" yfiles.type=\"nodegraphics\"/><graph edgedefault=\"directed\" id=\"G\">\n<node id=\"n0\"><data key=\"d6\"><y:ShapeNode>\n<y:NodeLabel>Ann<y:LabelModel/></y:NodeLabel>\n</y:ShapeNode></data></node><node id=\"n1\"><data key=\"d6\"><y:ShapeNode><y:NodeLabel>Bo</y:NodeLabel></y:ShapeNode></data></node><edge id=\"e0\" source=\"n0\" target=\"n1\"/></graph></graphml>",
            "Ann-Bo",
        ),
        (
            "gephi.graphml",
            "<graphml><key attr.name=\"label\" attr.type=\"string\" for=\"node\" id=\"label\"/><graph edgedefault=\"undirected\"><node id=\"0\"><data key=\"label\">Ann</data></node><node id=\"1\"><data key=\"label\">Bo</data></node><edge source=\"0\" target=\"1\"/></graph></graphml>",
            "Ann-Bo",
        ),
        (
            "port.graphml",
            "<graphml><graph edgedefault=\"undirected\"><node id=\"a\"><port name=\"x\"/></node><node id=\"b\"/><edge source=\"a\" target=\"b\" sourceport=\"x\"/></graph></graphml>",
            "a-b",
        ),
        ("relations.net", "*Vertices 2\n1 \"a\"\n2 \"b\"\n*Arcs :1 \"likes\"\n1 2\n*Edges :2 \"knows\"\n1 2\n", "a-b"),
        ("skew.mtx", "%%MatrixMarket matrix coordinate real skew-symmetric\n3 3 2\n2 1 1\n3 2 1\n", "1-2 2-3"),
        ("both-directions.col", "p edge 3 2\ne 1 2\ne 2 1\ne 2 3\ne 3 2\n", "1-2 2-3"),
        ("counted-twice.col", "p col 3 4\ne 1 2\ne 2 3\n", "1-2 2-3"),
    ]);
    let twice =
        read("t.gml", b"graph [\n node [ id 1 label \"A\" ]\n node [ id 2 label \"A\" ]\n edge [ source 1 target 2 ]\n]\n")
            .expect("a graph");
    assert!(twice.summary.notes[0].contains("two nodes have the label `A`"), "{:?}", twice.summary.notes);
}

#[test]
fn damaged_files_of_other_formats_are_refused() {
    refused(&[
        (
            "junk-behind.graphml",
            "<graphml><graph edgedefault=\"undirected\"><node id=\"a\"/><node id=\"b\"/><edge source=\"a\" target=\"b\"/></graph></graphml>junk",
            "outside the graph",
        ),
        (
            "two-roots.graphml",
            "<graphml><graph><node id=\"a\"/></graph></graphml><graphml><graph><node id=\"b\"/></graph></graphml>",
            "after the end of `graphml`",
        ),
        (
            "edge-outside.graphml",
            "<graphml><graph edgedefault=\"undirected\"><node id=\"a\"/><node id=\"b\"/></graph><edge source=\"a\" target=\"b\"/></graphml>",
            "outside `graph`",
        ),
        (
            "cut.graphml",
            "<graphml><graph edgedefault=\"undirected\"><node id=\"a\"/><node id=\"b\"/><edge source=\"a\" tar",
            "GraphML",
        ),
        (
            "unknown-node.gexf",
            "<gexf><graph><nodes><node id=\"a\"/></nodes><edges><edge source=\"a\" target=\"zz\"/></edges></graph></gexf>",
            "`zz`",
        ),
        (
            "id-twice.gml",
            "graph [\n node [ id 1 id 3 label \"A\" ]\n node [ id 2 label \"B\" ]\n edge [ source 1 target 2 ]\n]\n",
            "line 2: found `id` a second time",
        ),
        ("capitals.gml", "Graph [\n Node [ Id 1 ]\n Node [ Id 2 ]\n Edge [ Source 1 Target 2 ]\n]\n", "no `graph [`"),
        ("vertex-twice.net", "*Vertices 3\n1 \"a\"\n2 \"b\"\n2 \"c\"\n*Edges\n1 2\n", "line 4: found vertex 2 a second time"),
        ("name-with-space.net", "*Vertices 2\n1 Ann Lee\n2 Bo Kim\n*Edges\n1 2\n", "names with spaces in quotes"),
        ("from-zero.net", "*Vertices 3\n*Edges\n0 1\n", "found node `0`"),
        ("from-zero.mtx", "%%MatrixMarket matrix coordinate integer general\n3 3 2\n0 1 1\n2 2 1\n", "found node `0`"),
        ("no-number.mtx", "%%MatrixMarket matrix coordinate integer general\n3 x 2\n2 1 1\n2 2 1\n", "found `x` for columns"),
        ("cut.mtx", "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n", "1 entries before"),
        ("cut.col", "c\np edge 5 4\ne 1 2\ne 2 3\ne 3 4\n", "found the end after 3 ties"),
        ("formula.cnf", "p cnf 3 2\n1 -3 0\n2 3 -1 0\n", "DIMACS"),
        ("cut.graph", "3 3\n2 3\n1\n1\n", "found the end after 4 neighbours"),
        ("beyond.graph", "3 2\n2\n1 3\n2 9\n", "found node `9`"),
    ]);
}
