//! Interventions: what they name must be there, and what each kind asks of itself.

use super::Names;
use crate::scenario::document::{Cursor, Problems, listed, names};
use crate::scenario::intervention::{self, Checks};
use crate::scenario::{Intervention, MAX_CLASSES, access};
use serde::Deserialize;

pub(super) fn check(root: &Cursor<'_>, messengers: &[Cursor<'_>], known: &Names<'_>, problems: &mut Problems) {
    let list = root.items("intervention");
    names(&list, "label", problems);
    let chats = root.get("model").and_then(|model| model.get("chats")).map(|chats| chats.items("kinds")).unwrap_or_default();
    let with_chats: Vec<&str> = chats.iter().filter_map(|kind| kind.text("group")).collect();
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
        // Orders to chats that are not there would be ignored in silence.
        let groups =
            at.get("groups").map(|groups| groups.node.list().iter().filter_map(|group| group.text()).collect::<Vec<_>>());
        if at.has("chats") && groups.is_some_and(|groups| !groups.iter().any(|group| with_chats.contains(group))) {
            let allowed = match with_chats.is_empty() {
                true => "no order to chats where no kind of `model.chats` is of a group".into(),
                false => format!("one of the groups that have chats in `model.chats`: {}", listed(with_chats.iter().copied())),
            };
            at.problem(problems, "chats", "an order to chats of groups that have none", allowed);
        }
        if let Some(kind) = at.text("kind") {
            intervention::check(kind, &mut Checks { at, messengers, problems });
        }
    }
    // What cannot be read has been reported.
    let readable: Vec<_> = list.iter().filter_map(|at| Intervention::deserialize(at.node.to_json()).ok()).collect();
    let groups = access::groups(&readable, &known.groups).len();
    let classes = access::classes(known.regions.len(), groups);
    if classes > MAX_CLASSES {
        let found = format!("{classes} kinds of access ({} regions x 2 x 2^{groups} groups)", known.regions.len());
        root.problem(problems, "intervention", found, format!("{MAX_CLASSES}: name fewer groups in interventions on access"));
    }
}
