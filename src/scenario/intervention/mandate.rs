use super::{Checks, InterventionKind, Levers, OnDay};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Groups ordered to use a messenger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Mandate {
    /// Addition to the utility of installing, for members of the groups (logit).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -100.0, max = 100.0))]
    pub appeal: Option<f64>,
    /// Use that the groups must make of the messenger (share of a full day's use).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub traffic: Option<f64>,
    /// Share of the groups' chats (`model.chats`) that must be on the messenger, whatever their members hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub chats: Option<f64>,
}

impl InterventionKind for Mandate {
    const TAKES: &'static [&'static str] = &["messenger", "groups", "ramp_days", "regions"];
    const NEEDS: &'static [&'static [&'static str]] = &[&["messenger"], &["groups"], &["appeal", "traffic", "chats"]];

    fn check(_: &mut Checks<'_>) {}

    fn apply(&self, on: &OnDay, levers: &mut dyn Levers) {
        levers.mandate(on, self.appeal.unwrap_or(0.0), self.traffic.unwrap_or(0.0));
        levers.order_chats(on, self.chats.unwrap_or(0.0));
    }
}
