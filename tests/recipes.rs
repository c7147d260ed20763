//! The recipes of `docs/recipes.md` for networks of other programs: each command of the table is run on a small file, written by the
//! program itself where it can be had. Gephi cannot be: its files are written here by hand, in its dialect; so are those of SNAP
//! and KONECT, in theirs, and a survey's.

mod common;

use assert_cmd::Command;
use common::{absent, python, root};
use flate2::{Compression, write::GzEncoder};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

/// Program, what is done there, and the command, by row of the table.
fn table() -> Vec<[String; 3]> {
    let text = std::fs::read_to_string(root().join("docs/recipes.md")).expect("the recipes");
    let rows = text.lines().filter(|line| line.contains("`exodus graph import"));
    let cells = |line: &str| {
        let cells: Vec<String> = line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect();
        <[String; 3]>::try_from(cells).expect("three cells")
    };
    rows.map(cells).collect()
}

/// Runs the command of every row of this program whose file is there; the ties of each by label, and lone nodes.
fn run(folder: &Path, program: &str) -> Vec<(String, BTreeSet<[String; 2]>, Vec<String>)> {
    let rows = table();
    let rows: Vec<&[String; 3]> = rows.iter().filter(|row| row[0] == program).collect();
    assert!(!rows.is_empty(), "no recipe of {program}");
    let each = rows.iter().map(|row| {
        let words: Vec<&str> = row[2].trim_matches('`').split_whitespace().collect();
        let ["exodus", args @ ..] = &words[..] else { panic!("{row:?}") };
        let [_, _, file, _, out] = args else { panic!("{row:?}") };
        assert!(folder.join(file).exists(), "{file} was not written");
        for old in [(*out).to_owned(), format!("{out}.labels.csv")] {
            let _ = std::fs::remove_file(folder.join(old));
        }
        Command::cargo_bin("exodus").expect("the command").current_dir(folder).args(args).assert().success();
        let network = exodus::storage::networks::read(&folder.join(out), &Default::default()).expect("a network");
        let label = |node| network.labels.get(node).expect("a label").into_owned();
        let sorted = |[a, b]: [String; 2]| if a <= b { [a, b] } else { [b, a] };
        let ties = network.graph.iter_ties().map(|(a, b)| sorted([label(a), label(b)])).collect();
        let lone = (0..network.graph.nodes()).filter(|&node| network.graph.degree(node) == 0).map(label).collect();
        ((*file).to_owned(), ties, lone)
    });
    each.collect()
}

fn ties(all: &[(&str, &str)]) -> BTreeSet<[String; 2]> {
    all.iter().map(|(a, b)| [(*a).to_owned(), (*b).to_owned()]).collect()
}

fn script(program: &std::ffi::OsStr, args: &[&str], folder: &Path) {
    let out = std::process::Command::new(program).args(args).current_dir(folder).output().expect("the program");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn networkx_and_pandas() {
    let Some(python) = python("networkx, pandas") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let program = "import networkx as nx\nG = nx.Graph([('Ann', 'Bo'), ('Bo', 'Cy'), ('Ann', 'Dee')], weight=1.5)\nG.add_node('Eve')\nnx.set_edge_attributes(G, 0.5, 'weight')\n";
    let there: Vec<String> =
        table().into_iter().filter(|row| row[0] == "NetworkX" || row[0] == "pandas").map(|row| row[1].clone()).collect();
    // What the table says is done there is what is done here.
    let lines: Vec<String> = there.iter().map(|cell| cell.split('`').nth(1).expect("code").to_owned()).collect();
    script(&python, &["-c", &(program.to_owned() + &lines.join("\n"))], folder.path());
    let right = ties(&[("Ann", "Bo"), ("Ann", "Dee"), ("Bo", "Cy")]);
    let found = [run(folder.path(), "NetworkX"), run(folder.path(), "pandas")].concat();
    assert_eq!(found.len(), 3);
    for (file, ties, lone) in found {
        assert_eq!(ties, right, "{file}");
        assert_eq!(lone, if file == "g.graphml" { vec!["Eve"] } else { vec![] }, "{file}");
    }
}

#[test]
fn igraph_of_r() {
    let there = std::process::Command::new("Rscript").args(["-e", "library(igraph)"]).output();
    if !there.is_ok_and(|out| out.status.success()) {
        absent("no R with igraph (r-cran-igraph)");
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let rows = table();
    let lines: Vec<&str> =
        rows.iter().filter(|row| row[0] == "igraph (R)").map(|row| row[1].split('`').nth(1).expect("code")).collect();
    let program = "suppressMessages(library(igraph))\ng <- graph_from_literal(Ann - Bo, Bo - Cy, Ann - Dee, Eve)\n";
    script("Rscript".as_ref(), &["-e", &(program.to_owned() + &lines.join("\n"))], folder.path());
    let right = ties(&[("Ann", "Bo"), ("Ann", "Dee"), ("Bo", "Cy")]);
    for (file, ties, lone) in run(folder.path(), "igraph (R)") {
        assert_eq!(ties, right, "{file}");
        assert_eq!(lone, if file == "g.gml" { vec!["Eve"] } else { vec![] }, "{file}");
    }
}

#[test]
fn gephi_snap_konect_and_a_survey() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    // As Gephi 0.10 exports it: a line of meta data, attributes, positions in a namespace of their own.
    write(
        "g.gexf",
        "<?xml version='1.0' encoding='UTF-8'?>\n<gexf xmlns=\"http://gexf.net/1.3\" version=\"1.3\" xmlns:viz=\"http://gexf.net/1.3/viz\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"http://gexf.net/1.3 http://gexf.net/1.3/gexf.xsd\">\n  <meta lastmodifieddate=\"2025-03-01\">\n    <creator>Gephi 0.10.1</creator>\n    <title></title>\n    <description></description>\n  </meta>\n  <graph defaultedgetype=\"undirected\" mode=\"static\">\n    <attributes class=\"node\" mode=\"static\">\n      <attribute id=\"modularity_class\" title=\"Modularity Class\" type=\"integer\"/>\n    </attributes>\n    <nodes>\n      <node id=\"0\" label=\"Ann\">\n        <attvalues>\n          <attvalue for=\"modularity_class\" value=\"1\"/>\n        </attvalues>\n        <viz:size value=\"10.0\"></viz:size>\n        <viz:position x=\"-1.5\" y=\"2.5\"></viz:position>\n        <viz:color r=\"192\" g=\"192\" b=\"192\"></viz:color>\n      </node>\n      <node id=\"1\" label=\"Bo\"/>\n      <node id=\"2\" label=\"Cy\"/>\n      <node id=\"3\" label=\"Eve\"/>\n    </nodes>\n    <edges>\n      <edge id=\"0\" source=\"0\" target=\"1\" weight=\"2.0\"></edge>\n      <edge id=\"1\" source=\"1\" target=\"2\"/>\n    </edges>\n  </graph>\n</gexf>\n",
    );
    assert_eq!(
        run(folder.path(), "Gephi"),
        [("g.gexf".to_owned(), ties(&[("Ann", "Bo"), ("Bo", "Cy")]), vec!["Eve".to_owned()])]
    );

    let packed = std::fs::File::create(folder.path().join("facebook_combined.txt.gz")).expect("a file");
    let mut packed = GzEncoder::new(packed, Compression::fast());
    packed.write_all(b"0 1\n0 2\n1 3\n").expect("written");
    packed.finish().expect("finished");
    let numbers = ties(&[("0", "1"), ("0", "2"), ("1", "3")]);
    assert_eq!(run(folder.path(), "SNAP"), [("facebook_combined.txt.gz".to_owned(), numbers, vec![])]);

    write("out.name", "% sym unweighted\n% 3 4 4\n1\t2 \n1\t3 \n2\t4 \n");
    assert_eq!(run(folder.path(), "KONECT"), [("out.name".to_owned(), ties(&[("1", "2"), ("1", "3"), ("2", "4")]), vec![])]);

    write("names.csv", "ego,alter,closeness,since\nAnn Lee,Bo,3,2001\nAnn Lee,Cy,1,\nBo,Ann Lee,2,1999\n");
    assert_eq!(run(folder.path(), "survey"), [("names.csv".to_owned(), ties(&[("Ann Lee", "Bo"), ("Ann Lee", "Cy")]), vec![])]);
    let programs: BTreeSet<String> = table().into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(
        programs.into_iter().collect::<Vec<_>>(),
        ["Gephi", "KONECT", "NetworkX", "SNAP", "igraph (R)", "pandas", "survey"]
    );
}
