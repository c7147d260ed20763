//! What looks like a list of ties, and may be something else.

use super::header::Header;
use super::records::Records;
use crate::error::{Error, Result};
use crate::storage::networks::Reading;
use std::collections::BTreeSet;
use std::path::Path;
use xxhash_rust::xxh3::xxh3_64;

/// Columns up to which a list is held against a matrix.
const MATRIX: usize = 1000;
/// Different cells of a column that are remembered.
const CELLS: usize = 4096;

/// What is seen while the lines of a list without known names of columns go by; reported once all have been seen.
pub(super) struct Suspicion {
    /// Lines that the first column has counted, as long as it does.
    index: Option<u64>,
    counts_from: u64,
    /// The third column has broken numbers: a weight.
    weight: bool,
    /// The third column's cell, while it is the same everywhere.
    third: Option<Vec<u8>>,
    /// The numbers of the rows, the first of which may be names (`NaN`), while there are not more rows than columns.
    matrix: Option<Vec<f64>>,
    /// The first three columns, while there are few cells that differ.
    cells: Option<[BTreeSet<u64>; 3]>,
    /// The first column holds a text.
    text: bool,
    rows: usize,
    width: usize,
}

fn number(field: &[u8]) -> Option<f64> {
    std::str::from_utf8(field).ok().and_then(|text| text.trim().replacen(',', ".", 1).parse::<f64>().ok())
}

impl Suspicion {
    pub(super) fn new(header: &Header, width: usize, reading: &Reading) -> Self {
        let open = reading.columns.is_none() && !header.known && width >= 3;
        Suspicion {
            index: open.then_some(0),
            counts_from: 0,
            weight: false,
            third: None,
            matrix: (open && width <= MATRIX).then(Vec::new),
            cells: (open && !header.is_row).then(Default::default),
            text: false,
            rows: 0,
            width,
        }
    }

    #[inline]
    pub(super) fn see(&mut self, records: &Records<'_>) {
        if self.index.is_none() && self.matrix.is_none() && self.cells.is_none() {
            return;
        }
        let third = number(records.field(2));
        self.weight |= third.is_some_and(|x| x.fract() != 0.0);
        if self.rows == 0 {
            self.third = Some(records.field(2).to_vec());
            self.text = number(records.field(0)).is_none();
        } else if self.third.as_deref().is_some_and(|third| third != records.field(2)) {
            self.third = None;
        }
        if let Some(next) = self.index {
            let found = number(records.field(0)).filter(|x| x.fract() == 0.0 && *x >= 0.0).map(|x| x as u64);
            if self.rows == 0 {
                self.counts_from = found.unwrap_or(2);
            }
            self.index = (found == Some(self.counts_from + next) && self.counts_from < 2).then_some(next + 1);
        }
        if let Some(matrix) = &mut self.matrix {
            let row = (0..self.width).map(|k| number(records.field(k)).or((k == 0).then_some(f64::NAN)));
            match row.collect::<Option<Vec<f64>>>() {
                Some(row) if self.rows < self.width => matrix.extend(row),
                _ => self.matrix = None,
            }
        }
        if let Some(cells) = &mut self.cells {
            for (k, seen) in cells.iter_mut().enumerate() {
                seen.insert(xxh3_64(records.field(k).trim_ascii()));
            }
            if self.weight || cells.iter().any(|seen| seen.len() > CELLS) {
                self.cells = None;
            }
        }
        self.rows += 1;
    }

    pub(super) fn check(self, path: &Path) -> Result<()> {
        if self.is_matrix() {
            let found = format!("found {} lines of {} fields, a matrix", self.rows, self.width);
            return Err(Error::corrupt(path, format!("{found}; allowed a list of ties (--columns 1,2 takes the matrix as one)")));
        }
        if self.third.is_none() && !self.weight {
            let what = match () {
                () if self.rows >= 3 && self.index.is_some() => "counts the lines",
                () if self.apart() => "shares no label with the second, which the third does",
                () => return Ok(()),
            };
            return Err(Error::corrupt(
                path,
                format!(
                    "found a first column that {what}: --columns 2,3 passes over it, --columns 1,2 takes it as an end of the ties"
                ),
            ));
        }
        Ok(())
    }

    /// Whether the rows are those of a square matrix of ties, with names before them or without.
    fn is_matrix(&self) -> bool {
        let width = self.width;
        let Some(cells) = self.matrix.as_ref().filter(|cells| cells.len() == self.rows * width) else { return false };
        let n = self.rows;
        let skip = match width - n.min(width) {
            0 => 0,
            1 => 1,
            _ => return false,
        };
        let at = |i: usize, j: usize| cells[i * width + skip + j];
        let all = |is: &dyn Fn(usize, usize) -> bool| (0..n).all(|i| (0..n).all(|j| is(i, j)));
        let flags = all(&|i, j| at(i, j) == 0.0 || at(i, j) == 1.0);
        let hollow = (0..n).all(|i| at(i, i) == 0.0) && all(&|i, j| at(i, j).is_finite());
        n >= 3 && (flags || hollow && (n >= 4 || all(&|i, j| at(i, j) == at(j, i))))
    }

    /// Whether the second and third columns hold the same labels for the most part, and the first has others: a time, a kind of line.
    fn apart(&self) -> bool {
        let Some([first, second, third]) = &self.cells else { return false };
        let shared = second.intersection(third).count();
        let mark = self.text && first.len() == 1 && shared >= 1;
        let alike = 2 * shared >= second.len().min(third.len()) && shared >= 2 && self.rows >= 3;
        first.is_disjoint(second) && first.is_disjoint(third) && (mark || alike)
    }
}
