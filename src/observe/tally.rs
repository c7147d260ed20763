use crate::error::Result;
use crate::peers::Peers;

/// What is counted by messenger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Users who hold it.
    Holders,
    /// Users whose main app it is.
    Main,
    /// Users who installed it today.
    Installs,
    /// Users who removed it today.
    Drops,
    /// Panel: probability of opening it today, in 2^-20.
    Reach,
    /// Panel: the same where it works.
    Use,
    /// Panel: users with an opening in the last 30 days.
    Monthly,
    /// Panel: use where it works, in 2^-20 of a full day's use.
    Traffic,
    /// Panel: the part of traffic that goes through a VPN.
    VpnTraffic,
}

/// What is counted once for each cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// Users.
    Users,
    /// Users with a VPN.
    Vpn,
    /// Users who got one today.
    VpnStarts,
    /// Users who gave it up today.
    VpnStops,
    /// Panel: users.
    Panel,
    /// Panel: use lost to bad access, in 2^-20.
    LostUse,
    /// Tie panel: ties.
    Ties,
    /// Tie panel: ties with an app that both hold and that works for both.
    Connected,
    /// Tie panel: the same if nobody had a VPN.
    ConnectedWithoutVpn,
    /// Tie panel: household ties connected on the eve of the start.
    HouseholdTies,
    /// Tie panel: of these, ties not connected today.
    HouseholdLost,
    /// Tie panel: users with ties.
    Callers,
    /// Tie panel: share of calls made by telephone, in 2^-20.
    PhoneCalls,
}

const MEASURES: usize = Measure::VpnTraffic as usize + 1;
const SCALARS: usize = Scalar::PhoneCalls as usize + 1;

/// Fixed point of fractions: integers add up to the same in any order.
pub(super) const FIXED: f32 = 1_048_576.0;

/// Sums of one day by cell. Counts are of simulated users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    messengers: usize,
    cells: usize,
    sums: Vec<i64>,
}

impl Tally {
    /// All zero.
    pub fn new(cells: usize, messengers: usize) -> Self {
        Tally { messengers, cells, sums: vec![0; cells * (SCALARS + MEASURES * messengers)] }
    }

    /// Back to zero.
    pub fn clear(&mut self) {
        self.sums.fill(0);
    }

    /// Number of cells.
    pub fn cells(&self) -> usize {
        self.cells
    }

    #[inline(always)]
    fn at(&self, cell: usize, measure: Measure, messenger: usize) -> usize {
        cell * (SCALARS + MEASURES * self.messengers) + SCALARS + messenger * MEASURES + measure as usize
    }

    /// Adds to a count by messenger.
    #[inline(always)]
    pub fn add(&mut self, cell: usize, measure: Measure, messenger: usize, count: i64) {
        let at = self.at(cell, measure, messenger);
        self.sums[at] += count;
    }

    /// Adds to a count.
    #[inline(always)]
    pub fn add_scalar(&mut self, cell: usize, scalar: Scalar, count: i64) {
        self.sums[cell * (SCALARS + MEASURES * self.messengers) + scalar as usize] += count;
    }

    /// A count by messenger in one cell.
    pub fn get(&self, cell: usize, measure: Measure, messenger: usize) -> i64 {
        self.sums[self.at(cell, measure, messenger)]
    }

    /// A count in one cell.
    pub fn scalar(&self, cell: usize, scalar: Scalar) -> i64 {
        self.sums[cell * (SCALARS + MEASURES * self.messengers) + scalar as usize]
    }

    /// The tally of all processes that compute a run.
    pub(super) fn of_all(&mut self, peers: &Peers) -> Result<()> {
        peers.sum(&mut self.sums)
    }

    /// Adds another tally of the same shape.
    pub fn merge(&mut self, other: &Tally) {
        debug_assert_eq!((self.cells, self.messengers), (other.cells, other.messengers));
        for (sum, more) in self.sums.iter_mut().zip(&other.sums) {
            *sum += more;
        }
    }
}
