//! The state on the eve of the start.

use super::survey::{BALANCE_EVERY, Drift, FIXED, Flows, Sums, Total, Used, solve};
use super::{CHUNK, Simulation, State};
use crate::error::{Error, Result};
use crate::model::portfolio::vpn_threshold;
use crate::model::{Chats, Newcomer, Outlook, PublicState, bits, reviewed_on};
use crate::random::{Purpose, chance};
use rayon::prelude::*;
use std::sync::atomic::AtomicBool;

/// Users asked for the baseline, at least, where there are so many: on the eve, and before.
const BASELINE_SAMPLE: [u32; 2] = [1 << 20, 1 << 17];
/// Part of settling, at its end, in which everything has its usual pace.
const USUAL: i32 = 4;
/// Share of the users who hold an app that has to be stationary.
const MANY: f64 = 0.05;
/// How many times as fast as usual all goes at the beginning of each round by which settling continues where they change by more: first
/// the distance is covered, then what the haste itself has brought about is left to calm down.
const ROUNDS: [i32; 10] = [16, 16, 16, 8, 8, 4, 4, 2, 1, 1];
/// Days of a round: fast ones, then as many as usual.
const ROUND: i32 = 2 * BALANCE_EVERY;

/// The state on the eve of the start, and how it was come to.
#[derive(Debug)]
pub struct Start {
    /// The state.
    pub state: State,
    /// See [`Simulation::settled_days`].
    pub settled_days: u32,
    /// See [`Simulation::start_drift`].
    pub drift: Option<f64>,
}

impl Start {
    /// The same start again. Memory is shared until one of the two continues.
    pub fn share(&self) -> Self {
        Start { state: self.state.share(), ..*self }
    }
}

/// How fast the days of the start go.
#[derive(Clone, Copy)]
pub(crate) struct Tempo {
    /// How many times as probable as usual starts and stops of VPNs are.
    pub pace: f32,
    /// Days that one counts for in dropping and hearing of apps.
    pub days: i32,
}

impl Tempo {
    /// As on every day after the start.
    pub(super) const USUAL: Tempo = Tempo { pace: 1.0, days: 1 };
    /// Nothing is started or given up.
    const WARM_UP: Tempo = Tempo { pace: 0.0, days: 1 };
    /// The beginning of settling: who needs a VPN under the policy of the eve, and who does not, would take years to sort themselves.
    const SETTLING: Tempo = Tempo { pace: 10.0, days: 1 };
}

impl Simulation {
    /// Who holds and knows what; then, for rules that settle, two phases under the status quo that make day 0
    /// stationary. In the warm-up only routing and use change, until use has found its level. Then everything does:
    /// those who at once would install or drop something do, as they did long ago in the world that is modelled.
    ///
    /// Where that does not suffice, settling continues: apps that have long ceased to work for some pass slowly to others.
    ///
    /// Ends early, with [`Error::stopped`], once somebody sets `stop`.
    pub(super) fn begin(&mut self, stop: &AtomicBool) -> Result<()> {
        let model = &self.scenario.model;
        let (warm_up_rates, rates) = ([model.warm_up_rate; 2], [model.review_rate; 2]);
        let (warm_up, settle) = if self.rule.settles() { (model.warm_up_days as i32, model.settle_days as i32) } else { (0, 0) };
        let first = -settle - warm_up;
        self.hand_out(first - 1)?;
        for day in first..-settle {
            Error::if_stopped(stop)?;
            self.policy.warm_up_day(day, day);
            self.tick(warm_up_rates, Tempo::WARM_UP)?;
        }
        self.find_means(BASELINE_SAMPLE[1])?;
        self.find_balance(BASELINE_SAMPLE[1], Some(Tempo::SETTLING))?;
        let usual = -settle / USUAL;
        let mut before = None;
        for day in -settle..0 {
            Error::if_stopped(stop)?;
            self.policy.warm_up_day(day, day);
            self.tick(rates, if day < usual { Tempo::SETTLING } else { Tempo::USUAL })?;
            if day == usual {
                before = Some(self.used()?);
            }
            // The balance is found in steps, as what it balances settles. On the eve nothing is left to make up for.
            if (-1 - day) % BALANCE_EVERY == 0 {
                let sample = BASELINE_SAMPLE[usize::from(day < -1)];
                let tempo = if day + 1 < usual { Tempo::SETTLING } else { Tempo::USUAL };
                self.find_means(sample)?;
                self.find_balance(sample, (day < -1).then_some(tempo))?;
            }
        }
        let mut drift = match before {
            Some(before) => Some(before.drift(&self.used()?, -1 - usual)),
            None => None,
        };
        self.settled = settle;
        // Whoever asks for fewer days than a round has wants a short start, not a stationary one.
        let slow = if settle < ROUND { 0 } else { self.restricted_on_the_eve()? };
        for (round, speed) in (1..).zip(ROUNDS) {
            if slow == 0 || drift.as_ref().is_none_or(|drift| drift.is_stationary(slow)) {
                break;
            }
            drift = Some(self.settle_further(speed, first - round * ROUND, stop)?);
            self.settled += ROUND;
        }
        self.drift = drift.map(|drift| drift.share);
        self.forget_changes();
        Ok(())
    }

    /// Incumbents that many hold and to which something is done on the eve already: their holders sort themselves for years.
    fn restricted_on_the_eve(&self) -> Result<u16> {
        let is_restricted = |m: &usize| self.policy.today().access.iter().any(|access| access.lost_without_vpn[*m] > 0.0);
        let restricted = bits(self.rule.incumbents()).filter(is_restricted).fold(0, |mask, m| mask | 1 << m);
        if restricted == 0 {
            // All users are counted only where it matters.
            return Ok(0);
        }
        let used = self.used()?;
        let held = |m: &usize| used.holders[*m] as f64 >= MANY * f64::from(self.state.users());
        Ok(bits(restricted).filter(held).fold(0, |mask, m| mask | 1 << m))
    }

    /// A round more before the eve, whose draws are those of the days from `draws` on. How far from stationary its usual days still were.
    fn settle_further(&mut self, speed: i32, draws: i32, stop: &AtomicBool) -> Result<Drift> {
        let fast = Tempo { pace: speed as f32, days: speed };
        let rates = [self.scenario.model.review_rate; 2];
        let [early, eve] = [BASELINE_SAMPLE[1], BASELINE_SAMPLE[0]];
        self.state.move_back(ROUND)?;
        self.find_balance(early, Some(fast))?;
        let mut before = self.used()?;
        for day in -ROUND..0 {
            Error::if_stopped(stop)?;
            self.policy.warm_up_day(day, draws + ROUND + day);
            self.tick(rates, if day < -BALANCE_EVERY { fast } else { Tempo::USUAL })?;
            if day + 1 == -BALANCE_EVERY {
                self.find_means(early)?;
                self.find_balance(early, Some(Tempo::USUAL))?;
                before = self.used()?;
            }
        }
        self.policy.warm_up_day(-1, -1);
        self.find_means(eve)?;
        self.find_balance(eve, None)?;
        Ok(before.drift(&self.used()?, BALANCE_EVERY))
    }

    fn hand_out(&mut self, day: i32) -> Result<()> {
        let vpn_threshold = vpn_threshold(&self.scenario, &self.population);
        let part = self.part();
        let Simulation { scenario, population, policy, rule, chats, state, graph, .. } = self;
        let draws = population.draws();
        let aware_below: Vec<u64> = scenario.messengers.iter().map(|m| chance(m.aware)).collect();
        let skill = &scenario.model.vpn.skill_by_age;
        let (size, row_size) = (CHUNK as usize, state.row_type().size);
        let public = state.public.to_mut()?;
        (public[part.start as usize..part.end as usize].par_chunks_mut(size).enumerate())
            .zip(state.rows.to_mut()?.par_chunks_mut(size * row_size))
            .for_each(|((c, public), rows)| {
                for (i, (public, row)) in public.iter_mut().zip(rows.chunks_exact_mut(row_size)).enumerate() {
                    let user = part.start + (c * size + i) as u32;
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
        graph.peers().complete(public)?;
        state.for_chats(chats.as_ref(), population, policy, Chats::begin)
    }

    /// net0 and abroad0: what each incumbent is worth, on average, to users with contacts who do not hold it.
    fn find_means(&mut self, sample: u32) -> Result<()> {
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
        })?;
        let mean = |sum: i64, count: i64| if count > 0 { sum as f32 / FIXED / count as f32 } else { 0.0 };
        for m in bits(incumbents) {
            self.state.baseline.net[m] = mean(worth.net[m], worth.count[m]);
            self.state.baseline.abroad[m] = mean(worth.abroad[m], worth.tagged[m]);
        }
        Ok(())
    }

    /// The balance: with it, as many people install an incumbent on day 0 as drop it, and start a VPN as stop one. Before,
    /// at a tempo, as many more start or stop one as bring the share of VPNs to the one asked for until the next look.
    ///
    /// A messenger's `offset` is left out of the balance: it is how far an incumbent is from being stationary.
    fn find_balance(&mut self, sample: u32, tempo: Option<Tempo>) -> Result<()> {
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
        })?;
        let rate = self.scenario.model.review_rate;
        for m in bits(incumbents) {
            let drops = flows.drops[m] as f64 / f64::from(FIXED) * f64::from(tempo.map_or(1, |tempo| tempo.days));
            self.state.baseline.balance[m] = solve(drops, |addition| rate * flows.installs[m].happen(addition));
        }
        let share = self.scenario.model.vpn.share;
        if share > 0.0 && share < 1.0 {
            let [without, with] = &flows.changes;
            let missing = share * flows.users as f64 - with.count() as f64;
            let more = tempo.map_or(0.0, |tempo| missing / f64::from(BALANCE_EVERY) / f64::from(tempo.pace));
            let net = |addition: f64| rate * (without.happen(addition) - with.happen(-addition));
            self.state.baseline.vpn = solve(more, net);
        }
        Ok(())
    }

    /// Use and holders of each messenger, and users of VPNs.
    fn used(&self) -> Result<Used> {
        let used = self
            .part()
            .into_par_iter()
            .fold(Box::<Used>::default, |mut used, user| {
                let public = self.state.public_of(user);
                let usage = self.use_today(user);
                for m in bits(public.holdings() & self.policy.today().access[public.row()].works) {
                    used.usage[m] += (usage[m] * FIXED) as i64;
                }
                bits(public.holdings()).for_each(|m| used.holders[m] += 1);
                used.vpn += i64::from(public.vpn());
                used
            })
            .map(|used| *used)
            .reduce(Used::default, Used::add);
        used.of_all(self.peers())
    }

    /// Adds up something over a sample of users with contacts, in integers.
    fn survey<T: Total>(&self, sample: u32, observe: impl Fn(PublicState, &Outlook, &mut T) + Sync) -> Result<T> {
        let (stride, part) = ((self.state.users() / sample).max(1), self.part());
        let total = (part.start.div_ceil(stride)..part.end.div_ceil(stride))
            .into_par_iter()
            .map(|k| k * stride)
            .filter(|&user| self.graph.degree(user) > 0)
            // Boxed: rayon moves what is added up once a user.
            .fold(Box::<T>::default, |mut total, user| {
                if let Some(outlook) = self.outlook(user) {
                    observe(self.state.public_of(user), &outlook, &mut total);
                }
                total
            })
            .map(|total| *total)
            .reduce(T::default, T::add);
        total.of_all(self.peers())
    }
}
