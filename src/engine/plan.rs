//! Memory, predicted before it is taken.

#[cfg(feature = "files")]
pub use super::available::available_bytes;
use super::{CHUNK, Change};
#[cfg(feature = "files")]
use crate::error::{Error, Result};
use crate::graph;
use crate::model::Chats;
use crate::population::Known;
use crate::scenario::{GraphKind, GraphMemory, GraphSpec, Rule, Scenario};

/// What a process takes before it has a user (bytes): its program, as far as it is used, stacks, tables of functions, buffers of
/// files. Measured on x86-64 Linux.
pub const AT_REST: u64 = 22_000_000;
/// Bytes that an MPI takes in each of several ranks. Measured with Open MPI 4.1 at 2 and 4 ranks.
const MPI: u64 = 28_000_000;
/// Bytes of the audience panel per member and eight messengers, and per member.
const PANEL: [u64; 2] = [16, 12];

/// How lists of contacts are kept where so much memory is available: as the scenario says; where it does not, plain unless they
/// would not fit.
pub fn graph_memory(scenario: &Scenario, users: u64, available: Option<u64>) -> GraphMemory {
    graph_memory_of_rank(scenario, users, 1, available)
}

/// The same on one of so many ranks, each on a machine of its own.
pub fn graph_memory_of_rank(scenario: &Scenario, users: u64, ranks: usize, available: Option<u64>) -> GraphMemory {
    let fit = || available.is_none_or(|available| bytes_with(scenario, users, ranks, GraphMemory::Plain) <= available);
    scenario.graph.memory.unwrap_or_else(|| if fit() { GraphMemory::Plain } else { GraphMemory::Packed })
}

/// Bytes that simulating `users` users will take at its peak, where so much memory is available; what is made of the results comes after.
pub fn predicted_bytes(scenario: &Scenario, users: u64, available: Option<u64>) -> u64 {
    predicted_bytes_of_rank(scenario, users, 1, available)
}

/// The same on each of so many ranks.
pub fn predicted_bytes_of_rank(scenario: &Scenario, users: u64, ranks: usize, available: Option<u64>) -> u64 {
    bytes_with(scenario, users, ranks, graph_memory_of_rank(scenario, users, ranks, available))
}

fn bytes_with(scenario: &Scenario, users: u64, ranks: usize, memory: GraphMemory) -> u64 {
    let eights = scenario.messengers.len().div_ceil(8) as u64;
    let panel = scenario.observe.audience_panel.among(users) * (PANEL[0] * eights + PANEL[1]);
    // The longest list of a day's changes: on the first day of the warm-up all reviewers come to have a main app, and on any day all
    // may change theirs.
    let model = &scenario.model;
    let warm_up = if model.rule == Rule::Portfolio { model.warm_up_rate } else { 0.0 };
    let lists = (users as f64 * model.review_rate.max(warm_up)) as u64 * size_of::<Change>() as u64;
    // A complete graph may ask for more bytes than can be counted.
    let rows = users * super::row_type_of(scenario).size as u64;
    let chats = Chats::new(scenario).map_or(0, |chats| users * chats.bytes_of_chunk() as u64 / u64::from(CHUNK));
    // Of a table of nodes at most all that it can say.
    let known = if scenario.graph.nodes.is_some() { users * Known::BYTES as u64 } else { 0 };
    let graph = graph::predicted_bytes(&scenario.graph, users, memory);
    let of_part = graph.making.max(graph.made.saturating_add(rows + chats + panel + lists)).saturating_add(known);
    // All ranks have all public states.
    let at_rest = if ranks > 1 { AT_REST + MPI } else { AT_REST };
    (of_part / ranks.max(1) as u64).saturating_add(users * size_of::<u32>() as u64 + at_rest)
}

#[cfg(feature = "files")]
/// Refuses a run that will not fit, naming the number of users that would.
pub fn check(scenario: &Scenario, users: u64) -> Result<u64> {
    check_rank(scenario, users, 1)
}

#[cfg(feature = "files")]
/// The same on one of so many ranks.
pub fn check_rank(scenario: &Scenario, users: u64, ranks: usize) -> Result<u64> {
    let available = available_bytes();
    let needed = predicted_bytes_of_rank(scenario, users, ranks, available);
    match available {
        Some(available) if needed > available && scenario.graph.kind != GraphKind::File => {
            Err(Error::memory(needed, available, most_users_of_ranks(scenario, ranks, available)))
        }
        _ => Ok(needed),
    }
}

/// The largest round number of users whose predicted memory is within `available`.
pub fn most_users(scenario: &Scenario, available: u64) -> u64 {
    most_users_of_ranks(scenario, 1, available)
}

/// The same on so many ranks, each with as much available.
pub fn most_users_of_ranks(scenario: &Scenario, ranks: usize, available: u64) -> u64 {
    let (mut low, mut high) = (0, u64::from(u32::MAX));
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if predicted_bytes_of_rank(scenario, middle, ranks, Some(available)) <= available { low = middle } else { high = middle }
    }
    // Two leading digits are easier to type, and leave a margin.
    let digit = 10u64.pow(low.checked_ilog10().unwrap_or(0).saturating_sub(1));
    low / digit * digit
}

/// Ties that a graph of `users` users will have, in expectation; `None` where a file decides.
pub fn expected_ties(graph: &GraphSpec, users: u64) -> Option<u64> {
    match graph.kind {
        GraphKind::File => None,
        GraphKind::Complete => {
            Some(u64::try_from(u128::from(users) * u128::from(users.saturating_sub(1)) / 2).unwrap_or(u64::MAX))
        }
        _ => Some((users as f64 * graph.mean_degree / 2.0).round() as u64),
    }
}

/// Users that keep a thread busy; a run with fewer of them to a thread gains little from further threads.
const USERS_OF_A_THREAD: u64 = 1 << 16;

/// How to do `runs` runs of a scenario with so many threads in so much memory (bytes): runs at a time, and threads of
/// each. Small runs go side by side; large ones, that make use of all threads, one after another.
pub fn side_by_side(scenario: &Scenario, runs: u64, threads: usize, memory: u64) -> [usize; 2] {
    let users = scenario.population.users;
    let of_a_run = usize::try_from(users / USERS_OF_A_THREAD).map_or(threads, |n| n.clamp(1, threads));
    let fit = memory / predicted_bytes(scenario, users, Some(memory)).max(1);
    let at_a_time = (threads / of_a_run).min(usize::try_from(runs.min(fit)).unwrap_or(usize::MAX)).max(1);
    [at_a_time, threads / at_a_time]
}

/// Cost of a review, under the portfolio rule and the others; of reading one contact in it; of making one tie; of one
/// member of the audience panel on one day (nanoseconds of one thread). Measured on two x86-64 cores; rough, as memory
/// sets the pace.
const REVIEW: [f64; 2] = [800.0, 50.0];
const READ: f64 = 4.0;
const TIE: f64 = 100.0;
const PANEL_DAY: f64 = 40.0;

/// About how long a run of `users` users takes (seconds), within a factor of two or three.
pub fn predicted_seconds(scenario: &Scenario, users: u64, threads: usize) -> f64 {
    let model = &scenario.model;
    let (review, warm_up) = match model.rule {
        Rule::Portfolio => {
            (REVIEW[0], f64::from(model.warm_up_days) * model.warm_up_rate + f64::from(model.settle_days) * model.review_rate)
        }
        _ => (REVIEW[1], 0.0),
    };
    let days = f64::from(scenario.days());
    // Of a graph on disk nothing is known yet; eight ties a user is not far off for most.
    let ties = expected_ties(&scenario.graph, users).unwrap_or(users.saturating_mul(8)) as f64;
    let degree = 2.0 * ties / users.max(1) as f64;
    let reviews = users as f64 * (warm_up + days * model.review_rate);
    let panel = scenario.observe.audience_panel.among(users) as f64 * days;
    (reviews * (review + READ * degree) + ties * TIE + panel * PANEL_DAY) / 1e9 / threads.max(1) as f64
}
