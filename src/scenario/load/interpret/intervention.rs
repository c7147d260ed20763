//! Interventions: what they name must be there, and what each kind asks of itself.

use super::Names;
use crate::scenario::document::{Cursor, Problems, names};
use crate::scenario::intervention::{self, Checks};
use crate::scenario::{Intervention, MAX_CLASSES, access};
use serde::Deserialize;

pub(super) fn check(root: &Cursor<'_>, messengers: &[Cursor<'_>], known: &Names<'_>, problems: &mut Problems) {
    let list = root.items("intervention");
    names(&list, "label", problems);
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
