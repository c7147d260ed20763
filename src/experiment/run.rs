use super::checkpoints::Checkpoints;
use super::exchanged::Exchanged;
use super::resumable::Resumable;
use super::snapshots::{Source, graph_of, observation_of, resume_on, simulation_of, snapshot_of};
use crate::engine::{Simulation, plan};
use crate::error::{Error, Result};
use crate::files;
use crate::observe::{Aggregate, Observation, Tally};
use crate::peers::Peers;
use crate::scenario::{self, Date, Scenario, ScenarioValue};
use crate::storage::snapshot::{RunProgress, Snapshot};
use crate::storage::{
    Cache, Manifest, Origin, Output, OutputFile, PART, PanelError, Parent, RunFolder, SamplingError, Seconds, StateHash, machine,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Days between two hashes of the state in the manifest.
const HASH_EVERY: i32 = 30;
/// Wall time between two looks that a reader of the growing tables gets.
const FLUSH_EVERY: Duration = Duration::from_secs(2);

/// What a run is given besides its scenario.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Folder for the results.
    pub folder: PathBuf,
    /// Overwrite a run that is there.
    pub force: bool,
    /// Whether a page and figures are to be made of it, for the manifest: then a run without them is not complete.
    pub report: bool,
    /// Values of the scenario with what they rest on, for the manifest: those with a mark are kept.
    pub values: Vec<ScenarioValue>,
    /// Memory predicted, for the manifest.
    pub predicted_bytes: u64,
    /// UTC time of the start, RFC 3339.
    pub started: String,
    /// Days between checkpoints; besides, there is one at least every ten minutes.
    pub checkpoint_every: Option<u32>,
    /// Evenings on which a snapshot is kept.
    pub snapshot_on: Vec<Date>,
    /// Where graphs and starts are kept; they are regenerated where there is none.
    pub cache: Option<Cache>,
    /// Set by whoever wants the start of the run to end early, with [`Error::stopped`]; days are in the caller's hands.
    pub stop: Arc<AtomicBool>,
    /// The processes that compute the run, where there are several.
    pub peers: Peers,
}

/// A simulation that leaves a run folder. Call [`Run::day`] until it is finished, then [`Run::end`]; or
/// [`Run::pause`], to continue another time.
///
/// Where several processes compute it, all of them make the same calls; the first alone touches the folder.
#[derive(Debug)]
pub struct Run {
    simulation: Simulation,
    observation: Observation,
    manifest: Manifest,
    /// The folder, and the tables in it: the first process has them.
    files: Option<(RunFolder, Output)>,
    path: PathBuf,
    peers: Peers,
    exchanged: Exchanged,
    begun: Instant,
    writing: Duration,
    flushed: Instant,
    checkpoints: Checkpoints,
    /// Where the graph came from.
    graph: Source,
    /// Where the start came from.
    start: Source,
    /// What was done before the run was resumed.
    before: RunProgress,
}

impl Run {
    /// Makes population and graph, then the folder; all in the current rayon pool.
    ///
    /// Nothing is left behind where the graph cannot be made.
    pub fn begin(scenario: Scenario, options: &RunOptions) -> Result<Self> {
        let begun = Instant::now();
        let text = scenario.to_toml()?;
        same_on_all(&options.peers, &text)?;
        options.peers.first_does(|| RunFolder::check(&options.folder, options.force, &text))?;
        let (simulation, observation, [graph, start]) = start(scenario, options)?;
        let run = Self::with(simulation, observation, options, None, begun)?;
        Ok(Run { graph, start, ..run })
    }

    /// In a new folder.
    fn with(
        simulation: Simulation,
        observation: Observation,
        options: &RunOptions,
        parent: Option<Parent>,
        begun: Instant,
    ) -> Result<Self> {
        let text = simulation.scenario().to_toml()?;
        let run_folder = options.peers.first_does(|| RunFolder::create(&options.folder, options.force, &text))?;
        Self::inside(run_folder, simulation, observation, options, parent, begun)
    }

    /// From the first day on, in a folder that is ours.
    fn inside(
        run_folder: Option<RunFolder>,
        simulation: Simulation,
        observation: Observation,
        options: &RunOptions,
        parent: Option<Parent>,
        begun: Instant,
    ) -> Result<Self> {
        let start = Instant::now();
        let scenario = simulation.scenario();
        let text = scenario.to_toml()?;
        let [git_commit, rustc, target] = machine::BUILT.map(str::to_owned);
        let manifest = Manifest {
            exodus_version: env!("CARGO_PKG_VERSION").to_owned(),
            git_commit,
            rustc,
            target,
            cpu: machine::cpu(),
            threads: rayon::current_num_threads(),
            scenario_name: scenario.name.clone(),
            scenario_hash: scenario.hash()?,
            seed: scenario.seed,
            branch: scenario.branch,
            users: scenario.population.users,
            people: scenario.population.people,
            ties: options.peers.sum_of(simulation.graph().arcs())? / 2,
            snapshot_on: options.snapshot_on.iter().map(ToString::to_string).collect(),
            status: "running".into(),
            started: options.started.clone(),
            settled_days: simulation.settled_days(),
            start_drift: simulation.start_drift(),
            predicted_bytes: options.predicted_bytes,
            report: options.report,
            marked: options.values.iter().filter(|value| value.mark.is_some()).cloned().collect(),
            scenario: Some(text.clone()),
            parent,
            ..Manifest::default()
        };
        // A manifest has the scenario in it: from this moment on there is a run to resume, not before. To a fork belongs
        // the state with which it begins.
        let is_fork = manifest.parent.is_some();
        let begin = |folder: RunFolder| {
            folder.clear()?;
            if !is_fork {
                manifest.write(folder.path())?;
            }
            files::write_text(&folder.path().join("scenario.toml"), &text)?;
            let output = Output::create(folder.path(), &simulation)?;
            Ok((folder, output))
        };
        let path = run_folder.as_ref().map_or_else(|| options.folder.clone(), |folder| folder.path().to_owned());
        let files = options.peers.agree(run_folder.map(begin).transpose())?;
        let mut run = Run {
            simulation,
            observation,
            manifest,
            checkpoints: Checkpoints::new(&path, options.checkpoint_every),
            files,
            path,
            peers: options.peers.clone(),
            exchanged: Exchanged::new(&options.peers, None),
            begun,
            writing: start.elapsed(),
            flushed: start,
            graph: Source::default(),
            start: Source::default(),
            before: RunProgress::default(),
        };
        if is_fork {
            run.checkpoint()?;
            run.peers.first_does(|| run.manifest.write(&run.path))?;
        }
        Ok(run)
    }

    /// Goes on with a run that was paused or killed, from its newest valid checkpoint; from its beginning, where there is
    /// none. The result is that of a run never stopped. `None` where the run is finished.
    ///
    /// Fails where the folder is not that of a run, or the graph is no longer the same.
    pub fn resume(folder: &Path, options: &RunOptions) -> Result<Option<Self>> {
        let begun = Instant::now();
        let peers = &options.peers;
        let found = peers.first_does(|| Resumable::in_folder(folder))?;
        let (run_folder, found) = found.map_or((None, None), |(folder, found)| (folder, Some(found)));
        let found: Resumable = tell(peers, found)?;
        same_on_all(peers, "")?;
        let Some(path) = found.snapshot else {
            if found.finished {
                return Ok(None);
            }
            let scenario = scenario::parse_written(&found.scenario, folder.join("scenario.toml"), &[])?;
            let manifest = found.manifest;
            let (simulation, observation, [graph, start]) = start(scenario, options)?;
            let snapshot_on = manifest.snapshot_on.iter().filter_map(|date| date.parse().ok()).collect();
            let anew = RunOptions {
                folder: folder.to_owned(),
                started: manifest.started,
                snapshot_on,
                report: manifest.report,
                values: manifest.marked,
                ..options.clone()
            };
            let run = Self::inside(run_folder, simulation, observation, &anew, None, begun)?;
            return Ok(Some(Run { graph, start, ..run }));
        };
        let snapshot = peers.agree(Snapshot::open(&path))?;
        let metadata = snapshot.metadata();
        let damaged = |what: String| Error::corrupt(snapshot.path(), what);
        let before = metadata.run.clone().ok_or_else(|| damaged("is no checkpoint of a run".into()))?;
        let mut manifest: Manifest =
            serde_json::from_str(&before.manifest).map_err(|e| damaged(format!("its manifest is not one: {e}")))?;
        let (simulation, graph) = resume_on(&snapshot, options.cache.as_ref(), peers, &options.stop)?;
        let observation = observation_of(&snapshot, &simulation)?;
        manifest.threads = rayon::current_num_threads();
        manifest.status = "running".into();
        manifest.scenario = Some(simulation.scenario().to_toml()?);
        let exchanged = Exchanged::new(peers, manifest.exchange);
        let known = std::mem::take(&mut manifest.outputs);
        let go_on = |run_folder: RunFolder| {
            let output = Output::resume(folder, &simulation, &before.tables, &known)?;
            manifest.write(folder)?;
            Ok((run_folder, output))
        };
        let files = peers.agree(run_folder.map(go_on).transpose())?;
        Ok(Some(Run {
            simulation,
            observation,
            manifest,
            checkpoints: Checkpoints::new(folder, options.checkpoint_every),
            files,
            path: folder.to_owned(),
            peers: peers.clone(),
            exchanged,
            begun,
            writing: Duration::ZERO,
            flushed: begun,
            graph,
            start: Source::default(),
            before,
        }))
    }

    /// Begins a run with another future: from the evening of a snapshot on, under `scenario`.
    ///
    /// Fails where `scenario` differs from the snapshot's in what the past depends on.
    pub fn fork(snapshot: &Snapshot, scenario: Scenario, options: &RunOptions) -> Result<Self> {
        let begun = Instant::now();
        let (parent, graph) = resume_on(snapshot, options.cache.as_ref(), &options.peers, &options.stop)?;
        same_on_all(&options.peers, &scenario.to_toml()?)?;
        super::fork::check(parent.scenario(), &scenario, parent.day())?;
        let origin = Parent {
            state_hash: snapshot.metadata().state_hash.clone(),
            scenario_hash: parent.scenario().hash()?,
            date: snapshot.metadata().date.clone(),
        };
        let simulation = parent.under(scenario)?;
        let observation = observation_of(snapshot, &simulation)?;
        let mut run = Self::with(simulation, observation, options, Some(origin), begun)?;
        run.graph = graph;
        Ok(run)
    }

    /// Simulates, observes and writes one day; its tally.
    pub fn day(&mut self) -> Result<&Tally> {
        let Run { simulation, observation, files, peers, exchanged, .. } = self;
        exchanged.begin_day();
        simulation.step()?;
        let tally = observation.observe(simulation)?;
        let start = Instant::now();
        let is_due = peers.is_first() && self.checkpoints.due(simulation.day());
        // What only one process knows, all are to know.
        let [between, given] = exchanged.parts();
        let mut today = [simulation.reviews() as i64, simulation.changes().count() as i64, i64::from(is_due), between, given];
        peers.sum(&mut today)?;
        let [reviews, changes, due, between, given] = today.map(|sum| sum as u64);
        exchanged.note([between, given], simulation.counters().exchange.seconds());
        self.manifest.exchange = exchanged.total();
        peers.first_does(|| {
            let Some((_, output)) = files else { return Ok(()) };
            output.day(simulation, tally, [reviews, changes])?;
            if start.duration_since(self.flushed) > FLUSH_EVERY {
                output.flush()?;
                self.flushed = start;
            }
            Ok(())
        })?;
        if (self.simulation.day() + 1) % HASH_EVERY == 0 {
            let (date, hash) = (self.simulation.date().to_string(), self.simulation.hash()?);
            self.manifest.state_hashes.push(StateHash { date, hash });
        }
        if self.manifest.snapshot_on.contains(&self.simulation.date().to_string()) {
            self.peers.first_does(|| files::create_folder_in(&self.path, "snapshots"))?;
            self.snapshot(&self.path.join("snapshots").join(format!("{}.exo", self.simulation.date())), None)?;
        }
        if due > 0 && !self.simulation.finished() {
            self.checkpoint()?;
        }
        self.writing += start.elapsed();
        Ok(self.observation.tally())
    }

    /// Writes down where the run stands, so that it can be resumed.
    fn checkpoint(&mut self) -> Result<()> {
        let files = &mut self.files;
        let outputs = self.peers.first_does(|| files.as_mut().map_or(Ok(Vec::new()), |(_, output)| output.sync()))?;
        let outputs = outputs.unwrap_or_default();
        let length = |file: &OutputFile| Some((file.path.strip_suffix(PART)?.to_owned(), file.bytes));
        let tables = outputs.iter().filter_map(length).collect();
        // The scenario is in the checkpoint anyway.
        let manifest = Manifest { outputs, scenario: None, ..self.manifest.clone() };
        let manifest = serde_json::to_string(&manifest).map_err(|e| Error::corrupt(&self.path, e.to_string()))?;
        let progress = RunProgress { tables, manifest, counts: self.counts()?, seconds: self.seconds() };
        let path = self.checkpoints.next_path();
        self.snapshot(&path, Some(progress))?;
        let (checkpoints, day) = (&mut self.checkpoints, self.simulation.day());
        self.peers.first_does(|| checkpoints.publish(day))?;
        Ok(())
    }

    fn snapshot(&mut self, path: &Path, run: Option<RunProgress>) -> Result<()> {
        let fingerprint = match self.checkpoints.fingerprint {
            Some(fingerprint) => fingerprint,
            None => *self.checkpoints.fingerprint.insert(self.simulation.graph().common_fingerprint()?),
        };
        snapshot_of(&self.simulation, &self.observation, fingerprint, path, run)
    }

    /// Writes a checkpoint, and leaves the run to be resumed.
    pub fn pause(mut self) -> Result<Manifest> {
        self.manifest.status = "stopped".into();
        self.checkpoint()?;
        self.manifest.ticks = (self.simulation.day() + 1) as u32;
        self.peers.first_does(|| self.manifest.write(&self.path))?;
        Ok(self.manifest)
    }

    /// Updates, reviews and tie reads of all processes, those before a resume included.
    fn counts(&self) -> Result<[u64; 3]> {
        let c = self.simulation.counters();
        let mut counts = [c.updates, c.review_count, c.tie_reads].map(|count| count as i64);
        self.peers.sum(&mut counts)?;
        Ok(std::array::from_fn(|k| counts[k] as u64 + self.before.counts[k]))
    }

    /// Seconds by stage, those before a resume included.
    fn seconds(&self) -> [f64; 8] {
        let c = self.simulation.counters();
        let [policy, reviews, commit] = [c.policy, c.reviews, c.commit].map(|timer| timer.seconds());
        let [graph, start] = [&self.graph, &self.start].map(|source| source.time.as_secs_f64());
        let stages = [graph, start, policy, reviews, commit];
        let rest = [self.observation.time.total, self.writing, self.begun.elapsed()].map(|time| time.as_secs_f64());
        std::array::from_fn(|k| if k < 5 { stages[k] } else { rest[k - 5] } + self.before.seconds[k])
    }

    /// The simulation.
    pub fn simulation(&self) -> &Simulation {
        &self.simulation
    }

    /// Where the graph came from.
    pub fn graph_origin(&self) -> &Origin {
        &self.graph.origin
    }

    /// Where the state on the eve of the start came from.
    pub fn start_origin(&self) -> &Origin {
        &self.start.origin
    }

    /// Folder of the results.
    pub fn folder(&self) -> &Path {
        &self.path
    }

    /// The processes that compute it.
    pub fn peers(&self) -> &Peers {
        &self.peers
    }

    /// Completes tables and manifest.
    pub fn end(mut self, finished: String) -> Result<Manifest> {
        let start = Instant::now();
        let [updates, reviews, tie_reads] = self.counts()?;
        self.manifest.state_hash = self.simulation.hash()?;
        self.exchanged.end()?;
        self.manifest.exchange = self.exchanged.total();
        let figures = Aggregate::all(self.observation.tally(), self.simulation.scenario());
        let errors = [figures.panel_errors(), figures.sampling_errors()];
        self.writing += start.elapsed();
        let [graph, population, policy, reviewing, commit, observe, output, total] = self.seconds();
        let Run { simulation, observation, files, mut manifest, checkpoints, peers, .. } = self;
        let scenario = simulation.scenario().clone();
        let ticks = policy + reviewing + commit + manifest.exchange.map_or(0.0, |exchange| exchange.seconds);
        let rate = |count: u64| if ticks > 0.0 { count as f64 / ticks } else { 0.0 };
        manifest.ticks = (simulation.day() + 1) as u32;
        manifest.status = "finished".into();
        manifest.finished = Some(finished);
        manifest.user_updates_per_second = rate(updates);
        manifest.reviews_per_second = rate(reviews);
        manifest.tie_reads_per_second = rate(tie_reads);
        let names = || scenario.messengers.iter().map(|m| m.name.clone());
        let [of_panel, of_people] = errors.map(|errors| names().zip(errors.iter().map(|e| (e * 10.0).round() / 10.0)).collect());
        manifest.panel_error = PanelError {
            audience_panel: observation.panel_users(),
            tie_panel: observation.tie_panel_users(),
            monthly_reach: of_panel,
        };
        manifest.sampling_error = SamplingError { monthly_reach: of_people };
        manifest.seconds = Seconds { graph, population, ticks, policy, reviews: reviewing, commit, observe, output, total };
        // What was simulated gives way to what is made of it.
        drop((simulation, observation));
        peers.first_does(|| {
            let Some((_lock, tables)) = files else { return Ok(()) };
            tables.finish(&scenario, &mut manifest)?;
            checkpoints.remove()
        })?;
        Ok(manifest)
    }
}

/// Refuses processes of which one is of another build, or was given another scenario.
pub(super) fn same_on_all(peers: &Peers, scenario: &str) -> Result<()> {
    if peers.is_alone() {
        return Ok(());
    }
    peers.same("build of exodus", format!("{} {:?}", env!("CARGO_PKG_VERSION"), machine::BUILT).as_bytes())?;
    peers.same("scenario", scenario.as_bytes())
}

/// What the first process knows, and tells the others.
fn tell<T: Serialize + DeserializeOwned>(peers: &Peers, known: Option<T>) -> Result<T> {
    let unsaid = |e: serde_json::Error| Error::corrupt("what the first rank says", e.to_string());
    match known {
        Some(known) if peers.is_alone() => Ok(known),
        known => {
            let said = known.map_or_else(|| Ok(Vec::new()), |known| serde_json::to_vec(&known)).map_err(unsaid)?;
            serde_json::from_slice(&peers.from_first(said)?).map_err(unsaid)
        }
    }
}

/// A simulation on the eve of its first day, if it fits into memory; where its graph and its start came from.
fn start(scenario: Scenario, options: &RunOptions) -> Result<(Simulation, Observation, [Source; 2])> {
    let RunOptions { peers, stop, .. } = options;
    let cache = options.cache.as_ref();
    peers.agree(plan::check_rank(&scenario, scenario.population.users, peers.size()))?;
    let (graph, graph_source) = Source::timed(|| graph_of(&scenario, cache, peers, stop))?;
    let (simulation, source) = Source::timed(|| simulation_of(scenario, graph, cache, peers, stop))?;
    let observation = Observation::new(&simulation)?;
    Ok((simulation, observation, [graph_source, source]))
}
