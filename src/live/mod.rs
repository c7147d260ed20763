//! A scenario that a reader changes while looking at it: simulated beside the one it came from, and after a change again from a
//! state that was kept before it.
//!
//! Both have the same seed, population and graph, so that every random draw is the same (common random numbers) and what differs
//! is due to the change. A page does this by way of WebAssembly: `examples/live.rs`, with the messages of [`Session`].
//!
//! ```
//! use exodus::live::Live;
//! use exodus::scenario;
//! use std::path::Path;
//!
//! let changes = ["population.users=2000".into()];
//! let original = scenario::load(Path::new("scenarios/whatsapp-outage.toml"), &changes)?;
//! let mut longer = original.clone();
//! longer.interventions[0].until = original.date(170).into();
//!
//! let mut live = Live::new(original)?;
//! while live.step()?.is_some() {}
//! // The outage begins on day 166 of the run: only what follows is simulated again.
//! let change = live.change(longer)?;
//! assert!(change.from > 0);
//! let mut last = None;
//! while let Some(day) = live.step()? {
//!     last = Some(day);
//! }
//! let difference = &last.expect("days that differ").differences[0];
//! assert!(difference.error >= 0.0);
//! # Ok::<(), exodus::Error>(())
//! ```

mod course;
mod difference;
mod edit;
mod openers;
mod past;
mod session;

pub use difference::Difference;
pub use session::{CORE, Session};

use crate::engine::graph_key;
use crate::error::{Error, Result};
use crate::observe::{Aggregate, PopulationRow, SeriesRow};
use crate::scenario::{Date, GraphKind, Scenario};
use course::Course;
use difference::differences;
use openers::Replay;

/// Which of the two is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// The scenario as it was.
    Original,
    /// The scenario as it was changed.
    Changed,
}

impl Which {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Which::Original => "original",
            Which::Changed => "changed",
        }
    }
}

/// What a change makes necessary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// First tick that is simulated again: 0 is the start. Ticks before it are as they were in `of`.
    pub from: i32,
    /// Which of the simulations so far has the ticks before.
    pub of: Which,
}

/// Figures of a day that was simulated.
#[derive(Clone, Debug)]
pub struct Day {
    /// Of which scenario.
    pub which: Which,
    /// Tick: 0 is the start.
    pub tick: i32,
    /// Its date.
    pub date: Date,
    /// By messenger.
    pub series: Vec<SeriesRow>,
    /// Of the people.
    pub population: PopulationRow,
    /// Standard error of monthly reach (people), by messenger: of the users as a sample of the people.
    pub errors: Vec<f64>,
    /// Changed minus original in monthly reach, by messenger; empty for the original.
    pub differences: Vec<Difference>,
}

/// A scenario, and what a reader made of it.
#[derive(Debug)]
pub struct Live {
    original: Course,
    /// With whom the original's panel had opened on its day.
    changed: Option<(Course, Replay)>,
}

impl Live {
    /// Brings a scenario to the eve of its start.
    ///
    /// Fails where memory cannot be had, or the graph is one of a file.
    pub fn new(scenario: Scenario) -> Result<Self> {
        if scenario.graph.kind == GraphKind::File || scenario.graph.nodes.is_some() {
            return Err(Error::invalid(
                "found a graph or a table of nodes from a file; allowed a graph that the scenario generates",
            ));
        }
        Ok(Live { original: Course::begin(scenario, None)?, changed: None })
    }

    /// The scenario as it was.
    pub fn original(&self) -> &Scenario {
        self.original.scenario()
    }

    /// The scenario as it is now.
    pub fn scenario(&self) -> &Scenario {
        self.course(Which::Changed).unwrap_or(&self.original).scenario()
    }

    /// Puts a changed scenario in the place of the one before. What it has in common with either is not simulated again.
    ///
    /// Fails where it cannot be compared with the original day by day: it has other messengers, users, days, or another graph.
    pub fn change(&mut self, scenario: Scenario) -> Result<Change> {
        comparable(self.original.scenario(), &scenario)?;
        let courses = [Which::Changed, Which::Original].into_iter().filter_map(|which| Some((which, self.course(which)?)));
        let kept = courses.filter_map(|(which, course)| Some((which, course.kept_before(&scenario)?)));
        // Of equally good ones the original's.
        let best = kept.max_by_key(|(_, kept)| kept.day());
        if past::same_until(self.original(), &scenario) == i32::MAX {
            self.changed = None;
            return Ok(Change { from: scenario.days() as i32, of: Which::Original });
        }
        let graph = self.original.graph();
        let (change, course) = match best {
            Some((of, kept)) => (Change { from: kept.day() + 1, of }, kept.resume(scenario, graph)?),
            None => (Change { from: 0, of: Which::Original }, Course::begin(scenario, Some(graph))?),
        };
        let replay = self.original.openers().replay(course.tick());
        self.changed = Some((course, replay));
        Ok(change)
    }

    /// Simulates a day: of the original, as long as it is not at its end, then of the changed scenario. `None` where both are.
    pub fn step(&mut self) -> Result<Option<Day>> {
        let Live { original, changed } = self;
        if !original.finished() {
            original.step()?;
            return Ok(Some(original.day(Which::Original, Vec::new())));
        }
        let Some((changed, replay)) = changed.as_mut().filter(|(changed, _)| !changed.finished()) else { return Ok(None) };
        changed.step()?;
        let before = replay.go_on(original.openers(), changed.tick());
        let differences = differences(before, changed.openers().now(), changed.scenario());
        Ok(Some(changed.day(Which::Changed, differences)))
    }

    /// Whether all days have been simulated.
    pub fn finished(&self) -> bool {
        self.original.finished() && self.course(Which::Changed).is_none_or(Course::finished)
    }

    /// Hash of the final state; `None` before the last day, or where nothing was changed.
    pub fn hash(&self, which: Which) -> Option<String> {
        self.course(which).filter(|course| course.finished()).map(Course::hash)
    }

    fn course(&self, which: Which) -> Option<&Course> {
        match which {
            Which::Original => Some(&self.original),
            Which::Changed => self.changed.as_ref().map(|(course, _)| course),
        }
    }
}

/// Whether two scenarios have a pair for every draw and a day for every day.
fn comparable(original: &Scenario, changed: &Scenario) -> Result<()> {
    let names = |s: &Scenario| s.messengers.iter().map(|m| m.name.clone()).collect::<Vec<_>>();
    let same = (original.start, original.end, original.branch, names(original))
        == (changed.start, changed.end, changed.branch, names(changed))
        && original.observe == changed.observe
        && graph_key(original)? == graph_key(changed)?;
    if same {
        return Ok(());
    }
    Err(Error::invalid(
        "found a scenario of other days, messengers, people, ties or random draws; allowed other interventions and ways to decide",
    ))
}

impl Course {
    /// Figures of the day that was just simulated.
    fn day(&self, which: Which, differences: Vec<Difference>) -> Day {
        let of = Aggregate::all(self.tally(), self.scenario());
        Day {
            which,
            tick: self.tick(),
            date: self.scenario().date(self.tick()),
            series: of.series(),
            population: of.population(),
            errors: of.sampling_errors(),
            differences,
        }
    }
}
