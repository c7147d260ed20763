//! Formats that count their nodes: Matrix Market, DIMACS, METIS and Pajek.

use super::ImportSummary;
use super::collect::Collector;
use super::input::{Lines, shown, utf8};
use super::labels::{Interner, Labels};
use crate::error::Result;
use std::io::BufRead;
use std::path::Path;

type Read = Result<(Collector, Option<Labels>)>;

/// A line's words; one in quotes may hold spaces.
fn words(line: &[u8]) -> std::result::Result<Vec<&str>, String> {
    let mut rest = utf8(line)?.trim_start();
    let mut all = Vec::new();
    while !rest.is_empty() {
        let quoted = rest.strip_prefix('"').and_then(|inner| inner.split_once('"'));
        let (word, after) = quoted.unwrap_or_else(|| rest.split_once(char::is_whitespace).unwrap_or((rest, "")));
        all.push(word);
        rest = after.trim_start();
    }
    Ok(all)
}

fn count(word: Option<&&str>, what: &str) -> std::result::Result<u64, String> {
    let found = word.map_or("nothing", |w| w);
    found.parse().map_err(|_| format!("found `{}` for {what}; allowed a whole number", shown(found.as_bytes())))
}

/// Matrix Market: a square, sparse matrix.
pub(super) fn matrix_market(path: &Path, stream: &mut dyn BufRead, summary: &mut ImportSummary) -> Read {
    let mut lines = Lines::new(path, stream);
    let mut line = Vec::new();
    lines.next(&mut line)?;
    let head = String::from_utf8_lossy(&line).to_lowercase();
    let head: Vec<&str> = head.split_whitespace().collect();
    let ["%%matrixmarket", "matrix", layout, field, symmetry, ..] = head[..] else {
        return Err(lines.bad(format!("found `{}`; allowed `%%MatrixMarket matrix coordinate FIELD SYMMETRY`", shown(&line))));
    };
    if layout != "coordinate" {
        return Err(lines.bad(format!("found a matrix in full (`{layout}`); allowed `coordinate`, a list of entries")));
    }
    summary.directed = symmetry == "general";
    let mut all: Option<(Collector, u64)> = None;
    while lines.next(&mut line)? {
        if line.trim_ascii().is_empty() || line.starts_with(b"%") {
            continue;
        }
        let words = words(&line).map_err(|what| lines.bad(what))?;
        let bad = |what: String| lines.bad(what);
        match &mut all {
            None => {
                let size = |k: usize, what| count(words.get(k), what).map_err(bad);
                let [rows, columns, entries] = [size(0, "rows")?, size(1, "columns")?, size(2, "entries")?];
                if rows != columns {
                    let found = format!("found a matrix of {rows} rows and {columns} columns");
                    return Err(lines.bad(format!("{found}; allowed a square one, as of a graph of one kind of nodes")));
                }
                all = Some((Collector::counted(1, rows, summary.bytes).map_err(bad)?, entries));
            }
            Some((ties, left)) => {
                if *left == 0 {
                    return Err(lines.bad("found more entries than line 2 or so says; allowed as many"));
                }
                *left -= 1;
                let [a, b, ..] = words[..] else { return Err(bad(two_nodes(&line))) };
                ties.tie(a, b).map_err(bad)?;
            }
        }
    }
    match all {
        Some((ties, 0)) => {
            if field != "pattern" {
                summary.ignored.push("value".into());
            }
            Ok((ties, None))
        }
        Some((_, left)) => {
            Err(lines.bad(format!("found the end, {left} entries before the number that was said; allowed a whole matrix")))
        }
        None => Err(lines.bad("found no line of rows, columns and entries; allowed one")),
    }
}

fn two_nodes(line: &[u8]) -> String {
    format!("found `{}`; allowed two nodes", shown(line))
}

/// DIMACS: `p edge N M` and `e A B`, or `p sp N M` and `a A B WEIGHT`.
pub(super) fn dimacs(path: &Path, stream: &mut dyn BufRead, summary: &mut ImportSummary) -> Read {
    let mut lines = Lines::new(path, stream);
    let mut line = Vec::new();
    let mut all: Option<(Collector, u64)> = None;
    let mut given = 0u64;
    while lines.next(&mut line)? {
        let words = words(&line).map_err(|what| lines.bad(what))?;
        let bad = |what: String| lines.bad(what);
        match (words.first().copied(), &mut all) {
            (None | Some("c" | "n" | "d" | "v" | "x"), _) => {}
            (Some("p"), None) => {
                let size = |k: usize, what| count(words.get(k), what).map_err(bad);
                summary.directed = matches!(words.get(1), Some(&"sp" | &"max" | &"min"));
                all = Some((Collector::counted(1, size(2, "nodes")?, summary.bytes).map_err(bad)?, size(3, "ties")?));
            }
            (Some("p"), Some(_)) => return Err(bad("found a second line `p`; allowed one".into())),
            (Some("e" | "a"), Some((ties, _))) => {
                let [_, a, b, ..] = words[..] else { return Err(bad(two_nodes(&line))) };
                if words.len() > 3 && summary.ignored.is_empty() {
                    summary.ignored.push("weight".into());
                }
                ties.tie(a, b).map_err(bad)?;
                given += 1;
            }
            _ => return Err(bad(format!("found `{}`; allowed lines of DIMACS: c, p, then e or a", shown(&line)))),
        }
    }
    match all {
        Some((_, said)) if given < said && 2 * given != said => Err(lines
            .bad(format!("found the end after {given} ties; allowed the {said} that line `p` says, in one direction or both"))),
        Some((ties, said)) => {
            if said != given {
                summary.notes.push(format!("line `p` says {said} ties, and there are {given} lines"));
            }
            Ok((ties, None))
        }
        None => Err(lines.bad("found no line `p edge NODES TIES`; allowed one")),
    }
}

/// METIS: `N M [FMT [NCON]]`, then the neighbours of each node on a line of its own.
pub(super) fn metis(path: &Path, stream: &mut dyn BufRead, summary: &mut ImportSummary) -> Read {
    let mut lines = Lines::new(path, stream);
    let mut line = Vec::new();
    let mut all: Option<(Collector, u64, u64)> = None;
    let (mut skip, mut step) = (0, 1);
    let (mut node, mut given) = (0u64, 0u64);
    while lines.next(&mut line)? {
        if line.trim_ascii_start().starts_with(b"%") {
            continue;
        }
        let words = words(&line).map_err(|what| lines.bad(what))?;
        let bad = |what: String| lines.bad(what);
        match &mut all {
            None if words.is_empty() => {}
            None => {
                let size = |k: usize, what| count(words.get(k), what).map_err(bad);
                let (nodes, ties) = (size(0, "nodes")?, size(1, "ties")?);
                let format = words.get(2).copied().unwrap_or("0");
                let digit = |k: usize| format.bytes().rev().nth(k) == Some(b'1');
                if words.len() > 4 || format.len() > 3 || !format.bytes().all(|b| matches!(b, b'0' | b'1')) {
                    return Err(bad(format!("found `{}`; allowed `NODES TIES [FORMAT [WEIGHTS]]` of METIS", shown(&line))));
                }
                let weights = if words.len() == 4 { size(3, "weights of a node")? } else { u64::from(digit(1)) };
                skip = usize::from(digit(2)) + usize::try_from(weights).unwrap_or(usize::MAX).min(1000);
                step = 1 + usize::from(digit(0));
                if digit(0) {
                    summary.ignored.push("weight".into());
                }
                all = Some((Collector::counted(1, nodes, summary.bytes).map_err(bad)?, nodes, ties));
            }
            Some((ties, nodes, _)) => {
                if node == *nodes {
                    if words.is_empty() {
                        continue;
                    }
                    return Err(bad(format!("found more lines than {nodes} nodes; allowed one for each")));
                }
                node += 1;
                let own = node.to_string();
                let rest = words.get(skip..).unwrap_or_default();
                if !rest.len().is_multiple_of(step) {
                    return Err(bad(format!("found {} numbers; allowed pairs of neighbour and weight", rest.len())));
                }
                for other in rest.iter().step_by(step) {
                    ties.tie(&own, other).map_err(bad)?;
                    given += 1;
                }
            }
        }
    }
    match all {
        Some((_, nodes, _)) if node < nodes => {
            Err(lines.bad(format!("found the end after {node} nodes; allowed {nodes} lines of neighbours")))
        }
        Some((_, _, said)) if given < 2 * said && given != said => Err(lines.bad(format!(
            "found the end after {given} neighbours; allowed {}, as line 1 says {said} ties, each with both of its ends",
            2 * said
        ))),
        Some((ties, _, said)) => {
            if given != 2 * said {
                summary.notes.push(format!("line 1 says {said} ties, so {} neighbours, and there are {given}", 2 * said));
            }
            Ok((ties, None))
        }
        None => Err(lines.bad("found no line of nodes and ties; allowed one")),
    }
}

/// What the lines of a Pajek file are about.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Before,
    Vertices,
    Ties,
    Lists,
    Other,
}

/// Whether a word of a vertex says how it is drawn.
fn is_drawing(word: &str) -> bool {
    const WORDS: [&str; 24] = [
        "ellipse", "circle", "box", "diamond", "triangle", "cross", "empty", "house", "man", "woman", "ic", "bc", "bw", "lc",
        "la", "lphi", "lr", "fos", "font", "x_fact", "y_fact", "s_size", "phi", "url",
    ];
    word.parse::<f64>().is_ok() || word.starts_with('[') || WORDS.contains(&word.to_lowercase().as_str())
}

/// Pajek: `*Vertices N`, then `*Edges`, `*Arcs`, or lists of them.
pub(super) fn pajek(path: &Path, stream: &mut dyn BufRead, summary: &mut ImportSummary) -> Read {
    let mut lines = Lines::new(path, stream);
    let mut line = Vec::new();
    let mut all: Option<(Collector, u64)> = None;
    let mut names: Vec<Option<String>> = Vec::new();
    let mut part = Part::Before;
    while lines.next(&mut line)? {
        if line.trim_ascii().is_empty() || line.starts_with(b"%") {
            continue;
        }
        let words = words(&line).map_err(|what| lines.bad(what))?;
        let bad = |what: String| lines.bad(what);
        if let Some(section) = words.first().and_then(|word| word.strip_prefix('*')) {
            part = match section.to_lowercase().as_str() {
                "vertices" => {
                    if all.is_some() {
                        return Err(bad("found a second network (`*Vertices`); allowed one in a file".into()));
                    }
                    let nodes = count(words.get(1), "vertices").map_err(bad)?;
                    if words.get(2).is_some_and(|w| w.parse::<u64>().is_ok()) {
                        return Err(bad(format!("found a network of two kinds of nodes (`{}`); allowed one kind", shown(&line))));
                    }
                    all = Some((Collector::counted(1, nodes, summary.bytes).map_err(bad)?, nodes));
                    Part::Vertices
                }
                "edges" => Part::Ties,
                "arcs" => {
                    summary.directed = true;
                    Part::Ties
                }
                "edgeslist" | "arcslist" => Part::Lists,
                "matrix" => return Err(bad("found a matrix in full (`*Matrix`); allowed `*Edges` or `*Arcs`".into())),
                "network" => Part::Before,
                _ => Part::Other,
            };
            continue;
        }
        match (part, &mut all) {
            (Part::Other | Part::Before, _) => {}
            (_, None) => return Err(bad(format!("found `{}` before `*Vertices`; allowed that first", shown(&line)))),
            (Part::Vertices, Some((_, nodes))) => {
                let number = count(words.first(), "a vertex").map_err(bad)?;
                if number < 1 || number > *nodes {
                    return Err(bad(format!("found vertex {number}; allowed 1 to {nodes}")));
                }
                if let Some(name) = words.get(1).filter(|name| !name.is_empty()) {
                    let place = (number - 1) as usize;
                    if names.len() <= place {
                        names.resize(place + 1, None);
                    }
                    if names[place].replace((*name).to_owned()).is_some() {
                        return Err(bad(format!("found vertex {number} a second time; allowed each once")));
                    }
                    // Behind a name come places, shapes and colours.
                    if let Some(rest) = words.get(2).filter(|rest| !line.contains(&b'"') && !is_drawing(rest)) {
                        let found = format!("found `{rest}` behind the name `{name}`");
                        return Err(bad(format!("{found}; allowed names with spaces in quotes")));
                    }
                }
            }
            (Part::Ties | Part::Lists, Some((ties, _))) => {
                let [a, b, rest @ ..] = &words[..] else { return Err(bad(two_nodes(&line))) };
                ties.tie(a, b).map_err(bad)?;
                if part == Part::Lists {
                    for other in rest {
                        ties.tie(a, other).map_err(bad)?;
                    }
                } else if !rest.is_empty() && summary.ignored.is_empty() {
                    summary.ignored.push("weight".into());
                }
            }
        }
    }
    let Some((ties, nodes)) = all else { return Err(lines.bad("found no `*Vertices`; allowed a network in Pajek's format")) };
    if names.is_empty() {
        return Ok((ties, None));
    }
    names.resize(nodes as usize, None);
    let mut labels = Interner::default();
    for (k, name) in names.iter().enumerate() {
        let name = name.clone().unwrap_or_else(|| (k + 1).to_string());
        if labels.intern(&name).is_none_or(|(_, new)| !new) {
            summary
                .notes
                .push(format!("two vertices are called `{}`: nodes are called by their numbers", shown(name.as_bytes())));
            return Ok((ties, None));
        }
    }
    Ok((ties, Some(labels.finish())))
}
