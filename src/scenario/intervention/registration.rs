use super::{Checks, InterventionKind, Levers, OnDay};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// New accounts made dearer or impossible.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Registration {
    /// Cost added for new accounts (logit).
    #[schemars(range(min = -100.0, max = 100.0))]
    pub onboarding: f64,
}

impl InterventionKind for Registration {
    const TAKES: &'static [&'static str] = &["messenger", "ramp_days", "regions"];
    const NEEDS: &'static [&'static [&'static str]] = &[&["messenger"]];

    fn check(_: &mut Checks<'_>) {}

    fn apply(&self, on: &OnDay, levers: &mut dyn Levers) {
        levers.add_install_utility(on, -self.onboarding);
    }
}
