//! The tick's inner loop: one chunk of users, and how its memory is fetched.

use super::CHUNK;
use super::start::Tempo;
use super::state::State;
use crate::error::Result;
use crate::graph::{GraphView, Ties};
use crate::memory::prefetch;
use crate::model::{Baseline, Chats, NO_CHAT, PublicState, Row, Rule, UserView, day_of, reviewed_on};
use crate::policy::Policy;
use crate::population::Population;
use crate::random::{Purpose, below_64, chance, unit};
use crate::scenario::MAX_CHATS;
use rayon::prelude::*;

/// A user whose public state changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// User number.
    pub user: u32,
    /// State of yesterday.
    pub old: PublicState,
    /// State from tomorrow on.
    pub new: PublicState,
}

/// What all chunks of a tick share and only read.
pub(crate) struct Tick<'a> {
    pub graph: GraphView<'a>,
    pub population: &'a Population,
    pub policy: &'a Policy,
    /// Group chats, if there are any.
    pub chats: Option<&'a Chats>,
    /// Review rate, and the rate of those whose main app was just cut off.
    pub rates: [f64; 2],
    /// Not the usual one before the start.
    pub tempo: Tempo,
}

impl Tick<'_> {
    /// All reviews of the tick by the users whose rows are here. Public states are only read; what changes in them is left in
    /// `outcomes`, one a chunk.
    pub(super) fn reviews<R: Rule>(&self, rule: &R, state: &mut State, outcomes: &mut [Outcome]) -> Result<()> {
        let first = state.part().start;
        let State { public, rows, baseline, chats, .. } = state;
        let (public, chats): (&[u32], &[u8]) = (public, chats.as_deref().unwrap_or_default());
        let of_chunk = self.chats.map_or(0, Chats::bytes_of_chunk);
        let rows: &mut [R::Row] = bytemuck::cast_slice_mut(rows.to_mut()?);
        let in_chunks = (outcomes.par_iter_mut().enumerate()).zip(rows.par_chunks_mut(CHUNK as usize));
        in_chunks.for_each_init(Vec::new, |reviewers, ((c, out), rows)| {
            let chats = &chats[c * of_chunk..(c + 1) * of_chunk];
            let chunk = Chunk { first: first + c as u32 * CHUNK, public, baseline, chats, rows, out };
            match self.graph {
                GraphView::Plain(ties) => run(rule, self, ties, chunk, reviewers),
                GraphView::Packed(ties) => run(rule, self, ties, chunk, reviewers),
            }
        });
        Ok(())
    }
}

/// One chunk: all public states, its own chats and rows, and what happens in it.
struct Chunk<'a, R> {
    first: u32,
    public: &'a [u32],
    baseline: &'a Baseline,
    chats: &'a [u8],
    rows: &'a mut [R],
    out: &'a mut Outcome,
}

/// What happened in a chunk.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub changes: Vec<Change>,
    pub reviews: u64,
    pub tie_reads: u64,
}

/// Reviewers ahead of the current one whose place in the graph, row and contacts' public states are being fetched. Their
/// latencies overlap with the work on the reviewers before them: the loop is bound by memory, not by arithmetic.
const AHEAD: [usize; 3] = [24, 16, 8];
/// More than the second of these.
const RING: usize = 32;

/// Runs one chunk; `reviewers` is scratch space.
fn run<R: Rule, T: Ties>(rule: &R, tick: &Tick<'_>, ties: T, chunk: Chunk<'_, R::Row>, reviewers: &mut Vec<u32>) {
    let Chunk { first, public, baseline, chats, rows, out } = chunk;
    out.changes.clear();
    reviewers.clear();
    out.tie_reads = 0;
    find_reviewers(tick, public, first, rows.len() as u32, reviewers);
    out.reviews = reviewers.len() as u64;
    if out.changes.capacity() == 0 {
        // On the first day of a warm-up all have one. A list that grows by doubling leaves as much behind as it takes in the end.
        out.changes.reserve_exact(reviewers.len());
    }

    let day = tick.policy.today().day;
    let count = reviewers.len();
    // Contacts of the reviewers between the second stage and the review, by place in the list.
    let mut ring: [T::Contacts; RING] = std::array::from_fn(|_| T::Contacts::default());
    for k in 0..count + AHEAD[0] {
        // Three stages run ahead of the review itself, each needing what the one before has fetched.
        if let Some(&user) = reviewers.get(k) {
            ties.prefetch(user);
            prefetch(public, user as usize);
            prefetch(rows, (user - first) as usize);
        }
        let place = k.wrapping_sub(AHEAD[0] - AHEAD[1]);
        if let Some(&user) = reviewers.get(place) {
            ties.find(user, &mut ring[place % RING]);
        }
        let place = k.wrapping_sub(AHEAD[0] - AHEAD[2]);
        if let Some(&user) = reviewers.get(place) {
            let contacts = &mut ring[place % RING];
            ties.read(contacts);
            if rule.reads_contacts(PublicState(public[user as usize])) {
                fetch(public, &contacts[..contacts.len().min(256)]);
            }
        }
        let place = k.wrapping_sub(AHEAD[0]);
        let Some(&user) = reviewers.get(place) else { continue };
        let contacts: &[u32] = &ring[place % RING];
        let row = &mut rows[(user - first) as usize];
        let old = PublicState(public[user as usize]);
        let review = UserView {
            user,
            days: (day - day_of(row.reviewed())).max(1) * tick.tempo.days,
            public: old,
            contacts,
            states: public,
            chats: tick.chats.map_or([NO_CHAT; MAX_CHATS], |all| all.around(tick.population, user, chats)),
            policy: tick.policy,
            population: tick.population,
            baseline,
            pace: tick.tempo.pace,
        };
        let new = rule.review(&review, row);
        row.set_reviewed(reviewed_on(day));
        out.tie_reads += contacts.len() as u64;
        if new != old {
            out.changes.push(Change { user, old, new });
        }
    }
}

/// Asks for the public states of contacts.
#[inline(always)]
fn fetch(public: &[u32], contacts: &[u32]) {
    let Some(last) = contacts.last_chunk::<8>() else {
        contacts.iter().for_each(|&j| prefetch(public, j as usize));
        return;
    };
    // The last eight once more instead of a loop over what is left: its length could not be foretold.
    for eight in contacts.as_chunks::<8>().0.iter().chain([last]) {
        eight.iter().for_each(|&j| prefetch(public, j as usize));
    }
}

/// Lists the users of the chunk who review today.
#[inline(always)]
fn find_reviewers(tick: &Tick<'_>, public: &[u32], first: u32, len: u32, list: &mut Vec<u32>) {
    let today = tick.policy.today();
    let calm = chance(tick.rates[0]);
    let shocked = today.shocked.then(|| chance(tick.rates[1]).max(calm));
    debug_assert!(first.is_multiple_of(64) && len <= CHUNK);
    for base in (0..len).step_by(64) {
        let (draws, word) = (tick.population.draws(), (first + base) / 64);
        let [calm, shock] = match shocked {
            Some(shocked) => below_64(draws, Purpose::Review, word, today.draw_tick, [calm, shocked]),
            None => [below_64(draws, Purpose::Review, word, today.draw_tick, [calm])[0]; 2],
        };
        let inside = if len - base < 64 { (1 << (len - base)) - 1 } else { !0 };
        let mut left = shock & inside;
        while left != 0 {
            let bit = left.trailing_zeros();
            left &= left - 1;
            let user = first + base + bit;
            // Between the two rates a shock decides: a share of those whose main app it struck review.
            if calm >> bit & 1 == 0 {
                let public = PublicState(public[user as usize]);
                let shock = public.main().map_or(0.0, |m| today.shock[public.row()][m]);
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
    use crate::engine::{Simulation, rule::ErasedRule};
    use crate::model::{Logit, Portfolio};
    use crate::scenario;
    use fearless_simd::Level;
    use proptest::prelude::*;
    use std::path::Path;

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
            let Simulation { scenario, population, graph, policy, chats, state, .. } = &simulation;
            let rates = [scenario.model.review_rate, scenario.model.shock_review_rate];
            let chats = chats.as_ref();
            let tick = Tick { graph: graph.view(), population, policy, chats, rates, tempo: Tempo::USUAL };
            let rule = |level: Level| -> Box<dyn ErasedRule> {
                match (portfolio, scenario.messengers.len()) {
                    (false, _) => Box::new(Logit::new(scenario).at(level)),
                    (true, ..=8) => Box::new(Portfolio::<1>::new(scenario, population).at(level)),
                    (true, _) => Box::new(Portfolio::<2>::new(scenario, population).at(level)),
                }
            };
            // All that a day leaves behind.
            let left = |level| {
                let (mut state, mut outcomes) = (state.share(), Vec::new());
                outcomes.resize_with(users.div_ceil(CHUNK) as usize, Outcome::default);
                rule(level).reviews(&tick, &mut state, &mut outcomes).expect("reviews");
                let outcomes: Vec<_> = outcomes.into_iter().map(|out| (out.changes, out.reviews, out.tie_reads)).collect();
                (state.rows().to_vec(), outcomes)
            };
            let levels = crate::random::levels();
            let least = left(levels[0]);
            prop_assert!(least.1[0].1 > 100, "{} reviews", least.1[0].1);
            for &level in &levels[1..] {
                prop_assert!(least == left(level), "{:?}", level);
            }
        }
    }
}
