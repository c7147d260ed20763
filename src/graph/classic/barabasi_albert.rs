use super::super::TieStream;
use super::{NODES, below, parts, range};
use crate::random::{Draws, Purpose};

/// Rounds of further draws for ends that came twice, before the oldest free nodes are taken.
const ROUNDS: i32 = 256;

/// Preferential attachment of Barabasi and Albert (1999): nodes come one by one and tie themselves to m different
/// earlier nodes, each with probability proportional to its ties so far.
///
/// A node so drawn is the end of a tie drawn uniformly among all earlier ends (Batagelj and Brandes 2005). Where that
/// end was itself drawn, its own draw is regenerated, and so on: two draws on average, and no memory (Sanders and Schulz
/// 2016, "Scalable generation of scale-free graphs"). The first m + 1 nodes are all tied to each other.
///
/// Where a node draws the same node twice, it draws again. These later draws are not among the ends from which others
/// draw, as nobody could retrace them alone; they are few beyond the first nodes.
#[derive(Debug)]
pub struct BarabasiAlbert {
    draws: Draws,
    nodes: u32,
    /// Ties that a new node makes.
    new: u32,
}

impl BarabasiAlbert {
    /// The graph of `nodes` nodes that make `mean_degree / 2` ties each.
    pub fn new(draws: &Draws, nodes: u32, mean_degree: f64) -> Self {
        BarabasiAlbert { draws: *draws, nodes, new: (mean_degree / 2.0).round() as u32 }
    }

    /// Ends of ties before `node` came: the first `new` + 1 nodes have `new` each, later ones add twice `new`.
    #[inline]
    fn ends(&self, node: u32) -> u64 {
        let m = u64::from(self.new);
        m * (2 * u64::from(node) - m - 1)
    }

    /// The two ends that `node` draws at once, as positions among all ends before it.
    #[inline]
    fn two(&self, node: u32, round: i32, pair: u32) -> [u64; 2] {
        let words = self.draws.block(Purpose::GraphClassic, node, round, pair);
        let ends = self.ends(node);
        [below([words[0], words[1]], ends), below([words[2], words[3]], ends)]
    }

    /// The node at an end.
    #[inline]
    fn retrace(&self, mut end: u64) -> u32 {
        let m = u64::from(self.new);
        let first = m * (m + 1);
        loop {
            if end < first {
                return (end / m) as u32;
            }
            // A later node's ends: `new` times itself, then those it drew.
            let (later, which) = ((end - first) / (2 * m), (end - first) % (2 * m));
            let node = later as u32 + self.new + 1;
            if which < m {
                return node;
            }
            let drawn = (which - m) as u32;
            end = self.two(node, 0, drawn / 2)[(drawn % 2) as usize];
        }
    }

    /// Adds `count` draws of a node, sorts, and drops repetitions.
    fn draw(&self, node: u32, round: i32, count: usize, targets: &mut Vec<u32>) {
        for pair in 0..count.div_ceil(2) {
            let ends = self.two(node, round, pair as u32);
            targets.extend(ends.iter().take(count - 2 * pair).map(|&end| self.retrace(end)));
        }
        targets.sort_unstable();
        targets.dedup();
    }
}

impl TieStream for BarabasiAlbert {
    fn nodes(&self) -> u32 {
        self.nodes
    }

    fn parts(&self) -> usize {
        parts(self.nodes.into(), NODES.into())
    }

    fn for_each(&self, part: usize, mut emit: impl FnMut(u32, u32)) {
        let wanted = self.new as usize;
        let mut targets = Vec::new();
        for node in range(part, self.nodes.into(), NODES.into()).map(|node| node as u32) {
            if node <= self.new {
                // With no ties to make there are none between the first nodes either: `new` is 0, and so is `node`.
                (0..node).for_each(|earlier| emit(node, earlier));
                continue;
            }
            targets.clear();
            self.draw(node, 0, wanted, &mut targets);
            for round in 1..ROUNDS {
                if targets.len() == wanted {
                    break;
                }
                self.draw(node, round, wanted - targets.len(), &mut targets);
            }
            targets.iter().for_each(|&target| emit(node, target));
            if targets.len() < wanted {
                let free = (0..node).filter(|earlier| targets.binary_search(earlier).is_err());
                free.take(wanted - targets.len()).for_each(|earlier| emit(node, earlier));
            }
        }
    }
}
