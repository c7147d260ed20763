//! Edge lists: the format that every tool reads.

use super::Graph;
use crate::error::{Error, Result};
use crate::files;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;

/// What nodes are called in a file, by node number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels(Vec<String>);

impl Labels {
    /// The label of a node, if the file had that many.
    pub fn get(&self, node: u32) -> Option<&str> {
        self.0.get(node as usize).map(String::as_str)
    }

    /// The labels, by node number.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// Reads an edge list, plain or compressed with gzip.
///
/// A line is a tie: two labels, separated by white space, commas, semicolons or tabs; further columns, such as
/// weights, are ignored. Lines that are empty or begin with `#`, `%` or `//` are skipped, and so is a header: a first
/// line that is not numbers where the next line is, or that names its columns (`source`, `from`, `node_1` and the
/// like). Labels are any text; nodes are numbered in order of first appearance. Ties are undirected; loops and
/// repetitions are dropped.
///
/// Fails where the file cannot be read, a line has fewer than two labels, a header names the two ends in other columns than
/// the first two, or there is no tie at all.
pub fn read_edge_list(path: &Path) -> Result<(Graph, Labels)> {
    let reading = |error| Error::io(path, "reading", error);
    let mut file = BufReader::with_capacity(1 << 20, File::open(path).map_err(|e| Error::io(path, "opening", e))?);
    let packed = file.fill_buf().map_err(reading)?.starts_with(&[0x1F, 0x8B]);
    let stream: Box<dyn Read> = if packed { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut lines = BufReader::with_capacity(1 << 20, stream);

    let mut numbers: BTreeMap<Box<[u8]>, u32> = BTreeMap::new();
    let mut labels = Vec::new();
    let mut ties: Vec<(u32, u32)> = Vec::new();
    // The first line waits until the second shows whether it is a header.
    let mut first: Option<[Vec<u8>; 2]> = None;
    let mut seen = 0;
    let mut line = Vec::new();
    let mut number = 0u64;
    let mut node = |label: &[u8]| -> Result<u32> {
        if let Some(&known) = numbers.get(label) {
            return Ok(known);
        }
        let next = u32::try_from(labels.len()).ok().filter(|&n| n < u32::MAX - 1);
        let next = next.ok_or_else(|| Error::corrupt(path, format!("found more than {} nodes", u32::MAX - 1)))?;
        numbers.insert(label.into(), next);
        labels.push(String::from_utf8_lossy(label).into_owned());
        Ok(next)
    };
    loop {
        line.clear();
        number += 1;
        if lines.read_until(b'\n', &mut line).map_err(reading)? == 0 {
            break;
        }
        let text = line.trim_ascii();
        if text.is_empty() || text.starts_with(b"#") || text.starts_with(b"%") || text.starts_with(b"//") {
            continue;
        }
        let mut fields = text.split(|b| matches!(b, b',' | b';' | b'\t' | b' ')).map(unquoted).filter(|f| !f.is_empty());
        let (Some(a), Some(b)) = (fields.next(), fields.next()) else {
            let found: String = String::from_utf8_lossy(text).chars().take(40).collect();
            return Err(Error::corrupt(
                path,
                format!("line {number}: found `{found}`; allowed two labels, separated by white space, comma or semicolon"),
            ));
        };
        seen += 1;
        match (seen, first.take()) {
            (1, _) => {
                let all: Vec<&[u8]> = [a, b].into_iter().chain(fields).collect();
                if !names_columns(a, b) && all.iter().any(|x| all.iter().any(|y| names_columns(x, y))) {
                    let found = String::from_utf8_lossy(text).into_owned();
                    return Err(Error::corrupt(
                        path,
                        format!("line {number}: found `{found}`; allowed the two ends of a tie in the first two columns"),
                    ));
                }
                first = Some([a.to_vec(), b.to_vec()]);
                continue;
            }
            (_, Some([x, y])) if !is_header(&x, &y, a, b) => ties.push((node(&x)?, node(&y)?)),
            _ => {}
        }
        ties.push((node(a)?, node(b)?));
    }
    if let Some([x, y]) = first.filter(|[x, y]| !names_columns(x, y)) {
        ties.push((node(&x)?, node(&y)?));
    }
    if ties.is_empty() {
        return Err(Error::corrupt(
            path,
            "found no tie; allowed one tie a line: two labels, separated by white space, comma or semicolon",
        ));
    }
    let graph = Graph::from_ties(labels.len() as u32, &ties)?;
    Ok((graph, Labels(labels)))
}

fn unquoted(field: &[u8]) -> &[u8] {
    field.strip_prefix(b"\"").and_then(|f| f.strip_suffix(b"\"")).unwrap_or(field)
}

fn is_number(label: &[u8]) -> bool {
    std::str::from_utf8(label).is_ok_and(|text| text.parse::<f64>().is_ok())
}

/// Whether the first line, of `x` and `y`, is a header, when the second is of `a` and `b`.
fn is_header(x: &[u8], y: &[u8], a: &[u8], b: &[u8]) -> bool {
    (!is_number(x) && !is_number(y) && is_number(a) && is_number(b)) || names_columns(x, y)
}

fn names_columns(x: &[u8], y: &[u8]) -> bool {
    const PAIRS: [(&str, &str); 8] = [
        ("source", "target"),
        ("from", "to"),
        ("src", "dst"),
        ("node_1", "node_2"),
        ("node1", "node2"),
        ("id_1", "id_2"),
        ("fromnodeid", "tonodeid"),
        ("u", "v"),
    ];
    let [x, y] = [x, y].map(|label| String::from_utf8_lossy(label).to_lowercase());
    PAIRS.iter().any(|&(a, b)| x == a && y == b)
}

/// Writes every tie once, as two node numbers separated by a tab (a comma where the name ends in `.csv`), compressed
/// with gzip where it ends in `.gz`. The file appears under its name only when it is whole.
pub fn write_edge_list(graph: &Graph, path: &Path) -> Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let packed = name.ends_with(".gz");
    let separator = if name.trim_end_matches(".gz").ends_with(".csv") { ',' } else { '\t' };
    let fill = |out: &mut dyn Write| -> std::io::Result<()> {
        writeln!(out, "source{separator}target")?;
        for (a, b) in graph.iter_ties() {
            writeln!(out, "{a}{separator}{b}")?;
        }
        Ok(())
    };
    files::write(path, |out| {
        if !packed {
            return fill(out);
        }
        let mut encoder = GzEncoder::new(out, Compression::default());
        fill(&mut encoder)?;
        encoder.finish().map(|_| ())
    })
}
