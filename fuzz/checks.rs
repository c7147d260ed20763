//! What the fuzzers hold any input to. `tests/fuzz_seeds.rs` holds the inputs in `fuzz/seeds/` to the same.

use exodus::Result;
use exodus::engine::plan;
use exodus::experiment::resume_simulation;
use exodus::experiment::sweep::SweepPlan;
use exodus::graph::Graph;
use exodus::memory::Column;
use exodus::scenario::{self, GraphMemory, Scenario};
use exodus::storage::networks::{self, Format as NetworkFormat, Reading};
use exodus::storage::snapshot::{Format, Selection, Snapshot, UNIT, export};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use xxhash_rust::xxh3::xxh3_64;

/// A folder of this process.
fn folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("exodus-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// Any text is a scenario, or is refused with messages; a scenario written down and read again is the same.
pub fn scenario(text: &str) {
    let path = Path::new("fuzz.toml");
    // Files of this machine stay out of it.
    if text.contains("base") {
        return;
    }
    match scenario::parse(text, path, &[]) {
        Ok(scenario) => {
            plan::predicted_bytes(&scenario, scenario.population.users, Some(1 << 30));
            let written = scenario.to_toml().expect("a scenario can be written");
            let again = scenario::parse(&written, path, &[]).unwrap_or_else(|e| panic!("{e}\n{written}"));
            assert_eq!(again.hash().expect("a hash"), scenario.hash().expect("a hash"), "{written}");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Any text is a sweep of `tests/scenarios/everything.toml`, or is refused with messages; what is accepted has points,
/// seeds and a scenario at each.
pub fn sweep(text: &str) {
    let folder = folder();
    let scenario = include_str!("../tests/scenarios/everything.toml");
    let files =
        [("scenario.toml", scenario), ("points.csv", "rate,date\n0.1,2025-03-01\n0.2,2025-03-02\n"), ("sweep.toml", text)];
    for (name, text) in files {
        std::fs::write(folder.join(name), text).expect("a file");
    }
    match SweepPlan::read(&folder.join("sweep.toml")) {
        Ok(plan) => {
            let points = plan.design().points();
            assert!(points > 0 && plan.runs() == points * u64::from(plan.file.replicates));
            for point in [0, points as u32 / 2, points as u32 - 1] {
                // Of many points only some were tried; one that is no scenario is told when its turn comes.
                if let Ok(scenario) = plan.scenario_at(point, 0) {
                    assert_eq!(scenario.seed, plan.seed(point, 0));
                }
            }
            let _ = plan.needs(2, plan.runs());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Any bytes are a network, plain or packed, or are refused with one line; one that was read is the same when it is written
/// and read again.
fn network(bytes: &[u8], name: &str, format: Option<NetworkFormat>) {
    let path = folder().join(name);
    std::fs::write(&path, bytes).expect("a file");
    match networks::read(&path, &Reading { format, ..Reading::default() }) {
        Ok(network) => {
            assert_eq!(network.labels.len(), network.graph.nodes() as usize);
            let copy = folder().join(format!("copy-of-{name}.gml"));
            networks::write(&copy, &network.graph, &network.labels).expect("written");
            let again = networks::read(&copy, &Reading::default()).expect("read again");
            assert_eq!(again.graph.fingerprint(), network.graph.fingerprint());
            assert!(again.labels == network.labels, "labels");
        }
        Err(error) => assert_eq!(error.to_string().lines().count(), 1, "{error}"),
    }
}

/// A list of ties, or whatever its first bytes say.
pub fn edge_list(bytes: &[u8]) {
    network(bytes, "edges.txt", None);
}

/// GraphML or GEXF.
pub fn graphml(bytes: &[u8]) {
    network(bytes, "edges.graphml", Some(NetworkFormat::GraphMl));
    network(bytes, "edges.gexf", Some(NetworkFormat::Gexf));
}

/// GML.
pub fn gml(bytes: &[u8]) {
    network(bytes, "edges.gml", Some(NetworkFormat::Gml));
}

/// Any bytes are a table of nodes, as text or Parquet, or are refused with one line; whom a table says, and what, is the same
/// when it is read twice, and a node that it does not name is said nothing of.
pub fn node_table(bytes: &[u8]) {
    let folder = folder();
    let table = folder.join("people.csv");
    let files: [(&Path, &[u8]); 2] = [(&folder.join("ties.csv"), b"source,target\nAnn,Bo\nBo,Cy\nCy,Di\n"), (&table, bytes)];
    for (path, bytes) in files {
        std::fs::write(path, bytes).expect("a file");
    }
    static SCENARIO: OnceLock<Scenario> = OnceLock::new();
    let scenario = SCENARIO.get_or_init(|| {
        let text = include_str!("../tests/scenarios/nodes.toml");
        let mut scenario = scenario::parse(text, Path::new("nodes.toml"), &[]).expect("a scenario");
        let at = |name: &str| Some(folder.join(name).to_string_lossy().into_owned());
        (scenario.graph.path, scenario.graph.nodes) = (at("ties.csv"), at("people.csv"));
        scenario
    });
    let uses = networks::uses(&table, scenario);
    match networks::of_scenario(scenario) {
        Ok(graph) => {
            let uses = uses.expect("a table that was read has a header");
            assert_eq!(uses.given.len() + uses.drawn.len(), 4 + scenario.population.groups.len());
            let known = graph.known().expect("what is known");
            assert!(graph.nodes() >= 4 && graph.ties() == 3);
            assert!((0..graph.nodes()).all(|user| known.age(user).is_none_or(|age| age < 2)));
            assert!((0..graph.nodes()).all(|user| known.household(user).is_none_or(|head| head <= user)));
            let again = networks::of_scenario(scenario).expect("read again");
            assert_eq!(again.known().map(|k| k.fingerprint()), Some(known.fingerprint()));
        }
        Err(error) => assert_eq!(error.to_string().lines().count(), 1, "{error}"),
    }
}

/// Any bytes are packed rows, which then are those of a graph, or are refused. The first two are the number of nodes.
pub fn packed(bytes: &[u8]) {
    let Some((nodes, rest)) = bytes.split_first_chunk::<2>() else { return };
    let nodes = u32::from(u16::from_le_bytes(*nodes));
    let Some((groups, rows)) = rest.split_at_checked(20 * nodes.div_ceil(16) as usize) else { return };
    let [groups, rows] = [groups, rows].map(|bytes| Column::from_slice(bytes).expect("memory"));
    let Some(graph) = Graph::from_kept_packed(nodes, groups, vec![rows]) else { return };
    let plain = graph.share().kept(GraphMemory::Plain).expect("memory");
    assert_eq!(plain.fingerprint(), graph.fingerprint());
    for node in 0..nodes {
        let row = plain.neighbors(node);
        assert!(row.is_sorted_by(|a, b| a < b) && row.iter().all(|&other| other < nodes && other != node));
        assert_eq!(row, graph.neighbors(node));
    }
}

/// Any bytes are a snapshot, or are refused with one line: looked at, verified, exported, gone on with. They are tried as
/// they are, and with checksums made right, as hardly a mutation would get past those.
pub fn snapshot(bytes: &[u8]) {
    let folder = folder();
    for bytes in [Some(bytes.to_vec()), signed(bytes)].into_iter().flatten() {
        if let Err(error) = use_snapshot(&folder, &bytes) {
            assert!(!error.to_string().is_empty());
        }
    }
}

fn number(bytes: &[u8], at: usize) -> usize {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes")) as usize
}

/// The same bytes, with the checksums they should have.
fn signed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = bytes.to_vec();
    let count = u32::from_le_bytes(bytes.get(12..16)?.try_into().ok()?).min(64) as usize;
    let table = UNIT..UNIT * (1 + count);
    bytes.get(table.clone())?;
    for entry in table.clone().step_by(UNIT) {
        let (at, len) = (number(&bytes, entry + 40), number(&bytes, entry + 48));
        if let Some(section) = at.checked_add(len).and_then(|end| bytes.get(at..end)) {
            let sum = xxh3_64(section);
            bytes[entry + 56..entry + 64].copy_from_slice(&sum.to_le_bytes());
        }
    }
    let whole = bytes.len() as u64;
    bytes[24..32].copy_from_slice(&whole.to_le_bytes());
    let sum = xxh3_64(&bytes[table]);
    bytes[32..40].copy_from_slice(&sum.to_le_bytes());
    let sum = xxh3_64(&bytes[..40]);
    bytes[40..48].copy_from_slice(&sum.to_le_bytes());
    Some(bytes)
}

fn use_snapshot(folder: &Path, bytes: &[u8]) -> Result<()> {
    let path = folder.join("fuzz.exo");
    std::fs::write(&path, bytes).expect("a file");
    let snapshot = Snapshot::open(&path)?;
    snapshot.verify()?;
    export(&snapshot, &Selection { sample: Some(5), ..Selection::default() }, Format::Csv, &folder.join("csv"), true)?;
    let mut simulation = resume_simulation(&snapshot)?;
    if !simulation.finished() {
        simulation.step()?;
    }
    Ok(())
}
