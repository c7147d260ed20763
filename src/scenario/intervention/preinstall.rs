use super::{Checks, InterventionKind, Levers, OnDay};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// On every new phone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Preinstall {
    /// Hazard of getting the app with a new phone (1/day).
    #[schemars(range(min = 0.0, max = 1.0))]
    pub rate: f64,
}

impl InterventionKind for Preinstall {
    const TAKES: &'static [&'static str] = &["messenger", "ramp_days", "regions"];
    const NEEDS: &'static [&'static [&'static str]] = &[&["messenger"]];

    fn check(_: &mut Checks<'_>) {}

    fn apply(&self, on: &OnDay, levers: &mut dyn Levers) {
        levers.preinstall(on, self.rate);
    }
}
