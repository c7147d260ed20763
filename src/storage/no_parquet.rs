//! What a build without the feature `parquet` says where Parquet is asked for.

use super::cells::{Cells, Column};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::observe::ValueType;
use std::path::Path;

/// Whether there is Parquet in this build.
pub(crate) const THERE: bool = false;
pub(crate) const ROWS: usize = 1 << 14;

fn missing<T>(path: &Path) -> Result<T> {
    let place = path.display();
    Err(Error::invalid(format!("{place}: found Parquet, which this exodus was built without (feature `parquet`); allowed CSV")))
}

pub(crate) fn write(target: &Path, _: &[(String, ValueType)], _: impl FnMut() -> Result<Option<Vec<Cells>>>) -> Result<()> {
    missing(target)
}

pub(super) fn write_arcs(target: &Path, _: &Graph) -> Result<()> {
    missing(target)
}

pub(super) fn rows(path: &Path, _: impl FnMut(u64, &[String]) -> Result<bool>) -> Result<()> {
    missing(path)
}

/// There is none.
pub(super) enum Reader {}

impl Reader {
    pub(super) fn open(path: &Path) -> Result<Self> {
        missing(path)
    }

    pub(super) fn names(&self) -> Vec<String> {
        match *self {}
    }

    pub(super) fn each(&self, _: &[(&str, ValueType)], _: impl FnMut(&[Column]) -> Result<()>) -> Result<()> {
        match *self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever is asked for is refused in one line that names the file, the feature and what is allowed; no file is made.
    #[test]
    fn parquet_is_refused() {
        let (there, rows_of_a_group) = (THERE, ROWS);
        assert!(!there && rows_of_a_group > 0);
        let path = Path::new("no/such/folder/table.parquet");
        let opened = Reader::open(path).and_then(|reader| reader.each(&[], |_| panic!("{:?}", reader.names())));
        for refused in [
            write(path, &[], || panic!("nothing is asked for")),
            write_arcs(path, &Graph::from_ties(2, &[(0, 1)]).expect("a graph")),
            rows(path, |_, _| panic!("there are no rows")),
            opened,
        ] {
            let error = refused.expect_err("there is no Parquet");
            assert!(error.is_invalid(), "{error}");
            let text = error.to_string();
            for part in ["no/such/folder/table.parquet: found Parquet", "feature `parquet`", "allowed CSV"] {
                assert!(text.contains(part), "{part} in {text}");
            }
        }
    }
}
