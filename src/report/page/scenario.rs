//! What pages say of a scenario.

use crate::scenario::{Date, GraphKind, OneOrMany, Scenario};
use serde_json::{Value, json};

/// Its title, or its name.
pub(super) fn title(scenario: &Scenario) -> &str {
    if scenario.title.is_empty() { &scenario.name } else { &scenario.title }
}

/// The scenario in numbers and names.
pub(super) fn facts(scenario: &Scenario) -> Value {
    let p = &scenario.population;
    let graph = match serde_json::to_value(scenario.graph.kind) {
        Ok(Value::String(name)) if scenario.graph.kind != GraphKind::File => name.replace('_', "-"),
        _ => "file".into(),
    };
    json!({
        "name": scenario.name,
        "start": scenario.start.to_string(),
        "end": scenario.end.to_string(),
        "rule": serde_json::to_value(scenario.model.rule).unwrap_or_default(),
        "graph": graph,
        "people": p.people,
        "users": p.users,
        "regions": p.regions.iter().map(|r| &r.name).collect::<Vec<_>>(),
        "ages": p.ages.iter().map(|a| &a.name).collect::<Vec<_>>(),
        "groups": p.groups.iter().map(|g| &g.name).collect::<Vec<_>>(),
        "messengers": scenario.messengers.iter().map(|m| &m.name).collect::<Vec<_>>(),
    })
}

/// Interventions of a scenario in order of time.
pub(in crate::report) fn interventions(scenario: &Scenario) -> Vec<Value> {
    let mut order: Vec<usize> = (0..scenario.interventions.len()).collect();
    order.sort_by_key(|&k| scenario.interventions[k].from);
    let facts = order.into_iter().map(|k| {
        let i = &scenario.interventions[k];
        json!({
            "label": scenario.label(k),
            "kind": i.effect.name(),
            "messengers": i.messenger.as_ref().map(OneOrMany::names).unwrap_or_default(),
            "except": i.except,
            "services": i.services.iter().map(|s| s.name()).collect::<Vec<_>>(),
            "regions": i.regions,
            "groups": i.groups,
            "from": i.from.to_string(),
            "until": i.until.map(|date| date.to_string()),
            "ramp_days": i.ramp_days,
            "severity": i.numbers().get("severity"),
            "source": i.source,
        })
    });
    facts.collect()
}

/// The last day of which something was published; what follows is a forecast.
pub(super) fn forecast(scenario: &Scenario) -> Option<String> {
    scenario.targets.iter().map(|target| target.date).max().map(|date| date.to_string())
}

/// Published figures between two days, in order of time.
pub(super) fn targets(scenario: &Scenario, days: &[Date]) -> Value {
    let within = |date: &Date| Some(date) >= days.first() && Some(date) <= days.last();
    let mut shown: Vec<_> = scenario.targets.iter().filter(|target| within(&target.date)).collect();
    shown.sort_by_key(|target| target.date);
    let facts = shown.into_iter().map(|target| {
        json!({
            "messenger": target.messenger,
            "column": target.column.name(),
            "date": target.date.to_string(),
            "people": target.people,
            "measured": target.measured,
        })
    });
    Value::Array(facts.collect())
}
