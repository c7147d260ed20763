//! What the user writes: a scenario file in TOML.
//!
//! [`Scenario`] is at once the file's shape (serde), its documentation (the doc comments become the
//! reference and the JSON Schema) and the resolved scenario: reading a file fills every default in, writing
//! it back gives a file that reproduces the run. Lists "by age" have one entry per age band, in the order of
//! `population.ages`; an empty list stands for the neutral value everywhere.

mod access;
mod chats;
mod countries;
mod date;
mod document;
mod graph;
pub mod intervention;
mod load;
mod messenger;
mod model;
mod observe;
mod population;
mod schema;
mod target;
mod warnings;
mod write;

pub use chats::{ChatKind, Chats};
pub use countries::{countries, country};
pub use date::Date;
#[cfg(feature = "files")]
pub(crate) use document::{Cursor, Problems, names, too_long};
pub use graph::{GraphKind, GraphMemory, GraphSpec, Layers};
pub use intervention::{Effect, Intervention, OneOrMany, PerService, Service};
#[cfg(feature = "files")]
pub(crate) use load::read;
#[cfg(feature = "files")]
pub use load::{Basis, Mark, Origin, ScenarioValue, load, load_with_origins, load_written, parse, parse_written};
pub use load::{Reader, parse_with};
pub use messenger::{Messenger, Quality};
pub use model::{
    Awareness, Distribution, Hazard, Install, Logit, Model, Opening, Routing, Rule, Threshold, Traffic, Uninstall, Usage, Vpn,
};
pub use observe::{Cohort, Everyone, Observe, PanelSize};
pub use population::{Age, Group, GroupUnit, PopulationSpec, Region, TasteDistribution};
pub use schema::json_schema;
pub use target::{Target, TargetColumn};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Most messengers a scenario can hold: holdings are a 16-bit mask.
pub const MAX_MESSENGERS: usize = 16;
/// Most regions.
pub const MAX_REGIONS: usize = 16;
/// Most age bands.
pub const MAX_AGES: usize = 16;
/// Most members of a household.
pub const MAX_HOUSEHOLD: usize = 8;
/// Most group tags.
pub const MAX_GROUPS: usize = 8;
/// Most kinds of group chats.
pub const MAX_CHATS: usize = 8;
/// Most classes of users who can use different things: regions x urban or rural x groups named by interventions.
pub const MAX_CLASSES: usize = 256;
/// Most days of a run.
pub const MAX_DAYS: u32 = 60_000;
/// Greatest number of a branch.
pub const MAX_BRANCH: u32 = 32_767;
/// Most users: their numbers are 32 bits wide, less a few that are kept free.
pub const MAX_USERS: u64 = (1 << 32) - 2;
/// Most letters of a scenario's name, which becomes a folder's.
pub const MAX_NAME: usize = 64;
/// Most interventions of a scenario.
pub const MAX_INTERVENTIONS: usize = 10_000;
/// Most published figures of a scenario.
pub const MAX_TARGETS: usize = 50_000;
/// Most bytes of a scenario's, a sweep's or a calibration's text.
pub const MAX_TEXT: usize = 16 << 20;
/// How far shares may be from summing to 1.
pub const SHARE_TOLERANCE: f64 = 0.001;

/// Whether a number is the default that files leave out.
pub(crate) fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// Whether `name` can be a scenario's: a folder is called after it.
pub fn is_valid_name(name: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=MAX_NAME).contains(&name.len()) && name.chars().all(good)
}

/// Whether a character is obeyed rather than shown: controls, marks of direction, separators of lines and paragraphs.
pub fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// What is wrong with a name that goes into tables and to terminals, and what is allowed; `None` where nothing is.
pub(crate) fn fault_of_name(name: &str) -> Option<&'static str> {
    match name {
        _ if name.trim().is_empty() || name.contains(is_obeyed) => Some("a name in one line, without marks of direction"),
        _ if name.trim_start().starts_with(['=', '+', '-', '@']) => {
            Some("a name that does not begin with `=`, `+`, `-` or `@`, which spreadsheets take for a formula")
        }
        _ => None,
    }
}

/// A whole scenario: population, graph, model, messengers and what the authorities do, day by day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Short name: letters, digits, `-` and `_`; the run folder is called after it.
    pub name: String,
    /// Title for tables and reports.
    #[serde(default)]
    pub title: String,
    /// First day simulated. One tick is one day.
    pub start: Date,
    /// Last day simulated, inclusive.
    pub end: Date,
    /// Seed of every random draw. Common over scenarios to be compared. At most 2^63 - 1, as TOML's integers go.
    #[serde(default)]
    #[schemars(range(max = 9_223_372_036_854_775_807_u64))]
    pub seed: u64,
    /// Number of the branch, from 0 to 32767. Branches of one seed have the same population and graph, and each has its own
    /// draws for what happens day by day. `fork --replicates` gives each replicate its own.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(range(min = 0, max = 32_767))]
    pub branch: u32,
    /// Who the users are.
    pub population: PopulationSpec,
    /// Who knows whom.
    #[serde(default)]
    pub graph: GraphSpec,
    /// How users decide.
    #[serde(default)]
    pub model: Model,
    /// What is measured and kept.
    #[serde(default)]
    pub observe: Observe,
    /// The messengers, 1 to 16. Their order is the order of all tables.
    #[serde(rename = "messenger")]
    pub messengers: Vec<Messenger>,
    /// What authorities and platforms do, in any order.
    #[serde(rename = "intervention", default)]
    pub interventions: Vec<Intervention>,
    /// Published figures to be plotted with the curves. A file may name a table of them as `targets`.
    #[serde(rename = "target", default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
}

impl Scenario {
    /// Number of ticks: days from `start` to `end`, both counted.
    pub fn days(&self) -> u32 {
        (self.start.days_until(self.end) + 1).max(0) as u32
    }

    /// The date of tick `day` (0 is `start`).
    pub fn date(&self, day: i32) -> Date {
        self.start.plus(day)
    }

    /// The tick at which the draws of a day are addressed: the day, 65536 ticks on from one branch to the next. No two branches
    /// share a draw, as a run has at most [`MAX_DAYS`] days.
    pub fn draw_tick(&self, day: i32) -> i32 {
        day + ((self.branch as i32) << 16)
    }

    /// Gives a label to every intervention that has none.
    fn name_interventions(&mut self) {
        let mut taken: BTreeSet<String> = self.interventions.iter().filter_map(|i| i.label.clone()).collect();
        // The number to try next for a label that several would get.
        let mut next: BTreeMap<String, u32> = BTreeMap::new();
        for intervention in self.interventions.iter_mut().filter(|i| i.label.is_none()) {
            let made = intervention.made_label();
            let n = next.entry(made.clone()).or_insert(1);
            let mut label = made.clone();
            while !taken.insert(label.clone()) {
                *n += 1;
                label = format!("{made} ({n})");
            }
            intervention.label = Some(label);
        }
    }

    /// Label of an intervention: its own, or, where it was not read from a file, one made from its other keys.
    pub fn label(&self, intervention: usize) -> String {
        let intervention = &self.interventions[intervention];
        intervention.label.clone().unwrap_or_else(|| intervention.made_label())
    }

    /// Index of the messenger called `name`.
    pub fn messenger_index(&self, name: &str) -> Option<usize> {
        self.messengers.iter().position(|m| m.name == name)
    }
}
