use super::super::TieStream;
use super::permutation::Permutation;
use super::{NODES, below, parts, range};
use crate::random::{Draws, Purpose, chance};

/// Ends tried for a rewired tie before it is left where it was: only in graphs that are nearly complete.
const TRIES: u32 = 64;

/// The small world of Watts and Strogatz (1998): a ring whose nodes are tied to the next k on either side, where every
/// tie moves its far end, with some probability, to a uniformly random node.
///
/// As in the original, ties never move onto the node itself or onto a tie that is there: the ties that stay, and those
/// the node moved before. That two nodes move a tie onto each other is not ruled out; it happens to about
/// (k * rewire)^2 / 2 ties in the whole graph, whatever its size, and loses one of the two.
#[derive(Debug)]
pub struct WattsStrogatz {
    draws: Draws,
    nodes: u32,
    /// Neighbours a side.
    side: u32,
    rewire: u64,
    /// Numbers of the nodes by their place on the ring.
    numbers: Option<Permutation>,
}

impl WattsStrogatz {
    /// The graph of `nodes` nodes with `mean_degree / 2` neighbours a side; with `shuffle`, node numbers do not tell
    /// places on the ring.
    pub fn new(draws: &Draws, nodes: u32, mean_degree: f64, rewire: f64, shuffle: bool) -> Self {
        let side = ((mean_degree / 2.0).round() as u32).min(nodes / 2);
        let numbers = shuffle.then(|| Permutation::new(draws, 0, nodes.into()));
        WattsStrogatz { draws: *draws, nodes, side, rewire: chance(rewire), numbers }
    }

    /// The number of the node at a place of the ring.
    #[inline]
    fn number(&self, place: u32) -> u32 {
        self.numbers.as_ref().map_or(place, |numbers| numbers.at(place.into()) as u32)
    }

    /// The place `steps` after `place`.
    #[inline]
    fn after(&self, place: u32, steps: u32) -> u32 {
        ((u64::from(place) + u64::from(steps)) % u64::from(self.nodes)) as u32
    }

    /// Steps from one place to another.
    #[inline]
    fn steps(&self, from: u32, to: u32) -> u32 {
        if to >= from { to - from } else { self.nodes - from + to }
    }

    /// For four ties of a place at once, whether each moves.
    #[inline]
    fn moving(&self, place: u32, four: u32) -> [bool; 4] {
        self.draws.block(Purpose::GraphClassic, place, 0, four).map(|word| u64::from(word) < self.rewire)
    }

    /// Whether the tie to `steps` places further stays where it is.
    fn stays(&self, place: u32, steps: u32) -> bool {
        (1..=self.side).contains(&steps) && !self.moving(place, (steps - 1) / 4)[((steps - 1) % 4) as usize]
    }

    /// The place where a moving tie goes.
    fn target(&self, place: u32, steps: u32, before: &[u32]) -> u32 {
        let mut words = [0; 4];
        for attempt in 0..TRIES {
            if attempt % 2 == 0 {
                words = self.draws.block(Purpose::GraphClassic, place, steps as i32, attempt / 2);
            }
            let half = 2 * (attempt % 2) as usize;
            let to = below([words[half], words[half + 1]], self.nodes.into()) as u32;
            let there = to == place
                || before.contains(&to)
                || self.stays(place, self.steps(place, to))
                || self.stays(to, self.steps(to, place));
            if !there {
                return to;
            }
        }
        self.after(place, steps)
    }
}

impl TieStream for WattsStrogatz {
    fn nodes(&self) -> u32 {
        self.nodes
    }

    fn parts(&self) -> usize {
        parts(self.nodes.into(), NODES.into())
    }

    fn for_each(&self, part: usize, mut emit: impl FnMut(u32, u32)) {
        let range = range(part, self.nodes.into(), NODES.into());
        let (first, len) = (range.start as u32, (range.end - range.start) as u32);
        // The part's own nodes, and those their ties reach.
        let numbers: Vec<u32> = (0..len + self.side).map(|k| self.number(self.after(first, k))).collect();
        let mut moved = Vec::new();
        for k in 0..len {
            let (place, number) = (first + k, numbers[k as usize]);
            moved.clear();
            for four in 0..self.side.div_ceil(4) {
                let moving = self.moving(place, four);
                for (step, moving) in (4 * four + 1..=self.side).zip(moving) {
                    if moving {
                        let to = self.target(place, step, &moved);
                        moved.push(to);
                        emit(number, self.number(to));
                    } else {
                        emit(number, numbers[(k + step) as usize]);
                    }
                }
            }
        }
    }
}
