use crate::engine::Simulation;
use crate::error::Result;
use crate::observe::{Observation, Of, Tally};
use crate::scenario::Scenario;
use crate::storage::{Manifest, Output, RunFolder, SamplingError, Seconds, StateHash, machine};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Days between two hashes of the state in the manifest.
const HASH_EVERY: i32 = 30;
/// Wall time between two looks that a reader of the growing tables gets.
const FLUSH_EVERY: Duration = Duration::from_secs(2);

/// What a run is told besides its scenario.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Folder for the results.
    pub folder: PathBuf,
    /// Overwrite a run that is there.
    pub force: bool,
    /// Memory predicted, for the manifest.
    pub predicted_bytes: u64,
    /// UTC time of the start, RFC 3339.
    pub started: String,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All days are simulated.
    Finished,
    /// It was told to stop.
    Stopped,
}

/// A simulation that leaves a run folder. Call [`Run::day`] until it is finished, then [`Run::end`].
#[derive(Debug)]
pub struct Run {
    simulation: Simulation,
    observation: Observation,
    output: Output,
    manifest: Manifest,
    folder: PathBuf,
    begun: Instant,
    writing: Duration,
    flushed: Instant,
}

impl Run {
    /// Makes the folder, then population and graph; all in the current rayon pool.
    ///
    /// Nothing is left behind where the graph cannot be made.
    pub fn begin(scenario: Scenario, options: &RunOptions) -> Result<Self> {
        let begun = Instant::now();
        let simulation = Simulation::new(scenario)?;
        let observation = Observation::new(&simulation)?;
        let folder = RunFolder::create(&options.folder, options.force)?.path().to_owned();
        let start = Instant::now();
        let scenario = simulation.scenario();
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
            users: scenario.population.users,
            people: scenario.population.people,
            ties: simulation.graph().ties(),
            status: "running".into(),
            started: options.started.clone(),
            predicted_bytes: options.predicted_bytes,
            ..Manifest::default()
        };
        manifest.write(&folder)?;
        let output = Output::create(&folder, &simulation)?;
        Ok(Run { simulation, observation, output, manifest, folder, begun, writing: start.elapsed(), flushed: start })
    }

    /// Simulates, observes and writes one day; its tally.
    pub fn day(&mut self) -> Result<&Tally> {
        self.simulation.step()?;
        self.observation.observe(&self.simulation);
        let start = Instant::now();
        self.output.day(&self.simulation, self.observation.tally())?;
        if start.duration_since(self.flushed) > FLUSH_EVERY {
            self.output.flush()?;
            self.flushed = start;
        }
        if (self.simulation.day() + 1) % HASH_EVERY == 0 {
            self.manifest
                .state_hashes
                .push(StateHash { date: self.simulation.date().to_string(), hash: self.simulation.state().hash() });
        }
        self.writing += start.elapsed();
        Ok(self.observation.tally())
    }

    /// The simulation.
    pub fn simulation(&self) -> &Simulation {
        &self.simulation
    }

    /// Folder of the results.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Completes tables and manifest.
    pub fn end(self, status: Status, finished: String) -> Result<Manifest> {
        let Run { simulation, observation, output, mut manifest, folder: _, begun, writing, .. } = self;
        let start = Instant::now();
        let scenario = simulation.scenario();
        let counters = simulation.counters();
        let ticks = counters.policy.seconds() + counters.reviews.seconds() + counters.commit.seconds();
        let rate = |count: u64| if ticks > 0.0 { count as f64 / ticks } else { 0.0 };
        manifest.ticks = (simulation.day() + 1) as u32;
        manifest.status = if status == Status::Finished { "finished" } else { "stopped" }.into();
        manifest.finished = Some(finished);
        manifest.user_updates_per_second = rate(counters.updates);
        manifest.reviews_per_second = rate(counters.review_count);
        manifest.tie_reads_per_second = rate(counters.tie_reads);
        manifest.peak_rss_bytes = machine::peak_rss_bytes();
        manifest.state_hash = simulation.state().hash();
        let errors = Of::all(observation.tally(), scenario).monthly_reach_errors();
        let names = scenario.messengers.iter().map(|m| m.name.clone());
        manifest.sampling_error = SamplingError {
            audience_panel: observation.panel_users(),
            tie_panel: observation.tie_panel_users(),
            monthly_reach: names.zip(errors.into_iter().map(|e| (e * 10.0).round() / 10.0)).collect(),
        };
        manifest.seconds = Seconds {
            graph: counters.graph.seconds(),
            population: counters.population.seconds(),
            ticks,
            policy: counters.policy.seconds(),
            reviews: counters.reviews.seconds(),
            commit: counters.commit.seconds(),
            observe: observation.time.as_secs_f64(),
            output: (writing + start.elapsed()).as_secs_f64(),
            total: begun.elapsed().as_secs_f64(),
        };
        output.finish(scenario, &mut manifest)?;
        Ok(manifest)
    }
}
