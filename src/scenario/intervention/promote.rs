use super::{Checks, InterventionKind, Levers, OnDay};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Advertising and press: awareness, and utility of installing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Promote {
    /// Hazard of hearing of the messenger in the media (1/day).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub awareness: Option<f64>,
    /// Addition to the utility of installing (logit).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -100.0, max = 100.0))]
    pub appeal: Option<f64>,
}

impl InterventionKind for Promote {
    const TAKES: &'static [&'static str] = &["messenger", "ramp_days", "regions"];
    const NEEDS: &'static [&'static [&'static str]] = &[&["messenger"], &["awareness", "appeal"]];

    fn check(_: &mut Checks<'_>) {}

    fn apply(&self, on: &OnDay, levers: &mut dyn Levers) {
        levers.add_install_utility(on, self.appeal.unwrap_or(0.0));
        levers.advertise(on, self.awareness.unwrap_or(0.0));
    }
}
