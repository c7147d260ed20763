//! Lists of ties: a tie a line, in whatever dialect.

mod dialect;
mod header;
mod records;
mod suspicion;

use super::collect::Collector;
use super::input::{self, Lines, shown};
use super::labels::Labels;
use super::{ImportSummary, Reading};
use crate::error::{Error, Result};
use header::Header;
pub(in crate::storage::networks) use header::whole;

/// A label as it is read, an empty one too.
pub(super) fn whole_label<'a>(label: &'a str, rewritten: &mut Option<String>) -> std::borrow::Cow<'a, str> {
    if label.is_empty() { label.into() } else { whole(label, rewritten) }
}

use records::Records;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use suspicion::Suspicion;

/// How exodus says in a list how many nodes there are, those without ties included.
pub(super) const COUNT: [&str; 2] = ["# exodus: ", " nodes, numbered from 0"];

/// Lines read to recognise a dialect.
const LOOKED_AT: usize = 100;

/// The file beside a list of node numbers that says what the nodes are called: `<file>.labels.csv`.
pub fn labels_path(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".labels.csv");
    path.with_file_name(name)
}

/// Labels from a file beside the list, by node number.
pub(super) fn labels_beside(path: &Path) -> Result<Option<Labels>> {
    let beside = labels_path(path);
    if !beside.exists() {
        return Ok(None);
    }
    let bad = |line: u64, what: String| Error::corrupt(&beside, format!("line {line}: {what}"));
    let mut reader =
        crate::files::open_table(&beside, &csv::ReaderBuilder::new()).map_err(|e| crate::tables::not_a_table(&beside, e))?;
    let header = reader.headers().map_err(|e| crate::tables::not_a_table(&beside, e))?;
    if header.iter().ne(["node", "label"]) {
        return Err(bad(1, format!("found the columns {:?}; allowed `node,label`", header.iter().collect::<Vec<_>>())));
    }
    let mut labels = super::labels::Interner::default();
    for record in reader.records() {
        let record = record.map_err(|e| crate::tables::not_a_table(&beside, e))?;
        let line = record.position().map_or(0, csv::Position::line);
        let next = labels.len();
        if record[0].parse() != Ok(next) {
            return Err(bad(line, format!("found node `{}`; allowed {next}, as nodes are numbered from 0", &record[0])));
        }
        if record[1].is_empty() {
            return Err(bad(line, "found no label; allowed one for each node".into()));
        }
        match labels.intern(&record[1]) {
            Some((_, true)) => {}
            Some(_) => return Err(bad(line, format!("found the label `{}` again; allowed each once", &record[1]))),
            None => return Err(bad(line, "found more nodes than that; allowed fewer".into())),
        }
    }
    Ok(Some(labels.finish()))
}

/// The number of nodes that exodus noted in a list.
fn noted(comment: &[u8]) -> Option<u64> {
    std::str::from_utf8(comment).ok()?.strip_prefix(COUNT[0])?.strip_suffix(COUNT[1])?.parse().ok()
}

/// Reads a list of ties.
pub(super) fn read(
    path: &Path,
    stream: &mut dyn BufRead,
    reading: &Reading,
    summary: &mut ImportSummary,
) -> Result<(Collector, Option<Labels>)> {
    let lines = Lines::new(path, stream);
    let mut records = Records::new(lines, reading, LOOKED_AT)?;
    summary.format = records.dialect().to_owned();
    let beside = labels_beside(path)?;
    let first = records.next()?;
    let noted = records.comments().iter().find_map(|c| noted(c));
    let nodes = beside.as_ref().map(|labels| labels.len() as u64).or(noted);
    let failed = |what: String, records: &Records<'_>| records.bad(what);
    let mut ties = match nodes {
        Some(nodes) => Collector::counted(0, nodes, summary.bytes).map_err(|what| failed(what, &records))?,
        None => Collector::by_label(),
    };
    if !first {
        return if nodes.is_some() { Ok((ties, beside)) } else { Err(nothing(path)) };
    }
    let header = Header::find(&mut records, reading)?;
    let [from, to] = header.columns;
    summary.columns = header.summary.clone();
    summary.ignored = header.ignored(records.len());
    if header.is_row {
        if !records.next()? {
            return if nodes.is_some() { Ok((ties, beside)) } else { Err(nothing(path)) };
        }
        // Columns that the header does not name: names of rows, such as R writes.
        summary.ignored = header.ignored(records.len());
    }
    let width = records.len();
    let names = header.ends().map(|ends| ends.map(str::to_owned));
    let mut suspicion = Suspicion::new(&header, width, reading);
    let mut first_tie: Option<(u64, [String; 2])> = None;
    // What the first line says of the number of lines, if it is no tie.
    let mut size = None;
    let mut rewritten = None;
    let mut count = 0u64;
    loop {
        if records.len() != width && !(reading.columns.is_some() && records.len() > from.max(to)) {
            return Err(records.bad(format!(
                "found `{}`, of {} fields; allowed {width}, as in the first line{}",
                shown(records.line()),
                records.len(),
                if records.white() {
                    ": names with spaces need another --separator, lists of neighbours --format metis"
                } else {
                    " (--columns 1,2 takes lines of any length)"
                }
            )));
        }
        let mut labels = [(from, "the first"), (to, "the second")].into_iter();
        let mut label = || {
            let (column, _) = labels.next().unwrap_or((to, ""));
            match input::utf8(records.field(column)).map_err(|what| records.bad(what))?.trim() {
                "" => Err(records.bad(format!(
                    "found no {} (`{}`): column {} is empty; allowed two labels on each line",
                    if column == from { "source" } else { "target" },
                    shown(records.line()),
                    column + 1
                ))),
                text => Ok(text),
            }
        };
        let (a, b) = (label()?, label()?);
        if names.as_ref().is_some_and(|[from, to]| from == a && to == b) {
            return Err(
                records.bad(format!("found the names of the columns again, `{a}` and `{b}`; allowed once, in the first line"))
            );
        }
        if let Some(what) = unlikely([a, b], &records).filter(|_| reading.columns.is_none()) {
            return Err(records.bad(what));
        }
        let (a, b) = (header::whole(a, &mut rewritten), header::whole(b, &mut rewritten));
        if count == 0 {
            first_tie = Some((records.number(), [a.to_string(), b.to_string()]));
            size = Some(match width {
                2 => b.to_string(),
                _ if a == b => String::from_utf8_lossy(records.field(2).trim_ascii()).into_owned(),
                _ => String::new(),
            });
            if a.len() > 2 && a.starts_with('\'') && a.ends_with('\'') {
                summary.notes.push(format!("labels such as `{a}` keep their single quotes"));
            }
        }
        count += 1;
        suspicion.see(&records);
        ties.tie(&a, &b).map_err(|what| {
            let beside = if beside.is_some() { format!(", as {} says", labels_path(path).display()) } else { String::new() };
            records.bad(format!("{what}{}", if nodes.is_some() { beside } else { String::new() }))
        })?;
        if !records.next()? {
            break;
        }
    }
    suspicion.check(path)?;
    if let Some((line, [a, b])) = first_tie.as_ref().filter(|_| !header.is_row && reading.header.is_none() && count > 2) {
        let rest = count - 1;
        let sizes = (size.as_ref() == Some(&rest.to_string())).then(|| ties.largest_but_first()).flatten();
        if sizes.is_some_and(|largest| a.parse::<u32>().is_ok_and(|n| n >= largest)) {
            let found = format!("found `{a}` and `{b}`, and {rest} lines after that: numbers of nodes and ties, or a tie");
            return Err(input::bad(
                path,
                *line,
                format!("{found}; --header yes passes over the line, --header no takes it as a tie"),
            ));
        }
        if [a.as_str(), b.as_str()] == ["0", "1"] && ties.only_first([0, 1]) {
            let found = "found `0` and `1`, which occur nowhere else";
            return Err(input::bad(
                path,
                *line,
                format!("{found}: --header yes takes them as names of columns, --header no as a tie"),
            ));
        }
    }
    if let Some((line, [a, b])) = first_tie.filter(|_| !header.is_row && reading.header.is_none() && count > 1)
        && !ties.numbers()
        && ties.ends_at(&a) == Some(1)
        && ties.ends_at(&b) == Some(1)
    {
        let found = format!("found `{a}` and `{b}`, which occur nowhere else");
        return Err(input::bad(
            path,
            line,
            format!("{found}: --header yes takes them as names of columns, --header no as a tie"),
        ));
    }
    if let Some(number) = rewritten {
        summary.notes.push(format!("labels such as `{number}` are taken as whole numbers"));
    }
    for missing in ["NA", "NaN", "nan", "NULL", "null", "None", "<NA>", "#N/A"] {
        if let Some(times) = ties.ends_at(missing).filter(|&times| times > 0) {
            summary.notes.push(format!("the node `{missing}` ends {times} ties: is a value missing there?"));
        }
    }
    Ok((ties, beside))
}

/// What labels can hardly be, and the options that say what they are.
fn unlikely(labels: [&str; 2], records: &Records<'_>) -> Option<String> {
    for label in labels {
        let bytes = label.as_bytes();
        if bytes[0].is_ascii_punctuation() && bytes.iter().all(u8::is_ascii_punctuation) {
            return Some(format!(
                "found `{label}` for a label (`{}`); --columns A,B says which columns are labels, of signs too; --comment what comments begin with",
                shown(records.line())
            ));
        }
        // A spreadsheet keeps fifteen digits of a number, and writes fewer.
        if bytes[0].is_ascii_digit() && bytes.contains(&b'E') && label.contains("E+") && label.parse::<f64>().is_ok() {
            return Some(format!(
                "found `{label}`, a number that a spreadsheet has rounded; allowed labels with all their digits (--columns A,B takes it as text)"
            ));
        }
    }
    let line = records.line();
    (line.first() == Some(&b';') && !records.semicolon())
        .then(|| format!("found `{}`, which begins as a comment may; --comment ';' takes it as one", shown(line)))
}

fn nothing(path: &Path) -> Error {
    Error::corrupt(path, "found no tie; allowed one tie a line: two labels, separated by white space, comma, semicolon or tab")
}
