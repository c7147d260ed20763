//! What nodes are called.

use hashbrown::HashTable;
use std::borrow::Cow;
use xxhash_rust::xxh3::xxh3_64;

/// A label as a whole number, where it is written as one writes such a number.
pub(super) fn number(label: &str) -> Option<u32> {
    let digits = label.as_bytes();
    if digits.is_empty() || digits.len() > 10 || (digits[0] == b'0' && digits.len() > 1) {
        return None;
    }
    let mut n = 0u64;
    for digit in digits {
        n = n * 10 + u64::from(digit.checked_sub(b'0').filter(|d| *d < 10)?);
    }
    u32::try_from(n).ok()
}

/// What nodes are called in a file, by node number.
#[derive(Clone, Debug)]
pub struct Labels(LabelStore);

#[derive(Clone, Debug)]
enum LabelStore {
    /// Whole numbers from the first on.
    Range { first: u32, nodes: u32 },
    /// Whole numbers, in increasing order.
    Numbers(Vec<u32>),
    /// Any text, one after the other, with where each ends.
    Text { bytes: String, ends: Vec<u64> },
}

impl Labels {
    /// The numbers from `first` on.
    pub fn range(first: u32, nodes: u32) -> Self {
        Labels(LabelStore::Range { first, nodes })
    }

    /// These numbers, which increase.
    pub(super) fn numbers(numbers: Vec<u32>) -> Self {
        match numbers.last() {
            Some(&last) if last as usize + 1 == numbers.len() => Self::range(0, last + 1),
            _ => Labels(LabelStore::Numbers(numbers)),
        }
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        match &self.0 {
            LabelStore::Range { nodes, .. } => *nodes as usize,
            LabelStore::Numbers(numbers) => numbers.len(),
            LabelStore::Text { ends, .. } => ends.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether every node is called by its number.
    pub fn are_node_numbers(&self) -> bool {
        matches!(self.0, LabelStore::Range { first: 0, .. })
    }

    /// Whether labels are whole numbers in increasing order.
    pub(super) fn are_numbers(&self) -> bool {
        !matches!(self.0, LabelStore::Text { .. })
    }

    /// The node that is called by this number, where labels are numbers.
    pub(super) fn find_number(&self, label: &str) -> Option<u32> {
        let wanted = number(label)?;
        match &self.0 {
            LabelStore::Range { first, nodes } => wanted.checked_sub(*first).filter(|node| node < nodes),
            LabelStore::Numbers(numbers) => numbers.binary_search(&wanted).ok().map(|node| node as u32),
            LabelStore::Text { .. } => None,
        }
    }

    /// The label of a node, if there are that many.
    pub fn get(&self, node: u32) -> Option<Cow<'_, str>> {
        match &self.0 {
            LabelStore::Range { first, nodes } => {
                (node < *nodes).then(|| Cow::Owned((u64::from(*first) + u64::from(node)).to_string()))
            }
            LabelStore::Numbers(numbers) => numbers.get(node as usize).map(|n| Cow::Owned(n.to_string())),
            LabelStore::Text { bytes, ends } => {
                let end = *ends.get(node as usize)? as usize;
                let start = node.checked_sub(1).map_or(0, |before| ends[before as usize] as usize);
                bytes.get(start..end).map(Cow::Borrowed)
            }
        }
    }

    /// The labels, by node number.
    pub fn iter(&self) -> impl Iterator<Item = Cow<'_, str>> {
        (0..self.len() as u32).filter_map(|node| self.get(node))
    }

    /// The same, and these behind.
    pub(super) fn with(self, more: &[String]) -> Self {
        if more.is_empty() {
            return self;
        }
        let mut all = Interner::from(&self);
        more.iter().for_each(|label| {
            all.intern(label);
        });
        all.finish()
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> u64 {
        match &self.0 {
            LabelStore::Range { .. } => 0,
            LabelStore::Numbers(numbers) => 4 * numbers.len() as u64,
            LabelStore::Text { bytes, ends } => bytes.len() as u64 + 8 * ends.len() as u64,
        }
    }
}

impl PartialEq for Labels {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

/// Labels in order of first appearance, each once.
#[derive(Debug, Default)]
pub(super) struct Interner {
    bytes: String,
    ends: Vec<u64>,
    numbers: HashTable<u32>,
}

impl Interner {
    fn label(bytes: &str, ends: &[u64], node: u32) -> u64 {
        let start = node.checked_sub(1).map_or(0, |before| ends[before as usize] as usize);
        xxh3_64(&bytes.as_bytes()[start..ends[node as usize] as usize])
    }

    /// The number of a label, and whether it is new; `None` where there are more nodes than numbers.
    pub(super) fn intern(&mut self, label: &str) -> Option<(u32, bool)> {
        let Interner { bytes, ends, numbers } = self;
        let hash = xxh3_64(label.as_bytes());
        let same = |&node: &u32| {
            let start = node.checked_sub(1).map_or(0, |before| ends[before as usize] as usize);
            &bytes.as_bytes()[start..ends[node as usize] as usize] == label.as_bytes()
        };
        if let Some(&known) = numbers.find(hash, same) {
            return Some((known, false));
        }
        let next = u32::try_from(ends.len()).ok().filter(|&n| u64::from(n) < crate::scenario::MAX_USERS)?;
        bytes.push_str(label);
        ends.push(bytes.len() as u64);
        numbers.insert_unique(hash, next, |&node| Self::label(bytes, ends, node));
        Some((next, true))
    }

    /// The number of a label that is there.
    pub(super) fn find(&self, label: &str) -> Option<u32> {
        let same = |&node: &u32| {
            let start = node.checked_sub(1).map_or(0, |before| self.ends[before as usize] as usize);
            &self.bytes.as_bytes()[start..self.ends[node as usize] as usize] == label.as_bytes()
        };
        self.numbers.find(xxh3_64(label.as_bytes()), same).copied()
    }

    pub(super) fn len(&self) -> u32 {
        self.ends.len() as u32
    }

    pub(super) fn finish(self) -> Labels {
        let Interner { mut bytes, mut ends, .. } = self;
        bytes.shrink_to_fit();
        ends.shrink_to_fit();
        Labels(LabelStore::Text { bytes, ends })
    }
}

impl From<&Labels> for Interner {
    fn from(labels: &Labels) -> Self {
        let mut interner = Interner::default();
        labels.iter().for_each(|label| {
            interner.intern(&label);
        });
        interner
    }
}
