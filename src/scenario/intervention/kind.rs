//! What a kind of intervention consists of.

use super::{Levers, OnDay};
use crate::scenario::document::{Cursor, Problems};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Display;

/// A kind of intervention. Its own numbers are the fields of the type; their comments, and that of the type, become the
/// reference.
pub(crate) trait InterventionKind: Serialize + DeserializeOwned + JsonSchema {
    /// Which of [`SCOPE_KEYS`] it takes.
    const TAKES: &'static [&'static str];
    /// What it cannot do without: of each list at least one key.
    const NEEDS: &'static [&'static [&'static str]];
    /// Checks what neither types and ranges nor the two lists above can say.
    fn check(checks: &mut Checks<'_>);
    /// Moves the levers of a day.
    fn apply(&self, on: &OnDay, levers: &mut dyn Levers);
}

/// Keys that say whom, where and how fast: those of [`super::Intervention`] that only some kinds take.
pub(crate) const SCOPE_KEYS: [&str; 6] = ["messenger", "except", "services", "ramp_days", "regions", "groups"];

/// An intervention as written, to be checked.
pub(crate) struct Checks<'a> {
    /// The intervention.
    pub at: &'a Cursor<'a>,
    /// The scenario's messengers.
    pub messengers: &'a [Cursor<'a>],
    /// Where problems go.
    pub problems: &'a mut Problems,
}

impl Checks<'_> {
    /// What a kind needs must be there, and lists of names must name someone.
    pub(super) fn keys(&mut self, name: &str, takes: &[&str], needs: &[&[&str]]) {
        for one_of in needs {
            if !one_of.iter().any(|key| self.at.has(key)) {
                let keys: Vec<_> = one_of.iter().map(|key| format!("`{key}`")).collect();
                self.problem(one_of[0], "nothing", format!("{} for a {name}", keys.join(" or ")));
            }
        }
        for key in ["messenger", "groups"].into_iter().filter(|key| takes.contains(key)) {
            if self.at.get(key).is_some_and(|value| value.node.is_empty_list()) {
                self.problem(key, "an empty list", "a name or more");
            }
        }
    }

    /// Reports a problem of a key.
    pub(super) fn problem(&mut self, key: &str, found: impl Display, allowed: impl Display) {
        self.at.problem(self.problems, key, found, allowed);
    }
}

/// The one list of kinds: for each its name in scenarios and the type, which lies in a file of its own.
macro_rules! kinds {
    ($($name:literal => $module:ident::$kind:ident,)*) => {
        $(mod $module; pub use $module::$kind;)*

        /// What an intervention does: a kind and its numbers.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind")]
        pub enum Effect {
            $(#[doc = concat!("`", $name, "`")] #[serde(rename = $name)] $kind($kind),)*
        }

        impl Effect {
            /// Names of all kinds, as scenarios write them.
            pub const NAMES: &[&str] = &[$($name),*];

            /// The kind as scenarios write it.
            pub fn name(&self) -> &'static str {
                match self { $(Effect::$kind(_) => $name),* }
            }

            /// The keys that say whom, where and how fast which this kind takes.
            pub(crate) fn takes(&self) -> &'static [&'static str] {
                match self { $(Effect::$kind(_) => <$kind as InterventionKind>::TAKES),* }
            }

            /// Moves the levers of a day.
            pub fn apply(&self, on: &OnDay, levers: &mut dyn Levers) {
                match self { $(Effect::$kind(kind) => kind.apply(on, levers)),* }
            }
        }

        /// Checks an intervention of the kind called `name`; an unknown name is left to others.
        pub(crate) fn check(name: &str, checks: &mut Checks<'_>) {
            $(if name == $name {
                checks.keys($name, <$kind as InterventionKind>::TAKES, <$kind as InterventionKind>::NEEDS);
                <$kind as InterventionKind>::check(checks);
            })*
        }

        /// Of all kinds: name, common keys it takes, schema of its own.
        pub(super) fn schemas() -> Vec<(&'static str, &'static [&'static str], serde_json::Value)> {
            vec![$(($name, <$kind as InterventionKind>::TAKES, schemars::schema_for!($kind).to_value())),*]
        }
    };
}
pub(super) use kinds;
