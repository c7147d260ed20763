//! Which format a file has.

use super::Format;
use crate::error::{Error, Result};
use std::path::Path;

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
pub(super) fn detect(path: &Path, head: &[u8]) -> Result<Format> {
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
    if lines()
        .next()
        .is_some_and(|first| first.trim_start_matches(['%', ' ']).starts_with("matrixmarket") && first.starts_with('%'))
    {
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
        () if plain.starts_with('|') && plain.ends_with('|') && plain.len() > 1 => "a table in Markdown",
        () if plain.starts_with('(') && plain.ends_with(')') && plain.contains(',') && plain.matches('(').count() == 1 => {
            "pairs in brackets"
        }
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
