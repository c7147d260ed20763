//! Networks for other programs, by the ending of the file's name.

use super::labels::Labels;
use super::list;
use crate::error::{Error, Result};
use crate::files;
use crate::graph::Graph;
use crate::storage::parquet;
use flate2::Compression;
use flate2::write::GzEncoder;
use quick_xml::escape::escape;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::io::{Error as IoError, Read, Result as IoResult, Write};
use std::path::Path;

/// The endings that are written, in words.
pub const ENDINGS: &str = ".csv, .tsv, .txt, .edges (a list of ties), .graphml, .gml, .mtx, these also with .gz or .zst; .parquet (arcs), .npz (a SciPy CSR matrix)";

/// Bytes of a frame of zstd.
const FRAME: usize = 4 << 20;

/// The ending of a name that can be written, what it is packed by, and whether labels go into a file beside it.
fn kind_of(path: &Path) -> Result<(String, String, bool)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let (stem, packing) = match name.rsplit_once('.') {
        Some((stem, packing @ ("gz" | "zst"))) => (stem, packing),
        _ => (&*name, ""),
    };
    let ending = stem.rsplit_once('.').map_or("", |(_, end)| end);
    match ending {
        "csv" | "tsv" | "txt" | "edges" | "mtx" => Ok((ending.into(), packing.into(), true)),
        "graphml" | "gml" => Ok((ending.into(), packing.into(), false)),
        "parquet" | "npz" if packing.is_empty() => Ok((ending.into(), String::new(), true)),
        _ => {
            let found = name.split_once('.').map_or("", |(_, end)| end);
            Err(Error::invalid(format!("{}: found the ending `.{found}`; allowed {ENDINGS}", path.display())))
        }
    }
}

/// Whether a graph may be written there, to be asked before one is made or read.
///
/// Fails where the ending is none of [`ENDINGS`], or (unless `force`) a file is there already, or one of labels beside it, that is not
/// a list as it would be written here.
pub fn check_target(path: &Path, force: bool) -> Result<()> {
    let (_, _, beside) = kind_of(path)?;
    let labels = list::labels_path(path);
    let is_labels = |start: &[u8]| start.starts_with(b"node,label\n");
    for (path, is_own) in
        [(path, &is_own_list as &dyn Fn(&[u8]) -> bool), (&labels, &is_labels)].into_iter().take(1 + usize::from(beside))
    {
        if force || !path.exists() {
            continue;
        }
        let mut start = Vec::new();
        let file = files::open(path).map_err(|e| Error::io(path, "opening", e))?;
        file.take(1 << 16).read_to_end(&mut start).map_err(|e| Error::io(path, "reading", e))?;
        if !is_own(&start) {
            let place = path.display();
            return Err(Error::invalid(format!("{place}: found a file; give another name, or --force to overwrite")));
        }
    }
    Ok(())
}

/// Whether a file begins as lists do that are written here: ties of node numbers, each once and in order.
fn is_own_list(start: &[u8]) -> bool {
    let whole = &start[..memchr::memrchr(b'\n', start).unwrap_or(0)];
    let mut lines = std::str::from_utf8(whole).unwrap_or_default().lines().skip_while(|line| line.starts_with(list::COUNT[0]));
    let separator = match lines.next() {
        Some("source,target") => ',',
        Some("source\ttarget") => '\t',
        _ => return false,
    };
    let tie = |line: &str| {
        let (a, b) = line.split_once(separator)?;
        Some((a.parse::<u32>().ok()?, b.parse::<u32>().ok()?)).filter(|(a, b)| a < b)
    };
    let ties: Option<Vec<(u32, u32)>> = lines.map(tie).collect();
    ties.is_some_and(|ties| ties.is_sorted())
}

/// Writes a graph, its format by the ending of the name. The file appears under its name only when it is whole; an older one is
/// replaced (see [`check_target`]).
///
/// Lists of ties, matrices and arcs are of node numbers; labels that are others stand beside, in `<file>.labels.csv`. Fails
/// where the ending is none of [`ENDINGS`], or the disk is full.
pub fn write(path: &Path, graph: &Graph, labels: &Labels) -> Result<()> {
    let (ending, packing, beside) = kind_of(path)?;
    match ending.as_str() {
        "csv" => packed(path, &packing, |out| list_of(out, graph, ','))?,
        "tsv" | "txt" | "edges" => packed(path, &packing, |out| list_of(out, graph, '\t'))?,
        "mtx" => packed(path, &packing, |out| matrix(out, graph))?,
        "parquet" => parquet::write_arcs(path, graph)?,
        "npz" => csr(path, graph)?,
        _ => {
            let fill = if ending == "gml" { gml } else { graphml };
            let unfit = |label: &str| label.chars().any(|c| c.is_control() || c == '\u{FFFE}' || c == '\u{FFFF}');
            if let Some(label) = labels.iter().find(|label| ending == "graphml" && unfit(label)) {
                let label = super::input::shown(label.as_bytes());
                let found = format!("found the label `{label}`, with a character that XML cannot hold");
                return Err(Error::corrupt(path, format!("{found}; allowed another format, such as .gml")));
            }
            packed(path, &packing, |out| fill(out, graph, labels))?;
        }
    }
    let labels_path = list::labels_path(path);
    // Labels left by an older file of that name would be taken for those of this one.
    if beside && (!labels.are_node_numbers() || labels_path.exists()) {
        write_labels(&labels_path, labels)?;
    }
    Ok(())
}

fn write_labels(path: &Path, labels: &Labels) -> Result<()> {
    files::write(path, |out| {
        let mut table = csv::Writer::from_writer(out);
        table.write_record(["node", "label"])?;
        for (node, label) in labels.iter().enumerate() {
            table.write_record([node.to_string().as_str(), &label])?;
        }
        table.flush()
    })
}

fn packed(path: &Path, packing: &str, fill: impl FnOnce(&mut dyn Write) -> IoResult<()>) -> Result<()> {
    files::write(path, |out| match packing {
        "gz" => {
            let mut encoder = GzEncoder::new(out, Compression::default());
            fill(&mut encoder)?;
            encoder.finish().map(|_| ())
        }
        "zst" => {
            let mut frames = Frames { out, held: Vec::new() };
            fill(&mut frames)?;
            frames.flush()
        }
        _ => fill(out),
    })
}

/// Packs what is written into frames of zstd.
struct Frames<W: Write> {
    out: W,
    held: Vec<u8>,
}

impl<W: Write> Write for Frames<W> {
    fn write(&mut self, bytes: &[u8]) -> IoResult<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= FRAME {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> IoResult<()> {
        if !self.held.is_empty() {
            self.out.write_all(&compress_to_vec(&self.held[..], CompressionLevel::Fastest))?;
            self.held.clear();
        }
        self.out.flush()
    }
}

fn list_of(out: &mut dyn Write, graph: &Graph, separator: char) -> IoResult<()> {
    if (0..graph.nodes()).any(|node| graph.degree(node) == 0) {
        let [before, after] = list::COUNT;
        writeln!(out, "{before}{}{after}", graph.nodes())?;
    }
    writeln!(out, "source{separator}target")?;
    graph.iter_ties().try_for_each(|(a, b)| writeln!(out, "{a}{separator}{b}"))
}

fn matrix(out: &mut dyn Write, graph: &Graph) -> IoResult<()> {
    writeln!(out, "%%MatrixMarket matrix coordinate pattern symmetric")?;
    writeln!(out, "{0} {0} {1}", graph.nodes(), graph.ties())?;
    graph.iter_ties().try_for_each(|(a, b)| writeln!(out, "{} {}", u64::from(b) + 1, u64::from(a) + 1))
}

fn label(labels: &Labels, node: u32) -> std::borrow::Cow<'_, str> {
    labels.get(node).unwrap_or_default()
}

fn graphml(out: &mut dyn Write, graph: &Graph, labels: &Labels) -> IoResult<()> {
    out.write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n")?;
    out.write_all(b"  <graph edgedefault=\"undirected\">\n")?;
    for node in labels.iter() {
        writeln!(out, "    <node id=\"{}\"/>", escape(node.as_ref()))?;
    }
    for (a, b) in graph.iter_ties() {
        let [a, b] = [a, b].map(|node| label(labels, node));
        writeln!(out, "    <edge source=\"{}\" target=\"{}\"/>", escape(a.as_ref()), escape(b.as_ref()))?;
    }
    out.write_all(b"  </graph>\n</graphml>\n")
}

fn gml(out: &mut dyn Write, graph: &Graph, labels: &Labels) -> IoResult<()> {
    out.write_all(b"graph [\n")?;
    for (node, label) in labels.iter().enumerate() {
        writeln!(out, "  node [\n    id {node}\n    label \"{}\"\n  ]", ascii(&label))?;
    }
    for (a, b) in graph.iter_ties() {
        writeln!(out, "  edge [\n    source {a}\n    target {b}\n  ]")?;
    }
    out.write_all(b"]\n")
}

/// GML is ASCII; other characters are written by number, as are those that mean something.
fn ascii(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if (' '..='~').contains(&c) && c != '"' && c != '&' { out.push(c) } else { out.push_str(&format!("&#{};", u32::from(c))) }
    }
    out
}

/// Arrays as `scipy.sparse.load_npz` reads them.
fn csr(path: &Path, graph: &Graph) -> Result<()> {
    let nodes = graph.nodes();
    let rows = graph.to_csr()?;
    let wide = nodes > i32::MAX as u32;
    files::write(path, |out| {
        let mut archive = zip::ZipWriter::new_stream(out);
        let options =
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored).large_file(true);
        let mut array = |name: &str, kind: &str, shape: String, fill: &mut dyn FnMut(&mut dyn Write) -> IoResult<()>| {
            archive.start_file(format!("{name}.npy"), options).map_err(IoError::other)?;
            let text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
            // The head is a multiple of 64 bytes long and ends a line.
            let len = (10 + text.len() + 1).next_multiple_of(64) - 10;
            let mut buffered = std::io::BufWriter::with_capacity(1 << 18, &mut archive);
            buffered.write_all(b"\x93NUMPY\x01\x00")?;
            buffered.write_all(&(len as u16).to_le_bytes())?;
            writeln!(buffered, "{text:<width$}", width = len - 1)?;
            fill(&mut buffered)?;
            buffered.flush()
        };
        array("format", "|S3", "()".into(), &mut |out| out.write_all(b"csr"))?;
        array("shape", "<i8", "(2,)".into(), &mut |out| {
            [nodes, nodes].iter().try_for_each(|&n| out.write_all(&i64::from(n).to_le_bytes()))
        })?;
        array("indptr", "<i8", format!("({},)", u64::from(nodes) + 1), &mut |out| {
            (0..=nodes).try_for_each(|node| out.write_all(&(rows.start(node) as u64).to_le_bytes()))
        })?;
        array("indices", if wide { "<i8" } else { "<i4" }, format!("({},)", graph.arcs()), &mut |out| {
            rows.targets().iter().try_for_each(|&t| {
                if wide { out.write_all(&i64::from(t).to_le_bytes()) } else { out.write_all(&t.to_le_bytes()) }
            })
        })?;
        array("data", "|i1", format!("({},)", graph.arcs()), &mut |out| (0..graph.arcs()).try_for_each(|_| out.write_all(&[1])))?;
        archive.finish().map_err(IoError::other).map(|_| ())
    })
}
