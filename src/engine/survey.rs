//! What surveys of the users add up: means, flows, how far a start is from stationary.

use crate::error::Result;
use crate::peers::Peers;
use crate::scenario::MAX_MESSENGERS;

/// Days of settling between two looks at the balance.
pub(super) const BALANCE_EVERY: i32 = 20;
/// Most that use, holders or users of VPNs may change within 30 days where the start counts as stationary, as a share: besides, two
/// standard deviations of a count of so many users.
const STATIONARY: f64 = 0.01;
/// Most that the balance may add or take (logit).
const MOST_BALANCE: f64 = 16.0;
/// Fixed point of the baseline's sums: integers add up to the same in any order.
pub(super) const FIXED: f32 = (1u32 << 24) as f32;

/// What a survey adds up.
pub(super) trait Total: Default + Send {
    fn add(self, other: Self) -> Self;

    /// All its numbers.
    fn numbers(&mut self) -> Vec<&mut [i64]>;

    /// The total of all processes that compute the run.
    fn of_all(mut self, peers: &Peers) -> Result<Self> {
        if !peers.is_alone() {
            let mut numbers = self.numbers().concat();
            peers.sum(&mut numbers)?;
            let mut rest = &numbers[..];
            for own in self.numbers() {
                let (sums, others) = rest.split_at(own.len());
                own.copy_from_slice(sums);
                rest = others;
            }
        }
        Ok(self)
    }
}

#[derive(Default)]
pub(super) struct Sums {
    pub net: [i64; MAX_MESSENGERS],
    pub count: [i64; MAX_MESSENGERS],
    pub abroad: [i64; MAX_MESSENGERS],
    pub tagged: [i64; MAX_MESSENGERS],
}

impl Total for Sums {
    fn add(mut self, other: Self) -> Self {
        let Sums { net, count, abroad, tagged } = &mut self;
        for (mine, theirs) in [(net, other.net), (count, other.count), (abroad, other.abroad), (tagged, other.tagged)] {
            plus(mine, &theirs);
        }
        self
    }

    fn numbers(&mut self) -> Vec<&mut [i64]> {
        let Sums { net, count, abroad, tagged } = self;
        vec![net, count, abroad, tagged]
    }
}

/// What must not change where nothing is done.
#[derive(Clone, Copy, Default)]
pub(super) struct Used {
    /// By messenger, in 2^-24.
    pub usage: [i64; MAX_MESSENGERS],
    pub holders: [i64; MAX_MESSENGERS],
    pub vpn: i64,
}

impl Total for Used {
    fn add(mut self, other: Self) -> Self {
        plus(&mut self.usage, &other.usage);
        plus(&mut self.holders, &other.holders);
        self.vpn += other.vpn;
        self
    }

    fn numbers(&mut self) -> Vec<&mut [i64]> {
        vec![&mut self.usage, &mut self.holders, std::slice::from_mut(&mut self.vpn)]
    }
}

/// How far from stationary the start is.
pub(super) struct Drift {
    /// Share of all use that moved, taken to 30 days.
    pub share: f64,
    /// Messengers of which use or holders changed by more than chance would have it, and a little.
    pub moved: u16,
    /// Whether the number of VPNs did.
    pub vpn_moved: bool,
}

impl Drift {
    pub(super) fn is_stationary(&self, messengers: u16) -> bool {
        self.moved & messengers == 0 && !self.vpn_moved
    }
}

impl Used {
    /// What changed within so many days.
    pub(super) fn drift(self, after: &Self, days: i32) -> Drift {
        let a_month = 30.0 / f64::from(days.max(1));
        let all: i64 = self.usage.iter().sum();
        let share: u64 = self.usage.iter().zip(&after.usage).map(|(a, b)| a.abs_diff(*b)).sum();
        // Over fewer days chance moves less, but more when taken to a month.
        let chance = |count: i64| 2.0 * (f64::from(BALANCE_EVERY) / f64::from(days.max(1)) / count.max(1) as f64).sqrt();
        let moves = |a: i64, b: i64, count: i64| a_month * a.abs_diff(b) as f64 > a as f64 * (STATIONARY + chance(count));
        let moves_of = |m: usize| {
            let count = self.holders[m];
            moves(self.usage[m], after.usage[m], count) || moves(count, after.holders[m], count)
        };
        let moved = (0..MAX_MESSENGERS).fold(0, |mask, m| mask | u16::from(moves_of(m)) << m);
        Drift { share: a_month * share as f64 / all.max(1) as f64, moved, vpn_moved: moves(self.vpn, after.vpn, self.vpn) }
    }
}

/// Log-odds of events, as a histogram.
#[derive(Clone, Default)]
pub(super) struct LogOdds(Vec<i64>);

/// Bins of log-odds: from -32 to 32 in steps of 1/16.
const BINS: usize = 1024;

impl LogOdds {
    fn bins(&mut self) -> &mut [i64] {
        self.0.resize(BINS, 0);
        &mut self.0
    }

    pub(super) fn add(&mut self, log_odds: f32) {
        let bin = ((log_odds + 32.0) * 16.0).clamp(0.0, BINS as f32 - 1.0) as usize;
        self.bins()[bin] += 1;
    }

    pub(super) fn count(&self) -> i64 {
        self.0.iter().sum()
    }

    /// How many happen with this addition to the log-odds.
    pub(super) fn happen(&self, addition: f64) -> f64 {
        let log_odds = |bin: usize| (bin as f64 + 0.5) / 16.0 - 32.0 + addition;
        self.0.iter().enumerate().map(|(bin, &n)| n as f64 / (1.0 + libm::exp(-log_odds(bin)))).sum()
    }

    fn merge(&mut self, other: Self) {
        if self.0.is_empty() {
            *self = other;
        } else if !other.0.is_empty() {
            plus(&mut self.0, &other.0);
        }
    }
}

/// Where a rising function of an addition to log-odds is `flow`; 0 where it is nowhere.
pub(super) fn solve(flow: f64, happen: impl Fn(f64) -> f64) -> f32 {
    let (mut low, mut high) = (-MOST_BALANCE, MOST_BALANCE);
    if happen(low) >= flow || happen(high) <= flow {
        return 0.0;
    }
    while high - low > 1e-6 {
        let middle = 0.5 * (low + high);
        if happen(middle) < flow { low = middle } else { high = middle }
    }
    low as f32
}

/// Log-odds of installs by messenger, hazards of drops, log-odds of starting and of stopping a VPN.
#[derive(Default)]
pub(super) struct Flows {
    pub installs: [LogOdds; MAX_MESSENGERS],
    pub drops: [i64; MAX_MESSENGERS],
    pub changes: [LogOdds; 2],
    pub users: i64,
}

impl Total for Flows {
    fn add(mut self, other: Self) -> Self {
        let mine = self.installs.iter_mut().chain(&mut self.changes);
        for (mine, theirs) in mine.zip(other.installs.into_iter().chain(other.changes)) {
            mine.merge(theirs);
        }
        plus(&mut self.drops, &other.drops);
        self.users += other.users;
        self
    }

    fn numbers(&mut self) -> Vec<&mut [i64]> {
        let Flows { installs, drops, changes, users } = self;
        let bins = installs.iter_mut().chain(changes).map(LogOdds::bins);
        bins.chain([&mut drops[..], std::slice::from_mut(users)]).collect()
    }
}

fn plus(mine: &mut [i64], theirs: &[i64]) {
    for (a, b) in mine.iter_mut().zip(theirs) {
        *a += b;
    }
}
