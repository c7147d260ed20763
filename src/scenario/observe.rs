use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is measured and kept. Observation never changes a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Observe {
    /// Break-downs written to `cohorts.parquet`.
    pub cohorts: Vec<Cohort>,
    /// Users on whom reach and use are measured every day, as audience firms do; everyone if there are fewer.
    #[schemars(range(min = 1, max = 4_294_967_295_u64))]
    pub audience_panel: u32,
    /// Users whose ties and calls are measured every day; a part of the audience panel.
    #[schemars(range(min = 1, max = 4_294_967_295_u64))]
    pub tie_panel: u32,
    /// Users whose whole path is kept in `trace.parquet`.
    #[schemars(range(max = 4_294_967_295_u64))]
    pub trace: u32,
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
        Observe { cohorts: vec![Cohort::Region, Cohort::Age], audience_panel: 1_000_000, tie_panel: 4_000, trace: 10_000 }
    }
}
