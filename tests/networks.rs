//! Networks beside NetworkX, and tables of who the nodes are.

mod common;

use assert_cmd::Command;
use common::{load, python};
use exodus::engine::Simulation;
use exodus::graph::{Graph, GraphStats};
use exodus::storage::networks::{self, Reading};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

fn exodus(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("the command");
    command.current_dir(folder);
    command
}

/// Sixteen graphs, written in NetworkX's formats and those that others write, with their ties by label and statistics.
const WRITE: &str = r#"
import csv, json, statistics, networkx as nx
graphs = [nx.karate_club_graph(), nx.les_miserables_graph(), nx.florentine_families_graph(), nx.davis_southern_women_graph(),
    nx.path_graph(5), nx.cycle_graph(7), nx.star_graph(6), nx.complete_graph(5), nx.petersen_graph(), nx.empty_graph(4),
    nx.disjoint_union(nx.path_graph(3), nx.empty_graph(2)), nx.barabasi_albert_graph(60, 3, seed=1), nx.watts_strogatz_graph(50, 4, 0.2, seed=2),
    nx.gnp_random_graph(80, 0.02, seed=3), nx.relabel_nodes(nx.path_graph(4), {0: 'Änn "A" Lee', 1: "Bo, Jr.", 2: "<Cy & co>", 3: "Ди"}),
    nx.grid_2d_graph(3, 4)]
told = []
for k, graph in enumerate(graphs):
    graph = nx.relabel_nodes(graph, {n: str(n) for n in graph})
    plain = nx.Graph(); plain.add_nodes_from(graph); plain.add_edges_from(graph.edges)
    weighted = nx.Graph(plain); nx.set_edge_attributes(weighted, 2.5, "weight")
    nx.write_graphml(weighted, f"{k}.graphml"); nx.write_gml(weighted, f"{k}.gml"); nx.write_gexf(weighted, f"{k}.gexf")
    if not any(set(' "<') & set(n) for n in plain): nx.write_pajek(weighted, f"{k}.net")
    if plain.number_of_edges() > 1 and not any(set(' "<') & set(n) for n in plain):
        nx.write_edgelist(weighted, f"{k}.edgelist"); nx.write_weighted_edgelist(weighted, f"{k}.weighted.edgelist")
    if plain.number_of_edges():
        with open(f"{k}.pandas.csv", "w", newline="") as f:
            out = csv.writer(f); out.writerow(["", "source", "target", "weight"])
            out.writerows([i, a, b, 2.5] for i, (a, b) in enumerate(plain.edges))
    distances = [d for s, ds in nx.all_pairs_shortest_path_length(plain) for t, d in ds.items() if s != t]
        # Pearson's coefficient over both directions of every tie, as NetworkX defines it (its own function needs NumPy).
    ends = [(plain.degree[a], plain.degree[b]) for e in plain.edges for a, b in (e, e[::-1])]
    try: r = statistics.correlation(*zip(*ends))
    except Exception: r = None
    told.append(dict(nodes=list(plain), ties=sorted(sorted(e) for e in plain.edges), clustering=nx.average_clustering(plain),
        transitivity=nx.transitivity(plain), assortativity=r, components=nx.number_connected_components(plain),
        distance=sum(distances) / len(distances) if distances else None))
json.dump(told, open("told.json", "w"))
"#;

/// Reads what we wrote, in NetworkX.
const READ: &str = r#"
import json, networkx as nx
told = json.load(open("told.json"))
for k, right in enumerate(told):
    for graph in (nx.read_graphml(f"{k}.out.graphml"), nx.read_gml(f"{k}.out.gml")):
        assert list(graph) == right["nodes"], (k, list(graph))
        assert sorted(sorted(e) for e in graph.edges) == [list(e) for e in right["ties"]], k
"#;

#[test]
fn sixteen_graphs_are_those_of_networkx() {
    let Some(python) = python("networkx") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let run = |program: &str| {
        let out = std::process::Command::new(&python).args(["-c", program]).current_dir(folder.path()).output().expect("python");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    };
    run(WRITE);
    let told: serde_json::Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("told.json")).expect("told")).expect("JSON");
    let told = told.as_array().expect("graphs");
    assert_eq!(told.len(), 16);
    let mut tried = 0;
    for (k, right) in told.iter().enumerate() {
        let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
        let nodes: Vec<String> = right["nodes"].as_array().expect("nodes").iter().map(text).collect();
        let ties: BTreeSet<[String; 2]> =
            right["ties"].as_array().expect("ties").iter().map(|t| [text(&t[0]), text(&t[1])]).collect();
        for ending in ["graphml", "gml", "gexf", "net", "edgelist", "weighted.edgelist", "pandas.csv"] {
            let path = folder.path().join(format!("{k}.{ending}"));
            if !path.exists() {
                continue;
            }
            let network = networks::read(&path, &Reading::default()).unwrap_or_else(|e| panic!("{e}"));
            let label = |node| network.labels.get(node).expect("a label").into_owned();
            let found: BTreeSet<[String; 2]> = (network.graph.iter_ties())
                .map(|(a, b)| [label(a), label(b)])
                .map(|[a, b]| if a <= b { [a, b] } else { [b, a] })
                .collect();
            assert_eq!(found, ties, "{}", path.display());
            // Lists of ties know nothing of nodes without.
            if !ending.contains("edgelist") && !ending.contains("csv") {
                assert!(network.labels.iter().eq(nodes.iter().map(String::as_str)), "{}: {:?}", path.display(), network.labels);
            }
            tried += 1;
        }
        let network = networks::read(&folder.path().join(format!("{k}.graphml")), &Reading::default()).expect("a graph");
        for ending in ["graphml", "gml"] {
            let path = folder.path().join(format!("{k}.out.{ending}"));
            networks::write(&path, &network.graph, &network.labels).expect("written");
        }
        statistics(&network.graph, right);
    }
    assert!(tried > 90, "{tried} files");
    run(READ);
}

fn statistics(graph: &Graph, right: &serde_json::Value) {
    let ours = GraphStats::new(graph, None).expect("statistics");
    let near = |name: &str, found: Option<f64>| match (found, right[name].as_f64()) {
        (Some(found), Some(right)) => assert!((found - right).abs() < 1e-9, "{name}: {found}, {right}"),
        (found, right) => assert_eq!(found, right, "{name}"),
    };
    near("clustering", Some(ours.clustering.mean_local));
    near("transitivity", Some(ours.clustering.transitivity));
    near("assortativity", ours.degree.assortativity);
    near("distance", ours.distance.mean);
    near("components", Some(f64::from(ours.components.count)));
}

const SCENARIO: &str = r#"
name = "known"
start = 2025-01-01
end = 2025-01-05
[population]
people = 1000
users = 10
regions = [{ name = "North", share = 0.5 }, { name = "South", share = 0.5 }]
ages = [{ name = "18-24", share = 0.5 }, { name = "25+", share = 0.5 }]
[[population.groups]]
name = "teachers"
column = "job"
values = ["teacher", "head"]
share_by_age = [0.0]
[[population.groups]]
name = "pupil"
share_by_age = [0.0]
[graph]
kind = "file"
path = "ties.csv"
nodes = "people.csv"
[[messenger]]
name = "A"
reach_by_age = [0.5, 0.5]
[[messenger]]
name = "B"
reach_by_age = [0.5, 0.5]
"#;

const PEOPLE: &str = "label,age,region,household,messengers,job,pupil,shoe\nCy,19,South,h1,none,farmer,yes,41\nAnn,25+,North,h2,A;B,head,no,38\nBo,70,South,h1,B,,0,\nEve,18-24,North,,A,teacher,1,\n";

#[test]
fn a_table_says_who_the_nodes_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("s.toml"), SCENARIO).expect("written");
    std::fs::write(at("ties.csv"), "source,target\nAnn,Bo\nBo,Cy\nCy,Di\n").expect("written");
    std::fs::write(at("people.csv"), PEOPLE).expect("written");
    let scenario = load(&at("s.toml"), &[]);
    let graph = networks::of_scenario(&scenario).expect("a graph");
    // Ann, Bo, Cy, Di by first appearance, then Eve, whom the table alone names.
    assert_eq!((graph.nodes(), graph.ties(), graph.degree(4)), (5, 3, 0));
    let simulation = Simulation::on_graph(scenario.clone(), Arc::new(graph)).expect("a simulation");
    let population = simulation.population();
    let found: Vec<(u8, u8, u8)> = (0..5).map(|u| population.profile(u)).map(|p| (p.age, p.place.region, p.groups)).collect();
    assert_eq!([found[0], found[1], found[2], found[4]], [(1, 0, 1), (1, 1, 0), (0, 1, 2), (0, 0, 3)]);
    let heads: Vec<u32> = (0..5).map(|user| population.household_head(user)).collect();
    assert_eq!(heads, [0, 1, 1, 3, 4]);
    let held: Vec<Option<u16>> = (0..5).map(|user| population.known_holdings(user)).collect();
    assert_eq!(held, [Some(3), Some(2), Some(0), None, Some(1)]);

    // The command: `check` says what is drawn, a run that is resumed ends as one that was not stopped, and `--nodes` is the same.
    let said = exodus(folder.path()).args(["check", "s.toml"]).assert().success();
    let said = String::from_utf8_lossy(&said.get_output().stdout).into_owned();
    assert!(
        said.contains("says age, region, household, messengers, group teachers, group pupil") && said.contains("ignored: shoe"),
        "{said}"
    );
    let hash = |folder: &str| {
        let text = std::fs::read_to_string(at(folder).join("manifest.json")).expect("a manifest");
        let manifest: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        manifest["state_hashes"].to_string() + &manifest["scenario_hash"].to_string()
    };
    exodus(folder.path())
        .args(["run", "s.toml", "--out", "a", "--no-report", "--quiet", "--snapshot-on", "2025-01-02"])
        .assert()
        .success();
    std::fs::write(at("t.toml"), SCENARIO.replace("nodes = \"people.csv\"\n", "")).expect("written");
    exodus(folder.path())
        .args(["run", "t.toml", "--nodes", "people.csv", "--out", "b", "--no-report", "--quiet"])
        .assert()
        .success();
    assert_eq!(hash("a"), hash("b"));
    exodus(folder.path()).args(["fork", "a/snapshots/2025-01-02.exo", "--out", "c", "--no-report", "--quiet"]).assert().success();
    // Another table is another graph: nothing continues from it.
    std::fs::write(at("people.csv"), PEOPLE.replace("Ann,25+,North", "Ann,18-24,North")).expect("written");
    let failed = exodus(folder.path())
        .args(["fork", "a/snapshots/2025-01-02.exo", "--out", "d", "--no-report", "--quiet"])
        .assert()
        .failure();
    assert!(String::from_utf8_lossy(&failed.get_output().stderr).contains("no longer the one"), "{failed:?}");
}

#[test]
fn what_is_wrong_in_a_table_is_said_with_its_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("s.toml"), SCENARIO).expect("written");
    std::fs::write(at("ties.csv"), "source,target\nAnn,Bo\nBo,Cy\nCy,Di\n").expect("written");
    let scenario = load(&at("s.toml"), &[]);
    for (table, words) in [
        ("label,job,age\nAnn,x,12\n", "line 2: column age: found `12`; allowed 18-24, 25+"),
        ("label,job,region\nAnn,x,West\n", "line 2: column region: found `West`; allowed North, South"),
        ("label,job,messengers\nAnn,x,\nBo,x,A;C\n", "line 3: column messengers: found `C`; allowed A, B"),
        ("label,job,pupil\nAnn,x,perhaps\n", "found `perhaps`; allowed yes, no"),
        ("label,job\nAnn,x\nAnn,x\n", "line 3: found the node `Ann` again"),
        ("label,job\n,x\n", "line 2: found no label"),
        ("who,job\nAnn,x\n", "line 1: found the columns"),
        ("label\nAnn\n", "found no column `job`"),
        ("label,job,Label\nAnn,x,y\n", "a second time"),
        ("label,job\nAnn\n", ":2: found 1 cell; allowed 2"),
        ("", "found nothing"),
    ] {
        std::fs::write(at("people.csv"), table).expect("written");
        let error = networks::of_scenario(&scenario).expect_err(table).to_string();
        assert!(error.contains(words) && error.lines().count() == 1, "{table}: {error}");
    }
}
