use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is measured and kept. Observation never changes a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Observe {
    /// Break-downs written to `cohorts.parquet`.
    pub cohorts: Vec<Cohort>,
    /// Users on whom reach and use are measured every day, as audience firms do: this many, or everyone if there are fewer, or
    /// `"all"`. With 200,000 the standard error of a reach of a half is 0.11 percentage points.
    pub audience_panel: PanelSize,
    /// Days over which `monthly_reach` counts openings, today included: 30, or 7 where weekly reach was published.
    #[schemars(range(min = 1, max = 30))]
    pub reach_days: u8,
    /// Users whose ties and calls are measured every day; a part of the audience panel.
    #[schemars(range(min = 1, max = 4_294_967_295_u64))]
    pub tie_panel: u32,
    /// Users whose whole path is kept in `trace.parquet`.
    #[schemars(range(max = 4_294_967_295_u64))]
    pub trace: u32,
}

/// How many users a panel has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PanelSize {
    /// So many, or everyone if there are fewer.
    Users(u32),
    /// Everyone.
    Everyone(Everyone),
}

/// The word for everyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Everyone {
    /// `"all"`
    All,
}

impl PanelSize {
    /// Members of the panel among so many users.
    pub fn among(self, users: u64) -> u64 {
        match self {
            PanelSize::Users(size) => users.min(u64::from(size)),
            PanelSize::Everyone(Everyone::All) => users,
        }
    }
}

impl JsonSchema for PanelSize {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PanelSize".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": u32::MAX },
                { "type": "string", "const": "all" },
            ]
        })
    }
}

/// A break-down of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cohort {
    /// By region.
    Region,
    /// By age band.
    Age,
}

impl Default for Observe {
    fn default() -> Self {
        Observe {
            cohorts: vec![Cohort::Region, Cohort::Age],
            audience_panel: PanelSize::Users(200_000),
            reach_days: 30,
            tie_panel: 4_000,
            trace: 10_000,
        }
    }
}
