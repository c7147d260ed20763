//! The schema of an intervention: one of the kinds, each with the keys that it takes.

use super::{SCOPE_KEYS, schemas};
use schemars::Schema;
use serde_json::{Map, Value as Json, json};

/// From one table of all common keys to a list of tables, by kind.
pub(super) fn by_kind(schema: &mut Schema) {
    let Some(all) = schema.remove("properties") else { return };
    schema.remove("required");
    schema.remove("type");
    let kinds: Vec<Json> = schemas().into_iter().map(|(name, takes, own)| one(name, takes, &own, &all)).collect();
    schema.insert("oneOf".into(), kinds.into());
}

fn one(name: &str, takes: &[&str], own: &Json, all: &Json) -> Json {
    let mut keys = Map::new();
    keys.insert("kind".into(), json!({ "description": own["description"], "type": "string", "const": name }));
    let entries = |table: &Json| table.as_object().cloned().unwrap_or_default();
    for (key, value) in entries(all) {
        // The kind's own come before the last, which is the source of everything.
        if key == "source" {
            keys.extend(entries(&own["properties"]));
        }
        if !SCOPE_KEYS.contains(&&*key) || takes.contains(&&*key) {
            keys.insert(key, value);
        }
    }
    let own_required = own["required"].as_array().into_iter().flatten().cloned();
    let required: Vec<Json> = [json!("kind"), json!("from")].into_iter().chain(own_required).collect();
    json!({
        "description": own["description"],
        "type": "object",
        "properties": keys,
        "required": required,
        "additionalProperties": false,
    })
}
