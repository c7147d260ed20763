//! The simulation: state, the order of a day, and the parallel tick.
//!
//! # The order of a day
//!
//! 1. **Policy** advances to the new day: tables of access, incentives, mandates, launches, shocks.
//! 2. **Reviews.** Every user reviews with the review rate (a higher one for some days after a shock). A reviewer
//!    reads the contacts' public states of yesterday under today's policy, and decides: routing, awareness, installs,
//!    drops, VPN, main app. Its row, which nobody else reads, is written at once; a changed public state is put on the
//!    chunk's list. Then group chats review, reading the same.
//! 3. **Commit.** The lists are written into the public states.
//! 4. **Observers** look. They can change nothing.
//!
//! Users are worked on in chunks of 4096 whatever the number of threads, every draw is addressed, and sums are
//! of integers: the result is the same, bit for bit, for any number of threads. All work runs in the current
//! rayon pool. Where several processes compute one run (see [`crate::peers`]), each does the chunks of its part of the users,
//! and between reviews and commit all tell each other which public states changed.

#[cfg(feature = "files")]
mod available;
mod counters;
mod kernel;
mod keys;
pub mod plan;
mod rule;
mod start;
mod state;
mod survey;

pub use counters::{Counters, Timer};
pub use kernel::Change;
pub use keys::{graph_key, start_key};
pub(crate) use rule::ErasedRule;
pub use rule::{OwnRule, row_type_of};
pub use start::Start;
pub use state::{Columns, MAX_DAYS, State};

use crate::error::{Error, Result};
use crate::graph::{self, Graph};
use crate::model::{Chats, NO_CHAT, Outlook, PublicState, Rule, UserView};
use crate::peers::Peers;
use crate::policy::{PerMessenger, Policy};
use crate::population::Population;
use crate::scenario::{Date, GraphMemory, MAX_CHATS, Scenario};
use kernel::{Outcome, Tick};
use rayon::prelude::*;
use start::Tempo;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub use crate::peers::CHUNK;

/// A running simulation.
pub struct Simulation {
    scenario: Scenario,
    population: Population,
    graph: Arc<Graph>,
    policy: Policy,
    rule: Box<dyn ErasedRule>,
    chats: Option<Chats>,
    /// Whether the rule is the caller's, not the scenario's.
    own: bool,
    /// Scenarios that were in force before.
    past: Vec<Past>,
    state: State,
    outcomes: Vec<Outcome>,
    counters: Counters,
    drift: Option<f64>,
    /// Days of settling.
    settled: i32,
}

/// A scenario that was in force before the present one, in a simulation that was forked.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// The last day on which it was.
    pub until: i32,
    /// It.
    pub scenario: Scenario,
}

impl std::fmt::Debug for Simulation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Simulation({:?}, day {})", self.scenario.title, self.state.day)
    }
}

impl Simulation {
    /// Makes population and graph of a validated scenario and brings it to the eve of its start.
    ///
    /// Fails where memory cannot be had, or the scenario's graph is one of a file: that is read by
    /// [`storage::networks::of_scenario`](crate::storage::networks::of_scenario), and given to [`Simulation::on_graph`].
    pub fn new(scenario: Scenario) -> Result<Self> {
        let mut counters = Counters::default();
        let stop = AtomicBool::new(false);
        let memory = scenario.graph.memory.unwrap_or_default();
        let graph = counters.graph.time(|| make_graph(&scenario, memory, &Peers::alone(), &stop))?;
        Self::assemble(scenario, Arc::new(graph), None, counters, &stop)
    }

    /// The same on a graph made before; the number of users is its number of nodes. Where several processes have its rows, they
    /// compute the simulation together, each its part of the users.
    pub fn on_graph(scenario: Scenario, graph: Arc<Graph>) -> Result<Self> {
        Self::begin_until(scenario, graph, None, &AtomicBool::new(false))
    }

    /// The same with a rule of choice of one's own instead of the scenario's.
    ///
    /// Users start as the rule says; if it says nothing, with one messenger each, by `reach_by_age`.
    pub fn with_rule(scenario: Scenario, graph: Arc<Graph>, rule: impl Rule) -> Result<Self> {
        Self::begin_until(scenario, graph, Some(OwnRule::new(rule)), &AtomicBool::new(false))
    }

    /// As [`Simulation::on_graph`], or with a rule as [`Simulation::with_rule`]; ends early, with [`Error::stopped`], once
    /// somebody sets `stop` before the eve of the start.
    pub fn begin_until(scenario: Scenario, graph: Arc<Graph>, rule: Option<OwnRule>, stop: &AtomicBool) -> Result<Self> {
        Self::assemble(scenario, graph, rule, Counters::default(), stop)
    }

    /// The simulation of a scenario from a start of it that was kept ([`Simulation::start`]): as [`Simulation::on_graph`], bit by bit.
    ///
    /// Fails where the start does not fit the scenario or the graph.
    pub fn from_start(scenario: Scenario, graph: Arc<Graph>, start: Start) -> Result<Self> {
        let Start { state, settled_days, drift } = start;
        let simulation = Self::resume(scenario, graph, state)?;
        Ok(Simulation { drift, settled: settled_days as i32, ..simulation })
    }

    /// The state on the eve of the start, to be kept; its memory is shared until the simulation continues. `None` after that.
    pub fn start(&self) -> Option<Start> {
        let (state, settled_days, drift) = (self.state.share(), self.settled_days(), self.drift);
        (self.state.day == -1 && !self.own).then_some(Start { state, settled_days, drift })
    }

    /// Resumes from a state that a simulation of this scenario, on this graph, left.
    ///
    /// Fails where the state does not fit the scenario or the graph.
    pub fn resume(scenario: Scenario, graph: Arc<Graph>, state: State) -> Result<Self> {
        Self::resume_after(Vec::new(), scenario, graph, state)
    }

    /// The same where other scenarios were in force before this one, as [`Simulation::past`] gives them.
    pub fn resume_after(past: Vec<Past>, scenario: Scenario, graph: Arc<Graph>, state: State) -> Result<Self> {
        Self::resume_with(past, scenario, graph, state, None)
    }

    /// The same state under another scenario, from the next day on. What happened so far stays as it was.
    ///
    /// Fails where the scenario has other messengers or access classes.
    pub fn under(self, scenario: Scenario) -> Result<Self> {
        let Simulation { graph, state, rule, own, mut past, scenario: parent, .. } = self;
        let own = own.then_some(OwnRule(rule));
        if parent != scenario {
            past.push(Past { until: state.day, scenario: parent });
        }
        Self::resume_with(past, scenario, graph, state, own)
    }

    /// The same with a rule of one's own, where the state comes of one.
    pub fn resume_with(
        past: Vec<Past>,
        scenario: Scenario,
        graph: Arc<Graph>,
        state: State,
        own: Option<OwnRule>,
    ) -> Result<Self> {
        if graph.nodes() != state.users() || graph.part() != state.part() {
            return Err(Error::invalid(format!(
                "the graph has {} nodes, with rows {:?}; the state is of {} users, with rows {:?}",
                graph.nodes(),
                graph.part(),
                state.users(),
                state.part()
            )));
        }
        let mut simulation = Self::bare(scenario, graph, own)?;
        let scenarios = || past.iter().map(|past| &past.scenario).chain([&simulation.scenario]);
        if let Some(other) = scenarios().find(|scenario| scenario.messengers.len() != state.messengers()) {
            return Err(Error::invalid(format!(
                "the state is of {} messengers; the scenario has {}",
                state.messengers(),
                other.messengers.len()
            )));
        }
        let chats: Vec<_> = scenarios().map(Chats::new).collect();
        let same = |other: &Option<Chats>| match (other, &simulation.chats) {
            (Some(other), Some(chats)) => chats.have_members_of(other),
            (other, chats) => other.is_none() && chats.is_none(),
        };
        let bytes = simulation.chats.as_ref().map(|chats| chats.bytes_of(state.part().len()));
        if !chats.iter().all(same) || state.chats().map(<[u8]>::len) != bytes {
            return Err(Error::invalid(
                "the state has other group chats than the scenario: groups and sizes of `model.chats.kinds` stay as they were",
            ));
        }
        let classes = simulation.policy.classes();
        if state.row_type() != simulation.rule.row_type() {
            return Err(Error::invalid("the state is of another rule of choice"));
        }
        if let Some(row) = simulation.rule.first_foreign(state.rows()) {
            let user = state.part().start + row as u32;
            return Err(Error::invalid(format!("user {user}: the row is none that the rule of choice leaves")));
        }
        if state.public().iter().any(|&public| usize::from(PublicState(public).class()) >= classes) {
            return Err(Error::invalid("the state has access classes that the scenario does not have"));
        }
        let days: Vec<i32> = past.iter().map(|past| past.until).chain([state.day]).collect();
        if days[0] < -1 || !days.is_sorted() {
            return Err(Error::invalid("the scenarios before this one do not end in order, before the state's day"));
        }
        // The days so far, each under the scenario that was in force.
        let mut policy = Policy::new(scenarios().next().unwrap_or(&simulation.scenario));
        for (until, next) in days.iter().zip(scenarios().skip(1).map(Some).chain([None])) {
            for day in policy.today().day + 1..=*until {
                policy.advance(day);
            }
            if let Some(next) = next {
                if Policy::new(next).classes() != policy.classes() {
                    return Err(Error::invalid("the scenario has other access classes than the one before it"));
                }
                policy.switch(next);
            }
        }
        let before: Vec<_> = past.iter().map(|past| (past.until, &past.scenario)).collect();
        simulation.rule.after(&before);
        Ok(Simulation { policy, past, state, ..simulation })
    }

    fn assemble(
        scenario: Scenario,
        graph: Arc<Graph>,
        own: Option<OwnRule>,
        mut counters: Counters,
        stop: &AtomicBool,
    ) -> Result<Self> {
        let mut simulation = Self::bare(scenario, graph, own)?;
        counters.population.time(|| simulation.begin(stop))?;
        simulation.counters = counters;
        Ok(simulation)
    }

    /// With a state of zeros.
    fn bare(mut scenario: Scenario, graph: Arc<Graph>, own: Option<OwnRule>) -> Result<Self> {
        let users = graph.nodes();
        if users == 0 {
            return Err(Error::invalid("the graph has no nodes; a simulation needs at least one user"));
        }
        if scenario.days() > MAX_DAYS {
            return Err(Error::invalid(format!("the run is {} days long; at most {MAX_DAYS} are allowed", scenario.days())));
        }
        scenario.population.users = u64::from(users);
        let population = Population::with(&scenario, users, graph.known().cloned());
        let policy = Policy::new(&scenario);
        let (rule, own) = match own {
            Some(OwnRule(own)) => (own, true),
            None => (rule::of_scenario(&scenario, &population), false),
        };
        let chats = Chats::new(&scenario);
        let bytes = chats.as_ref().map(|chats| chats.bytes_of(graph.part().len()));
        let state = State::new(users, graph.part(), scenario.messengers.len(), rule.row_type(), bytes)?;
        let chunks = graph.part().len().div_ceil(CHUNK as usize);
        Ok(Simulation {
            population,
            graph,
            policy,
            rule,
            chats,
            own,
            past: Vec::new(),
            state,
            outcomes: (0..chunks).map(|_| Outcome::default()).collect(),
            counters: Counters::default(),
            drift: None,
            settled: 0,
            scenario,
        })
    }

    /// Simulates one day. Does nothing after the last.
    pub fn step(&mut self) -> Result<()> {
        if self.finished() {
            return Ok(());
        }
        let day = self.state.day + 1;
        let (policy, counters) = (&mut self.policy, &mut self.counters);
        counters.policy.time(|| policy.advance(day));
        let rates = [self.scenario.model.review_rate, self.scenario.model.shock_review_rate];
        self.tick(rates, Tempo::USUAL)?;
        self.state.day = day;
        Ok(())
    }

    /// Reviews and commit of one tick, on the policy's day.
    fn tick(&mut self, rates: [f64; 2], tempo: Tempo) -> Result<()> {
        let Simulation { population, graph, policy, rule, chats, state, outcomes, counters, .. } = self;
        let tick = Tick { graph: graph.view(), population, policy, chats: chats.as_ref(), rates, tempo };
        counters.reviews.time(|| {
            rule.reviews(&tick, state, outcomes)?;
            state.for_chats(chats.as_ref(), population, policy, Chats::review)
        })?;
        let part = state.part();
        let public = state.public.to_mut()?;
        if !graph.peers().is_alone() {
            counters.exchange.time(|| exchange(graph.peers(), outcomes, public))?;
        }
        counters.commit.time(|| {
            let own = &mut public[part.start as usize..part.end as usize];
            own.par_chunks_mut(CHUNK as usize).zip(&*outcomes).enumerate().for_each(|(c, (public, outcome))| {
                let first = part.start + c as u32 * CHUNK;
                for change in &outcome.changes {
                    public[(change.user - first) as usize] = change.new.0;
                }
            });
        });
        counters.updates += part.len() as u64;
        counters.review_count += outcomes.iter().map(|o| o.reviews).sum::<u64>();
        counters.tie_reads += outcomes.iter().map(|o| o.tie_reads).sum::<u64>();
        Ok(())
    }

    /// Whether the last day has been simulated.
    pub fn finished(&self) -> bool {
        self.state.day + 1 >= self.scenario.days() as i32
    }

    /// The scenario, with the number of users it runs with.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// The scenarios that were in force before, in order; none unless the simulation was forked.
    pub fn past(&self) -> &[Past] {
        &self.past
    }

    /// The users' traits.
    pub fn population(&self) -> &Population {
        &self.population
    }

    /// The social graph.
    pub fn graph(&self) -> &Arc<Graph> {
        &self.graph
    }

    /// The policy, come to the current day.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The state of all users.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// xxh3-128 of the state of all users, in hex, whoever has their rows: see [`State::hash`].
    pub fn hash(&self) -> Result<String> {
        let peers = self.graph.peers();
        if peers.is_alone() {
            return Ok(self.state.hash());
        }
        let mut hasher = state::hash_of_public(self.state.day, &self.state.baseline, &self.state.public);
        // All rows, then all chats, if there are any.
        for column in [Some(self.state.rows()), self.state.chats()].into_iter().flatten() {
            peers.to_first(
                |emit| emit(column),
                |bytes| {
                    hasher.update(bytes);
                    Ok(())
                },
            )?;
        }
        Ok(String::from_utf8_lossy(&peers.from_first(state::in_hex(&hasher).into_bytes())?).into_owned())
    }

    /// The users of this process: all, unless several compute one run.
    pub fn part(&self) -> Range<u32> {
        self.state.part()
    }

    /// The processes that compute this simulation.
    pub fn peers(&self) -> &Peers {
        self.graph.peers()
    }

    /// The rule of choice.
    pub(crate) fn rule(&self) -> &dyn ErasedRule {
        &*self.rule
    }

    /// Use of each messenger by `user` on the policy's day, from 0 to 1.
    pub fn use_today(&self, user: u32) -> PerMessenger {
        self.rule.use_today(&self.policy, self.state.public_of(user), self.state.row_of(user))
    }

    /// What `user`, with these contacts, would see at a review on the policy's day.
    pub fn user_view<'a>(&'a self, user: u32, contacts: &'a [u32]) -> UserView<'a> {
        UserView {
            user,
            days: (self.policy.today().day - self.state.last_review(user)).max(1),
            public: self.state.public_of(user),
            contacts,
            states: self.state.public(),
            chats: self.chats_around(user),
            policy: &self.policy,
            population: &self.population,
            baseline: &self.state.baseline,
            pace: 1.0,
        }
    }

    /// By kind, the app of the group chat where `user` lives.
    fn chats_around(&self, user: u32) -> [u8; MAX_CHATS] {
        let (Some(chats), Some(bytes)) = (&self.chats, self.state.chats()) else { return [NO_CHAT; MAX_CHATS] };
        let chunk = ((user - self.part().start) / CHUNK) as usize * chats.bytes_of_chunk();
        chats.around(&self.population, user, &bytes[chunk..chunk + chats.bytes_of_chunk()])
    }

    /// What `user` would do at that review if nothing were drawn; `None` under rules that do not say.
    pub fn outlook(&self, user: u32) -> Option<Outlook> {
        self.rule.outlook(&self.user_view(user, &self.graph.neighbors(user)), self.state.row_of(user))
    }

    /// Last tick simulated; -1 before the first.
    pub fn day(&self) -> i32 {
        self.state.day
    }

    /// Its date; before the first tick the eve of the start.
    pub fn date(&self) -> Date {
        self.scenario.date(self.state.day)
    }

    /// Users of [`Simulation::part`] whose public state changed in the last tick, by user number.
    pub fn changes(&self) -> impl Iterator<Item = Change> + '_ {
        self.outcomes.iter().flat_map(|o| o.changes.iter().copied())
    }

    /// The same in parts, of 4096 users each, for work in parallel.
    pub fn changes_by_chunk(&self) -> impl IndexedParallelIterator<Item = &[Change]> {
        self.outcomes.par_iter().map(|o| o.changes.as_slice())
    }

    /// Changes of the warm-up are not reported.
    fn forget_changes(&mut self) {
        self.outcomes.iter_mut().for_each(|o| o.changes.clear());
    }

    /// Reviews of the last tick by users of [`Simulation::part`].
    pub fn reviews(&self) -> u64 {
        self.outcomes.iter().map(|o| o.reviews).sum()
    }

    /// How far the start is from stationary: the share of all use that moved between messengers, came or went within 30 days
    /// at the end of settling, under the policy of the eve. `None` where nothing settled, as after a resume.
    pub fn start_drift(&self) -> Option<f64> {
        self.drift
    }

    /// Days of settling that the start took: the scenario's, or more where these did not make it stationary; 0 after a resume.
    pub fn settled_days(&self) -> u32 {
        self.settled as u32
    }

    /// Times and counts of the stages so far.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }
}

/// Tells the other processes which public states changed here, and notes what changed there.
fn exchange(peers: &Peers, outcomes: &[Outcome], public: &mut [u32]) -> Result<()> {
    let changes = outcomes.iter().flat_map(|outcome| &outcome.changes);
    let mine: Vec<[u32; 2]> = changes.map(|change| [change.user, change.new.0]).collect();
    peers.gather(bytemuck::cast_slice(&mine), size_of::<[u32; 2]>(), |theirs| {
        for change in theirs.chunks_exact(size_of::<[u32; 2]>()) {
            let [user, new] = bytemuck::pod_read_unaligned(change);
            public[user as usize] = new;
        }
    })
}

/// The graph of a scenario, where it is not one of a file.
pub(crate) fn make_graph(scenario: &Scenario, memory: GraphMemory, peers: &Peers, stop: &AtomicBool) -> Result<Graph> {
    let population = Population::new(scenario, scenario.population.users as u32);
    graph::generate_until(&scenario.graph, &population, memory, peers, stop)
}
