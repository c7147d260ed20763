//! Networks beside NetworkX, and tables of who the nodes are.

mod common;

use assert_cmd::Command;
use common::{load, python};
use exodus::engine::Simulation;
use exodus::graph::{Graph, GraphStats};
use exodus::storage::networks::{self, Network, Reading};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

fn exodus(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("the command");
    command.current_dir(folder);
    command
}

/// Sixteen graphs, written in NetworkX's formats and those that others write, with their ties by label and statistics.
const WRITE: &str = r#"
import csv, json, statistics, networkx as nx, scipy.io
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
    if plain.number_of_nodes() > 1:
        place = {n: i + 1 for i, n in enumerate(plain)}
        scipy.io.mmwrite(f"{k}.mtx", nx.to_scipy_sparse_array(weighted), symmetry="symmetric")
        ends = [(place[a], place[b]) for a, b in plain.edges if a != b]
        with open(f"{k}.col", "w") as f:
            f.write(f"c by hand\np edge {len(plain)} {len(ends)}\n" + "".join(f"e {a} {b}\n" for a, b in ends))
        with open(f"{k}.graph", "w") as f:
            f.write(f"{len(plain)} {len(ends)}\n" + "".join(" ".join(str(place[o]) for o in plain[n] if o != n) + "\n" for n in plain))
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

/// Every format that is written.
const WRITTEN: [&str; 9] = ["graphml", "gml", "gml.gz", "csv", "tsv.gz", "txt.zst", "mtx", "parquet", "npz"];

/// Reads what we wrote, in NetworkX, with the labels beside.
const READ: &str = r##"
import csv, gzip, json, os, networkx as nx, pandas, polars, scipy.io, scipy.sparse
told = json.load(open("told.json"))
for k, right in enumerate(told):
    size = len(right["nodes"])
    def named(graph, ending):
        beside = f"{k}.out.{ending}.labels.csv"
        names = range(size)
        if os.path.exists(beside):
            rows = list(csv.reader(open(beside, newline="", encoding="utf-8")))
            assert rows[0] == ["node", "label"] and [int(r[0]) for r in rows[1:]] == list(range(size))
            names = [r[1] for r in rows[1:]]
        return nx.relabel_nodes(graph, {n: str(names[n]) for n in graph})
    def of(sources, targets, ending):
        graph = nx.empty_graph(size)
        graph.add_edges_from(zip(map(int, sources), map(int, targets)))
        return named(graph, ending)
    def table(frame, ending): return of(frame["source"], frame["target"], ending)
    graphs = [nx.read_graphml(f"{k}.out.graphml"), nx.read_gml(f"{k}.out.gml"), nx.read_gml(f"{k}.out.gml.gz"),
        table(pandas.read_csv(f"{k}.out.csv", comment="#"), "csv"), table(pandas.read_csv(f"{k}.out.tsv.gz", sep="\t", comment="#"), "tsv.gz"),
        table(polars.read_csv(f"{k}.out.txt.zst", separator="\t", comment_prefix="#"), "txt.zst"),
        table(pandas.read_parquet(f"{k}.out.parquet"), "parquet"),
        named(nx.from_scipy_sparse_array(scipy.sparse.coo_array(scipy.io.mmread(f"{k}.out.mtx"))), "mtx"),
        named(nx.from_scipy_sparse_array(scipy.sparse.csr_array(scipy.sparse.load_npz(f"{k}.out.npz"))), "npz")]
    for graph in graphs:
        assert list(graph) == right["nodes"], (k, list(graph))
        assert sorted(sorted(e) for e in graph.edges if e[0] != e[1]) == [list(e) for e in right["ties"] if e[0] != e[1]], k
"##;

#[test]
fn sixteen_graphs_are_those_of_networkx() {
    let Some(python) = python("networkx, scipy, pandas, polars, pyarrow") else { return };
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
        let place = |name: &String| (1 + nodes.iter().position(|node| node == name).expect("a node")).to_string();
        let by_number = |[a, b]: &[String; 2]| {
            let [a, b] = [place(a), place(b)];
            if a <= b { [a, b] } else { [b, a] }
        };
        let numbers: BTreeSet<[String; 2]> = ties.iter().filter(|[a, b]| a != b).map(by_number).collect();
        for ending in ["mtx", "col", "graph"] {
            let path = folder.path().join(format!("{k}.{ending}"));
            if !path.exists() {
                continue;
            }
            let network = networks::read(&path, &Reading::default()).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!((by_label(&network), network.labels.len()), (numbers.clone(), nodes.len()), "{}", path.display());
            tried += 1;
        }
        for ending in ["graphml", "gml", "gexf", "net", "edgelist", "weighted.edgelist", "pandas.csv"] {
            let path = folder.path().join(format!("{k}.{ending}"));
            if !path.exists() {
                continue;
            }
            let network = networks::read(&path, &Reading::default()).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(by_label(&network), ties, "{}", path.display());
            // Lists of ties know nothing of nodes without.
            if !ending.contains("edgelist") && !ending.contains("csv") {
                assert!(network.labels.iter().eq(nodes.iter().map(String::as_str)), "{}: {:?}", path.display(), network.labels);
            }
            tried += 1;
        }
        let network = networks::read(&folder.path().join(format!("{k}.graphml")), &Reading::default()).expect("a graph");
        for ending in WRITTEN {
            let path = folder.path().join(format!("{k}.out.{ending}"));
            networks::write(&path, &network.graph, &network.labels).expect("written");
        }
        statistics(&network.graph, right);
    }
    assert!(tried > 135, "{tried} files");
    run(READ);
}

/// Ties by label, each in order of text.
fn by_label(network: &Network) -> BTreeSet<[String; 2]> {
    let label = |node| network.labels.get(node).expect("a label").into_owned();
    let ties = network.graph.iter_ties().map(|(a, b)| [label(a), label(b)]);
    ties.map(|[a, b]| if a <= b { [a, b] } else { [b, a] }).collect()
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

const SCENARIO: &str = include_str!("scenarios/nodes.toml");

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

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).expect("a table");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn parquet_rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    use parquet::{file::reader::FileReader, file::serialized_reader::SerializedFileReader, record::Field};
    let reader = SerializedFileReader::new(std::fs::File::open(path).expect("a table")).expect("Parquet");
    let text = |field: &Field| if let Field::Str(text) = field { text.clone() } else { field.to_string() };
    let rows = reader.get_row_iter(None).expect("rows").map(|row| row.expect("a row"));
    rows.map(|row| row.get_column_iter().map(|(name, field)| (name.clone(), text(field))).collect()).collect()
}

fn done(folder: &Path, args: &[&str]) {
    exodus(folder).args(args).assert().success();
}

/// Zed, Amy, Bob … by first appearance; Lou, without ties, is known from the table alone.
#[test]
fn node_k_of_the_file_is_user_k_with_its_label_in_trace_snapshot_and_export() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("ties.csv"), "source,target\nzed,amy\namy,bob\ncarl,zed\ndora,amy\nerin,zed\nbob,erin\n").expect("written");
    std::fs::write(at("people.csv"), "label,age,job\nzed,25+,x\namy,18-24,x\nlou,19,x\ndora,70,x\n").expect("written");
    let names = ["zed", "amy", "bob", "carl", "dora", "erin", "lou"];
    let ages = [(0, "25+"), (1, "18-24"), (4, "25+"), (6, "18-24")];
    // The network as it is, and what `import` makes of it in a list with labels beside, a file of names, and back again.
    done(folder.path(), &["graph", "import", "ties.csv", "--out", "list.tsv"]);
    done(folder.path(), &["graph", "export", "list.tsv", "--out", "named.graphml"]);
    done(folder.path(), &["graph", "export", "named.graphml", "--out", "again.csv.gz"]);
    for network in ["ties.csv", "list.tsv", "named.graphml", "again.csv.gz"] {
        std::fs::write(at("s.toml"), SCENARIO.replace("ties.csv", network)).expect("written");
        let out = format!("run-{network}");
        done(folder.path(), &["run", "s.toml", "--out", &out, "--no-report", "--quiet", "--snapshot-on", "2025-01-03"]);
        let snapshot = format!("{out}/snapshots/2025-01-03.exo");
        for format in ["csv", "parquet"] {
            done(folder.path(), &["snapshot", "export", &snapshot, "--out", &format!("{out}/{format}"), "--format", format]);
        }
        let users = rows(&at(&out).join("csv/users.csv"));
        let exported = parquet_rows(&at(&out).join("parquet/users.parquet"));
        for table in [&users, &exported] {
            assert_eq!(table.iter().map(|row| row["label"].as_str()).collect::<Vec<_>>(), names, "{network}");
        }
        let trace = parquet_rows(&at(&out).join("trace.parquet"));
        assert!(trace.len() >= names.len());
        for (user, label, age) in
            trace.iter().chain(&users).map(|row| (row["user"].parse::<usize>().expect("a user"), &row["label"], &row["age"]))
        {
            assert_eq!(label, names[user], "{network}");
            assert!(ages.iter().all(|&(who, band)| who != user || band == age), "{network}: {user} is {age}");
        }
    }
    // Labels that are node numbers are no column of their own.
    std::fs::write(at("numbers.csv"), "source,target\n0,1\n1,2\n").expect("written");
    std::fs::write(at("s.toml"), SCENARIO.replace("ties.csv", "numbers.csv").replace("nodes = \"people.csv\"\n", ""))
        .expect("written");
    done(folder.path(), &["run", "s.toml", "--out", "plain", "--no-report", "--quiet", "--snapshot-on", "2025-01-03"]);
    done(folder.path(), &["snapshot", "export", "plain/snapshots/2025-01-03.exo", "--out", "plain/csv", "--format", "csv"]);
    assert!(!rows(&at("plain/csv/users.csv"))[0].contains_key("label"));
}

#[test]
fn a_run_with_a_table_of_nodes_is_resumed_replicated_and_forked() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("s.toml"), SCENARIO.replace("end = 2025-01-05", "end = 2029-12-31")).expect("written");
    std::fs::write(at("ties.csv"), "source,target\nAnn,Bo\nBo,Cy\nCy,Di\n").expect("written");
    std::fs::write(at("people.csv"), PEOPLE).expect("written");
    let manifest = |name: &str| -> serde_json::Value {
        serde_json::from_slice(&std::fs::read(at(name).join("manifest.json")).expect("a manifest")).expect("JSON")
    };
    let run = ["run", "s.toml", "--no-report", "--quiet", "--out"];
    done(folder.path(), &[&run[..], &["whole", "--snapshot-on", "2028-01-20"]].concat());
    let mut killed = std::process::Command::new(env!("CARGO_BIN_EXE_exodus"))
        .current_dir(folder.path())
        .args([&run[..], &["killed", "--checkpoint-every", "1", "--snapshot-on", "2028-01-20"]].concat())
        .spawn()
        .expect("started");
    while !at("killed/checkpoint.old.exo").exists() && killed.try_wait().expect("a status").is_none() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    killed.kill().expect("killed");
    killed.wait().expect("a status");
    assert_ne!(manifest("killed")["status"], "finished");
    done(folder.path(), &["resume", "killed", "--quiet"]);
    assert_eq!(manifest("killed")["state_hash"], manifest("whole")["state_hash"]);
    for table in ["trace.parquet", "series.csv"] {
        let read = |run: &str| std::fs::read(at(run).join(table)).expect("a table");
        assert!(read("killed") == read("whole"), "{table}");
    }
    // A fork that changes nothing ends as its parent does.
    done(folder.path(), &["fork", "whole/snapshots/2028-01-20.exo", "--out", "fork", "--no-report", "--quiet"]);
    assert_eq!(manifest("fork")["state_hash"], manifest("whole")["state_hash"]);
    // Replicates are of the people whom the table describes, whatever their seed.
    done(folder.path(), &[&run[..], &["many", "--replicates", "3", "--until", "2025-01-10"]].concat());
    let replicates = exodus::experiment::Replicates::open(&at("many")).expect("replicates");
    assert_eq!(replicates.runs().len(), 3);
    for run in replicates.runs() {
        let trace = parquet_rows(&run.join("trace.parquet"));
        for (label, who) in [("Ann", ["0", "25+", "North"]), ("Cy", ["2", "18-24", "South"]), ("Eve", ["4", "18-24", "North"])] {
            let first = trace.iter().find(|row| row["label"] == label).expect("the eve");
            assert_eq!(["user", "age", "region"].map(|column| first[column].as_str()), who, "{label}");
        }
    }
}

#[test]
fn a_table_of_nodes_is_read_in_other_dialects_and_never_makes_a_second_population() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("s.toml"), SCENARIO).expect("written");
    std::fs::write(at("ties.csv"), "Source,Target,Type\n1,2,Undirected\n2,3,Undirected\n").expect("written");
    let scenario = load(&at("s.toml"), &[]);
    let ages = |table: &[u8]| {
        std::fs::write(at("people.csv"), table).expect("written");
        networks::of_scenario(&scenario).map(|graph| {
            let known = graph.known().expect("a table").clone();
            (0..graph.nodes()).map(|user| known.age(user)).collect::<Vec<_>>()
        })
    };
    let right = vec![Some(0), None, Some(1)];
    for table in [
        // Gephi's table of nodes: ties are by `Id`, not by `Label`.
        "Id,Label,job,age\n1,Ann,x,19\n2,Bo,x,\n3,Cy,x,30\n",
        "\u{feff}label;job;age\r\n3;x;30\r\n1;x;18-24\r\n",
        "label\tjob\tage\r1\tx\t19\r3\tx\t25+\r",
        "node,job,age\n1.0,\"x, y\",19\n3.0,x,30\n2.0,x,NA\n",
    ] {
        assert_eq!(ages(table.as_bytes()).unwrap_or_else(|e| panic!("{table}: {e}")), right, "{table}");
    }
    // One that is added is known, too, even before others.
    assert_eq!(ages(b"label,job,age\nnew,x,30\n1,x,19\n3,x,30\n").expect("a table"), [right.clone(), vec![Some(1)]].concat());
    let error = ages(b"label,job,age\nAnn,x,19\nBo,x,30\n").expect_err("strangers").to_string();
    assert!(error.contains("line 2: found the node `Ann`, and no row that names a node of the network"), "{error}");
    let utf16: Vec<u8> = "label,job,age\n1,x,19\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(ages(&utf16).expect_err("UTF-16").to_string().contains("UTF-16"));
}

/// The table of `docs/files.md`, under the versions of the packages that it was made with.
#[test]
fn the_table_of_importers_is_what_they_do() {
    let Some(python) = python("networkx, igraph, numpy") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let script = common::root().join("tests/importers.py");
    let out =
        std::process::Command::new(&python).arg(&script).arg(env!("CARGO_BIN_EXE_exodus")).current_dir(folder.path()).output();
    let out = out.expect("python");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let made = String::from_utf8_lossy(&out.stdout).into_owned();
    let book = std::fs::read_to_string(common::root().join("docs/files.md")).expect("the page");
    let versions = made.lines().next().expect("versions");
    // Other versions of the peers may do otherwise; exodus may not.
    let own = |text: &str| -> Vec<String> {
        let rows = text.lines().skip_while(|line| !line.starts_with("| format | with")).take_while(|line| line.starts_with('|'));
        rows.map(|row| row.split('|').take(4).collect::<Vec<_>>().join("|")).collect()
    };
    assert!(own(&made).len() > 30);
    assert_eq!(own(&book), own(&made));
    if book.lines().any(|line| line == versions) {
        assert!(book.contains(made.trim_end()), "docs/files.md has another table than\n{made}");
    } else {
        common::absent("other versions of NetworkX and igraph than those of the table in docs/files.md");
    }
}
