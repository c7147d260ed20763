use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who the users are: regions, ages, group tags, tastes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PopulationSpec {
    /// People that the users represent; each user represents `people / users` of them.
    #[schemars(range(min = 1, max = 1_000_000_000_000_u64))]
    pub people: u64,
    /// Users simulated unless `--users` says otherwise.
    #[schemars(range(min = 1, max = 4_294_967_294_u64))]
    pub users: u64,
    /// Regions with their shares of the people; 1 to 16. One region "all" if left out.
    #[serde(default = "one_region")]
    pub regions: Vec<Region>,
    /// Age bands with their shares; 1 to 16. One band "all" if left out.
    #[serde(default = "one_age")]
    pub ages: Vec<Age>,
    /// Group tags; at most 8. A user may be in several.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// Shares of households with 1, 2, 3, … members online, 1 to 8 numbers (layered graphs); they sum to 1 within 0.001.
    #[serde(default = "household_sizes")]
    #[schemars(inner(range(min = 0.0, max = 1.0)))]
    pub household_sizes: Vec<f64>,
    /// Share of users who are of the age band of their household; the others' is drawn from all (layered graphs).
    #[serde(default = "household_same_age")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub household_same_age: f64,
    /// Correlation of tastes inside a household.
    #[serde(default = "household_correlation")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub household_correlation: f64,
    /// Distribution of persistent tastes.
    #[serde(default)]
    pub taste: TasteDistribution,
}

/// A region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Name used by interventions and tables.
    pub name: String,
    /// Share of the people, 0 to 1; all shares sum to 1 within 0.001 and are then scaled.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub share: f64,
    /// Share of its people living in towns.
    #[serde(default = "one")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub urban: f64,
}

/// An age band.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Age {
    /// Name used by tables, such as "25-34".
    pub name: String,
    /// Share of the people, 0 to 1; all shares sum to 1 within 0.001 and are then scaled.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub share: f64,
}

/// A group tag: pupils, public employees, people with contacts abroad …
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Name used by interventions.
    pub name: String,
    /// Share of each age band that is in the group; one number for all bands may be given as a list of one.
    #[schemars(inner(range(min = 0.0, max = 1.0)))]
    pub share_by_age: Vec<f64>,
    /// Regions where the group exists; all if empty.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Whether persons or whole households are in or out together.
    #[serde(default)]
    pub unit: GroupUnit,
    /// Column of the table of nodes (`graph.nodes`) that says who is in the group; the one of the group's name if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Values in that column of those who are in the group; yes, true, 1 and the like if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Its members keep in touch with people abroad (see `messenger.abroad`).
    #[serde(default)]
    pub contacts_abroad: bool,
}

impl PopulationSpec {
    /// The number of the group of this name.
    pub fn group(&self, name: &str) -> Option<usize> {
        self.groups.iter().position(|group| group.name == name)
    }
}

impl Group {
    /// Share of an age band that is in the group.
    pub fn share(&self, age: usize) -> f64 {
        let shares = &self.share_by_age;
        shares.get(age).or(shares.first().filter(|_| shares.len() == 1)).copied().unwrap_or(0.0)
    }
}

/// What is drawn into a group as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupUnit {
    /// Every person for themselves.
    #[default]
    Person,
    /// The household; its share is that of the age band of its first member.
    Household,
}

/// Distribution of tastes over users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TasteDistribution {
    /// Standard normal, correlated within households.
    #[default]
    Normal,
    /// Uniform on [-0.5, 0.5], independent over users (the reference workload of benchmark comparisons).
    Uniform,
}

fn one() -> f64 {
    1.0
}

fn household_sizes() -> Vec<f64> {
    vec![0.3, 0.3, 0.2, 0.1, 0.1]
}

fn household_same_age() -> f64 {
    0.5
}

fn household_correlation() -> f64 {
    0.3
}

fn one_region() -> Vec<Region> {
    vec![Region { name: "all".into(), share: 1.0, urban: 1.0 }]
}

fn one_age() -> Vec<Age> {
    vec![Age { name: "all".into(), share: 1.0 }]
}
