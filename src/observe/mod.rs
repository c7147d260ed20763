//! What is measured of a run. Observation reads; it writes nothing back (promise 0 of the interface).
//!
//! Anything that takes `&Simulation` after a step is an observer:
//!
//! ```
//! use exodus::engine::Simulation;
//! use exodus::model::PublicState;
//! use exodus::scenario;
//! use std::path::Path;
//!
//! /// Users who hold nothing but their main app.
//! fn loyal(simulation: &Simulation) -> usize {
//!     let states = simulation.state().public().iter().map(|&state| PublicState(state));
//!     states.filter(|state| state.main().is_some_and(|app| state.holdings() == 1 << app)).count()
//! }
//!
//! let changes = ["population.users=2000".into()];
//! let mut simulation = Simulation::new(scenario::load(Path::new("scenarios/whatsapp-outage.toml"), &changes)?)?;
//! let before = loyal(&simulation);
//! while !simulation.finished() {
//!     simulation.step()?;
//! }
//! // Some have tried another app, and keep it.
//! assert!(loyal(&simulation) < before);
//! # Ok::<(), exodus::Error>(())
//! ```
//!
//! `examples/own_observer.rs` looks at each day's changes and at contacts. The observer here makes exodus's tables: exact counts
//! over all users from the day's changes (`census`), reach and use on an audience panel as audience firms measure
//! them (`panel`), and ties on a part of it (`ties`). All are sums of integers by cell (region x age band), so
//! totals are sums of cohorts, and the same for any number of threads.

mod census;
mod events;
mod field;
mod panel;
mod rows;
mod tally;
mod ties;
mod trace;

pub use events::{Event, events};
pub use field::{Base, Field, Unit, ValueType};
pub use panel::WINDOW;
pub use rows::{Aggregate, PopulationRow, SeriesRow};
pub use tally::{Measure, Scalar, Tally};
pub use ties::mutual;
pub use trace::{Step, Trace};

use crate::engine::{Simulation, Timer};
use crate::error::Result;
use crate::population::Profile;
use crate::scenario::Scenario;
use census::Census;
use panel::Panel;
use ties::TiePanel;

/// Cells of the break-down: region x age band.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cells {
    regions: usize,
    ages: usize,
}

impl Cells {
    /// The cells of a scenario.
    pub fn new(scenario: &Scenario) -> Self {
        Cells { regions: scenario.population.regions.len(), ages: scenario.population.ages.len() }
    }

    /// How many there are; at most 256.
    pub fn len(self) -> usize {
        self.regions * self.ages
    }

    /// Never: a scenario has at least one region and one age band.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The cell of a user.
    #[inline]
    pub fn of(self, profile: &Profile) -> usize {
        usize::from(profile.place.region) * self.ages + usize::from(profile.age)
    }

    /// Region of a cell.
    pub fn region(self, cell: usize) -> usize {
        cell / self.ages
    }

    /// Age band of a cell.
    pub fn age(self, cell: usize) -> usize {
        cell % self.ages
    }
}

/// The tables' observer: what must be remembered from day to day, and today's tally.
#[derive(Debug)]
pub struct Observation {
    census: Census,
    panel: Panel,
    ties: TiePanel,
    tally: Tally,
    /// Time spent looking.
    pub time: Timer,
}

impl Observation {
    /// Begins to observe a simulation on the eve of its start.
    pub fn new(simulation: &Simulation) -> Result<Self> {
        let mut time = Timer::default();
        time.time(|| {
            let cells = Cells::new(simulation.scenario());
            let panel = Panel::new(simulation, cells)?;
            let ties = TiePanel::new(simulation, cells, &panel);
            let census = Census::new(simulation, cells);
            let tally = Tally::new(cells.len(), simulation.scenario().messengers.len());
            Ok(Observation { census, panel, ties, tally, time: Timer::default() })
        })
        .map(|observation| Observation { time, ..observation })
    }

    /// Goes on observing a simulation that was resumed, from what [`Observation::memory`] gave on its day, for all users.
    ///
    /// Fails where the columns are not those of this simulation's panels.
    pub fn resume(simulation: &Simulation, opened: &[u16], households: &[u32]) -> Result<Self> {
        let mut observation = Self::new(simulation)?;
        observation.panel.remember(opened)?;
        observation.ties.remember(households)?;
        Ok(observation)
    }

    /// What is remembered from day to day, for snapshots: days of last openings by panel member and messenger, and
    /// household ties at the start by member of the tie panel. Of members who are users of this process.
    pub fn memory(&self) -> (&[u16], Vec<u32>) {
        (self.panel.memory(), self.ties.memory())
    }

    /// By member of the audience panel, in the order of user numbers, the messengers opened in the month that ends with the
    /// evening of `tick`, the last one seen: bit `m` is messenger `m`.
    pub fn opened_in_window(&self, tick: i32) -> impl Iterator<Item = u16> + '_ {
        self.panel.opened_in_window(tick)
    }

    /// Looks at the simulation after a step; every step must be seen. Where several processes compute it, all get the tally of all
    /// users.
    ///
    /// Fails where another of these processes has ended.
    pub fn observe(&mut self, simulation: &Simulation) -> Result<&Tally> {
        let Observation { census, panel, ties, tally, time } = self;
        time.time(|| {
            tally.clear();
            census.observe(simulation, tally);
            panel.observe(simulation, tally);
            ties.observe(simulation, tally);
            tally.of_all(simulation.peers())
        })?;
        Ok(tally)
    }

    /// The tally of the last look.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Values a member of the audience panel has in what is remembered.
    pub fn panel_width(&self) -> usize {
        self.panel.width()
    }

    /// Users of the audience panel.
    pub fn panel_users(&self) -> u32 {
        self.panel.len()
    }

    /// Users of the tie panel.
    pub fn tie_panel_users(&self) -> u32 {
        self.ties.len()
    }
}
