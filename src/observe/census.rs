//! Exact counts over all users: one pass on the eve, then kept from the day's changes.

use super::{Cells, Measure, Scalar, Tally};
use crate::engine::{Change, Simulation};
use crate::model::{PublicState, bits};
use rayon::prelude::*;

/// Users whom one task counts.
const CHUNK: u32 = 1 << 16;
/// Parts of a day's changes that one task takes: few changes are not worth a tally of their own.
const CHUNKS: usize = 64;

#[derive(Debug)]
pub(super) struct Census {
    cells: Cells,
    /// Stocks of the users of this process: users, holders, main apps, VPNs.
    stock: Tally,
}

impl Census {
    pub(super) fn new(simulation: &Simulation, cells: Cells) -> Self {
        let messengers = simulation.scenario().messengers.len();
        let part = simulation.part();
        let empty = || Tally::new(cells.len(), messengers);
        let stock = (0..(part.end - part.start).div_ceil(CHUNK))
            .into_par_iter()
            .fold(empty, |mut tally, chunk| {
                let first = part.start + chunk * CHUNK;
                for user in first..part.end.min(first.saturating_add(CHUNK)) {
                    let cell = cells.of(&simulation.population().profile(user));
                    tally.add_scalar(cell, Scalar::Users, 1);
                    stock(&mut tally, cell, simulation.state().public_of(user), 1);
                }
                tally
            })
            .reduce(empty, |mut a, b| {
                a.merge(&b);
                a
            });
        Census { cells, stock }
    }

    pub(super) fn observe(&mut self, simulation: &Simulation, tally: &mut Tally) {
        let Census { cells, stock } = self;
        let messengers = simulation.scenario().messengers.len();
        let empty = || Moves { stock: Tally::new(cells.len(), messengers), flows: Tally::new(cells.len(), messengers) };
        let moves = (simulation.changes_by_chunk().with_min_len(CHUNKS))
            .fold(empty, |mut moves, changes| {
                for &change in changes {
                    moves.add(cells.of(&simulation.population().profile(change.user)), change);
                }
                moves
            })
            .reduce(empty, |mut a, b| {
                a.stock.merge(&b.stock);
                a.flows.merge(&b.flows);
                a
            });
        stock.merge(&moves.stock);
        tally.merge(stock);
        tally.merge(&moves.flows);
    }
}

/// What a day's changes do to the stocks, and what flowed.
struct Moves {
    stock: Tally,
    flows: Tally,
}

impl Moves {
    fn add(&mut self, cell: usize, change: Change) {
        let Moves { stock: stocks, flows } = self;
        stock(stocks, cell, change.old, -1);
        stock(stocks, cell, change.new, 1);
        for m in bits(change.new.holdings() & !change.old.holdings()) {
            flows.add(cell, Measure::Installs, m, 1);
        }
        for m in bits(change.old.holdings() & !change.new.holdings()) {
            flows.add(cell, Measure::Drops, m, 1);
        }
        if change.new.vpn() != change.old.vpn() {
            flows.add_scalar(cell, if change.new.vpn() { Scalar::VpnStarts } else { Scalar::VpnStops }, 1);
        }
    }
}

fn stock(tally: &mut Tally, cell: usize, public: PublicState, count: i64) {
    for m in bits(public.holdings()) {
        tally.add(cell, Measure::Holders, m, count);
    }
    if let Some(m) = public.main() {
        tally.add(cell, Measure::Main, m, count);
    }
    if public.vpn() {
        tally.add_scalar(cell, Scalar::Vpn, count);
    }
}
