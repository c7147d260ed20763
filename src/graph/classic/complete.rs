use super::super::TieStream;
use super::{parts, range};

/// Rows of a part: few, as each may have very many ties.
const ROWS: u64 = 64;

/// The complete graph: everyone tied to everyone.
#[derive(Debug)]
pub struct Complete {
    nodes: u32,
}

impl Complete {
    /// The complete graph of `nodes` nodes.
    pub fn new(nodes: u32) -> Self {
        Complete { nodes }
    }
}

impl TieStream for Complete {
    fn nodes(&self) -> u32 {
        self.nodes
    }

    fn parts(&self) -> usize {
        parts(self.nodes.into(), ROWS)
    }

    fn for_each(&self, part: usize, mut emit: impl FnMut(u32, u32)) {
        for a in range(part, self.nodes.into(), ROWS) {
            for b in 0..a as u32 {
                emit(a as u32, b);
            }
        }
    }
}
