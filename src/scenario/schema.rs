//! The JSON Schema of scenario files.

use super::Scenario;
use serde_json::{Map, Value as Json, json};

/// The schema of a resolved scenario, as its declarations give it.
pub(super) fn of_scenario() -> Json {
    schemars::schema_for!(Scenario).to_value()
}

/// JSON Schema of scenario files, for editors: completion, documentation and checks while typing.
///
/// It is the schema of [`Scenario`] and of the three keys that only files have, `base`, `remove` and `targets`. A file
/// with a `base` may leave out whatever that has.
pub fn json_schema() -> Json {
    let mut schema = of_scenario();
    let required = requirements(&schema, &schema);
    strip_required(&mut schema);
    schema["title"] = json!("exodus scenario");
    schema["properties"]["base"] = json!({
        "description": "What this scenario changes: a scenario file, relative to this one, or a country that comes with exodus (russia, or only how people there decide, russia-behaviour). Tables are merged; messengers, interventions, regions, ages and groups by their name or label; other lists are replaced.",
        "type": "string"
    });
    schema["properties"]["remove"] = json!({
        "description": "Labels of interventions of `base` to leave out; `*` at the end stands for any text.",
        "type": "array",
        "items": { "type": "string" }
    });
    schema["properties"]["targets"] = json!({
        "description": "CSV table of published figures, relative to this file, with the columns month (2025-08), messenger, column (monthly_reach or daily_reach), value_mln (million people), flag (I interpolated, A assumed, M and the kinds B, P and C measured; any other is taken for measured, with a warning) and perhaps source: every row is a `target`. Those of `base` stay.",
        "type": "string"
    });
    schema["if"] = json!({ "not": { "required": ["base"] } });
    schema["then"] = required.unwrap_or(json!({}));
    schema
}

/// The part of a schema that says what must be there; `None` where nothing must.
fn requirements(schema: &Json, root: &Json) -> Option<Json> {
    let schema = match schema["$ref"].as_str().and_then(|r| r.strip_prefix("#/$defs/")) {
        Some(name) => &root["$defs"][name],
        None => schema,
    };
    let mut part = Map::new();
    if let Some(required) = schema.get("required") {
        part.insert("required".into(), required.clone());
    }
    let inner = schema["properties"].as_object().into_iter().flatten();
    let inner: Map<_, _> = inner.filter_map(|(key, value)| Some((key.clone(), requirements(value, root)?))).collect();
    if !inner.is_empty() {
        part.insert("properties".into(), Json::Object(inner));
    }
    let kinds = schema["oneOf"].as_array().into_iter().flatten();
    let kinds: Vec<Json> = kinds.filter_map(|kind| with_kind(kind, requirements(kind, root)?)).collect();
    if !kinds.is_empty() {
        part.insert("anyOf".into(), kinds.into());
    }
    if let Some(items) = schema.get("items").and_then(|items| requirements(items, root)) {
        part.insert("items".into(), items);
    }
    (!part.is_empty()).then_some(Json::Object(part))
}

/// What one of several kinds of table must have, and which kind that is.
fn with_kind(kind: &Json, mut requirements: Json) -> Option<Json> {
    let name = kind["properties"]["kind"]["const"].as_str()?;
    requirements["properties"]["kind"] = json!({ "const": name });
    Some(requirements)
}

/// Nothing is required: then a table may fit several kinds.
fn strip_required(schema: &mut Json) {
    match schema {
        Json::Object(map) => {
            map.remove("required");
            if map.get("oneOf").is_some_and(|kinds| kinds[0]["properties"].is_object())
                && let Some(kinds) = map.remove("oneOf")
            {
                map.insert("anyOf".into(), kinds);
            }
            map.values_mut().for_each(strip_required);
        }
        Json::Array(list) => list.iter_mut().for_each(strip_required),
        _ => {}
    }
}
