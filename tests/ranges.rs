//! Results at the ends of what scenarios allow.

mod common;

use common::everything;
use exodus::engine::Simulation;
use exodus::measure::curves;
use exodus::scenario;

/// Every number at either end of its range: results are numbers still, and of their kind.
#[test]
fn results_are_sound_at_the_ends_of_all_ranges() {
    fn walk(value: &toml::Value, path: &str, keys: &mut Vec<String>) {
        match value {
            toml::Value::Integer(_) | toml::Value::Float(_) => keys.push(path.trim_start_matches('.').to_owned()),
            toml::Value::Table(table) => table.iter().for_each(|(key, v)| walk(v, &format!("{path}.{key}"), keys)),
            toml::Value::Array(list) => list.iter().enumerate().for_each(|(k, v)| walk(v, &format!("{path}.{k}"), keys)),
            _ => {}
        }
    }
    let base = ["population.users=150", "end=2025-03-10", "model.warm_up_days=6", "model.settle_days=4"];
    let text = everything(&base).to_toml().expect("TOML");
    let mut keys = Vec::new();
    walk(&toml::from_str(&text).expect("TOML"), "", &mut keys);
    assert!(keys.len() > 100, "{} keys", keys.len());
    let (mut ran, mut wrong) = (0, Vec::new());
    for key in keys.iter().filter(|key| !key.starts_with("population.") && !key.ends_with("_days") && *key != "seed") {
        // Beyond any range: the answer names both ends.
        let set = |value: &str| scenario::parse(&text, "s.toml", &[format!("{key}={value}")]);
        let refused = set("1e300").or_else(|_| set("99999999999999")).expect_err(key).to_string();
        let range = refused.split(" from ").nth(1).and_then(|rest| rest.lines().next()?.split_once(" to "));
        let (low, high) = range.unwrap_or_else(|| panic!("{key}: {refused}"));
        for value in [low, high] {
            // Some go only together with others, which is said.
            let Ok(scenario) = set(value) else { continue };
            let curves = Simulation::new(scenario).and_then(curves).unwrap_or_else(|e| panic!("{key}={value}: {e}"));
            ran += 1;
            for messenger in curves.messengers() {
                for column in ["holders", "daily_reach", "monthly_reach", "main_share", "traffic_share", "daily_use"] {
                    let most = if column.ends_with("share") { 1.0 } else { 1e6 };
                    let days = curves.series(column, messenger).expect("a column");
                    // A share of nothing is no number.
                    let sound = |x: &f64| (0.0..=most * 1.000_001).contains(x) || column == "traffic_share" && x.is_nan();
                    if !days.iter().all(sound) {
                        wrong.push(format!("{key}={value}: {column} of {messenger} {days:?}"));
                    }
                }
            }
            for column in ["vpn_share", "connected_ties", "phone_calls", "surveilled_traffic", "encrypted_traffic"] {
                let days = curves.population(column).expect("a column");
                if !days.iter().all(|x| x.is_nan() || (0.0..=1.000_001).contains(x)) {
                    wrong.push(format!("{key}={value}: {column} {days:?}"));
                }
            }
        }
    }
    assert!(ran > 150, "{ran} runs");
    assert!(wrong.is_empty(), "{}", wrong.iter().map(|w| w.chars().take(200).collect::<String>()).collect::<Vec<_>>().join("\n"));
}
