//! What the user writes: a scenario file in TOML.
//!
//! [`Scenario`] is at once the file's shape (serde), its documentation (the doc comments become the
//! reference and the JSON Schema) and the resolved scenario: reading a file fills every default in, writing
//! it back gives a file that reproduces the run. Lists "by age" have one entry per age band, in the order of
//! `population.ages`; an empty list stands for the neutral value everywhere.

mod date;
mod graph;
mod intervention;
mod messenger;
mod model;
mod observe;
mod population;

pub use date::Date;
pub use graph::{GraphKind, GraphSpec};
pub use intervention::{Intervention, InterventionKind, OneOrMany, Service};
pub use messenger::{Messenger, Quality};
pub use model::{
    Awareness, Distribution, Hazard, Install, Logit, Model, Opening, Routing, Rule, Threshold, Traffic, Uninstall, Usage, Vpn,
};
pub use observe::{Cohort, Observe};
pub use population::{Age, Group, GroupUnit, PopulationSpec, Region, TasteDistribution};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most messengers a scenario can hold: holdings are a 16-bit mask.
pub const MAX_MESSENGERS: usize = 16;
/// Most regions.
pub const MAX_REGIONS: usize = 16;
/// Most age bands.
pub const MAX_AGES: usize = 16;
/// Most group tags.
pub const MAX_GROUPS: usize = 8;

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
    /// Seed of every random draw. Common over scenarios to be compared.
    #[serde(default)]
    pub seed: u64,
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

    /// TEMPORARY
    pub fn to_toml(&self) -> String { toml::to_string(self).unwrap() }
    /// TEMPORARY
    pub fn hash(&self) -> String { "0".into() }

    /// Short label of an intervention: its own, or one made from its kind and messengers.
    pub fn label(&self, intervention: usize) -> String {
        let i = &self.interventions[intervention];
        i.label.clone().unwrap_or_else(|| {
            let messengers = i.messenger.as_ref().map(OneOrMany::names).unwrap_or_default();
            std::iter::once(i.kind.name()).chain(messengers.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
        })
    }

    /// Index of the messenger called `name`.
    pub fn messenger_index(&self, name: &str) -> Option<usize> {
        self.messengers.iter().position(|m| m.name == name)
    }
}
