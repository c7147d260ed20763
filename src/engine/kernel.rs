//! The tick's inner loop: one chunk of users, and how its memory is fetched.

use super::CHUNK;
use super::state::{State, day_of, load_row, reviewed_on, store_row};
use crate::error::Result;
use crate::graph::GraphView;
use crate::memory::prefetch;
use crate::model::{Baseline, Review, Rule, Word};
use crate::policy::Policy;
use crate::population::Population;
use crate::random::{Purpose, below_64, chance};
use rayon::prelude::*;

/// A user whose published word changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// User number.
    pub user: u32,
    /// Word of yesterday.
    pub old: Word,
    /// Word from tomorrow on.
    pub new: Word,
}

/// What all chunks of a tick share and only read.
pub(super) struct Tick<'a> {
    pub graph: GraphView<'a>,
    pub population: &'a Population,
    pub policy: &'a Policy,
    /// Review rate, and the rate of those whose main app was shocked.
    pub rates: [f64; 2],
    pub warm_up: bool,
    pub messengers: usize,
}

impl Tick<'_> {
    /// All reviews of the tick. Words are only read; what changes in them is left in `outcomes`, one a chunk.
    pub(super) fn reviews<R: Rule + ?Sized>(&self, rule: &R, state: &mut State, outcomes: &mut [Outcome]) -> Result<()> {
        let State { words, reviewed, aware, usage, target, baseline, .. } = state;
        let words: &[u32] = words;
        let size = CHUNK as usize;
        (outcomes.par_iter_mut().enumerate())
            .zip(reviewed.to_mut()?.par_chunks_mut(size))
            .zip(aware.to_mut()?.par_chunks_mut(size))
            .zip(usage.to_mut()?.par_chunks_mut(size * self.messengers))
            .zip(target.to_mut()?.par_chunks_mut(size * self.messengers))
            .for_each(|(((((c, out), reviewed), aware), usage), target)| {
                let chunk = Chunk { first: c as u32 * CHUNK, words, baseline, reviewed, aware, usage, target, out };
                run(rule, self, chunk);
            });
        Ok(())
    }
}

/// One chunk: all words, its private columns, and what happens in it.
struct Chunk<'a> {
    first: u32,
    words: &'a [u32],
    baseline: &'a Baseline,
    reviewed: &'a mut [u16],
    aware: &'a mut [u16],
    usage: &'a mut [u8],
    target: &'a mut [u8],
    out: &'a mut Outcome,
}

/// What happened in a chunk.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub changes: Vec<Change>,
    pub reviews: u64,
    pub tie_reads: u64,
    reviewers: Vec<u32>,
}

/// Reviewers ahead of the current one whose row position, row and contacts' words are being fetched. Their latencies
/// overlap with the work on the reviewers before them: the loop is bound by memory, not by arithmetic.
const AHEAD: [usize; 3] = [24, 16, 8];
/// More than the second of these.
const RING: usize = 32;

/// Runs one chunk with the best instructions the processor has. All variants compute the same bits: the code is
/// the same, only population counts and shifts get shorter.
fn run<R: Rule + ?Sized>(rule: &R, tick: &Tick<'_>, chunk: Chunk<'_>) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt")
            && is_x86_feature_detected!("lzcnt")
        {
            // SAFETY: the processor has the features, as just checked.
            return unsafe { run_v3(rule, tick, chunk) };
        }
    }
    run_portable(rule, tick, chunk);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,lzcnt")]
fn run_v3<R: Rule + ?Sized>(rule: &R, tick: &Tick<'_>, chunk: Chunk<'_>) {
    run_portable(rule, tick, chunk);
}

#[inline(always)]
fn run_portable<R: Rule + ?Sized>(rule: &R, tick: &Tick<'_>, chunk: Chunk<'_>) {
    let Chunk { first, words, baseline, reviewed, aware, usage, target, out } = chunk;
    out.changes.clear();
    out.reviewers.clear();
    out.tie_reads = 0;
    find_reviewers(tick, words, first, reviewed.len() as u32, &mut out.reviewers);
    out.reviews = out.reviewers.len() as u64;

    let day = tick.policy.today().day;
    let graph = tick.graph;
    let m = tick.messengers;
    let count = out.reviewers.len();
    // Contacts of the reviewers between the second stage and the review, by place in the list.
    let mut rows: [&[u32]; RING] = [&[]; RING];
    for k in 0..count + AHEAD[0] {
        // Three stages run ahead of the review itself, each needing what the one before has fetched.
        if let Some(&user) = out.reviewers.get(k) {
            graph.prefetch_start(user);
        }
        let place = k.wrapping_sub(AHEAD[0] - AHEAD[1]);
        if let Some(&user) = out.reviewers.get(place) {
            let contacts = graph.neighbors(user);
            prefetch_row(contacts);
            prefetch(usage, (user - first) as usize * m);
            prefetch(target, (user - first) as usize * m);
            rows[place % RING] = contacts;
        }
        let place = k.wrapping_sub(AHEAD[0] - AHEAD[2]);
        if place < count {
            let contacts = rows[place % RING];
            for &j in &contacts[..contacts.len().min(256)] {
                prefetch(words, j as usize);
            }
        }
        let place = k.wrapping_sub(AHEAD[0]);
        let Some(&user) = out.reviewers.get(place) else { continue };
        let contacts = rows[place % RING];
        let i = (user - first) as usize;
        let word = Word(words[user as usize]);
        let mut review = Review {
            user,
            days: (day - day_of(reviewed[i])).max(1),
            word,
            contacts,
            words,
            policy: tick.policy,
            population: tick.population,
            baseline,
            warm_up: tick.warm_up,
            aware: aware[i],
            usage: load_row(usage, i * m),
            target: load_row(target, i * m),
        };
        let new = rule.review(&mut review);
        reviewed[i] = reviewed_on(day);
        aware[i] = review.aware;
        store_row(usage, i * m, m, &review.usage);
        store_row(target, i * m, m, &review.target);
        out.tie_reads += contacts.len() as u64;
        if new != word {
            out.changes.push(Change { user, old: word, new });
        }
    }
}

/// Asks for the lines of a row; of a long one for its first and its last.
#[inline(always)]
fn prefetch_row(contacts: &[u32]) {
    prefetch(contacts, 0);
    prefetch(contacts, contacts.len().wrapping_sub(1));
    // Two lines hold most rows.
    if contacts.len() > 32 {
        prefetch(contacts, 16);
        prefetch(contacts, 32);
        prefetch(contacts, 48);
    }
}

/// Lists the users of the chunk who review today.
#[inline(always)]
fn find_reviewers(tick: &Tick<'_>, words: &[u32], first: u32, len: u32, list: &mut Vec<u32>) {
    let today = tick.policy.today();
    let shocked = today.shocked.iter().any(|&mask| mask != 0);
    let calm = chance(tick.rates[0]);
    let thresholds = [calm, if shocked { chance(tick.rates[1]).max(calm) } else { calm }];
    debug_assert!(first.is_multiple_of(64) && len <= CHUNK);
    for base in (0..len).step_by(64) {
        let [calm, shock] = below_64(tick.population.draws(), Purpose::Review, (first + base) / 64, today.day, thresholds);
        let inside = if len - base < 64 { (1 << (len - base)) - 1 } else { !0 };
        let mut left = shock & inside;
        while left != 0 {
            let bit = left.trailing_zeros();
            left &= left - 1;
            let user = first + base + bit;
            // Between the two rates only those whose main app was shocked review.
            if calm >> bit & 1 == 0 {
                let word = Word(words[user as usize]);
                if u32::from(today.shocked[word.row()]) >> word.main_code() & 1 == 0 {
                    continue;
                }
            }
            list.push(user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{AnyRule, Simulation};
    use crate::scenario;
    use proptest::prelude::*;
    use std::path::Path;

    /// All that a chunk leaves behind.
    type Left = (Vec<u16>, Vec<u16>, Vec<u8>, Vec<u8>, Vec<Change>, [u64; 2]);

    /// The first chunk of a day, by the best instructions and by those that every processor has.
    fn both<R: Rule>(rule: &R, tick: &Tick<'_>, state: &State) -> [Left; 2] {
        let size = CHUNK.min(state.users()) as usize;
        let variants: [fn(&R, &Tick<'_>, Chunk<'_>); 2] = [run::<R>, run_portable::<R>];
        variants.map(|run| {
            let [mut reviewed, mut aware] = [&state.reviewed, &state.aware].map(|column| column[..size].to_vec());
            let [mut usage, mut target] = [&state.usage, &state.target].map(|column| column[..size * tick.messengers].to_vec());
            let mut out = Outcome::default();
            let chunk = Chunk {
                first: 0,
                words: &state.words,
                baseline: &state.baseline,
                reviewed: &mut reviewed,
                aware: &mut aware,
                usage: &mut usage,
                target: &mut target,
                out: &mut out,
            };
            run(rule, tick, chunk);
            (reviewed, aware, usage, target, out.changes, [out.reviews, out.tie_reads])
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]

        /// The safe twin of the call into functions for newer processors.
        #[test]
        fn the_best_instructions_compute_what_all_processors_do(
            seed in 0u32..1000,
            users in 300u32..5000,
            portfolio: bool,
            days in 0usize..5,
        ) {
            let file = if portfolio { "tests/scenarios/everything.toml" } else { "benches/peers/reference.toml" };
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
            let changes = [
                format!("seed={seed}"),
                format!("population.users={users}"),
                "model.review_rate=0.5".into(),
                "model.shock_review_rate=0.7".into(),
                "model.warm_up_days=2".into(),
                "model.settle_days=2".into(),
            ];
            let mut simulation = Simulation::new(scenario::load(&file, &changes).expect("a scenario")).expect("a simulation");
            for _ in 0..days {
                simulation.step().expect("a step");
            }
            simulation.policy.advance(simulation.state.day + 1);
            let Simulation { scenario, population, graph, policy, rule, state, .. } = &simulation;
            let tick = Tick {
                graph: graph.view(),
                population,
                policy,
                rates: [scenario.model.review_rate, scenario.model.shock_review_rate],
                warm_up: false,
                messengers: scenario.messengers.len(),
            };
            let [best, portable] = match rule {
                AnyRule::Portfolio(rule) => both(&**rule, &tick, state),
                AnyRule::Logit(rule) => both(rule, &tick, state),
                _ => unreachable!("the scenarios have these two rules"),
            };
            prop_assert!(best.5[0] > 100, "{} reviews", best.5[0]);
            prop_assert_eq!(best, portable);
        }
    }
}
