//! Keys as earlier versions called them: their files are read, in options and sweeps it is said how they are called now.

use crate::scenario::document::{Node, Value};

/// Former path and present name.
pub(super) const KEYS: &[(&str, &str)] = &[("model.threshold.a", "location"), ("model.threshold.b", "scale")];

/// Gives a file's keys their present names. What cannot be told from this file alone stays as it is, and is reported as any
/// unknown key.
pub(super) fn rename(root: &mut Node) {
    if let Some(threshold) = root.get_mut("model").and_then(|model| model.get_mut("threshold")) {
        bounds_to_scale(threshold);
    }
}

/// `a` and `b` were mean and standard deviation, or the ends of a uniform distribution.
fn bounds_to_scale(threshold: &mut Node) {
    let uniform = threshold.get("distribution").and_then(Node::text) == Some("uniform");
    let number = |key| threshold.get(key).and_then(Node::number);
    if uniform {
        let (Some(a), Some(b)) = (number("a"), number("b")) else { return };
        if let Some(node) = threshold.get_mut("b") {
            node.value = Value::Float(b - a);
        }
    }
    let Value::Table(entries) = &mut threshold.value else { return };
    for (former, now) in KEYS.iter().filter_map(|(path, now)| Some((path.strip_prefix("model.threshold.")?, *now))) {
        if !entries.iter().any(|entry| entry.key == now)
            && let Some(entry) = entries.iter_mut().find(|entry| entry.key == former)
        {
            entry.key = now.into();
        }
    }
}
