//! The state on the eve of the start.

use super::{CHUNK, Simulation};
use crate::error::{Error, Result};
use crate::model::portfolio::vpn_threshold;
use crate::model::{Newcomer, Outlook, PublicState, bits, reviewed_on};
use crate::random::{Purpose, chance};
use crate::scenario::MAX_MESSENGERS;
use rayon::prelude::*;
use std::sync::atomic::AtomicBool;

/// Users asked for the baseline, at least, where there are so many: on the eve, and before.
const BASELINE_SAMPLE: [u32; 2] = [1 << 20, 1 << 17];
/// Days of settling between two looks at the balance.
const BALANCE_EVERY: i32 = 20;
/// How many times as probable as usual starts and stops of VPNs are at the beginning of settling: who needs one under the policy
/// of the eve, and who does not, would take years to sort themselves.
const PACE: f32 = 10.0;
/// Part of settling, at its end, in which they have their usual pace.
const USUAL: i32 = 4;
/// Most that the balance may add or take (logit).
const MOST_BALANCE: f64 = 16.0;
/// Fixed point of the baseline's sums: integers add up to the same in any order.
const FIXED: f32 = (1u32 << 24) as f32;

impl Simulation {
    /// Who holds and knows what; then, for rules that settle, two phases under the status quo that make day 0
    /// stationary. In the warm-up only routing and use change, until use has found its level. Then everything does:
    /// those who at once would install or drop something do, as they did long ago in the world that is modelled.
    ///
    /// Ends early, with [`Error::stopped`], once somebody sets `stop`.
    pub(super) fn begin(&mut self, stop: &AtomicBool) -> Result<()> {
        let model = &self.scenario.model;
        let (warm_up_rates, rates) = ([model.warm_up_rate; 2], [model.review_rate; 2]);
        let (warm_up, settle) = if self.rule.settles() { (model.warm_up_days as i32, model.settle_days as i32) } else { (0, 0) };
        self.hand_out(-settle - warm_up - 1)?;
        for day in -settle - warm_up..-settle {
            Error::if_stopped(stop)?;
            self.policy.warm_up_day(day);
            self.tick(warm_up_rates, 0.0)?;
        }
        self.find_means(BASELINE_SAMPLE[1]);
        self.find_balance(BASELINE_SAMPLE[1], Some(PACE));
        let usual = -settle / USUAL;
        let mut before = None;
        for day in -settle..0 {
            Error::if_stopped(stop)?;
            self.policy.warm_up_day(day);
            let pace = if day < usual { PACE } else { 1.0 };
            self.tick(rates, pace)?;
            if day == usual {
                before = Some(self.used());
            }
            // The balance is found in steps, as what it balances settles. On the eve nothing is left to make up for.
            if (-1 - day) % BALANCE_EVERY == 0 {
                let sample = BASELINE_SAMPLE[usize::from(day < -1)];
                self.find_means(sample);
                self.find_balance(sample, (day < -1).then_some(if day + 1 < usual { PACE } else { 1.0 }));
            }
        }
        self.drift = before.map(|before| before.drift(&self.used(), -1 - usual));
        self.forget_changes();
        Ok(())
    }

    fn hand_out(&mut self, day: i32) -> Result<()> {
        let vpn_threshold = vpn_threshold(&self.scenario, &self.population);
        let Simulation { scenario, population, policy, rule, state, .. } = self;
        let draws = population.draws();
        let aware_below: Vec<u64> = scenario.messengers.iter().map(|m| chance(m.aware)).collect();
        let skill = &scenario.model.vpn.skill_by_age;
        let (size, row_size) = (CHUNK as usize, state.row_type().size);
        (state.public.to_mut()?.par_chunks_mut(size).enumerate())
            .zip(state.rows.to_mut()?.par_chunks_mut(size * row_size))
            .for_each(|((c, public), rows)| {
                for (i, (public, row)) in public.iter_mut().zip(rows.chunks_exact_mut(row_size)).enumerate() {
                    let user = (c * size + i) as u32;
                    let profile = population.profile(user);
                    let age = usize::from(profile.age);
                    let propensity = f64::from(population.normals(&profile).propensity) + skill.get(age).copied().unwrap_or(0.0);
                    let mut aware = 0;
                    for (block, below) in aware_below.chunks(4).enumerate() {
                        let words = draws.block(Purpose::StartAware, user, 0, block as u32);
                        for (k, &below) in below.iter().enumerate() {
                            aware |= u16::from(u64::from(words[k]) < below) << (block * 4 + k);
                        }
                    }
                    let empty = PublicState::new(policy.class(&profile)).with_vpn(propensity > vpn_threshold);
                    let newcomer = Newcomer { user, profile: &profile, public: empty, aware, population, scenario };
                    *public = rule.start(&newcomer, row, reviewed_on(day)).0;
                }
            });
        Ok(())
    }

    /// net0 and abroad0: what each incumbent is worth, on average, to users with contacts who do not hold it.
    fn find_means(&mut self, sample: u32) {
        let incumbents = self.rule.incumbents();
        let worth = self.survey(sample, |_, outlook, sums: &mut Sums| {
            for m in bits(outlook.available) {
                sums.net[m] += (outlook.net[m] * FIXED) as i64;
                sums.count[m] += 1;
                if let Some(abroad) = &outlook.abroad {
                    sums.abroad[m] += (abroad[m] * FIXED) as i64;
                    sums.tagged[m] += 1;
                }
            }
        });
        let mean = |sum: i64, count: i64| if count > 0 { sum as f32 / FIXED / count as f32 } else { 0.0 };
        for m in bits(incumbents) {
            self.state.baseline.net[m] = mean(worth.net[m], worth.count[m]);
            self.state.baseline.abroad[m] = mean(worth.abroad[m], worth.tagged[m]);
        }
    }

    /// The balance: with it, as many people install an incumbent on day 0 as drop it, and start a VPN as stop one. Before,
    /// at a `pace`, as many more start or stop one as bring the share of VPNs to the one asked for until the next look.
    ///
    /// A messenger's `offset` is left out of the balance: it is how far an incumbent is from being stationary.
    fn find_balance(&mut self, sample: u32, pace: Option<f32>) {
        let incumbents = self.rule.incumbents();
        let flows = self.survey(sample, |public, outlook, flows: &mut Flows| {
            for m in bits(outlook.available & outlook.aware) {
                let more = self.scenario.messengers[m].offset as f32 + self.state.baseline.balance[m];
                flows.installs[m].add(outlook.install_utility[m] - more);
            }
            for m in bits(public.holdings()) {
                flows.drops[m] += (outlook.drop_hazard[m] * FIXED) as i64;
            }
            let vpn = public.vpn();
            let change = outlook.vpn_change + if vpn { 1.0 } else { -1.0 } * self.state.baseline.vpn;
            flows.changes[usize::from(vpn)].add(change);
            flows.users += 1;
        });
        let rate = self.scenario.model.review_rate;
        for m in bits(incumbents) {
            let drops = flows.drops[m] as f64 / f64::from(FIXED);
            self.state.baseline.balance[m] = solve(drops, |addition| rate * flows.installs[m].happen(addition));
        }
        let share = self.scenario.model.vpn.share;
        if share > 0.0 && share < 1.0 {
            let [without, with] = &flows.changes;
            let missing = share * flows.users as f64 - with.count() as f64;
            let more = pace.map_or(0.0, |pace| missing / f64::from(BALANCE_EVERY) / f64::from(pace));
            let net = |addition: f64| rate * (without.happen(addition) - with.happen(-addition));
            self.state.baseline.vpn = solve(more, net);
        }
    }

    /// Use of each messenger, of all users together.
    fn used(&self) -> Used {
        (0..self.state.users())
            .into_par_iter()
            .fold(Used::default, |mut used, user| {
                let public = self.state.public_of(user);
                let usage = self.use_today(user);
                for m in bits(public.holdings() & self.policy.today().access[public.row()].works) {
                    used.0[m] += (usage[m] * FIXED) as i64;
                }
                used
            })
            .reduce(Used::default, Used::add)
    }

    /// Adds up something over a sample of users with contacts, in integers.
    fn survey<T: Total>(&self, sample: u32, observe: impl Fn(PublicState, &Outlook, &mut T) + Sync) -> T {
        let users = self.state.users();
        let stride = (users / sample).max(1);
        (0..users.div_ceil(stride))
            .into_par_iter()
            .map(|k| k * stride)
            .filter(|&user| self.graph.degree(user) > 0)
            .fold(T::default, |mut total, user| {
                if let Some(outlook) = self.outlook(user) {
                    observe(self.state.public_of(user), &outlook, &mut total);
                }
                total
            })
            .reduce(T::default, T::add)
    }
}

/// What a survey adds up.
trait Total: Default + Send {
    fn add(self, other: Self) -> Self;
}

#[derive(Default)]
struct Sums {
    net: [i64; MAX_MESSENGERS],
    count: [i64; MAX_MESSENGERS],
    abroad: [i64; MAX_MESSENGERS],
    tagged: [i64; MAX_MESSENGERS],
}

impl Total for Sums {
    fn add(mut self, other: Self) -> Self {
        let Sums { net, count, abroad, tagged } = &mut self;
        for (mine, theirs) in [(net, other.net), (count, other.count), (abroad, other.abroad), (tagged, other.tagged)] {
            plus(mine, &theirs);
        }
        self
    }
}

/// Use by messenger, in 2^-24.
#[derive(Clone, Copy, Default)]
struct Used([i64; MAX_MESSENGERS]);

impl Total for Used {
    fn add(mut self, other: Self) -> Self {
        plus(&mut self.0, &other.0);
        self
    }
}

impl Used {
    /// Share of all use that moved within so many days, taken to 30.
    fn drift(self, after: &Self, days: i32) -> f64 {
        let moved: u64 = self.0.iter().zip(&after.0).map(|(a, b)| a.abs_diff(*b)).sum();
        let all: i64 = self.0.iter().sum();
        moved as f64 / all.max(1) as f64 * 30.0 / f64::from(days.max(1))
    }
}

/// Log-odds of events, as a histogram.
#[derive(Clone, Default)]
struct LogOdds(Vec<i64>);

/// Bins of log-odds: from -32 to 32 in steps of 1/16.
const BINS: usize = 1024;

impl LogOdds {
    fn add(&mut self, log_odds: f32) {
        self.0.resize(BINS, 0);
        let bin = ((log_odds + 32.0) * 16.0).clamp(0.0, BINS as f32 - 1.0) as usize;
        self.0[bin] += 1;
    }

    fn count(&self) -> i64 {
        self.0.iter().sum()
    }

    /// How many happen with this addition to the log-odds.
    fn happen(&self, addition: f64) -> f64 {
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
fn solve(flow: f64, happen: impl Fn(f64) -> f64) -> f32 {
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
struct Flows {
    installs: [LogOdds; MAX_MESSENGERS],
    drops: [i64; MAX_MESSENGERS],
    changes: [LogOdds; 2],
    users: i64,
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
}

fn plus(mine: &mut [i64], theirs: &[i64]) {
    for (a, b) in mine.iter_mut().zip(theirs) {
        *a += b;
    }
}
