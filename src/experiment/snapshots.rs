//! From a simulation to a snapshot, and back.

use crate::engine::{CHUNK, Columns, Past, Simulation, State, plan, row_type_of};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::memory::Column;
use crate::model::{Baseline, Chats};
use crate::observe::Observation;
use crate::peers::Peers;
use crate::scenario::{self, GraphKind, Scenario};
use crate::storage::snapshot::{self, Data, Metadata, PastScenario, RunProgress, Snapshot, StoredField};
use crate::storage::{Cache, Origin, networks};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Where a graph or a start came from, and how long that took.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) origin: Origin,
    pub(super) time: Duration,
}

impl Source {
    /// Of what is made or taken from a file here.
    pub(super) fn timed<T>(work: impl FnOnce() -> Result<(T, Origin)>) -> Result<(T, Self)> {
        let begun = Instant::now();
        let (made, origin) = work()?;
        Ok((made, Source { origin, time: begun.elapsed() }))
    }
}

/// The graph of a scenario, and where it came from. Several processes make each its part: graphs are kept as a whole.
pub(super) fn graph_of(scenario: &Scenario, cache: Option<&Cache>, peers: &Peers, stop: &AtomicBool) -> Result<(Graph, Origin)> {
    match cache {
        Some(cache) if peers.is_alone() => cache.graph_until(scenario, stop),
        _ => Ok((peers.agree(networks::of_scenario_among(scenario, peers, stop))?, Origin::Made)),
    }
}

/// The simulation of a scenario, on its graph, on the eve of its start, and where its state came from. Starts, too, are kept as a whole.
pub(super) fn simulation_of(
    scenario: Scenario,
    graph: Graph,
    cache: Option<&Cache>,
    peers: &Peers,
    stop: &AtomicBool,
) -> Result<(Simulation, Origin)> {
    let graph = Arc::new(graph);
    match cache {
        Some(cache) if peers.is_alone() => cache.simulation_until(scenario, graph, stop),
        _ => Ok((Simulation::begin_until(scenario, graph, None, stop)?, Origin::Made)),
    }
}

/// The simulation of a snapshot, on the evening on which it was taken.
///
/// Fails where the snapshot is damaged, or the graph that the scenario gives is another.
pub fn resume_simulation(snapshot: &Snapshot) -> Result<Simulation> {
    Ok(resume_on(snapshot, None, &Peers::alone(), &AtomicBool::new(false))?.0)
}

/// The same; also where its graph came from.
pub(super) fn resume_on(
    snapshot: &Snapshot,
    cache: Option<&Cache>,
    peers: &Peers,
    stop: &AtomicBool,
) -> Result<(Simulation, Source)> {
    peers.first_does(|| snapshot.verify())?;
    let (scenario, state) = peers.agree(state_of(snapshot, peers))?;
    let damaged = |what: String| Error::corrupt(snapshot.path(), what);
    let (graph, source) = Source::timed(|| graph_of(&scenario, cache, peers, stop))?;
    if graph.common_fingerprint()? != snapshot.metadata().graph {
        return Err(damaged("the graph is no longer the one that this state was on".into()));
    }
    let past = snapshot.past()?.into_iter().map(|past| {
        let scenario = scenario::parse(&past.scenario, snapshot.path(), &[])?;
        Ok(Past { until: past.until, scenario })
    });
    let past = past.collect::<Result<Vec<_>>>()?;
    let simulation = peers.agree(Simulation::resume_after(past, scenario, Arc::new(graph), state))?;
    Ok((simulation, source))
}

/// Scenario and state of a snapshot, of the users' rows those of this process.
fn state_of(snapshot: &Snapshot, peers: &Peers) -> Result<(Scenario, State)> {
    let metadata = snapshot.metadata();
    let scenario = scenario::parse_written(&metadata.scenario, snapshot.path(), &[])?;
    let damaged = |what: String| Error::corrupt(snapshot.path(), what);
    let messengers = scenario.messengers.len();
    let row_type = row_type_of(&scenario);
    if snapshot.version()[0] < 2 {
        let what = "is of format 1, and results have changed since: it can be described and exported, but not resumed";
        return Err(damaged(what.into()));
    }
    if StoredField::all(row_type) != snapshot.row_fields()? {
        return Err(damaged("its rows have other fields than those of the scenario's rule of choice".into()));
    }
    let (public, rows) = (snapshot.column("public", "u32")?, snapshot.column("rows", "row")?);
    let baseline: &[Baseline] = bytemuck::try_cast_slice(snapshot.column::<f32>("baseline", "f32")?).unwrap_or_default();
    let [baseline] = baseline else { return Err(damaged("section `baseline` is not one".into())) };
    if metadata.day < -1 || metadata.day >= scenario.days() as i32 {
        return Err(damaged(format!("found day {}; the scenario has {}", metadata.day, scenario.days())));
    }
    // Before the graph is made: it would be of as many users as the scenario says.
    let users = public.len() as u64;
    if scenario.graph.kind != GraphKind::File && scenario.population.users != users {
        return Err(damaged(format!("its columns are of {users} users, its scenario is of {}", scenario.population.users)));
    }
    plan::check_rank(&scenario, users, peers.size())?;
    let chats = snapshot.section_named("chats").ok().map(|section| snapshot.bytes(section));
    if peers.is_first() && State::hash_of_columns(metadata.day, baseline, public, rows, chats) != metadata.state_hash {
        return Err(damaged("its columns are not those of the state that its metadata name".into()));
    }
    let part = peers.part(u32::try_from(users).map_err(|_| damaged(format!("its columns are of {users} users")))?);
    let bytes = |user: u32| user as usize * row_type.size;
    let own = rows.get(bytes(part.start)..bytes(part.end)).filter(|_| rows.len() == bytes(users as u32));
    // Of each kind as many chats to every chunk of users.
    let own_chats = chats.map(|chats| {
        let of_chunk = Chats::new(&scenario).filter(|all| all.bytes_of(users as usize) == chats.len())?.bytes_of_chunk();
        let chunks = |user: u32| user.div_ceil(CHUNK) as usize * of_chunk;
        chats.get(chunks(part.start)..chunks(part.end))
    });
    let misfit = || damaged("its columns do not fit together".into());
    let own = own.ok_or_else(misfit)?;
    let chats = own_chats.map(|own| Column::from_slice(own.ok_or_else(misfit)?)).transpose()?;
    let columns = Columns { public: Column::from_slice(public)?, rows: Column::from_slice(own)?, chats };
    let state = State::from_columns(metadata.day, messengers, row_type, *baseline, part, columns);
    Ok((scenario, state.map_err(|e| damaged(e.to_string()))?))
}

/// What was observed up to the evening of a snapshot.
pub(super) fn observation_of(snapshot: &Snapshot, simulation: &Simulation) -> Result<Observation> {
    Observation::resume(simulation, snapshot.column("panel_opened", "u16")?, snapshot.column("tie_households", "u32")?)
}

/// Writes a snapshot of a simulation that is observed, by all processes that compute it.
pub(super) fn snapshot_of(
    simulation: &Simulation,
    observation: &Observation,
    graph: [u64; 3],
    path: &Path,
    run: Option<RunProgress>,
) -> Result<()> {
    let (scenario, state) = (simulation.scenario(), simulation.state());
    let metadata = Metadata {
        exodus_version: env!("CARGO_PKG_VERSION").into(),
        scenario: scenario.to_toml()?,
        day: state.day,
        date: simulation.date().to_string(),
        users: state.users(),
        messengers: scenario.messengers.iter().map(|m| m.name.clone()).collect(),
        state_hash: simulation.hash()?,
        graph,
        run,
    };
    let (opened, households) = observation.memory();
    let mut columns = snapshot::state_columns(state);
    let width = observation.panel_width() as u64;
    columns.push(Data {
        name: "baseline",
        kind: "f32",
        width: size_of::<Baseline>() as u64 / 4,
        bytes: bytemuck::bytes_of(&state.baseline),
    });
    columns.push(Data { name: "panel_opened", kind: "u16", width, bytes: bytemuck::cast_slice(opened) });
    columns.push(Data { name: "tie_households", kind: "u32", width: 1, bytes: bytemuck::cast_slice(&households) });
    let past = simulation.past().iter().map(|past| Ok(PastScenario { until: past.until, scenario: past.scenario.to_toml()? }));
    snapshot::write_among(path, &metadata, &past.collect::<Result<Vec<_>>>()?, state.row_type(), &columns, simulation.peers())
}
