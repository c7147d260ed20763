//! The tick's inner loop: one chunk of users, and how its memory is fetched.

use super::CHUNK;
use super::state::{State, day_of, load_row, reviewed_on, store_row};
use crate::error::Result;
use crate::graph::GraphView;
use crate::memory::prefetch;
use crate::model::{Baseline, Review, Rule, Word};
use crate::policy::Policy;
use crate::population::Population;
use crate::random::{Purpose, below_64, chance, unit};
use crate::scenario::MAX_MESSENGERS;
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
    /// Review rate, and the rate of those whose main app was just cut off.
    pub rates: [f64; 2],
    /// As in [`Review`].
    pub pace: f32,
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

/// Runs one chunk.
fn run<R: Rule + ?Sized>(rule: &R, tick: &Tick<'_>, chunk: Chunk<'_>) {
    let Chunk { first, words, baseline, reviewed, aware, usage, target, out } = chunk;
    out.changes.clear();
    out.reviewers.clear();
    out.tie_reads = 0;
    find_reviewers(tick, words, first, reviewed.len() as u32, &mut out.reviewers);
    out.reviews = out.reviewers.len() as u64;

    let day = tick.policy.today().day;
    let graph = tick.graph;
    let (m, keeps_use) = (tick.messengers, rule.keeps_use());
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
            let i = (user - first) as usize;
            prefetch(words, user as usize);
            prefetch(reviewed, i);
            prefetch(aware, i);
            if keeps_use {
                prefetch(usage, i * m);
                prefetch(target, i * m);
            }
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
            pace: tick.pace,
            aware: aware[i],
            usage: if keeps_use { load_row(usage, i * m, m) } else { [0; MAX_MESSENGERS] },
            target: if keeps_use { load_row(target, i * m, m) } else { [0; MAX_MESSENGERS] },
        };
        let new = rule.review(&mut review);
        reviewed[i] = reviewed_on(day);
        aware[i] = review.aware;
        if keeps_use {
            store_row(usage, i * m, m, &review.usage);
            store_row(target, i * m, m, &review.target);
        }
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
    let calm = chance(tick.rates[0]);
    let thresholds = [calm, if today.shocked { chance(tick.rates[1]).max(calm) } else { calm }];
    debug_assert!(first.is_multiple_of(64) && len <= CHUNK);
    for base in (0..len).step_by(64) {
        let [calm, shock] = below_64(tick.population.draws(), Purpose::Review, (first + base) / 64, today.draw_tick, thresholds);
        let inside = if len - base < 64 { (1 << (len - base)) - 1 } else { !0 };
        let mut left = shock & inside;
        while left != 0 {
            let bit = left.trailing_zeros();
            left &= left - 1;
            let user = first + base + bit;
            // Between the two rates a shock decides: a share of those whose main app it struck review.
            if calm >> bit & 1 == 0 {
                let word = Word(words[user as usize]);
                let shock = word.main().map_or(0.0, |m| today.shock[word.row()][m]);
                let draw = || unit(tick.population.draws().block(Purpose::Shock, user, today.day, 0)[0]);
                if shock == 0.0 || draw() >= shock {
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
    use fearless_simd::Level;
    use proptest::prelude::*;
    use std::path::Path;

    /// All that a chunk leaves behind.
    type Left = (Vec<u16>, Vec<u16>, Vec<u8>, Vec<u8>, Vec<Change>, [u64; 2]);

    /// The first chunk of a day.
    fn left<R: Rule>(rule: &R, tick: &Tick<'_>, state: &State) -> Left {
        let size = CHUNK.min(state.users()) as usize;
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
    }

    /// A rule that uses the instructions of one level.
    struct At<'a>(&'a AnyRule, Level);

    impl Rule for At<'_> {
        fn review(&self, review: &mut Review<'_>) -> Word {
            match self.0 {
                AnyRule::Portfolio(rule) => rule.review_at(self.1, review),
                AnyRule::Logit(rule) => rule.review_at(self.1, review),
                _ => unreachable!("the scenarios have these two rules"),
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]

        #[test]
        fn all_instructions_compute_the_same(
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
                pace: 1.0,
                messengers: scenario.messengers.len(),
            };
            let levels = crate::random::levels();
            let least = left(&At(rule, levels[0]), &tick, state);
            prop_assert!(least.5[0] > 100, "{} reviews", least.5[0]);
            for &level in &levels[1..] {
                prop_assert_eq!(&least, &left(&At(rule, level), &tick, state), "{:?}", level);
            }
        }
    }
}
