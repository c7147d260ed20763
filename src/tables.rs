//! What is wrong with a CSV table, in words.

use crate::error::{Error, Result};
use csv::ErrorKind;
use std::path::Path;

/// A row with its checksum as a last cell: the first eight digits of its xxh3-64.
pub(crate) fn checked(row: &str) -> String {
    format!("{row},{:08x}", xxhash_rust::xxh3::xxh3_64(row.as_bytes()) >> 32)
}

/// The row without its checksum, if that is right.
pub(crate) fn unchecked(row: &str) -> Option<&str> {
    let (rest, _) = row.rsplit_once(',')?;
    (checked(rest) == row).then_some(rest)
}

/// A table that somebody wrote and that cannot be read: invalid input, with file and line.
pub(crate) fn not_a_table(path: &Path, error: csv::Error) -> Error {
    match (io(path, error), path.display()) {
        (Ok(error), _) => error,
        (Err((Some(line), what)), place) => Error::invalid(format!("{place}:{line}: {what}")),
        (Err((None, what)), place) => Error::invalid(format!("{place}: {what}")),
    }
}

/// A table that this program wrote and that cannot be read any more.
pub(crate) fn damaged_table(path: &Path, error: csv::Error) -> Error {
    match io(path, error) {
        Ok(error) => error,
        Err((Some(line), what)) => Error::corrupt(path, format!("line {line}: {what}")),
        Err((None, what)) => Error::corrupt(path, what),
    }
}

/// The line of an error, and what it is, as a reader of the table would say it.
pub(crate) fn table_problem(error: &csv::Error) -> (Option<u64>, String) {
    let line = error.position().map(csv::Position::line);
    let what = match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("found {len} cell{}; allowed {expected_len}, as in the first line", if *len == 1 { "" } else { "s" })
        }
        ErrorKind::Utf8 { err, .. } => {
            format!("found bytes that are not text, in cell {}; allowed CSV in UTF-8", err.field() + 1)
        }
        _ => format!("found what is no table ({error}); allowed CSV"),
    };
    (line, what)
}

/// Where each of `names` is in a header. Fails where one is missing, or stands there twice: one of the two would be
/// passed over without a word.
pub(crate) fn columns(path: &Path, header: &csv::StringRecord, names: &[&str]) -> Result<Vec<usize>> {
    columns_of(header, names).map_err(|what| Error::invalid(format!("{}:1: {what}", path.display())))
}

/// The same; the error says what was found and what is allowed, without a place.
pub(crate) fn columns_of(header: &csv::StringRecord, names: &[&str]) -> std::result::Result<Vec<usize>, String> {
    let places = |name: &str| header.iter().enumerate().filter(|(_, h)| h.trim() == name).map(|(k, _)| k).collect::<Vec<_>>();
    let quoted = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let found: Vec<Vec<usize>> = names.iter().map(|name| places(name)).collect();
    let which = |wrong: fn(usize) -> bool| -> Vec<&str> {
        found.iter().zip(names).filter(|(places, _)| wrong(places.len())).map(|(_, name)| *name).collect()
    };
    let (missing, doubled) = (which(|n| n == 0), which(|n| n > 1));
    match () {
        () if !missing.is_empty() => {
            Err(format!("found no column {}; allowed a table with the columns {}", quoted(&missing), quoted(names)))
        }
        () if !doubled.is_empty() => Err(format!("found the column {} a second time; allowed each once", quoted(&doubled))),
        () => Ok(found.into_iter().filter_map(|places| places.first().copied()).collect()),
    }
}

/// The error of the system behind that of a table, or else what is wrong with the table.
fn io(path: &Path, error: csv::Error) -> std::result::Result<Error, (Option<u64>, String)> {
    let problem = table_problem(&error);
    match error.into_kind() {
        ErrorKind::Io(error) => Ok(Error::io(path, "reading", error)),
        _ => Err(problem),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(bytes: &[u8]) -> csv::Error {
        let mut reader = csv::Reader::from_reader(bytes);
        // As every reader of ours does first; the place of an error is counted from there.
        reader.headers().expect("a first line");
        reader.records().find_map(std::result::Result::err).expect("an error")
    }

    #[test]
    fn what_is_wrong_is_said_as_a_reader_would() {
        let said = |bytes| not_a_table(Path::new("p.csv"), rows(bytes)).to_string();
        assert_eq!(said(b"p,sev\n0.1\n"), "p.csv:2: found 1 cell; allowed 2, as in the first line");
        assert_eq!(said(b"p,sev\n1,2\n1,2,3\n"), "p.csv:3: found 3 cells; allowed 2, as in the first line");
        assert_eq!(said(b"p,sev\n1,\xff\n"), "p.csv:2: found bytes that are not text, in cell 2; allowed CSV in UTF-8");
        let said = damaged_table(Path::new("p.csv"), rows(b"p,sev\n0.1\n")).to_string();
        assert_eq!(said, "p.csv: line 2: found 1 cell; allowed 2, as in the first line");
    }

    #[test]
    fn a_column_is_there_once() {
        let header = csv::StringRecord::from(vec!["p", " sev", "p", "x", "x"]);
        let said = |names: &[&str]| columns(Path::new("p.csv"), &header, names).map_err(|e| e.to_string());
        assert_eq!(said(&["sev"]), Ok(vec![1]));
        assert_eq!(said(&["sev", "p"]), Err("p.csv:1: found the column `p` a second time; allowed each once".into()));
        assert_eq!(said(&["y"]), Err("p.csv:1: found no column `y`; allowed a table with the columns `y`".into()));
    }
}
