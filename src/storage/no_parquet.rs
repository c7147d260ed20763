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

pub(super) fn rows(path: &Path, _: bool, _: impl FnMut(u64, &[String]) -> Result<()>) -> Result<()> {
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
