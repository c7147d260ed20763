//! Graphs kept on disk, to be mapped instead of regenerated.

use super::networks;
use super::sections::{self, Data, FileKind, Sections};
use crate::engine::{self, graph_key, plan};
use crate::error::{Error, Result};
use crate::files;
use crate::graph::Graph;
use crate::peers::Peers;
use crate::scenario::{GraphMemory, Scenario};
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, SystemTime};

const KIND: FileKind = FileKind { magic: *b"\x89EXG\r\n\x1a\n", version: [2, 1], what: "a graph" };
/// The section that holds the key: a file under another name is not taken for what its name says.
const KEY: &str = "key";
/// The section of the number of nodes.
const NODES: &str = "nodes";
/// How the names of kept graphs end.
const END: &str = "exg";
/// How the names of graphs end that are still being written.
const WRITTEN: &str = "tmp";
/// Whoever writes is never silent for as long as this; what stands still was left behind by a kill. An hour leaves room for
/// hosts whose clocks differ.
const SILENT: Duration = Duration::from_secs(3600);
/// Fewer bytes are regenerated as fast as they are read and checked: about four million users.
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

    /// The graph of a scenario: mapped where it was kept, else made, and kept. A file that is damaged, or that holds the graph of
    /// another key, is regenerated.
    ///
    /// Works in the current rayon pool. Fails where the graph cannot be made; not where it cannot be kept.
    pub fn graph(&self, scenario: &Scenario) -> Result<(Graph, Origin)> {
        self.graph_until(scenario, &AtomicBool::new(false))
    }

    /// The same; ends early, with [`Error::stopped`], once somebody sets `stop` while the graph is made.
    pub fn graph_until(&self, scenario: &Scenario, stop: &AtomicBool) -> Result<(Graph, Origin)> {
        let Some(key) = graph_key(scenario)? else { return Ok((networks::of_scenario_until(scenario, stop)?, Origin::Made)) };
        let memory = plan::graph_memory(scenario, scenario.population.users, plan::available_bytes());
        let key = match memory {
            GraphMemory::Plain => key,
            GraphMemory::Packed => format!("{key}-packed"),
        };
        let path = self.folder.join(format!("{key}.{END}"));
        if let Ok(graph) = open(&path, &key, memory) {
            // Whatever was used last goes last. A folder that cannot be written to is no hindrance.
            let _ = File::options().append(true).open(&path).and_then(|file| file.set_modified(SystemTime::now()));
            let _ = self.make_room(0);
            return Ok((networks::with_nodes(scenario, graph)?, Origin::Mapped(path)));
        }
        let graph = engine::make_graph(scenario, memory, &Peers::alone(), stop)?;
        if graph.bytes() < self.least {
            return Ok((networks::with_nodes(scenario, graph)?, Origin::Made));
        }
        let origin = match self.keep(&graph, &key, &path) {
            Ok(()) => Origin::Kept(path),
            Err(error) => Origin::NotKept(error),
        };
        Ok((networks::with_nodes(scenario, graph)?, origin))
    }

    fn keep(&self, graph: &Graph, key: &str, path: &Path) -> Result<()> {
        files::create_folder(&self.folder)?;
        self.make_room(graph.bytes())?;
        let own = path.with_extension(format!("{:016x}.{END}", nobody_elses()));
        let columns = graph.columns();
        let nodes = graph.nodes().to_le_bytes();
        let head = [(KEY, "u8", key.as_bytes()), (NODES, "u32", &nodes)].into_iter();
        let all = head.chain(columns.iter().map(|(name, kind, bytes)| (name.as_str(), *kind, *bytes)));
        let all: Vec<_> = all.map(|(name, kind, bytes)| Data { name, kind, width: 1, bytes }).collect();
        sections::write(&own, &KIND, &all)?;
        files::rename(&own, path).inspect_err(|_| drop(files::remove(&own)))
    }

    /// Removes what killed processes left, then graphs used longest ago, until there is room for `bytes` more. What others are
    /// writing counts as far as it has come; together with them the limit may be passed for as long as they write.
    fn make_room(&self, bytes: u64) -> Result<()> {
        let no_room = |what: String| Error::invalid(format!("{}: {what}; allowed {}", self.folder.display(), self.limit));
        if bytes > self.limit {
            return Err(no_room(format!("found a graph of {bytes} bytes")));
        }
        let mut graphs = Vec::new();
        let mut all = 0;
        for entry in fs::read_dir(&self.folder).map_err(|e| Error::io(&self.folder, "opening", e))? {
            let path = entry.map_err(|e| Error::io(&self.folder, "reading", e))?.path();
            // What another process has just removed is not there to be counted.
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            match Entry::of(&path) {
                None => continue,
                Some(Entry::Whole) => graphs.push((modified, metadata.len(), path)),
                Some(Entry::Unfinished) if modified.elapsed().is_ok_and(|age| age > SILENT) && files::remove(&path).is_ok() => {
                    continue;
                }
                Some(Entry::Unfinished) => {}
            }
            all += metadata.len();
        }
        graphs.sort();
        for (_, len, path) in graphs {
            if all + bytes <= self.limit {
                break;
            }
            // One that cannot be removed, such as another user's, continues taking its room.
            if files::remove(&path).is_ok() {
                all -= len;
            }
        }
        if all + bytes > self.limit {
            return Err(no_room(format!("found {all} bytes that cannot be removed, and a graph of {bytes}")));
        }
        Ok(())
    }
}

/// What a file of the folder is, by its name.
enum Entry {
    /// `key.exg`.
    Whole,
    /// `key.NUMBER.exg.tmp` while it is written, `key.NUMBER.exg` for a moment after.
    Unfinished,
}

impl Entry {
    /// `None` for a file that is not ours.
    fn of(path: &Path) -> Option<Self> {
        match path.file_name()?.to_str()?.split('.').collect::<Vec<_>>()[..] {
            [_, END] => Some(Entry::Whole),
            [_, _, END] | [_, _, END, WRITTEN] => Some(Entry::Unfinished),
            _ => None,
        }
    }
}

/// A number that nobody else has, be it in another process, on another host or in another container: the system's randomness
/// makes it.
fn nobody_elses() -> u64 {
    RandomState::new().hash_one(std::process::id())
}

/// Maps a graph that was kept, once its key and all its checksums are right.
fn open(path: &Path, key: &str, memory: GraphMemory) -> Result<Graph> {
    let file = Sections::open(path, &KIND)?;
    file.verify()?;
    if file.column::<u8>(KEY, "u8")? != key.as_bytes() {
        return Err(Error::corrupt(path, "holds a graph of another key"));
    }
    let graph = match memory {
        GraphMemory::Plain => {
            let bases = file.column("bases", "u64")?.to_vec();
            Graph::from_kept(bases, file.mapped("starts", "u32")?, file.mapped("targets", "u32")?)
        }
        GraphMemory::Packed => {
            let slabs = file.sections().iter().filter(|section| section.name.starts_with("rows_")).count();
            let slabs = (0..slabs).map(|k| file.mapped(&format!("rows_{k}"), "u8")).collect::<Result<_>>()?;
            let nodes = file.column::<u32>(NODES, "u32")?.first().copied().unwrap_or(0);
            Graph::from_kept_packed(nodes, file.mapped("groups", "u8")?, slabs)
        }
    };
    graph.ok_or_else(|| Error::corrupt(path, "its sections are not those of a graph"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_writings_have_one_name() {
        let numbers = (0..8).map(|_| std::thread::spawn(|| (0..2000).map(|_| nobody_elses()).collect::<Vec<_>>()));
        let numbers: Vec<_> = numbers.collect::<Vec<_>>().into_iter().flat_map(|t| t.join().expect("numbers")).collect();
        assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), 16_000);
    }
}
