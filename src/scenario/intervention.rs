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

impl InterventionKind {
    /// Keys that count for some kinds only. Those of all kinds are kind, label, from, until and source.
    pub const ALL_KEYS: [&str; 15] = [
        "messenger",
        "except",
        "services",
        "ramp_days",
        "regions",
        "groups",
        "severity",
        "salience",
        "onboarding",
        "effectiveness",
        "cost",
        "awareness",
        "appeal",
        "traffic",
        "rate",
    ];

    /// Which of [`InterventionKind::ALL_KEYS`] this kind uses.
    pub fn keys(self) -> &'static [&'static str] {
        match self {
            InterventionKind::Block | InterventionKind::Throttle => {
                &["messenger", "services", "ramp_days", "regions", "groups", "severity", "salience"]
            }
            InterventionKind::Outage => &["messenger", "services", "ramp_days", "regions", "groups", "severity"],
            InterventionKind::Shutdown => &["messenger", "except", "services", "ramp_days", "regions", "groups", "severity"],
            InterventionKind::Unblock => &["messenger", "services", "ramp_days", "regions", "groups"],
            InterventionKind::Registration => &["messenger", "onboarding", "ramp_days", "regions"],
            InterventionKind::Vpn => &["effectiveness", "cost", "ramp_days"],
            InterventionKind::Promote => &["messenger", "awareness", "appeal", "ramp_days", "regions"],
            InterventionKind::Mandate => &["messenger", "groups", "appeal", "traffic", "ramp_days", "regions"],
            InterventionKind::Preinstall => &["messenger", "rate", "ramp_days", "regions"],
            InterventionKind::Launch => &["messenger"],
        }
    }

    /// What this kind cannot do without: of each list at least one key.
    pub fn needs(self) -> &'static [&'static [&'static str]] {
        match self {
            InterventionKind::Block | InterventionKind::Throttle | InterventionKind::Outage => &[&["messenger"]],
            InterventionKind::Unblock | InterventionKind::Launch => &[&["messenger"]],
            InterventionKind::Shutdown => &[],
            InterventionKind::Registration => &[&["messenger"], &["onboarding"]],
            InterventionKind::Vpn => &[&["effectiveness", "cost"]],
            InterventionKind::Promote => &[&["messenger"], &["awareness", "appeal"]],
            InterventionKind::Mandate => &[&["messenger"], &["groups"], &["appeal", "traffic"]],
            InterventionKind::Preinstall => &[&["messenger"], &["rate"]],
        }
    }

    /// Whether the kind changes what users can use.
    pub fn changes_access(self) -> bool {
        use InterventionKind::{Block, Outage, Shutdown, Throttle, Unblock};
        matches!(self, Block | Throttle | Outage | Shutdown | Unblock)
    }

    /// The kind as scenarios write it.
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

impl Intervention {
    /// A label from the other keys, such as `block WhatsApp calls 2025-08-13`.
    pub(super) fn made_label(&self) -> String {
        let messengers = self.messenger.as_ref().map_or(&[][..], OneOrMany::names);
        let services = self.services.iter().map(|s| s.name());
        let parts = messengers.iter().map(String::as_str).chain(services).chain(self.groups.iter().map(String::as_str));
        let words: Vec<&str> = std::iter::once(self.kind.name()).chain(parts).collect();
        format!("{} {}", words.join(" "), self.from)
    }
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

    /// The service as scenarios write it.
    pub fn name(self) -> &'static str {
        match self {
            Service::Messages => "messages",
            Service::Calls => "calls",
            Service::Channels => "channels",
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
