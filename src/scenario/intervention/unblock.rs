use super::{Checks, InterventionKind, Levers, OnDay};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Ends earlier blocks and throttles of the messenger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Unblock {}

impl InterventionKind for Unblock {
    const TAKES: &'static [&'static str] = &["messenger", "services", "ramp_days", "regions", "groups"];
    const NEEDS: &'static [&'static [&'static str]] = &[&["messenger"]];

    fn check(_: &mut Checks<'_>) {}

    fn apply(&self, on: &OnDay, levers: &mut dyn Levers) {
        levers.lift(on);
    }
}
