use super::{Checks, InterventionKind, Levers, OnDay};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The messenger can be installed from this day on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Launch {}

impl InterventionKind for Launch {
    const TAKES: &'static [&'static str] = &["messenger"];
    const NEEDS: &'static [&'static [&'static str]] = &[&["messenger"]];

    /// Only what is not there yet can be launched.
    fn check(checks: &mut Checks<'_>) {
        let (at, messengers) = (checks.at, checks.messengers);
        let Some(node) = at.node.get("messenger") else { return };
        for name in std::iter::once(node).chain(node.list()).filter_map(|n| n.text()) {
            let Some(messenger) = messengers.iter().find(|m| m.text("name") == Some(name)) else { continue };
            let early = match (messenger.date("launch"), at.date("from")) {
                (Some(launch), Some(from)) => launch <= from,
                (launch, _) => launch.is_none() && !messenger.has("launch"),
            };
            if early {
                let found = format!("{name:?}, which can be installed before that anyway");
                checks.problem("messenger", found, "a messenger whose own `launch` is later");
            }
        }
    }

    fn apply(&self, on: &OnDay, levers: &mut dyn Levers) {
        levers.launch(on);
    }
}
