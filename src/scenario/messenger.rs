use super::{Date, Service};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A messenger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Messenger {
    /// Name used by interventions and tables.
    pub name: String,
    /// Day from which it can be installed; before the start for an incumbent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launch: Option<Date>,
    /// How well each service works when nothing is done to it, 0 (does not exist) to 1.
    #[serde(default)]
    pub quality: Quality,
    /// Share of each age band holding it at the start. All zero for a new messenger.
    #[serde(default)]
    #[schemars(inner(range(min = 0.0, max = 1.0)))]
    pub reach_by_age: Vec<f64>,
    /// Share of users who know of it at the start. Incumbents: 1.
    #[serde(default = "one")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub aware: f64,
    /// r_m: liking in the order of apps (score).
    #[serde(default)]
    #[schemars(range(min = -100.0, max = 100.0))]
    pub appeal: f64,
    /// r_age,m: addition to `appeal` for each age band (score).
    #[serde(default)]
    #[schemars(inner(range(min = -100.0, max = 100.0)))]
    pub appeal_by_age: Vec<f64>,
    /// s_m: weight of persistent taste when installing (logit per standard deviation).
    #[serde(default = "taste_weight")]
    #[schemars(range(min = 0.0, max = 20.0))]
    pub taste_weight: f64,
    /// Cost of an account: number, code, contacts (logit).
    #[serde(default = "onboarding")]
    #[schemars(range(min = -100.0, max = 100.0))]
    pub onboarding: f64,
    /// Standing offset of the utility of installing, before `promote` interventions (logit).
    #[serde(default)]
    #[schemars(range(min = -100.0, max = 100.0))]
    pub offset: f64,
    /// content_m: attraction of its channels, 0 to 1 (Telegram = 1).
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub content: f64,
    /// F_m: share of contacts abroad who can be reached on it.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub abroad: f64,
    /// stake_m: weight of its lost use in the need for a VPN.
    #[serde(default = "one")]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub stake: f64,
    /// Share of its traffic that the state can read.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub surveillance: f64,
    /// Share of its traffic that is end-to-end encrypted.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub encryption: f64,
}

/// Quality of the services of a messenger, each 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Quality {
    /// Text, pictures, voice notes.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub messages: f64,
    /// Voice and video calls.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub calls: f64,
    /// Channels and large public groups.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub channels: f64,
}

impl Quality {
    /// Quality of one service.
    pub fn of(&self, service: Service) -> f64 {
        match service {
            Service::Messages => self.messages,
            Service::Calls => self.calls,
            Service::Channels => self.channels,
        }
    }
}

impl Default for Quality {
    fn default() -> Self {
        Quality { messages: 1.0, calls: 1.0, channels: 1.0 }
    }
}

fn one() -> f64 {
    1.0
}

fn taste_weight() -> f64 {
    1.5
}

fn onboarding() -> f64 {
    6.0
}
