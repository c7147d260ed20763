use super::{Checks, InterventionKind, Levers, OnDay};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Steps against VPNs: effectiveness, price, fear.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VpnCrackdown {
    /// Factor on the effectiveness of VPNs, which is 1 where nothing is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub effectiveness: Option<f64>,
    /// Cost added to starting and keeping a VPN: price, fear, fines (logit).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -100.0, max = 100.0))]
    pub cost: Option<f64>,
}

impl InterventionKind for VpnCrackdown {
    const TAKES: &'static [&'static str] = &["ramp_days"];
    const NEEDS: &'static [&'static [&'static str]] = &[&["effectiveness", "cost"]];

    fn check(_: &mut Checks<'_>) {}

    fn apply(&self, on: &OnDay, levers: &mut dyn Levers) {
        levers.hinder_vpns(on, self.effectiveness.unwrap_or(1.0), self.cost.unwrap_or(0.0));
    }
}
