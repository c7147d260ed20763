//! What authorities and platforms do, from a date on.
//!
//! A kind of intervention is one file here, with its numbers, what they mean, what it needs and which levers of policy
//! it moves, and one line in the list below.

#![deny(missing_docs)] // The words of the reference and of editors.

mod kind;
mod levers;
mod schema;
mod service;

use kind::InterventionKind;
pub(crate) use kind::{Checks, SCOPE_KEYS};
pub use levers::{Levers, OnDay, Scope};
pub use service::{PerService, Service};

use super::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

kind::kinds! {
    "block" => block::Block,
    "throttle" => throttle::Throttle,
    "registration" => registration::Registration,
    "vpn" => vpn::VpnCrackdown,
    "promote" => promote::Promote,
    "mandate" => mandate::Mandate,
    "preinstall" => preinstall::Preinstall,
    "launch" => launch::Launch,
    "outage" => outage::Outage,
    "shutdown" => shutdown::Shutdown,
    "unblock" => unblock::Unblock,
}

/// Something an authority or a platform does, from a date on.
///
/// Which keys count depends on `kind`; a key that the kind does not use is an error, so that nothing is
/// silently ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(transform = schema::by_kind)]
pub struct Intervention {
    /// Short label for tables and figures; made from the other keys if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The messenger, or list of messengers, that it is done to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messenger: Option<OneOrMany>,
    /// Messengers to which it is not done; in place of `messenger`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Services concerned; all if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<Service>,
    /// First day.
    pub from: Date,
    /// Last day, inclusive; indefinitely if omitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Days over which the effect grows in a straight line: 0 is a step, on day `from + ramp_days` it is full.
    #[serde(default)]
    #[schemars(range(max = 36_500))]
    pub ramp_days: u32,
    /// Regions concerned; all if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// Groups concerned; everyone if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// What is done.
    #[serde(flatten)]
    #[schemars(skip)]
    pub effect: Effect,
    /// Where the date and the strength come from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
}

impl Intervention {
    /// When it is in force, in ticks from `start`.
    pub fn schedule(&self, start: Date) -> Schedule {
        let tick = |date| start.days_until(date);
        Schedule { from: tick(self.from), until: self.until.map_or(i32::MAX, tick), ramp_days: self.ramp_days }
    }

    /// The numbers of its kind, by key: `severity`, `cost` and the like.
    pub fn numbers(&self) -> serde_json::Map<String, serde_json::Value> {
        // An effect is a table of plain numbers, which can always be written.
        let Ok(serde_json::Value::Object(mut table)) = serde_json::to_value(&self.effect) else { return Default::default() };
        table.retain(|_, value| value.is_number());
        table
    }

    /// A label from the other keys, such as `block WhatsApp calls 2025-08-13`.
    pub(super) fn made_label(&self) -> String {
        let messengers = self.messenger.as_ref().map_or(&[][..], OneOrMany::names);
        let services = self.services.iter().map(|s| s.name());
        let parts = messengers.iter().map(String::as_str).chain(services).chain(self.groups.iter().map(String::as_str));
        let words: Vec<&str> = std::iter::once(self.effect.name()).chain(parts).collect();
        format!("{} {}", words.join(" "), self.from)
    }
}

/// When an intervention is in force, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// First day.
    pub from: i32,
    /// Last day; far away where there is none.
    pub until: i32,
    /// Days from the first to that on which it is in full force.
    pub ramp_days: u32,
}

impl Schedule {
    /// How far it has come on `day`, 0 (not begun, or over) to 1 (in full).
    ///
    /// It begins on `from`; with a ramp of n days it is at k/n on day `from + k`, so that it is full on `from + n`;
    /// without a ramp it is full on `from`. After `until` it is over.
    pub fn level(&self, day: i32) -> f32 {
        match day.checked_sub(self.from).and_then(|age| u32::try_from(age).ok()) {
            Some(_) if day > self.until => 0.0,
            Some(age) if age >= self.ramp_days => 1.0,
            Some(age) => age as f32 / self.ramp_days as f32,
            None => 0.0,
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

/// Full strength, where none is given.
fn full() -> f64 {
    1.0
}
