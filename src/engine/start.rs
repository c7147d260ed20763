//! The state on the eve of the start.

use super::state::reviewed_on;
use super::{AnyRule, CHUNK, Simulation};
use crate::error::Result;
use crate::model::{Baseline, Portfolio, Review, Word, bits, portfolio};
use crate::random::{Purpose, chance};
use crate::scenario::MAX_MESSENGERS;
use rayon::prelude::*;

/// Use of an app held, before the warm-up finds its own level.
const FIRST_USE: u8 = 77;
/// Users asked for the baseline, at least, where there are so many.
const BASELINE_SAMPLE: u32 = 1 << 20;
/// Fixed point of the baseline's sums: integers add up to the same in any order.
const FIXED: f32 = (1u32 << 24) as f32;

impl Simulation {
    /// Who holds and knows what; then, for the portfolio rule, warm-up and baseline.
    pub(super) fn begin(&mut self, vpn_threshold: f64) -> Result<()> {
        let warm_up = if self.portfolio().is_some() { self.scenario.model.warm_up_days as i32 } else { 0 };
        self.hand_out(vpn_threshold, -warm_up - 1)?;
        if warm_up > 0 {
            let rate = self.scenario.model.warm_up_rate;
            for day in -warm_up..0 {
                self.policy.warm_up_day(day);
                self.tick([rate, rate], true)?;
            }
        }
        self.forget_changes();
        if let AnyRule::Portfolio(rule) = &self.rule {
            self.state.baseline = self.baseline(rule);
        }
        Ok(())
    }

    fn hand_out(&mut self, vpn_threshold: f64, day: i32) -> Result<()> {
        let Simulation { scenario, population, policy, state, .. } = self;
        let single = !matches!(self.rule, AnyRule::Portfolio(_));
        let count = scenario.messengers.len();
        let draws = population.draws();
        let thresholds = portfolio::start_thresholds(scenario);
        let reach = |m: usize, age: usize| scenario.messengers[m].reach_by_age.get(age).copied().unwrap_or(0.0);
        let incumbents = (0..count).filter(|&m| (0..thresholds.len()).any(|a| reach(m, a) > 0.0)).fold(0u16, |mask, m| mask | 1 << m);
        let aware_below: Vec<u64> = scenario.messengers.iter().map(|m| chance(m.aware)).collect();
        let skill = &scenario.model.vpn.skill_by_age;
        let size = CHUNK as usize;
        (state.words.to_mut()?.par_chunks_mut(size).enumerate())
            .zip(state.reviewed.to_mut()?.par_chunks_mut(size))
            .zip(state.aware.to_mut()?.par_chunks_mut(size))
            .zip(state.usage.to_mut()?.par_chunks_mut(size * count))
            .zip(state.target.to_mut()?.par_chunks_mut(size * count))
            .for_each(|(((((c, words), reviewed), aware), usage), target)| {
                for i in 0..words.len() {
                    let user = (c * size + i) as u32;
                    let profile = population.profile(user);
                    let age = usize::from(profile.age);
                    let propensity = f64::from(population.normals(&profile).propensity) + skill.get(age).copied().unwrap_or(0.0);
                    let word = Word::new(policy.class(&profile)).with_vpn(propensity > vpn_threshold);
                    let mut known = 0;
                    for (block, below) in aware_below.chunks(4).enumerate() {
                        let words = draws.block(Purpose::StartAware, user, 0, block as u32);
                        for (k, &below) in below.iter().enumerate() {
                            known |= u16::from(u64::from(words[k]) < below) << (block * 4 + k);
                        }
                    }
                    let word = if single {
                        let mut left = u64::from(draws.block(Purpose::StartMain, user, 0, 0)[0]);
                        let main = (0..count).find(|&m| {
                            let share = chance(reach(m, age));
                            let hit = left < share;
                            left = left.saturating_sub(share);
                            hit
                        });
                        word.with_only(main)
                    } else {
                        let tastes = population.tastes(user, profile.household, count);
                        let holdings = bits(incumbents).filter(|&m| tastes[m] > thresholds[age][m]).fold(0u16, |mask, m| mask | 1 << m);
                        word.with_holdings(holdings)
                    };
                    for m in bits(word.holdings()) {
                        usage[i * count + m] = FIRST_USE;
                        target[i * count + m] = FIRST_USE;
                    }
                    words[i] = word.0;
                    reviewed[i] = reviewed_on(day);
                    aware[i] = known | word.holdings();
                }
            });
        Ok(())
    }

    /// net0 and abroad0: what each incumbent is worth, on average, to users with contacts who do not hold it.
    fn baseline(&self, rule: &Portfolio) -> Baseline {
        let users = self.state.users();
        let stride = (users / BASELINE_SAMPLE).max(1);
        let asked = users.div_ceil(stride);
        let sums = (0..asked)
            .into_par_iter()
            .fold(Sums::default, |mut sums, k| {
                let user = k * stride;
                if self.graph.degree(user) > 0 {
                    self.with_review(user, |review| {
                        let routed = rule.route(review);
                        for (m, net, abroad) in rule.offers(review, &routed) {
                            sums.net[m] += (net * FIXED) as i64;
                            sums.count[m] += 1;
                            if let Some(abroad) = abroad {
                                sums.abroad[m] += (abroad * FIXED) as i64;
                                sums.tagged[m] += 1;
                            }
                        }
                    });
                }
                sums
            })
            .reduce(Sums::default, Sums::add);
        let mut baseline = Baseline::default();
        for m in bits(rule.incumbents()) {
            let mean = |sum: i64, count: i64| if count > 0 { sum as f32 / FIXED / count as f32 } else { 0.0 };
            baseline.net[m] = mean(sums.net[m], sums.count[m]);
            baseline.abroad[m] = mean(sums.abroad[m], sums.tagged[m]);
        }
        baseline
    }

    /// Shows a user as a review on the policy's day would see it; what is written is thrown away.
    pub fn with_review<T>(&self, user: u32, look: impl FnOnce(&Review<'_>) -> T) -> T {
        let count = self.scenario.messengers.len();
        let (mut usage, mut target) = ([0; MAX_MESSENGERS], [0; MAX_MESSENGERS]);
        let (u, x) = self.state.usage(user);
        usage[..count].copy_from_slice(u);
        target[..count].copy_from_slice(x);
        look(&Review {
            user,
            days: self.policy.today().day - self.state.last_review(user),
            word: self.state.word(user),
            contacts: self.graph.neighbors(user),
            words: self.state.words(),
            policy: &self.policy,
            population: &self.population,
            baseline: &self.state.baseline,
            warm_up: false,
            aware: &mut self.state.aware(user),
            usage: &mut usage[..count],
            target: &mut target[..count],
        })
    }
}

#[derive(Clone, Copy, Default)]
struct Sums {
    net: [i64; MAX_MESSENGERS],
    count: [i64; MAX_MESSENGERS],
    abroad: [i64; MAX_MESSENGERS],
    tagged: [i64; MAX_MESSENGERS],
}

impl Sums {
    fn add(mut self, other: Self) -> Self {
        let Sums { net, count, abroad, tagged } = &mut self;
        for (mine, theirs) in [(net, other.net), (count, other.count), (abroad, other.abroad), (tagged, other.tagged)] {
            for (a, b) in mine.iter_mut().zip(theirs) {
                *a += b;
            }
        }
        self
    }
}
