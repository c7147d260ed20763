//! The book: its reference is made from the declarations, its pages are all listed, and what it names is there.
//!
//! `EXODUS_BLESS=1 cargo test --release --test book` regenerates `docs/reference.md`.

mod common;

use assert_cmd::Command;
use common::root;
use exodus::engine::Simulation;
use exodus::experiment::calibrate::Calibration;
use exodus::experiment::replicates::REPLICATE_FIELDS;
use exodus::experiment::sensitivity::SENSITIVITY_FIELDS;
use exodus::experiment::sweep::{SEARCH_FIELDS, SweepFile, SweepPlan, THRESHOLD_FIELDS};
use exodus::experiment::validate::PatternFile;
use exodus::experiment::{compare, recovery, resilience, score, validate};
use exodus::observe::{Field, ValueType};
use exodus::storage::snapshot::{USE_FIELD, USER_FIELDS};
use exodus::storage::{COHORT_FIELDS, EVENT_FIELDS, MORE_OF_USERS, POPULATION_FIELDS, SERIES_FIELDS, TRACE_FIELDS};
use exodus::{measure, scenario};
use schemars::schema_for;
use serde_json::Value;
use std::fmt::Write;
use std::fs;

fn page(name: &str) -> String {
    fs::read_to_string(root().join("docs").join(name)).unwrap_or_else(|e| panic!("docs/{name}: {e}"))
}

#[test]
fn reference_is_fresh() {
    let text = reference();
    let path = root().join("docs/reference.md");
    if std::env::var_os("EXODUS_BLESS").is_some() {
        fs::write(&path, &text).expect("written");
    }
    assert!(page("reference.md") == text, "docs/reference.md is stale: EXODUS_BLESS=1 cargo test --release --test book");
}

/// The whole page.
fn reference() -> String {
    let mut text = String::from(
        "# Reference\n\nMade from the declarations in the code by `EXODUS_BLESS=1 cargo test --release --test book`.\n\n\
         ## Scenario keys\n\nA key of a list's item is written with `[]`. Editors read the same from `scenarios/schema.json`. \
         Defaults are neutral round numbers, of no country: places to begin from ([Your own country](country.md)).\n",
    );
    keys(&mut text, &scenario::json_schema());
    text.push_str("\n## Sweep keys\n\nOf the files that `exodus sweep` takes; `sweeps/schema.json`.\n");
    keys(&mut text, &schema_for!(SweepFile).to_value());
    text.push_str("\n## Calibration keys\n\nOf the files that `exodus calibrate` takes; `calibrations/schema.json`.\n");
    keys(&mut text, &schema_for!(Calibration).to_value());
    text.push_str("\n## Pattern keys\n\nOf the files that `exodus validate` takes; `scenarios/patterns/schema.json`.\n");
    keys(&mut text, &schema_for!(PatternFile).to_value());
    text.push_str(
        "\n## Columns of a run's tables\n\nCounts are people, not simulated users: every user stands for `people / users` of them.\n",
    );
    columns(
        &mut text,
        &[
            ("series.csv`, `series.parquet", &[SERIES_FIELDS]),
            ("population.csv", &[POPULATION_FIELDS]),
            ("cohorts.parquet", &[COHORT_FIELDS]),
            ("trace.parquet", &[TRACE_FIELDS, MORE_OF_USERS]),
            ("events.csv", &[EVENT_FIELDS]),
        ],
    );
    text.push_str("\n## Columns of other tables\n");
    columns(
        &mut text,
        &[
            ("replicates.csv` of `run --replicates", &[REPLICATE_FIELDS]),
            ("differences.csv` of `compare", &[compare::DIFFERENCE_FIELDS]),
            ("measures.csv` of `compare", &[compare::MEASURE_FIELDS]),
            ("flows.csv` of `compare", &[compare::FLOW_FIELDS]),
            ("sensitivity.csv` of `sensitivity", &[SENSITIVITY_FIELDS]),
            ("thresholds.csv` of `sweep", &[THRESHOLD_FIELDS]),
            ("searches.csv` of `sweep", &[SEARCH_FIELDS]),
            ("patterns.csv` of `validate", &[validate::PATTERN_FIELDS]),
            ("checks.csv` of `validate", &[validate::CHECK_FIELDS]),
            ("summary.csv` of `score", &[score::SUMMARY_FIELDS]),
            ("scores.csv` of `score", &[score::SCORE_FIELDS]),
            ("origins.csv` of `score", &[score::ORIGIN_FIELDS]),
            ("forecasts.csv` of `score", &[score::FORECAST_FIELDS]),
            ("ranks.csv` of `recover", &[recovery::RANK_FIELDS]),
            ("losses.csv` of `resilience", &[resilience::LOSS_FIELDS]),
            ("destinations.csv` of `resilience", &[resilience::DESTINATION_FIELDS]),
            ("daily.csv` of `resilience", &[resilience::DAILY_FIELDS]),
            ("users.csv`, `users.parquet` of `snapshot export", &[USER_FIELDS, MORE_OF_USERS, &[USE_FIELD]]),
        ],
    );
    text.push_str("\n## Commands\n");
    let main = help(&[]);
    let _ = write!(text, "\n```text\n{}```\n", main);
    for verb in verbs(&main) {
        let own = help(&[&verb]);
        let _ = write!(text, "\n### `exodus {verb}`\n\n```text\n{own}```\n");
        for inner in verbs(&own) {
            let _ = write!(text, "\n#### `exodus {verb} {inner}`\n\n```text\n{}```\n", help(&[&verb, &inner]));
        }
    }
    text
}

/// Tables of columns, each in its parts.
fn columns(text: &mut String, tables: &[(&str, &[&[Field]])]) {
    for (table, parts) in tables {
        let _ = write!(text, "\n### `{table}`\n\n| column | type | unit | counted on | meaning |\n|---|---|---|---|---|\n");
        for field in parts.iter().copied().flatten() {
            let kind = match field.kind {
                ValueType::Date => "date",
                ValueType::Text => "text",
                ValueType::Int => "whole number",
                ValueType::Float(_) => "number",
                ValueType::Bool => "true or false",
            };
            let (unit, base) = field.counted.map_or(("", ""), |(unit, base)| (unit.name(), base.name()));
            let _ = writeln!(text, "| `{}` | {kind} | {unit} | {base} | {} |", field.name, field.meaning);
        }
    }
}

/// The keys of a kind of file, table by table.
fn keys(text: &mut String, schema: &Value) {
    let mut tables = vec![(String::new(), schema.clone())];
    while let Some((prefix, table)) = tables.pop() {
        let mut inner = Vec::new();
        let _ = write!(text, "\n### {}\n\n", if prefix.is_empty() { "Top level".into() } else { format!("`{prefix}`") });
        if let Some(meaning) = table["description"].as_str().filter(|_| !prefix.is_empty()) {
            let _ = write!(text, "{meaning}\n\n");
        }
        if !kinds(&table).is_empty() {
            for kind in kinds(&table) {
                let name = kind["properties"]["kind"]["const"].as_str().expect("a name");
                inner.push((format!("{prefix}` of kind `{name}"), kind.clone()));
            }
            tables.extend(inner.into_iter().rev());
            continue;
        }
        text.push_str("| key | type | range | default | meaning |\n|---|---|---|---|---|\n");
        for (key, value) in table["properties"].as_object().expect("properties") {
            let kind = resolve(schema, value);
            let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            let meaning = value["description"].as_str().unwrap_or_default();
            let default = value.get("default").filter(|d| !d.is_null()).map_or(String::new(), |d| {
                if d.is_object() || d.is_array() && d.to_string().len() > 60 { "see below".into() } else { format!("`{d}`") }
            });
            let _ = writeln!(
                text,
                "| `{key}` | {} | {} | {default} | {} |",
                type_of(schema, value),
                range(value),
                meaning.replace('|', "\\|").replace('\n', " ")
            );
            if kind["properties"].is_object() {
                inner.push((name, kind.clone()));
            } else if let Some(item) = kind
                .get("items")
                .map(|items| resolve(schema, items))
                .filter(|item| item["properties"].is_object() || !kinds(item).is_empty())
            {
                inner.push((format!("{name}[]"), item.clone()));
            }
        }
        tables.extend(inner.into_iter().rev());
    }
}

/// The tables of a schema that is one of several kinds.
fn kinds(schema: &Value) -> Vec<&Value> {
    let all = schema["anyOf"].as_array().into_iter().flatten();
    all.filter(|table| table["properties"]["kind"]["const"].is_string()).collect()
}

/// What `--help` prints.
fn help(verbs: &[&str]) -> String {
    let output = Command::cargo_bin("exodus").expect("the command").args(verbs).arg("--help").output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

#[test]
fn the_manual_and_the_completions_name_every_verb() {
    let verbs = verbs(&help(&[]));
    assert!(verbs.len() > 10, "{verbs:?}");
    let man = |arguments: &[&str]| {
        Command::cargo_bin("exodus").expect("the command").arg("man").args(arguments).output().expect("it runs")
    };
    let page = String::from_utf8(man(&["snapshot", "export"]).stdout).expect("text");
    assert!(page.starts_with(".ie") && page.contains("exodus\\-snapshot\\-export") && page.contains("sample"), "{page}");
    let wrong = man(&["snapshot", "exprt"]);
    assert!(wrong.status.code() == Some(2) && String::from_utf8_lossy(&wrong.stderr).contains("allowed: info, export, verify"));
    for arguments in [&["man"][..], &["completions", "bash"], &["completions", "zsh"], &["completions", "fish"]] {
        let output = Command::cargo_bin("exodus").expect("the command").args(arguments).output().expect("it runs");
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(output.status.success() && verbs.iter().all(|verb| text.contains(verb)), "{arguments:?}");
    }
}

/// The verbs that a help lists.
fn verbs(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // Further lines of a description are indented deeper.
    let names =
        lines.filter(|line| line.starts_with("  ") && !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

fn resolve<'a>(schema: &'a Value, value: &'a Value) -> &'a Value {
    let any = value["anyOf"].as_array().and_then(|any| any.iter().find(|v| v["type"] != "null"));
    let value = any.unwrap_or(value);
    match value["$ref"].as_str().and_then(|r| r.strip_prefix("#/$defs/")) {
        Some(name) => &schema["$defs"][name],
        None => value,
    }
}

fn type_of(schema: &Value, value: &Value) -> String {
    let value = resolve(schema, value);
    let names =
        |list: &[Value]| list.iter().filter_map(Value::as_str).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if !kinds(value).is_empty() {
        return "table".into();
    }
    if let Some(name) = value["const"].as_str() {
        return format!("`{name}`");
    }
    if let Some(options) = value["enum"].as_array() {
        return format!("one of {}", names(options));
    }
    if let Some(options) = value["oneOf"].as_array() {
        let options: Vec<Value> = options.iter().map(|option| option["const"].clone()).collect();
        return format!("one of {}", names(&options));
    }
    let one = match &value["type"] {
        Value::String(name) => name.as_str(),
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null").unwrap_or("any"),
        _ => {
            let options = value["anyOf"].as_array().into_iter().flatten();
            return options.map(|option| type_of(schema, option)).collect::<Vec<_>>().join(" or ");
        }
    };
    match one {
        "integer" => "whole number".into(),
        "string" if value["format"] == "date" || value["pattern"].is_string() => "date".into(),
        "string" => "text".into(),
        "boolean" => "true or false".into(),
        "object" => "table".into(),
        "array" => format!("list of {}", type_of(schema, &value["items"])),
        other => other.into(),
    }
}

fn range(value: &Value) -> String {
    let value = if value["items"].is_object() { &value["items"] } else { value };
    match (value.get("minimum"), value.get("maximum")) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("from {least}"),
        (None, Some(most)) => format!("to {most}"),
        (None, None) => String::new(),
    }
}

/// Every `file`: `function`, `function` of the protocol is in the sources.
#[test]
fn the_protocol_names_functions_that_exist() {
    // Lines are joined, as a name may stand on the next one.
    let text = page("odd.md").replace('\n', " ");
    let mut named = 0;
    let mut rest = text.as_str();
    while let Some(start) = rest.find("`src/") {
        rest = &rest[start + 1..];
        let (file, after) = rest.split_once('`').expect("a closing mark");
        let source = fs::read_to_string(root().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        let mut after = after;
        while let Some(name) =
            after.strip_prefix(": `").or_else(|| after.strip_prefix(", `")).filter(|name| !name.starts_with("src/"))
        {
            let (name, then) = name.split_once('`').expect("a closing mark");
            let there = [format!("fn {name}("), format!("fn {name}<"), format!("struct {name} "), format!("struct {name}<")];
            assert!(there.iter().any(|t| source.contains(t)), "docs/odd.md: {file} has no {name}");
            named += 1;
            after = then.strip_prefix(' ').filter(|t| t.starts_with('`')).unwrap_or(then);
        }
        rest = after;
    }
    assert!(named > 40, "found only {named} functions");
    let submodels: Vec<&str> = text.split("### 7.").skip(1).collect();
    assert!(submodels.len() > 8 && submodels.iter().all(|submodel| submodel.contains("`src/")), "a submodel names no function");
}

/// The blocks of a page in a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(page)).unwrap_or_else(|e| panic!("{page}: {e}"));
    let opening = format!("```{language}\n");
    let parts = text.split(&opening).skip(1);
    parts.filter_map(|rest| Some(rest.split_once("```")?.0.to_owned())).collect()
}

/// Whole scenarios as they stand, parts of one laid over what `exodus new` writes, sweeps beside the gallery's.
#[test]
fn what_the_pages_say_in_toml_is_valid() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("page.toml");
    fs::write(folder.path().join("islands.toml"), include_str!("../src/cli/new.toml").replace("NAME", "islands"))
        .expect("written");
    let published = "month,messenger,column,value_mln,flag\n2025-03,North,monthly_reach,8.5,M\n";
    fs::write(folder.path().join("published.csv"), published).expect("written");
    for page in ["README.md", "docs/recipes.md", "docs/experiments.md", "docs/country.md", "docs/chats.md"] {
        let blocks = blocks(page, "toml");
        assert!(!blocks.is_empty(), "{page} has no block");
        for block in blocks {
            let checked = match () {
                () if block.contains("design = ") => {
                    fs::write(&path, block.replace("..", &root().display().to_string())).expect("written");
                    SweepPlan::read(&path).map(|_| ())
                }
                () if block.starts_with("base = ") => {
                    scenario::parse(&block, root().join("scenarios/page.toml"), &[]).map(|_| ())
                }
                () if block.starts_with("name = ") => scenario::parse(&block, &path, &[]).map(|_| ()),
                () => scenario::parse(&format!("base = \"islands.toml\"\nname = \"islands\"\n{block}"), &path, &[]).map(|_| ()),
            };
            checked.unwrap_or_else(|e| panic!("{page}:\n{block}\n{e}"));
        }
    }
}

#[test]
fn the_scenario_of_the_readme_runs() {
    let text = blocks("README.md", "toml").remove(0);
    let scenario = scenario::parse(&text, "README.md", &["population.users=1000".into()]).expect("a scenario");
    let curves = measure::curves(Simulation::new(scenario).expect("a simulation")).expect("a run");
    let reach = curves.series("monthly_reach", "Green").expect("a messenger");
    assert!(reach.len() == 365 && reach[364] > 500_000.0, "{:?}", reach.last());
}

/// The worked example gives the figures that the page says it gives.
#[test]
fn the_country_of_the_page_runs() {
    let text = blocks("docs/country.md", "toml").remove(0);
    let scenario = scenario::parse(&text, "ukraine-2017.toml", &[]).expect("a scenario");
    let curves = measure::curves(Simulation::new(scenario).expect("a simulation")).expect("a run");
    let days = ["2017-05-08", "2017-05-22", "2017-06-26"]
        .map(|date| curves.dates().iter().position(|day| day.to_string() == date).expect("a day of the run"));
    for name in ["VKontakte", "Odnoklassniki", "Facebook"] {
        let reach = curves.series("daily_reach", name).expect("a messenger");
        let [a, b, c] = days.map(|day| reach[day] / 1e6);
        let change = format!("{:+.0} %", 100.0 * (c / a - 1.0)).replace('-', "−");
        let row = format!("| {name} | {a:.1} | {b:.1} | {c:.1} | {change} |");
        assert!(page("country.md").contains(&row), "{row}");
    }
}

#[test]
fn versions_agree() {
    let file = |name: &str| fs::read_to_string(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert!(file("CITATION.cff").contains(concat!("\nversion: ", env!("CARGO_PKG_VERSION"), "\n")));
    assert!(file("CHANGELOG.md").contains(concat!("\n## ", env!("CARGO_PKG_VERSION"))));
    for page in ["README.md", "docs/tutorial.md"] {
        assert!(file(page).contains(concat!("(", env!("CARGO_PKG_RUST_VERSION"), " or later)")), "{page}");
    }
}

/// Every page is in the table of contents, and every link between pages leads somewhere.
#[test]
fn pages_are_listed_and_links_lead_somewhere() {
    let summary = page("SUMMARY.md");
    for entry in fs::read_dir(root().join("docs")).expect("docs") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        if !name.ends_with(".md") {
            continue;
        }
        assert!(name == "SUMMARY.md" || summary.contains(&format!("({name})")), "docs/{name} is not in SUMMARY.md");
        links_lead_somewhere("docs", &name);
    }
    for name in ["README.md", "CONTRIBUTING.md", "ARCHITECTURE.md"] {
        links_lead_somewhere("", name);
    }
}

fn links_lead_somewhere(folder: &str, name: &str) {
    let folder = root().join(folder);
    let text = fs::read_to_string(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        let target = link.split('#').next().unwrap_or_default();
        if !target.is_empty() && !target.contains("://") {
            assert!(folder.join(target).exists(), "{name}: the link to {target} leads nowhere");
        }
    }
}

/// Phrases that a reader has to read twice, and what to say instead.
#[test]
fn pages_are_in_plain_words() {
    const INSTEAD: [(&str, &str); 9] = [
        ("gone on with", "resumed"),
        ("goes on with", "resumes"),
        ("begin anew", "start over"),
        ("made anew", "regenerated"),
        ("made again", "regenerated"),
        ("is not asked about", "is skipped"),
        ("lies where", "the code layout"),
        ("Told before", "predicted first"),
        (" less the ", "minus"),
    ];
    let docs = fs::read_dir(root().join("docs")).expect("pages").map(|entry| entry.expect("a page").path());
    let pages = docs.chain(["README.md", "CONTRIBUTING.md", "SUPPORT.md", "ARCHITECTURE.md"].map(|name| root().join(name)));
    for page in pages.filter(|page| page.extension().is_some_and(|end| end == "md")) {
        let text = fs::read_to_string(&page).expect("a page").replace('\n', " ");
        for (phrase, better) in INSTEAD {
            assert!(!text.contains(phrase), "{}: {phrase:?}; say: {better}", page.display());
        }
    }
}
