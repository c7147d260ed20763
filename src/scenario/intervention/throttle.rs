use super::{Checks, InterventionKind, Levers, OnDay};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Services slowed by the authorities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Throttle {
    /// Access is multiplied by 1 - severity.
    #[serde(default = "super::full")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub severity: f64,
    /// How far sudden, visible loss eases the step to a VPN (logit), fading over four weeks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 20.0))]
    pub salience: Option<f64>,
}

impl InterventionKind for Throttle {
    const TAKES: &'static [&'static str] = &["messenger", "services", "ramp_days", "regions", "groups"];
    const NEEDS: &'static [&'static [&'static str]] = &[&["messenger"]];

    fn check(_: &mut Checks<'_>) {}

    fn apply(&self, on: &OnDay, levers: &mut dyn Levers) {
        levers.restrict(on, self.severity, true);
        levers.alarm(on, self.severity, self.salience.unwrap_or(0.0));
    }
}
