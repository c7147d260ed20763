use super::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something an authority or a platform does, from a date on.
///
/// Which keys count depends on `kind`; a key that the kind does not use is an error, so that nothing is
/// silently ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Intervention {
    /// What is done.
    pub kind: InterventionKind,
    /// Short label for tables and figures; made from the other keys if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The messenger, or list of messengers, that it is done to. `shutdown`: every messenger if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messenger: Option<OneOrMany>,
    /// `shutdown`: messengers on the white list, which go on working.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Services concerned (block, throttle, outage, shutdown, unblock); all if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
    /// First day.
    pub from: Date,
    /// Last day, inclusive; for ever if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Days over which the effect grows in a straight line: 0 is a step, on day `from + ramp_days` it is full.
    #[serde(default)]
    #[schemars(range(max = 36_500))]
    pub ramp_days: u32,
    /// Regions concerned; all if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// Groups concerned; everyone if left out (`mandate` must name some).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Strength of block, throttle, outage and shutdown: access is multiplied by 1 - severity.
    #[serde(default = "one")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub severity: f64,
    /// `block`, `throttle`: how far sudden, visible loss eases the step to a VPN (logit), fading over four weeks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 20.0))]
    pub salience: Option<f64>,
    /// `registration`: cost added for new accounts (logit).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onboarding: Option<f64>,
    /// `vpn`: factor on the effectiveness of VPNs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub effectiveness: Option<f64>,
    /// `vpn`: cost added to starting and keeping a VPN: price, fear, fines (logit).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
    /// `promote`: hazard of hearing of the messenger in the media (1/day).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub awareness: Option<f64>,
    /// `promote`: addition to the wish to install (logit). `mandate`: the same, for members of the groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal: Option<f64>,
    /// `mandate`: use that the groups must make of the messenger (share of a full day's use).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub traffic: Option<f64>,
    /// `preinstall`: hazard of getting the app with a new phone (1/day).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub rate: Option<f64>,
    /// Where the date and the strength come from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

/// Kinds of intervention.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InterventionKind {
    /// Services cut by the authorities.
    Block,
    /// Services slowed.
    Throttle,
    /// New accounts made dearer or impossible.
    Registration,
    /// Steps against VPNs: effectiveness, price, fear.
    Vpn,
    /// Advertising and press: awareness and wish to install.
    Promote,
    /// Groups told to use a messenger.
    Mandate,
    /// On every new phone.
    Preinstall,
    /// The messenger can be installed from this day on.
    Launch,
    /// The service's own failure.
    Outage,
    /// Mobile internet switched off, but for a white list.
    Shutdown,
    /// Ends earlier blocks and throttles of the messenger.
    Unblock,
}

/// A service of a messenger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Text, pictures, voice notes.
    Messages,
    /// Voice and video calls.
    Calls,
    /// Channels and large public groups.
    Channels,
}

impl Service {
    /// All of them, in the order of tables.
    pub const ALL: [Service; 3] = [Service::Messages, Service::Calls, Service::Channels];

    /// As written in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            Service::Messages => "messages",
            Service::Calls => "calls",
            Service::Channels => "channels",
        }
    }
}

impl InterventionKind {
    /// As written in scenarios.
    pub fn name(self) -> &'static str {
        match self {
            InterventionKind::Block => "block",
            InterventionKind::Throttle => "throttle",
            InterventionKind::Registration => "registration",
            InterventionKind::Vpn => "vpn",
            InterventionKind::Promote => "promote",
            InterventionKind::Mandate => "mandate",
            InterventionKind::Preinstall => "preinstall",
            InterventionKind::Launch => "launch",
            InterventionKind::Outage => "outage",
            InterventionKind::Shutdown => "shutdown",
            InterventionKind::Unblock => "unblock",
        }
    }
}

/// One name or a list of names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// `"WhatsApp"`
    One(String),
    /// `["WhatsApp", "Telegram"]`
    Many(Vec<String>),
}

impl OneOrMany {
    /// The names.
    pub fn names(&self) -> &[String] {
        match self {
            OneOrMany::One(name) => std::slice::from_ref(name),
            OneOrMany::Many(names) => names,
        }
    }
}

fn one() -> f64 {
    1.0
}
