use super::{Checks, InterventionKind, Levers, OnDay};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The service's own failure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Outage {
    /// Access is multiplied by 1 - severity.
    #[serde(default = "super::full")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub severity: f64,
}

impl InterventionKind for Outage {
    const TAKES: &'static [&'static str] = &["messenger", "services", "ramp_days", "regions", "groups"];
    const NEEDS: &'static [&'static [&'static str]] = &[&["messenger"]];

    fn check(_: &mut Checks<'_>) {}

    fn apply(&self, on: &OnDay, levers: &mut dyn Levers) {
        levers.restrict(on, self.severity, false);
    }
}
