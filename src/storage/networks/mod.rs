//! Networks that others wrote, and those that others are to read: lists of ties in every dialect, GraphML, GML, GEXF, Pajek,
//! Matrix Market, METIS, DIMACS; plain, or packed by gzip, zstd, bzip2, xz or zip.
//!
//! Node k of a file is user k. Labels and nodes without ties are kept.

mod collect;
mod declared;
mod gml;
mod input;
mod labels;
mod list;
mod nodes;
mod numbered;
mod write;
mod xml;

pub use labels::Labels;
pub use list::labels_path;
pub use nodes::{Uses, uses};
pub use write::{ENDINGS, write};

use crate::engine::{self, plan};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::peers::Peers;
use crate::scenario::{GraphKind, Scenario};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// A format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A tie a line, two labels in columns.
    List,
    /// GraphML.
    GraphMl,
    /// Graph Modelling Language.
    Gml,
    /// GEXF, of Gephi.
    Gexf,
    /// Pajek's `.net`.
    Pajek,
    /// A square, sparse matrix of Matrix Market.
    MatrixMarket,
    /// Lists of neighbours of METIS.
    Metis,
    /// DIMACS, of colouring or shortest paths.
    Dimacs,
}

impl Format {
    /// All formats, with what `--format` calls them.
    pub const ALL: [(&'static str, Format); 8] = [
        ("list", Format::List),
        ("graphml", Format::GraphMl),
        ("gml", Format::Gml),
        ("gexf", Format::Gexf),
        ("pajek", Format::Pajek),
        ("mtx", Format::MatrixMarket),
        ("metis", Format::Metis),
        ("dimacs", Format::Dimacs),
    ];

    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Format::List => "a list of ties",
            Format::GraphMl => "GraphML",
            Format::Gml => "GML",
            Format::Gexf => "GEXF",
            Format::Pajek => "Pajek",
            Format::MatrixMarket => "Matrix Market",
            Format::Metis => "METIS",
            Format::Dimacs => "DIMACS",
        }
    }

    /// The root of its XML.
    fn root(self) -> &'static str {
        if self == Format::Gexf { "gexf" } else { "graphml" }
    }
}

/// What separates the columns of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Separator {
    /// A tab.
    Tab,
    /// A comma.
    Comma,
    /// A semicolon.
    Semicolon,
    /// A vertical bar.
    Pipe,
    /// Any run of spaces and tabs.
    White,
}

impl Separator {
    /// All separators, with what `--separator` calls them.
    pub const ALL: [(&'static str, Separator); 5] = [
        ("tab", Separator::Tab),
        ("comma", Separator::Comma),
        ("semicolon", Separator::Semicolon),
        ("pipe", Separator::Pipe),
        ("space", Separator::White),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, s)| *s == self).map_or("", |(name, _)| name)
    }

    fn byte(self) -> Option<u8> {
        match self {
            Separator::Tab => Some(b'\t'),
            Separator::Comma => Some(b','),
            Separator::Semicolon => Some(b';'),
            Separator::Pipe => Some(b'|'),
            Separator::White => None,
        }
    }
}

/// Which lines of a list are comments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comment {
    /// None.
    None,
    /// Those that begin with this.
    Start(String),
}

/// How a file is to be read; what is `None` is found out from the file.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Its format.
    pub format: Option<Format>,
    /// Of a list: what separates columns.
    pub separator: Option<Separator>,
    /// Of a list: whether the first line names the columns.
    pub header: Option<bool>,
    /// Of a list: the columns of the two ends, by name or number from 1.
    pub columns: Option<[String; 2]>,
    /// Of a list: which lines are comments. Otherwise those that begin with `#`, `%` or `//`.
    pub comment: Option<Comment>,
}

/// What was read, and what was made of it.
#[derive(Clone, Debug, Default)]
pub struct ImportSummary {
    /// Format and dialect, in words.
    pub format: String,
    /// Where labels come from, in words.
    pub columns: String,
    /// Columns and attributes of ties that were passed over.
    pub ignored: Vec<String>,
    /// Whether the file's ties have a direction, which is dropped.
    pub directed: bool,
    /// Ties given again, in either direction.
    pub duplicates: u64,
    /// Ties of a node to itself.
    pub loops: u64,
    /// The first three ties, by label.
    pub shown: Vec<[String; 2]>,
    /// What else the reader should know.
    pub notes: Vec<String>,
    /// Bytes of the file.
    bytes: u64,
}

/// A graph from a file.
#[derive(Debug)]
pub struct Network {
    /// The graph.
    pub graph: Graph,
    /// What its nodes are called.
    pub labels: Labels,
    /// What was read.
    pub summary: ImportSummary,
}

/// Reads a network.
///
/// Ties are undirected; loops and repeated ties are dropped and counted. Nodes are numbered in the order in which the
/// file names them, or as it numbers them; of a list of ties in order of label where all labels are whole numbers, else
/// of first appearance. A list beside which lies `<file>.labels.csv` (`node,label`) has these labels.
///
/// Fails, with the line, where the file cannot be read, is of another format, says something twice, or could mean two
/// things: then the message names the option that settles it.
pub fn read(path: &Path, reading: &Reading) -> Result<Network> {
    read_watched(path, reading, &|_| ())
}

/// The same; `progress` receives how many bytes of the file have been read.
pub fn read_watched(path: &Path, reading: &Reading, progress: &dyn Fn(u64)) -> Result<Network> {
    let mut summary = ImportSummary { bytes: std::fs::metadata(path).map_or(0, |m| m.len()), ..ImportSummary::default() };
    let (ties, labels) = input::open(path, progress, |head, stream| {
        let format = match reading.format {
            Some(format) => format,
            None => detect(path, head)?,
        };
        summary.format = format.name().to_owned();
        match format {
            Format::List => list::read(path, stream, reading, &mut summary),
            Format::GraphMl | Format::Gexf => xml::read(path, stream, format, &mut summary),
            Format::Gml => gml::read(path, stream, &mut summary),
            Format::Pajek => numbered::pajek(path, stream, &mut summary),
            Format::MatrixMarket => {
                let (ties, _) = numbered::matrix_market(path, stream, &mut summary)?;
                Ok((ties, list::labels_beside(path)?))
            }
            Format::Metis => numbered::metis(path, stream, &mut summary),
            Format::Dimacs => numbered::dimacs(path, stream, &mut summary),
        }
    })?;
    let collected = ties.finish()?;
    summary.duplicates = collected.duplicates;
    summary.loops = collected.loops;
    summary.shown = collected.shown;
    let graph = collected.graph;
    let nodes = graph.nodes() as usize;
    if nodes == 0 {
        return Err(Error::corrupt(path, "found no node; allowed a network with at least one"));
    }
    if let Some(labels) = labels.as_ref().filter(|labels| labels.len() != nodes) {
        let beside = list::labels_path(path);
        let found = format!("found {} labels in {}, and {nodes} nodes", labels.len(), beside.display());
        return Err(Error::corrupt(path, format!("{found}; allowed one label for each node (or without that file)")));
    }
    for tie in &mut summary.shown {
        // By label rather than by the number that stands for it.
        if let Some(labels) = &labels {
            let first = if collected.labels.are_node_numbers() { 0 } else { 1 };
            for end in tie {
                let node = end.parse::<u32>().ok().and_then(|n| n.checked_sub(first));
                if let Some(label) = node.and_then(|node| labels.get(node)).filter(|_| collected.counted) {
                    *end = label.into_owned();
                }
            }
        }
    }
    Ok(Network { graph, labels: labels.unwrap_or(collected.labels), summary })
}

/// The graph of a scenario: read where it names a file, else made.
///
/// Works in the current rayon pool. Fails where the file cannot be read, or memory cannot be had.
pub fn of_scenario(scenario: &Scenario) -> Result<Graph> {
    of_scenario_until(scenario, &AtomicBool::new(false))
}

/// The same; ends early, with [`Error::stopped`], once somebody sets `stop` while the graph is made.
pub fn of_scenario_until(scenario: &Scenario, stop: &AtomicBool) -> Result<Graph> {
    of_scenario_among(scenario, &Peers::alone(), stop)
}

/// The same, of several ranks by each the rows of its part. A graph of a file is read by each as a whole, before it keeps its part.
pub fn of_scenario_among(scenario: &Scenario, peers: &Peers, stop: &AtomicBool) -> Result<Graph> {
    if scenario.graph.kind != GraphKind::File {
        let memory = plan::graph_memory_of_rank(scenario, scenario.population.users, peers.size(), plan::available_bytes());
        return with_nodes(scenario, engine::make_graph(scenario, memory, peers, stop)?);
    }
    let Some(path) = &scenario.graph.path else {
        return Err(Error::invalid("graph.path: not given; a graph of kind \"file\" needs one"));
    };
    let Network { graph, labels, .. } = read(Path::new(path), &Reading::default())?;
    // It is there in plain numbers already: it is packed where that is asked for, to leave room for the state.
    let memory = scenario.graph.memory.unwrap_or_default();
    let Some(nodes) = &scenario.graph.nodes else { return graph.kept(memory)?.divided(peers) };
    let (known, added) = nodes::read(Path::new(nodes), &labels, true, scenario)?;
    wider(graph, added.len())?.with_known(known).kept(memory)?.divided(peers)
}

/// A graph that was made, with what the scenario's table of nodes says; labels are node numbers.
pub fn with_nodes(scenario: &Scenario, graph: Graph) -> Result<Graph> {
    let Some(nodes) = &scenario.graph.nodes else { return Ok(graph) };
    if scenario.graph.kind == GraphKind::Layered {
        return Err(Error::invalid(
            "graph.nodes: found with a layered graph, which is made from ages, places and households; allowed with other kinds",
        ));
    }
    let (known, _) = nodes::read(Path::new(nodes), &Labels::range(0, graph.nodes()), false, scenario)?;
    Ok(graph.with_known(known))
}

/// The same graph with more nodes, that have no ties.
fn wider(graph: Graph, more: usize) -> Result<Graph> {
    if more == 0 {
        return Ok(graph);
    }
    let nodes = u32::try_from(graph.nodes() as usize + more).map_err(|_| Error::invalid("graph.nodes: found too many nodes"))?;
    let ties: Vec<(u32, u32)> = graph.iter_ties().collect();
    Graph::from_ties(nodes, &ties)
}

/// Endings of formats that are known, and not read, with what to do instead.
const REFUSED: [(&str, &str); 16] = [
    ("json", "JSON"),
    ("jsonl", "JSON"),
    ("dot", "DOT of Graphviz"),
    ("gv", "DOT of Graphviz"),
    ("gdf", "GDF of GUESS"),
    ("dl", "DL of UCINET"),
    ("g6", "graph6"),
    ("s6", "sparse6"),
    ("tgf", "Trivial Graph Format"),
    ("lgl", "LGL"),
    ("leda", "LEDA"),
    ("tlp", "Tulip"),
    ("gephi", "a project of Gephi"),
    ("adjlist", "lists of neighbours"),
    ("paj", "a project of Pajek"),
    ("xlsx", "a spreadsheet"),
];

/// The format of a file, by its first bytes, and where these could be of several by its ending.
fn detect(path: &Path, head: &[u8]) -> Result<Format> {
    let refuse = |what: &str| {
        let allowed = "a list of ties, GraphML, GML, GEXF, Pajek, Matrix Market, METIS or DIMACS (--format says which)";
        Err(Error::corrupt(path, format!("found {what}; allowed {allowed}")))
    };
    let text = String::from_utf8_lossy(head);
    let lower = text.to_lowercase();
    let lines = || lower.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
    let no_comment = |start: &'static [&str]| lines().find(move |line| !start.iter().any(|s| line.starts_with(s))).unwrap_or("");
    let plain = no_comment(&["#", "%", "//"]);
    if lower.trim_start().starts_with('<') {
        let root =
            ["<graphml", "<gexf", "<html", "<!doctype html", "<svg"].into_iter().filter_map(|tag| Some((lower.find(tag)?, tag)));
        return match root.min() {
            Some((_, "<gexf")) => Ok(Format::Gexf),
            Some((_, "<html" | "<!doctype html")) => refuse("a web page (HTML)"),
            Some((_, "<svg")) => refuse("a picture (SVG)"),
            _ => Ok(Format::GraphMl),
        };
    }
    if lower.starts_with("%%matrixmarket") {
        return Ok(Format::MatrixMarket);
    }
    if plain.starts_with("*vertices") || plain.starts_with("*network") {
        return Ok(Format::Pajek);
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    let graph = lines().find(|line| line.starts_with("graph")).map_or("", |line| line["graph".len()..].trim_start());
    let is_gml = lines().take_while(|line| !line.starts_with("graph")).all(|line| {
        line.starts_with('#')
            || ["creator", "version", "comment", "directed", "label", "stamp"].iter().any(|key| line.starts_with(key))
    });
    let opens_later = || {
        let mut after = lines().skip_while(|line| *line != "graph").skip(1);
        after.next().is_some_and(|line| line.starts_with('['))
    };
    if is_gml && (graph.starts_with('[') || opens_later()) {
        return Ok(Format::Gml);
    }
    let known = match () {
        () if plain.starts_with('{') || plain.starts_with('[') => "JSON",
        () if plain.starts_with("nodedef>") => "GDF of GUESS",
        () if words.first() == Some(&"dl") && lower.contains("n=") || lower.starts_with("dl n") => "DL of UCINET",
        () if lower.starts_with(">>graph6<<") || lower.starts_with(">>sparse6<<") || lower.starts_with(">>digraph6<<") => {
            "graph6"
        }
        () if matches!(words.first(), Some(&("graph" | "digraph" | "strict"))) && lower.contains('{') => "DOT of Graphviz",
        () if plain.starts_with("leda.graph") => "LEDA",
        () if plain.starts_with("(tlp") => "Tulip",
        () if plain.starts_with("@relation") => "ARFF",
        () => "",
    };
    if !known.is_empty() {
        return refuse(known);
    }
    let problem = no_comment(&["c ", "c\t"]);
    let problem =
        if problem == "c" { lines().find(|line| *line != "c" && !line.starts_with("c ")).unwrap_or("") } else { problem };
    let p: Vec<&str> = problem.split_whitespace().collect();
    if let ["p", _, n, m, ..] = p[..]
        && n.parse::<u64>().is_ok()
        && m.parse::<u64>().is_ok()
    {
        return Ok(Format::Dimacs);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let stem = [".gz", ".zst", ".bz2", ".xz", ".zip"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let ending = stem.rsplit_once('.').map_or("", |(_, end)| end);
    if let Some((_, what)) = REFUSED.iter().find(|(end, _)| *end == ending) {
        return refuse(what);
    }
    match ending {
        "metis" | "graph" => Ok(Format::Metis),
        "graphml" | "gexf" | "gml" | "mtx" | "net" => refuse(&format!("an ending `.{ending}` and other content")),
        _ => Ok(Format::List),
    }
}
