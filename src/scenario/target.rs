use super::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A figure that was published. It is plotted with the run's curves and changes nothing else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// Messenger.
    pub messenger: String,
    /// What was counted.
    pub column: TargetColumn,
    /// Day at which it stands: the last of the month that `monthly_reach` looks back on.
    pub date: Date,
    /// People.
    #[schemars(range(min = 0.0, max = 1e12))]
    pub people: f64,
    /// Whether it was measured; if not, somebody interpolated or assumed it.
    #[serde(default = "yes")]
    pub measured: bool,
    /// How the figure was obtained, as the table says, where that is none of M, B, P, C (measured), I (interpolated), A (assumed).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub flag: String,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// Columns of `series.csv` of which figures are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetColumn {
    /// People who opened it in a month.
    MonthlyReach,
    /// People who opened it on a day.
    DailyReach,
}

impl TargetColumn {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            TargetColumn::MonthlyReach => "monthly_reach",
            TargetColumn::DailyReach => "daily_reach",
        }
    }
}

fn yes() -> bool {
    true
}
