//! Graphs kept on disk, to be mapped instead of made again.

use super::networks;
use super::sections::{self, Data, FileKind, Sections};
use crate::engine::{self, graph_key};
use crate::error::{Error, Result};
use crate::files;
use crate::graph::Graph;
use crate::scenario::Scenario;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

const KIND: FileKind = FileKind { magic: *b"\x89EXG\r\n\x1a\n", version: [1, 0], what: "a graph" };
/// How the names of kept graphs end.
const END: &str = "exg";
/// Fewer bytes are made again as fast as they are read and checked: about four million users.
const LEAST: u64 = 256 << 20;

/// A folder of graphs by what they are made from.
#[derive(Clone, Debug)]
pub struct GraphCache {
    /// The folder; made when the first graph is kept.
    pub folder: PathBuf,
    /// Most bytes that all graphs in it may take; those used longest ago make way.
    pub limit: u64,
    /// Smaller graphs (in bytes) are not kept.
    pub least: u64,
}

/// Where a graph came from.
#[derive(Debug)]
pub enum Origin {
    /// Made, and not worth keeping.
    Made,
    /// Made, and kept in this file for the next time.
    Kept(PathBuf),
    /// Mapped from this file.
    Mapped(PathBuf),
    /// Made; it could not be kept.
    NotKept(Error),
}

impl GraphCache {
    /// A cache that keeps what is worth it.
    pub fn new(folder: PathBuf, limit: u64) -> Self {
        GraphCache { folder, limit, least: LEAST }
    }

    /// The graph of a scenario: mapped where it was kept, else made, and kept. A file that is damaged is made anew.
    ///
    /// Works in the current rayon pool. Fails where the graph cannot be made; not where it cannot be kept.
    pub fn graph(&self, scenario: &Scenario) -> Result<(Graph, Origin)> {
        let Some(key) = graph_key(scenario)? else { return Ok((networks::of_scenario(scenario)?, Origin::Made)) };
        let path = self.folder.join(format!("{key}.{END}"));
        if let Ok(graph) = open(&path) {
            // Whatever was used last goes last. A folder that cannot be written to is no hindrance.
            let _ = File::options().append(true).open(&path).and_then(|file| file.set_modified(SystemTime::now()));
            return Ok((networks::with_nodes(scenario, graph)?, Origin::Mapped(path)));
        }
        let graph = engine::make_graph(scenario)?;
        if graph.bytes() < self.least {
            return Ok((networks::with_nodes(scenario, graph)?, Origin::Made));
        }
        let origin = match self.keep(&graph, &path) {
            Ok(()) => Origin::Kept(path),
            Err(error) => Origin::NotKept(error),
        };
        Ok((networks::with_nodes(scenario, graph)?, origin))
    }

    fn keep(&self, graph: &Graph, path: &Path) -> Result<()> {
        files::create_folder(&self.folder)?;
        self.make_room(graph.bytes())?;
        // Another process may be writing the same graph.
        let own = path.with_extension(format!("{}.{END}", std::process::id()));
        let columns = graph.columns().map(|(name, kind, bytes)| Data { name, kind, width: 1, bytes });
        sections::write(&own, &KIND, &columns)?;
        files::rename(&own, path)
    }

    /// Removes graphs used longest ago, until there is room for `bytes` more.
    fn make_room(&self, bytes: u64) -> Result<()> {
        if bytes > self.limit {
            return Err(Error::invalid(format!(
                "{}: found a graph of {bytes} bytes; allowed {}",
                self.folder.display(),
                self.limit
            )));
        }
        let mut graphs = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(|e| Error::io(&self.folder, "opening", e))? {
            let path = entry.map_err(|e| Error::io(&self.folder, "reading", e))?.path();
            // What another process has just removed is not there to be counted.
            let Ok(metadata) = path.metadata() else { continue };
            if path.extension().is_some_and(|end| end == END) {
                graphs.push((metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), metadata.len(), path));
            }
        }
        graphs.sort();
        let mut all: u64 = graphs.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, len, path) in graphs {
            if all + bytes <= self.limit {
                break;
            }
            files::remove(&path)?;
            all -= len;
        }
        Ok(())
    }
}

/// Maps a graph that was kept, once all its checksums are right.
fn open(path: &Path) -> Result<Graph> {
    let file = Sections::open(path, &KIND)?;
    file.verify()?;
    let bases = file.column("bases", "u64")?.to_vec();
    Graph::from_kept(bases, file.mapped("starts", "u32")?, file.mapped("targets", "u32")?)
        .ok_or_else(|| Error::corrupt(path, "its sections are not those of a graph"))
}
