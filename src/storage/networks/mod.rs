//! Networks that others wrote, and those that others are to read: lists of ties in every dialect, GraphML, GML, GEXF, Pajek,
//! Matrix Market, METIS, DIMACS; plain, or packed by gzip, zstd, bzip2, xz or zip.
//!
//! Node k of a file is user k. Labels and nodes without ties are kept.

mod collect;
mod declared;
mod detect;
mod forecast;
mod gml;
mod input;
mod labels;
mod list;
mod nodes;
mod numbered;
mod scenario;
mod write;
mod xml;

pub use forecast::{Forecast, forecast};
pub use labels::Labels;
pub use list::labels_path;
pub use nodes::{Uses, uses};
pub(super) use scenario::with_labels;
pub use scenario::{of_scenario, of_scenario_among, of_scenario_until, with_nodes};
pub use write::{ENDINGS, check_target, write};

use crate::error::{Error, Result};
use crate::graph::Graph;
use std::path::Path;

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
            None => detect::detect(path, head)?,
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
    let labels = labels.unwrap_or(collected.labels);
    let name = |node| labels.get(node).unwrap_or_default().into_owned();
    summary.shown = collected.shown.iter().map(|tie| tie.map(name)).collect();
    Ok(Network { graph, labels, summary })
}
