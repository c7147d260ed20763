//! Interventions: which keys a kind uses and needs, and whom it names.

use super::{At, Names, names};
use crate::scenario::load::problem::{Problems, listed};
use crate::scenario::load::shape::join;
use crate::scenario::{InterventionKind, MAX_CLASSES};
use serde::Deserialize;
use serde::de::IntoDeserializer;

pub(super) fn check(root: &At<'_>, messengers: &[At<'_>], known: &Names<'_>, problems: &mut Problems) {
    let list = root.items("intervention");
    names(&list, "label", problems);
    let mut access_groups: Vec<&str> = Vec::new();
    for at in &list {
        at.known(problems, "messenger", &known.messengers);
        at.known(problems, "except", &known.messengers);
        at.known(problems, "regions", &known.regions);
        at.known(problems, "groups", &known.groups);
        if let (Some(from), Some(until)) = (at.date("from"), at.date("until"))
            && until < from
        {
            at.problem(problems, "until", until, format!("a day not before `from`, {from}"));
        }
        let Some(kind) = at.text("kind").and_then(kind_of) else { continue };
        keys(at, kind, problems);
        if kind == InterventionKind::Launch {
            launch(at, messengers, problems);
        }
        if kind.changes_access() {
            let groups = at.items("groups");
            let named = groups.iter().filter_map(|g| g.node.text()).filter(|g| known.groups.contains(g));
            for group in named {
                if !access_groups.contains(&group) {
                    access_groups.push(group);
                }
            }
        }
    }
    let classes = (known.regions.len() * 2) << access_groups.len();
    if classes > MAX_CLASSES {
        let found = format!("{classes} kinds of access ({} regions x 2 x 2^{} groups)", known.regions.len(), access_groups.len());
        root.problem(problems, "intervention", found, format!("{MAX_CLASSES}: name fewer groups in interventions on access"));
    }
}

fn kind_of(text: &str) -> Option<InterventionKind> {
    let deserializer: serde::de::value::StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
    InterventionKind::deserialize(deserializer).ok()
}

/// A key that the kind does not use would be silently ignored; without one that it needs it would do nothing.
fn keys(at: &At<'_>, kind: InterventionKind, problems: &mut Problems) {
    let name = at.text("kind").unwrap_or_default();
    let used = kind.keys();
    for entry in at.node.entries() {
        if InterventionKind::ALL_KEYS.contains(&&*entry.key) && !used.contains(&&*entry.key) {
            let allowed = format!("for a {name}: {}", listed(used.iter().copied()));
            problems.add(&entry.place, &join(&at.path, &entry.key), format!("a key that a {name} does not use"), allowed);
        }
    }
    for one_of in kind.needs() {
        if !one_of.iter().any(|key| at.has(key)) {
            let allowed = format!("{} for a {name}", one_of.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(" or "));
            at.problem(problems, one_of[0], "nothing", allowed);
        }
    }
    let empty = |key: &str| {
        at.get(key).is_some_and(|v| matches!(&v.node.value, crate::scenario::load::tree::Value::List(l) if l.is_empty()))
    };
    for key in ["messenger", "groups"].into_iter().filter(|key| used.contains(key) && empty(key)) {
        at.problem(problems, key, "an empty list", "a name or more");
    }
    if at.has("messenger") && at.has("except") {
        at.problem(problems, "except", "it beside `messenger`", "one of the two: who is cut off, or who is not");
    }
}

/// Only what is not there yet can be launched.
fn launch(at: &At<'_>, messengers: &[At<'_>], problems: &mut Problems) {
    let Some(node) = at.node.get("messenger") else { return };
    for name in std::iter::once(node).chain(node.list()).filter_map(|n| n.text()) {
        let Some(messenger) = messengers.iter().find(|m| m.text("name") == Some(name)) else { continue };
        let early = match (messenger.date("launch"), at.date("from")) {
            (Some(launch), Some(from)) => launch <= from,
            (launch, _) => launch.is_none() && !messenger.has("launch"),
        };
        if early {
            let found = format!("{name:?}, which can be installed before that anyway");
            at.problem(problems, "messenger", found, "a messenger whose own `launch` is later");
        }
    }
}
