use super::{Checks, InterventionKind, Levers, OnDay};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Mobile internet switched off, but for a white list: all messengers, those of `messenger`, or all but `except`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shutdown {
    /// Access is multiplied by 1 - severity.
    #[serde(default = "super::full")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub severity: f64,
}

impl InterventionKind for Shutdown {
    const TAKES: &'static [&'static str] = &["messenger", "except", "services", "ramp_days", "regions", "groups"];
    const NEEDS: &'static [&'static [&'static str]] = &[];

    fn check(checks: &mut Checks<'_>) {
        if checks.at.has("messenger") && checks.at.has("except") {
            checks.problem("except", "it beside `messenger`", "one of the two: who is cut off, or who is not");
        }
    }

    fn apply(&self, on: &OnDay, levers: &mut dyn Levers) {
        levers.restrict(on, self.severity, false);
    }
}
