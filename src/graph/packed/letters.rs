//! Ties on their way to the rows at both their ends. They lie in memory straight from the system, which has it back as soon as they are
//! delivered; an allocator would keep small pieces until the end of the run.

use crate::error::{Error, Result};
use crate::memory::Column;
use rayon::prelude::*;
use std::ops::Range;

/// A tie as seen from a node: the node, and the one it is tied to.
pub(super) type Letter = [u32; 2];

/// Letters of a sheet: a mebibyte, of which what is not written takes no memory.
const SHEET: usize = 1 << 17;
/// Letters that wait until they are written together.
const WAITING: usize = 1 << 9;

/// Letters to one slab.
#[derive(Default)]
struct Pile {
    waiting: Vec<Letter>,
    sheets: Vec<Column<Letter>>,
    /// Letters on the last sheet.
    used: usize,
}

impl Pile {
    /// Writes those that wait; all but the last time they fill a sheet without a rest.
    fn write(&mut self) -> Result<()> {
        if self.sheets.is_empty() || self.used == SHEET {
            self.sheets.push(Column::zeroed(SHEET)?);
            self.used = 0;
        }
        let (at, last) = (self.used, self.sheets.len() - 1);
        self.used += self.waiting.len();
        self.sheets[last].to_mut()?[at..self.used].copy_from_slice(&self.waiting);
        self.waiting.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<Vec<Column<Letter>>> {
        if !self.waiting.is_empty() {
            self.write()?;
        }
        if let Some(last) = self.sheets.last_mut() {
            last.truncate(self.used);
        }
        Ok(self.sheets)
    }
}

/// Letters that one thread writes, by slab.
pub(super) struct Bag {
    piles: Vec<Pile>,
    /// Memory could not be had.
    refused: Option<Error>,
}

impl Bag {
    pub(super) fn new(slabs: usize) -> Self {
        Bag { piles: (0..slabs).map(|_| Pile::default()).collect(), refused: None }
    }

    pub(super) fn post(&mut self, slab: usize, letter: Letter) {
        let pile = &mut self.piles[slab];
        pile.waiting.push(letter);
        if pile.waiting.len() == WAITING
            && let Err(error) = pile.write()
        {
            pile.waiting.clear();
            self.refused = Some(error);
        }
    }

    /// The letters of all bags, by slab.
    pub(super) fn sort(bags: Vec<Bag>, slabs: usize) -> Result<Vec<Vec<Column<Letter>>>> {
        let mut all: Vec<Vec<Column<Letter>>> = (0..slabs).map(|_| Vec::new()).collect();
        for bag in bags {
            if let Some(error) = bag.refused {
                return Err(error);
            }
            for (to, pile) in all.iter_mut().zip(bag.piles) {
                to.append(&mut pile.finish()?);
            }
        }
        Ok(all)
    }
}

/// Letters to the nodes of a slab, every sheet sorted by the bin of the node, with where those to each bin end.
pub(super) struct Delivery(Vec<(Column<Letter>, Vec<usize>)>);

impl Delivery {
    /// Sorts the letters to `nodes` by bins of so many.
    pub(super) fn new(sheets: Vec<Column<Letter>>, nodes: &Range<u32>, size: u32) -> Result<Self> {
        let bins = nodes.len().div_ceil(size as usize);
        let bin = |letter: &Letter| ((letter[0] - nodes.start) / size) as usize;
        let sorted = sheets.into_par_iter().map_init(Vec::new, |unsorted: &mut Vec<Letter>, mut sheet| {
            unsorted.clear();
            unsorted.extend_from_slice(&sheet);
            let mut ends = vec![0; bins];
            unsorted.iter().for_each(|letter| ends[bin(letter)] += 1);
            let mut sum = 0;
            for end in &mut ends {
                let count = std::mem::replace(end, sum);
                sum += count;
            }
            let to = sheet.to_mut()?;
            for letter in &*unsorted {
                let end = &mut ends[bin(letter)];
                to[*end] = *letter;
                *end += 1;
            }
            Ok((sheet, ends))
        });
        sorted.collect::<Result<_>>().map(Delivery)
    }

    /// The letters to a bin.
    pub(super) fn to(&self, bin: usize) -> impl Iterator<Item = &[Letter]> {
        self.0.iter().map(move |(sheet, ends)| &sheet[bin.checked_sub(1).map_or(0, |before| ends[before])..ends[bin]])
    }
}
