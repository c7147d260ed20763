//! Reading scenarios: problems, bases, `--set`, and back to TOML.

use exodus::experiment::calibrate::Calibration;
use exodus::experiment::sweep::SweepFile;
use exodus::experiment::validate::PatternFile;
use exodus::scenario::intervention::VpnCrackdown;
use exodus::scenario::{self, Date, Effect, Origin, Scenario, Target, TargetColumn};
use proptest::prelude::*;
use schemars::schema_for;
use std::fs;
use std::path::{Path, PathBuf};

/// The least that makes a scenario, and three messengers to name.
const SMALL: &str = r#"name = "small"
start = 2025-01-01
end = 2025-03-31
[population]
people = 1000
users = 1000
regions = [{ name = "North", share = 0.4 }, { name = "South", share = 0.6 }]
ages = [{ name = "young", share = 0.5 }, { name = "old", share = 0.5 }]
groups = [{ name = "pupils", share_by_age = [1.0, 0.0] }]
[[messenger]]
name = "Alpha"
reach_by_age = [0.5, 0.5]
[[messenger]]
name = "Beta Two"
[[messenger]]
name = "Gamma"
launch = 2025-02-01
"#;

fn parse(text: &str) -> exodus::Result<Scenario> {
    scenario::parse(text, "s.toml", &[])
}

fn set(options: &[&str]) -> exodus::Result<Scenario> {
    scenario::parse(SMALL, "s.toml", &options.iter().map(|o| o.to_string()).collect::<Vec<_>>())
}

/// The lines of problems that a text has.
fn problems(text: &str) -> Vec<String> {
    let error = parse(text).expect_err("should be refused");
    assert!(error.is_invalid(), "{error}");
    error.to_string().lines().map(String::from).collect()
}

/// The one problem of SMALL with `more` at its end.
#[track_caller]
fn one(more: &str, parts: &[&str]) {
    one_of(&format!("{SMALL}{more}"), parts);
}

/// The one problem of a text.
#[track_caller]
fn one_of(text: &str, parts: &[&str]) {
    let lines = problems(text);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    for part in parts {
        assert!(lines[0].contains(part), "{part:?} is not in {:?}", lines[0]);
    }
}

fn gallery() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let files = fs::read_dir(folder).expect("scenarios").map(|entry| entry.expect("entry").path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    files.sort();
    files
}

#[test]
fn five_mistakes_are_five_lines() {
    let text = r#"name = "five"
start = 2025-01-01
end = 2024-12-31
[population]
people = 1000
users = "many"
[model]
review_rat = 0.1
[[messenger]]
name = "WhatsApp"
aware = 1.5
[[intervention]]
kind = "block"
messenger = "WhatsAp"
from = 2025-01-10
"#;
    let lines = problems(text);
    let expected = [
        "s.toml:3: end: found 2024-12-31; allowed a day not before `start`, 2025-01-01",
        "s.toml:6: population.users: found \"many\"; allowed a whole number from 1 to 4294967294",
        "s.toml:8: model.review_rat: found an unknown key; allowed ",
        "s.toml:11: messenger.WhatsApp.aware: found 1.5; allowed a number from 0 to 1",
        "s.toml:14: intervention.0.messenger: found \"WhatsAp\"; allowed `WhatsApp` (did you mean `WhatsApp`?)",
    ];
    assert_eq!(lines.len(), 5, "{lines:#?}");
    for (line, start) in lines.iter().zip(expected) {
        assert!(line.starts_with(start), "{line:?} should begin with {start:?}");
    }
    assert!(lines[2].ends_with("(did you mean `review_rate`?)"), "{}", lines[2]);
}

#[test]
fn defaults_are_filled_in() {
    let s = parse(SMALL).expect("valid");
    assert_eq!(s.days(), 90);
    assert_eq!(s.model, scenario::Model::default());
    assert_eq!(s.messengers[1].aware, 1.0);
    assert_eq!(s.population.regions[0].urban, 1.0);
    assert!(s.interventions.is_empty());
}

#[test]
fn what_is_not_toml_is_told_with_line_and_column() {
    let lines = problems(&SMALL.replace("end = 2025-03-31", "end = = 2025-03-31").replace("people = 1000", "peple = 1000"));
    assert!(lines[0].starts_with("s.toml:3: column "), "{lines:#?}");
    assert_eq!(lines.len(), 2, "{lines:#?}");
    // The rest is checked all the same, but nothing is called missing.
    assert!(lines.iter().any(|l| l.contains("population.peple") && l.contains("did you mean `people`?")), "{lines:#?}");
    assert!(!lines.iter().any(|l| l.contains("found nothing")), "{lines:#?}");
}

#[test]
fn missing_keys_are_told() {
    let lines = problems("");
    for key in ["name", "start", "end", "population", "messenger"] {
        assert!(lines.iter().any(|l| l.contains(&format!(" {key}: found nothing; allowed"))), "{key}: {lines:#?}");
    }
    one_of(&SMALL.replace("people = 1000\n", ""), &["s.toml:4: population.people: found nothing; allowed a whole number"]);
}

#[test]
fn wrong_types_and_values_are_told() {
    one("[graph]\nkind = \"layerd\"", &["graph.kind: found \"layerd\"", "did you mean `layered`?"]);
    one("[graph]\nshuffle = 1", &["graph.shuffle: found 1; allowed true or false"]);
    one("[model]\nreview_rate = nan", &["model.review_rate", "allowed a number from 0 to 1"]);
    one("[model]\nlogit = 3", &["model.logit: found 3; allowed a table"]);
    one("[model]\nshock_days = 2.5", &["allowed a whole number"]);
    one("[model]\nshock_days = -1", &["found -1; allowed a whole number from 0 to 3650"]);
    one("[observe]\ntrace = 99999999999", &["allowed a whole number from 0 to 4294967295"]);
    one("[observe]\ncohorts = [\"sex\"]", &["observe.cohorts.0", "allowed `region`, `age`"]);
    one("[observe]\ncohorts = [\"age\", \"age\"]", &["a second time"]);
    one_of(&SMALL.replace("2025-01-01", "2025-01-01T10:00:00"), &["s.toml:2: start", "a date such as"]);
    one_of(&SMALL.replace("people = 1000", "people = 99999999999999999999"), &["population.people"]);
    one_of(&SMALL.replace("people = 1000", &format!("people = {}", "9".repeat(500))), &["population.people"]);
    one_of(&SMALL.replace("[0.5, 0.5]", "[0.5, 1.5]"), &["messenger.Alpha.reach_by_age.1: found 1.5"]);
    one_of(&SMALL.replace("name = \"Gamma\"", "name = 3"), &["messenger.2.name: found 3; allowed text"]);
}

#[test]
fn numbers_and_dates_may_be_written_loosely() {
    let s = parse(&SMALL.replace("start = 2025-01-01", "start = \"2025-01-01\"").replace("[0.5, 0.5]", "[1, 0]")).expect("valid");
    assert_eq!(s.start, Date::new(2025, 1, 1).expect("a day"));
    assert_eq!(s.messengers[0].reach_by_age, [1.0, 0.0]);
}

#[test]
fn population_must_fit_together() {
    one_of(&SMALL.replace("\"small\"", "\"a/b\""), &["s.toml:1: name", "digits"]);
    one_of(&SMALL.replace("share = 0.6", "share = 0.7"), &["s.toml:7: population.regions: found shares that sum to 1.1"]);
    parse(&SMALL.replace("share = 0.6", "share = 0.601")).expect("within the tolerance");
    one_of(
        &SMALL.replace("[1.0, 0.0]", "[1.0, 0.0, 0.0]"),
        &["groups.pupils.share_by_age: found a list of 3; allowed 2 numbers"],
    );
    parse(&SMALL.replace("[1.0, 0.0]", "[0.5]")).expect("one for all");
    one_of(&SMALL.replace("[0.5, 0.5]", "[0.5]"), &["messenger.Alpha.reach_by_age", "a list of 1"]);
    one_of(&SMALL.replace("\"South\"", "\"North\""), &["\"North\" a second time"]);
    one_of(&SMALL.replace("\"Gamma\"", "\"Alpha\""), &["s.toml:16: messenger.Alpha.name", "a second time"]);
    one_of(&SMALL.replace("\"Gamma\"", "\" \""), &["a name in one line"]);
    one_of(&SMALL.replace("[1.0, 0.0]", "[1.0, 0.0], regions = [\"Nort\"]"), &["did you mean `North`?"]);
    one_of(
        &SMALL.replace("launch = 2025", "reach_by_age = [0.1, 0.1]\nlaunch = 2025"),
        &["messenger.Gamma.reach_by_age", "none before its launch"],
    );
    let many: String = (0..14).map(|n| format!("[[messenger]]\nname = \"m{n}\"\n")).collect();
    one(&many, &["messenger: found a list of 17; allowed 1 to 16 items"]);
    let groups: String = (0..9).map(|n| format!("{{ name = \"g{n}\", share_by_age = [] }},")).collect();
    one_of(
        &SMALL.replace("groups = [", &format!("groups = [{groups}")),
        &["population.groups: found a list of 10; allowed 0 to 8"],
    );
    one_of(&SMALL.replace("2025-03-31", "2225-03-31"), &["s.toml:3: end", "at most 60000 days"]);
}

/// Files of earlier versions keep their meaning; in an option it is said how a key is called now.
#[test]
fn keys_of_earlier_versions() {
    let threshold = |text: &str| parse(&format!("{SMALL}[model.threshold]\n{text}")).expect("a scenario").model.threshold;
    let same = |former: &str, now: &str| assert_eq!(threshold(former), threshold(now), "{former}");
    same("a = 0.25", "location = 0.25");
    same("distribution = \"normal\"\na = 0.25\nb = 0.125", "distribution = \"normal\"\nlocation = 0.25\nscale = 0.125");
    same("distribution = \"uniform\"\na = 0.25\nb = 0.75", "distribution = \"uniform\"\nlocation = 0.25\nscale = 0.5");
    // Where a uniform distribution begins is not in this file, so its width is not either.
    one(
        "[model.threshold]\ndistribution = \"uniform\"\nb = 0.75",
        &["model.threshold.b: found a key of earlier versions", "did you mean `scale`?"],
    );
    let error =
        exodus::scenario::parse(SMALL, "s.toml", &["model.threshold.a=0.2".into()]).expect_err("a former key").to_string();
    for part in ["--set model.threshold.a=0.2", "found a key of earlier versions", "did you mean `location`?"] {
        assert!(error.contains(part), "{part} in {error}");
    }
}

#[test]
fn graph_and_model_must_fit_together() {
    one("[graph]\nkind = \"file\"", &["graph.path: found nothing; allowed the path of an edge list"]);
    one("[graph]\npath = \"x.csv\"", &["graph.path", "no path unless `kind` is \"file\""]);
    one("[graph]\nkind = \"watts_strogatz\"\nmean_degree = 5", &["graph.mean_degree: found 5; allowed an even number"]);
    one("[graph]\nmean_degree = 1000", &["graph.mean_degree: found 1000; allowed less than the number of users, 1000"]);
    one("[model.traffic]\ncalls = 0.9", &["model.traffic.calls", "a sum of at most 1"]);
    one("[model.threshold]\nlocation = 3", &["model.threshold.location: found 3; allowed a share of contacts"]);
    parse(&format!("{SMALL}[model.threshold]\nlocation = 3\ncount = true")).expect("a number of contacts");
    one("[model.threshold]\nscale = -0.1", &["model.threshold.scale: found -0.1; allowed a number from 0 to 1000000"]);
    let logit = format!("{SMALL}[model]\nrule = \"logit\"\n").replace("\"Beta Two\"", "\"Beta Two\"\nreach_by_age = [0.1, 0.6]");
    one_of(&logit, &["model.rule", "sums to 1.100 in age band 1"]);
    one("[model.vpn]\nskill_by_age = [1.0, 2.0, 3.0]", &["model.vpn.skill_by_age: found a list of 3; allowed 2 numbers"]);
    one("[model.opening]\nactivity_by_age = [1.0]", &["model.opening.activity_by_age: found a list of 1; allowed 2 numbers"]);
}

#[test]
fn group_chats_must_fit_together() {
    let chats = |kinds: &str| format!("[model.chats]\nkinds = [{kinds}]\n");
    let classes = r#"{ name = "classes", group = "pupils", size = 18, share = 0.3 }"#;
    let all = format!("{SMALL}{}", chats(&format!(r#"{classes}, {{ name = "families", share = 0.7 }}"#)));
    let scenario = parse(&all).expect("valid");
    assert_eq!(parse(&scenario.to_toml().expect("TOML")).expect("valid"), scenario);
    assert_ne!(scenario.hash().expect("a hash"), parse(SMALL).expect("valid").hash().expect("a hash"));
    // Without kinds it is as if nobody knew of chats.
    let text = |more: &str| parse(&format!("{SMALL}{more}")).expect("valid").to_toml().expect("TOML");
    assert_eq!(text(&chats("")), text(""));

    one(&chats(&classes.replace("pupils", "pupil")), &["model.chats.kinds.classes.group: found \"pupil\"; allowed `pupils`"]);
    one(&chats(&classes.replace("18", "1")), &["model.chats.kinds.classes.size: found 1; allowed a number from 2 to 2048"]);
    one(&chats(&classes.replace(", share = 0.3", "")), &["kinds.classes.share: found nothing; allowed a number from 0 to 1"]);
    one(&chats(&[classes, &classes.replace("0.3", "0.2")].join(", ")), &["name: found \"classes\" a second time"]);
    let too_much = [classes, r#"{ name = "families", share = 0.8 }"#].join(", ");
    one(&chats(&too_much), &["model.chats.kinds: found shares that sum to 1.100; allowed a sum of at most 1"]);
    // Nobody is in two groups of different ages, unless households or a table of nodes say who is in them.
    let two = format!(r#"{classes}, {{ name = "clubs", group = "pensioners", size = 9, share = 0.8 }}"#);
    let with = |group: &str| {
        let groups = format!(r#"share_by_age = [1.0, 0.0] }}, {{ name = "pensioners", share_by_age = {group} }}"#);
        format!("{}{}", SMALL.replace("share_by_age = [1.0, 0.0] }", &groups), chats(&two))
    };
    parse(&with("[0.0, 0.5]")).expect("nobody is in both");
    for both in ["[0.1, 0.5]", "[0.5]", r#"[0.0, 0.5], unit = "household""#] {
        one_of(&with(both), &["model.chats.kinds: found shares that sum to 1.100; allowed a sum of at most 1"]);
    }
    let nine: Vec<String> = (0..9).map(|k| format!("{{ name = \"{k}\", share = 0.1 }}")).collect();
    one(&chats(&nine.join(", ")), &["model.chats.kinds: found a list of 9; allowed 0 to 8"]);
    let ring = format!("{}[graph]\nkind = \"erdos_renyi\"\n", chats(r#"{ name = "families", share = 0.3 }"#));
    one(
        &ring,
        &["kinds.families.size: found nothing; allowed a mean number of members: a graph of kind erdos_renyi has no households"],
    );
    let logit = format!("{SMALL}[model]\nrule = \"logit\"\n{}", chats(classes));
    one_of(&logit, &["model.chats.kinds: found chats under the rule logit; allowed none"]);
    let order =
        "[[intervention]]\nkind = \"mandate\"\nmessenger = \"Gamma\"\ngroups = [\"pupils\"]\nfrom = 2025-02-01\nchats = 0.5\n";
    parse(&format!("{all}{order}")).expect("an order to the chats of a group");
    one(order, &["intervention.0.chats: found an order to chats of groups that have none; allowed no order to chats where"]);
}

#[test]
fn interventions_must_make_sense() {
    let one = |body: &str, parts: &[&str]| one(&format!("[[intervention]]\nfrom = 2025-02-01\n{body}"), parts);
    one("kind = \"block\"", &["s.toml:18: intervention.0.messenger: found nothing; allowed `messenger` for a block"]);
    one(
        "kind = \"block\"\nmessenger = \"Alpha\"\nappeal = 1",
        &["s.toml:22: intervention.0.appeal: found a key that a block does not use"],
    );
    one("kind = \"block\"\nmessenger = [\"Alpha\", \"Bta Two\"]", &["s.toml:21", "did you mean `Beta Two`?"]);
    one("kind = \"block\"\nmessenger = 3", &["found 3; allowed text or a list, of each: text"]);
    one("kind = \"block\"\nmessenger = []", &["an empty list"]);
    one("kind = \"blok\"\nmessenger = \"Alpha\"", &["did you mean `block`?"]);
    one(
        "kind = \"block\"\nmessenger = \"Alpha\"\nuntil = 2025-01-31",
        &["until: found 2025-01-31; allowed a day not before `from`"],
    );
    one("kind = \"block\"\nmessenger = \"Alpha\"\nregions = [\"Sout\"]", &["did you mean `South`?"]);
    one("kind = \"block\"\nmessenger = \"Alpha\"\nservices = [\"call\"]", &["did you mean `calls`?"]);
    one(
        "kind = \"mandate\"\nmessenger = \"Alpha\"\nappeal = 1.0",
        &["intervention.0.groups: found nothing; allowed `groups` for a mandate"],
    );
    one("kind = \"mandate\"\nmessenger = \"Alpha\"\ngroups = [\"pupils\"]", &["`appeal` or `traffic`"]);
    one("kind = \"vpn\"", &["`effectiveness` or `cost`"]);
    one("kind = \"shutdown\"\nmessenger = \"Alpha\"\nexcept = [\"Gamma\"]", &["except", "beside `messenger`"]);
    one("kind = \"launch\"\nmessenger = \"Alpha\"", &["\"Alpha\", which can be installed before that anyway"]);
    one(
        "kind = \"vpn\"\ncost = 1.0\nlabel = \"v\"\n[[intervention]]\nkind = \"vpn\"\ncost = 1.0\nfrom = 2025-02-01\nlabel = \"v\"",
        &["\"v\" a second time"],
    );
}

/// The schema of a kind is all that editors, the reference and the checks know of it.
#[test]
fn kinds_of_intervention_say_what_they_are() {
    let schema = scenario::json_schema();
    let kinds = schema["$defs"]["Intervention"]["anyOf"].as_array().expect("kinds");
    let mut types: std::collections::BTreeMap<&str, &serde_json::Value> = Default::default();
    for (kind, name) in kinds.iter().zip(Effect::NAMES) {
        assert_eq!(kind["properties"]["kind"]["const"], **name);
        assert!(kind["description"].as_str().is_some_and(|text| text.ends_with('.')), "{name} has no words");
        for (key, value) in kind["properties"].as_object().expect("keys").iter().filter(|(key, _)| *key != "kind") {
            assert!(value["description"].is_string(), "{name}.{key} has no words");
            // `--set` finds a key without asking of which kind.
            assert_eq!(types.entry(key).or_insert(&value["type"]), &&value["type"], "{name}.{key}");
        }
    }
    assert_eq!(kinds.len(), Effect::NAMES.len());
}

/// A scenario as short as may be with one intervention of each kind; a kind takes its keys, and no other's.
#[test]
fn kinds_of_intervention_refuse_the_keys_of_others() {
    let schema = scenario::json_schema();
    let kinds = schema["$defs"]["Intervention"]["anyOf"].as_array().expect("kinds");
    let all: std::collections::BTreeSet<&String> =
        kinds.iter().flat_map(|kind| kind["properties"].as_object().expect("keys").keys()).collect();
    for (kind, name) in kinds.iter().zip(Effect::NAMES) {
        let text = format!("{SMALL}[[intervention]]\nkind = \"{name}\"\nfrom = 2025-02-01\n");
        for key in all.iter().filter(|key| !["kind", "from"].contains(&key.as_str())) {
            let told = problems(&format!("{text}{key} = {{}}\n"));
            let refused =
                told.iter().any(|line| line.contains(&format!("intervention.0.{key}: found a key that a {name} does not use")));
            assert_eq!(refused, kind["properties"].get(key).is_none(), "{name}.{key}: {told:#?}");
        }
    }
}

#[test]
fn access_classes_are_limited() {
    let groups: String = (0..7).map(|n| format!("{{ name = \"g{n}\", share_by_age = [0.1] }},")).collect();
    let names: Vec<String> = (0..7).map(|n| format!("\"g{n}\"")).collect();
    let text = SMALL.replace("groups = [", &format!("groups = [{groups}"));
    let block = |names: &[String]| {
        let block = format!(
            "[[intervention]]\nkind = \"block\"\nmessenger = \"Alpha\"\nfrom = 2025-02-01\ngroups = [{}]\n",
            names.join(", ")
        );
        format!("{text}{block}")
    };
    assert_eq!(parse(&block(&names[..6])).expect("just fits").access_classes(), 256);
    one_of(&block(&names), &["intervention: found 512 kinds of access", "allowed 256"]);
}

#[test]
fn overrides_reach_every_key() {
    let s = set(&[
        "messenger.Beta Two.onboarding=3",
        "messenger.0.aware = 0.5",
        "population.regions.North.share=0.4",
        "model.routing.taste=0.5",
        "messenger.Alpha.reach_by_age=[0.1, 0.2]",
        "messenger.Alpha.reach_by_age.1=0.3",
        "start=2025-01-02",
        "title=anything at all",
        "graph.kind=erdos_renyi",
        "messenger.\"Gamma\".quality.calls=0",
    ])
    .expect("valid");
    assert_eq!((s.messengers[1].onboarding, s.messengers[0].aware), (3.0, 0.5));
    assert_eq!(s.model.routing.taste, 0.5);
    assert_eq!(s.model.routing.habit, scenario::Model::default().routing.habit);
    assert_eq!(s.messengers[0].reach_by_age, [0.1, 0.3]);
    assert_eq!(s.start, Date::new(2025, 1, 2).expect("a day"));
    assert_eq!(s.title, "anything at all");
    assert_eq!(s.graph.kind, scenario::GraphKind::ErdosRenyi);
    assert_eq!(s.messengers[2].quality.calls, 0.0);
}

#[test]
fn overrides_address_interventions_by_label() {
    let text =
        format!("{SMALL}[[intervention]]\nlabel = \"VPN x 0.9\"\nkind = \"vpn\"\nfrom = 2025-02-01\neffectiveness = 0.9\n");
    for option in ["intervention.VPN x 0.9.cost=2", "intervention.\"VPN x 0.9\".cost=2", "intervention.0.cost=2"] {
        let s = scenario::parse(&text, "s.toml", &[option.to_string()]).expect("valid");
        let vpn = VpnCrackdown { effectiveness: Some(0.9), cost: Some(2.0) };
        assert_eq!(s.interventions[0].effect, Effect::VpnCrackdown(vpn), "{option}");
    }
    let s = scenario::parse(&text, "s.toml", &["remove=VPN*".to_string()]).expect("valid");
    assert!(s.interventions.is_empty());
}

#[test]
fn wrong_overrides_name_the_option() {
    let cases = [
        ("model.rotuing.taste=1", "--set model.rotuing.taste=1: model.rotuing: found an unknown key", "did you mean `routing`?"),
        ("messenger.Alpa.aware=1", "messenger.Alpa: found no such item", "did you mean `Alpha`?"),
        ("messenger.7.aware=1", "messenger.7: found no such item", "a number from 0 to 2"),
        ("intervention.0.severity=0", "intervention.0: found no such item", "the list is empty"),
        ("model.review_rate=2", "--set model.review_rate=2: model.review_rate: found 2", "from 0 to 1"),
        ("model.review_rate.x=2", "model.review_rate", ""),
        ("start.x=2", "start.x: found a step into 2025-01-01", "`start` alone"),
        ("end=2024-01-01", "--set end=2024-01-01: end", "not before `start`"),
        ("model.review_rate", "found no value", "path.to.key=value"),
        ("=3", "found no value", "path.to.key=value"),
        ("model..x=3", "found no value", "path.to.key=value"),
        ("", "found no value", "path.to.key=value"),
        ("base=x.toml", "base: found an unknown key", ""),
    ];
    for (option, start, part) in cases {
        let error = set(&[option]).expect_err(option).to_string();
        assert!(error.contains(start) && error.contains(part), "{option}: {error}");
        assert!(error.lines().all(|l| l.starts_with("--set ")), "{option}: {error}");
    }
    assert_eq!(set(&["model.review_rate=2", "seed=-1"]).expect_err("two").to_string().lines().count(), 2);
}

#[test]
fn variations_lay_over_their_base() {
    let folder = tempfile::tempdir().expect("folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write(
        "base.toml",
        &format!(
            "{SMALL}[[intervention]]\nlabel = \"a 1\"\nkind = \"block\"\nmessenger = \"Alpha\"\nfrom = 2025-02-01\n[[intervention]]\nlabel = \"b\"\nkind = \"vpn\"\ncost = 1\nfrom = 2025-02-01\n"
        ),
    );
    write(
        "over.toml",
        "base = \"base.toml\"\nname = \"over\"\nremove = [\"a*\"]\npopulation.users = 500\n[model.routing]\ntaste = 0.1\n[[messenger]]\nname = \"Alpha\"\naware = 0.5\n[[messenger]]\nname = \"New\"\n[[intervention]]\nlabel = \"b\"\ncost = 2.0\n[[intervention]]\nlabel = \"c\"\nkind = \"launch\"\nmessenger = \"Gamma\"\nfrom = 2025-01-20\n",
    );
    let load = |name: &str| scenario::load(&folder.path().join(name), &[]);
    let s = load("over.toml").expect("valid");
    assert_eq!((s.name.as_str(), s.population.users, s.population.people), ("over", 500, 1000));
    assert_eq!(s.messengers.iter().map(|m| m.name.as_str()).collect::<Vec<_>>(), ["Alpha", "Beta Two", "Gamma", "New"]);
    assert_eq!((s.messengers[0].aware, &s.messengers[0].reach_by_age[..]), (0.5, &[0.5, 0.5][..]));
    assert_eq!(s.interventions.iter().map(|i| i.label.as_deref().unwrap_or("")).collect::<Vec<_>>(), ["b", "c"]);
    assert_eq!(s.interventions[0].numbers()["cost"], 2.0);

    write("bad-base.toml", &SMALL.replace("share = 0.6", "share = 0.9"));
    write("bad.toml", "base = \"bad-base.toml\"\n[model]\nreview_rte = 1\n");
    let error = load("bad.toml").expect_err("two problems").to_string();
    let lines: Vec<_> = error.lines().collect();
    assert_eq!(lines.len(), 2, "{error}");
    assert!(lines[0].contains("bad-base.toml:7: population.regions"), "{error}");
    assert!(lines[1].contains("bad.toml:3: model.review_rte"), "{error}");

    let alone = |text: &str, part: &str| {
        write("alone.toml", text);
        let error = load("alone.toml").expect_err(text);
        assert!(error.is_invalid() && error.to_string().contains(part), "{error}");
    };
    alone("base = \"alone.toml\"", "alone.toml:1: base: found \"alone.toml\"; allowed at most");
    alone("base = \"missing.toml\"", "which cannot be read");
    alone("base = 3", "base: found 3; allowed text");
    alone("base = \"base.toml\"\nremove = [\"aa 1\"]", "did you mean `a 1`?");
    alone(&format!("remove = []\n{SMALL}"), "only beside `base`");
}

/// Countries come with the program, and a scenario says what it takes from where.
#[test]
fn countries_are_bases() {
    let text = "name = \"mine\"\nbase = \"russia-behaviour\"\nstart = 2025-01-01\nend = 2025-02-01\n[population]\npeople = 100\nusers = 100\n[[messenger]]\nname = \"A\"\n";
    let nothing = |path: &Path| -> std::io::Result<Vec<u8>> { panic!("{} was asked for", path.display()) };
    let s = scenario::parse_with(text, "mine.toml", &[], &nothing).expect("valid without a file system");
    assert_eq!((s.population.household_sizes.len(), s.model.routing.habit), (5, 1.35));
    for name in scenario::countries() {
        let whole = scenario::parse_with(&text.replace("russia-behaviour", name), "mine.toml", &[], &nothing);
        assert!(whole.is_ok(), "{name}: {whole:?}");
    }
    one_of(
        &text.replace("russia-behaviour", "rusia"),
        &["mine.toml".replace("mine", "s").as_str(), "or a country: `russia`", "did you mean `russia`?"],
    );

    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("mine.toml");
    fs::write(&path, text).expect("written");
    let (s, values) = scenario::load_with_origins(&path, &["model.vpn.share=0.2".into()]).expect("valid");
    let origin = |path: &str| values.iter().find(|v| v.path == path).map(|v| v.origin.clone());
    assert_eq!(origin("messenger.A.name"), Some(Origin::Scenario));
    assert_eq!(origin("model.routing.habit"), Some(Origin::Base("country russia-behaviour".into())));
    assert_eq!(origin("model.vpn.share"), Some(Origin::Set));
    assert_eq!(origin("messenger.A.onboarding"), Some(Origin::Default));
    assert_eq!(s.model.vpn.share, 0.2);
}

/// What an earlier version wrote out in full has, of keys that came later, the values that were fixed then.
#[test]
fn scenarios_written_by_earlier_versions_mean_what_they_meant() {
    let old = include_str!("snapshots/v1/scenario.toml");
    assert!(!old.contains("household_sizes"));
    let s = scenario::parse_written(old, "scenario.toml", &[]).expect("valid");
    assert_eq!(s.population.household_sizes, [0.30, 0.32, 0.20, 0.12, 0.06]);
    assert_eq!((s.graph.layers.city, s.graph.layers.sociability), (0.12, 0.88));
}

#[test]
fn graph_paths_are_relative_to_the_file_they_stand_in() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("s.toml");
    fs::write(&path, format!("{SMALL}[graph]\nkind = \"file\"\npath = \"ties.csv\"\n")).expect("written");
    let s = scenario::load(&path, &[]).expect("valid");
    assert_eq!(s.graph.path.as_deref().map(Path::new), Some(folder.path().join("ties.csv").as_path()));
    let mut elsewhere = s.clone();
    elsewhere.graph.path = Some("somewhere/else/ties.csv".into());
    assert_eq!(s.hash().expect("hash"), elsewhere.hash().expect("hash"));
}

#[test]
fn published_figures_come_from_a_table() {
    let folder = tempfile::tempdir().expect("folder");
    let load = |table: &str| {
        fs::write(folder.path().join("published.csv"), table).expect("written");
        let path = folder.path().join("s.toml");
        fs::write(&path, format!("targets = \"published.csv\"\n{SMALL}")).expect("written");
        scenario::load(&path, &[])
    };
    let head = "month,messenger,column,value_mln,flag\n";
    let s = load(&format!("{head}2025-02,Alpha,monthly_reach,1.5,M\n2024-12,Beta Two,daily_reach,0.25,I\n")).expect("valid");
    let shown = |t: &Target| (t.messenger.clone(), t.column, t.date.to_string(), t.people, t.measured);
    assert_eq!(shown(&s.targets[0]), ("Alpha".into(), TargetColumn::MonthlyReach, "2025-02-28".into(), 1.5e6, true));
    assert_eq!(shown(&s.targets[1]), ("Beta Two".into(), TargetColumn::DailyReach, "2024-12-15".into(), 2.5e5, false));
    // They are a part of the resolved scenario, and none of what is simulated.
    assert_eq!(parse(&s.to_toml().expect("toml")).expect("valid"), s);
    assert_eq!(s.hash().expect("hash"), parse(SMALL).expect("valid").hash().expect("hash"));
    let lines = |table: &str| load(table).expect_err("refused").to_string().lines().map(String::from).collect::<Vec<_>>();
    let bad =
        lines(&format!("{head}2025-13,Alpha,monthly_reach,1,M\n2025-02,Alpa,holders,-1,M\n2025-02,Alpha,daily_reach,many,M\n"));
    let wanted =
        ["csv:2: month", "csv:3: target.0.messenger", "csv:3: target.0.column", "csv:3: target.0.people", "csv:4: value_mln"];
    assert_eq!(bad.len(), wanted.len(), "{bad:#?}");
    for (k, part) in wanted.iter().enumerate() {
        assert!(bad.iter().any(|line| line.contains(part)), "{k}: {part} is not in {bad:#?}");
    }
    assert!(bad.iter().any(|line| line.contains("did you mean `Alpha`?")), "{bad:#?}");
    assert!(lines("month,messenger\n")[0].contains("no column `column`, `value_mln`, `flag`"));
    assert!(lines(&head.replace("flag", "flag,month"))[0].contains(":1: targets: found the column `month` a second time"));
    assert!(lines(&format!("{head}2025-02,Alpha\n"))[0].contains(":2: targets: found 2 cells; allowed 5"));
    one_of(&format!("targets = \"none.csv\"\n{SMALL}"), &["s.toml:1: targets: found \"none.csv\", which cannot be read"]);
    one_of(&format!("targets = 3\n{SMALL}"), &["targets: found 3; allowed the path"]);
}

#[test]
fn unreadable_files_are_told() {
    let folder = tempfile::tempdir().expect("folder");
    let missing = scenario::load(&folder.path().join("none.toml"), &[]).expect_err("missing");
    assert!(!missing.is_invalid() && missing.to_string().contains("none.toml: reading failed"), "{missing}");
    let binary = folder.path().join("binary.toml");
    fs::write(&binary, b"name = \"x\"\n\xff\xfe\x00").expect("written");
    let error = scenario::load(&binary, &[]).expect_err("binary");
    assert!(error.is_invalid() && error.to_string().contains("binary.toml:2: found bytes that are not text"), "{error}");
}

#[test]
fn gallery_is_valid_and_survives_writing() {
    assert!(gallery().len() >= 9);
    for path in gallery() {
        let s = scenario::load(&path, &[]).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(Some(s.name.as_str()), path.file_stem().and_then(|n| n.to_str()), "the name is the file's");
        let again = parse(&s.to_toml().expect("toml")).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(s, again, "{}", path.display());
        assert_eq!(s.hash().expect("hash"), again.hash().expect("hash"));
        assert!(s.interventions.iter().all(|i| i.label.is_some()));
        if s.name.starts_with("russia") || s.name == "instagram-2022" {
            assert!(s.interventions.iter().all(|i| !i.source.is_empty()));
        }
        let text = fs::read_to_string(&path).expect("text");
        assert!(text.starts_with("#:schema schema.json\n# Question: "), "{}", path.display());
        assert!(text.contains("\n# Expect: ") && text.contains("\n# Run time: "), "{}", path.display());
    }
}

#[test]
fn russia_starts_from_the_audience_of_december_2024() {
    let s = scenario::load(&gallery().into_iter().find(|p| p.ends_with("russia.toml")).expect("russia"), &[]).expect("valid");
    let ages = &s.population.ages;
    let holders = |name: &str| {
        let reach = &s.messengers[s.messenger_index(name).expect("messenger")].reach_by_age;
        ages.iter().zip(reach).map(|(a, r)| a.share * r).sum::<f64>() / ages.iter().map(|a| a.share).sum::<f64>() * 105.0
    };
    assert!((holders("WhatsApp") / 96.8 - 1.0).abs() < 0.01, "{}", holders("WhatsApp"));
    assert!((holders("Telegram") / 88.1 - 1.0).abs() < 0.01, "{}", holders("Telegram"));
    assert_eq!(s.days(), 761);
}

#[test]
fn a_panel_may_be_everyone() {
    let everyone = parse(&format!("{SMALL}\n[observe]\naudience_panel = \"all\"\n")).expect("valid");
    assert_eq!([everyone.observe.audience_panel.among(7), everyone.observe.audience_panel.among(3_000_000)], [7, 3_000_000]);
    assert_eq!(parse(&everyone.to_toml().expect("toml")).expect("valid"), everyone);
    let many = parse(SMALL).expect("valid").observe.audience_panel;
    assert_eq!([many.among(7), many.among(3_000_000)], [7, 200_000]);
    for wrong in ["\"al\"", "0", "-1", "0.5", "[]"] {
        let error =
            parse(&format!("{SMALL}\n[observe]\naudience_panel = {wrong}\n")).expect_err("no size of a panel").to_string();
        assert!(error.contains("observe.audience_panel"), "{wrong}: {error}");
    }
}

#[test]
fn every_default_is_written_out() {
    let s = parse(SMALL).expect("valid");
    let text = s.to_toml().expect("toml");
    for key in [
        "seed = 0",
        "review_rate = 0.07",
        "household_correlation = 0.3",
        "mean_degree = 16.0",
        "audience_panel = 200000",
        "peer = 0.08",
    ] {
        assert!(text.contains(key), "{key} is not in\n{text}");
    }
    assert_eq!(parse(&text).expect("valid"), s);
}

#[test]
fn interventions_without_labels_get_one() {
    let block = "[[intervention]]\nkind = \"block\"\nmessenger = \"Alpha\"\nservices = [\"calls\"]\nfrom = 2025-02-01\n";
    let s = parse(&format!("{SMALL}{block}{block}")).expect("valid");
    let labels: Vec<_> = s.interventions.iter().filter_map(|i| i.label.as_deref()).collect();
    assert_eq!(labels, ["block Alpha calls 2025-02-01", "block Alpha calls 2025-02-01 (2)"]);
}

#[test]
fn hash_is_of_what_is_simulated() {
    let hash = |options: &[&str]| set(options).expect("valid").hash().expect("hash");
    let plain = hash(&[]);
    assert_eq!(plain.len(), 32);
    assert_eq!(plain, hash(&["seed=7", "population.users=500"]), "seed and users are named beside the hash");
    assert_eq!(plain, hash(&["model.review_rate=0.07"]), "a default written out is no difference");
    assert_ne!(plain, hash(&["model.review_rate=0.071"]));
    assert_ne!(plain, hash(&["end=2025-03-30"]));
}

/// The committed schemas are those that the declarations give, and every file that may be given one names it. To renew them:
/// `EXODUS_BLESS=1 cargo test --release schemas`.
#[test]
fn schemas_are_fresh_and_named() {
    let schemas = [
        ("scenarios", scenario::json_schema()),
        ("sweeps", schema_for!(SweepFile).to_value()),
        ("calibrations", schema_for!(Calibration).to_value()),
        ("scenarios/patterns", schema_for!(PatternFile).to_value()),
    ];
    for (folder, schema) in schemas {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        let (path, text) = (folder.join("schema.json"), format!("{schema:#}\n"));
        if std::env::var_os("EXODUS_BLESS").is_some() {
            fs::write(&path, &text).expect("written");
        }
        let committed = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(committed == text, "{} is stale: run EXODUS_BLESS=1 cargo test --release schemas", path.display());
        for file in fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if file.extension().is_some_and(|e| e == "toml") {
                let text = fs::read_to_string(&file).expect("text");
                assert!(text.starts_with("#:schema schema.json\n"), "{}", file.display());
            }
        }
    }
}

#[test]
fn nonsense_is_refused_without_panic() {
    let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    let dotted = format!("{} = 1", vec!["a"; 100_000].join("."));
    let inline = format!("a = {}1{}", "{ a = ".repeat(5000), " }".repeat(5000));
    // Under the parser's limits on nesting in each of two ways, but not in both.
    let both =
        format!("{} = {}1{}", vec!["a"; 70].join("."), format!("{{ {} = ", vec!["b"; 70].join(".")).repeat(70), " }".repeat(70));
    let long = format!("name = \"{}\"", "x".repeat(1_000_000));
    let key = format!("{} = 1", "x".repeat(1_000_000));
    let tables = "[[messenger]]\n".repeat(20_000);
    for text in [
        "",
        "\0\0\0",
        "\u{feff}",
        "=",
        "[",
        "[[",
        "\"",
        "'''",
        "a = 1\na = 2",
        &deep,
        &dotted,
        &inline,
        &both,
        &long,
        &key,
        &tables,
    ] {
        assert!(parse(text).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// However a scenario is damaged, it is read or refused; what is read can be written and read again.
    #[test]
    fn damaged_files_do_not_panic(cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..12, "[ -~]{0,6}|nan|-1|1e999|\\[\\]|\n"), 1..5)) {
        let mut text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/instagram-2022.toml")).expect("gallery");
        for (at, length, new) in cuts {
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            text.replace_range(start..end, &new);
        }
        if let Ok(s) = parse(&text) {
            prop_assert_eq!(&parse(&s.to_toml().expect("toml")).expect("valid"), &s);
        }
    }

    #[test]
    fn nonsense_overrides_do_not_panic(option in "[a-z.=0-9\"' ]{0,30}", start in prop::sample::select(vec!["", "model.", "messenger.", "messenger.Alpha.", "population.regions.", "graph"])) {
        let _ = set(&[&format!("{start}{option}")]);
    }
}

/// A number without bounds is one that turns results into nonsense without a word.
#[test]
fn every_number_has_a_range() {
    fn walk(value: &serde_json::Value, path: &str, unbounded: &mut Vec<String>, seen: &mut usize) {
        let is = |kind: &str| value["type"] == kind || value["type"].as_array().is_some_and(|t| t.iter().any(|t| t == kind));
        if is("number") || is("integer") {
            *seen += 1;
            let [least, most] = ["minimum", "maximum"].map(|key| value[key].as_f64());
            if !(least.is_some_and(|x| x > -1e13) && most.is_some_and(|x| x < 1e13 || path.ends_with("/seed"))) {
                unbounded.push(path.to_owned());
            }
        }
        match value {
            serde_json::Value::Object(map) => map.iter().for_each(|(key, v)| walk(v, &format!("{path}/{key}"), unbounded, seen)),
            serde_json::Value::Array(list) => list.iter().for_each(|v| walk(v, path, unbounded, seen)),
            _ => {}
        }
    }
    let (mut unbounded, mut seen) = (Vec::new(), 0);
    walk(&schema_for!(Scenario).to_value(), "", &mut unbounded, &mut seen);
    assert!(seen > 80, "{seen} numbers");
    assert!(unbounded.is_empty(), "{unbounded:#?}");
    one("[[intervention]]\nfrom = 2025-02-01\nkind = \"vpn\"\neffectiveness = 1.5", &["effectiveness: found 1.5", "0 to 1"]);
    for value in ["content=1e39", "stake=1e30", "appeal=1e30", "onboarding=-1e9", "content=nan", "appeal=inf"] {
        let lines = set(&[&format!("messenger.Alpha.{value}")]).expect_err(value).to_string();
        assert!(lines.contains("allowed a number from"), "{lines}");
    }
}

/// What is named twice was meant to be another.
#[test]
fn a_list_names_each_once() {
    for (kind, list) in [("block", "messenger = [\"Alpha\", \"Alpha\"]"), ("shutdown", "except = [\"Alpha\", \"Alpha\"]")] {
        let text = format!("[[intervention]]\nfrom = 2025-02-01\nkind = \"{kind}\"\n{list}");
        one(&text, &["found \"Alpha\" a second time; allowed each once"]);
    }
    let text = "[[intervention]]\nfrom = 2025-02-01\nkind = \"block\"\nmessenger = \"Alpha\"\n";
    one(&format!("{text}regions = [\"North\", \"South\", \"North\"]"), &["regions: found \"North\" a second time"]);
}

/// With few users and no mean degree given, everybody knows everybody; what is written is what was run.
#[test]
fn few_users_have_as_many_ties_as_there_can_be() {
    let few = |users: u64, kind: &str| {
        let options = [format!("population.users={users}"), format!("graph.kind={kind}")];
        scenario::parse(SMALL, "s.toml", &options)
    };
    for users in 1..20u64 {
        for kind in ["layered", "erdos_renyi", "configuration", "stochastic_block", "watts_strogatz", "barabasi_albert"] {
            let even = kind == "watts_strogatz" || kind == "barabasi_albert";
            if even && users < 3 {
                let error = few(users, kind).expect_err("too few").to_string();
                assert!(error.contains("population.users: found") && error.contains("allowed at least 3"), "{error}");
                continue;
            }
            let s = few(users, kind).unwrap_or_else(|e| panic!("{users} {kind}: {e}"));
            let most = 16.min(users - 1);
            assert_eq!(s.graph.mean_degree, (if even { most / 2 * 2 } else { most }) as f64, "{users} {kind}");
            assert_eq!(parse(&s.to_toml().expect("TOML")).expect("a scenario"), s, "{users} {kind}");
        }
    }
    one_of(
        &format!("{}[graph]\nmean_degree = 16", SMALL.replace("users = 1000", "users = 16")),
        &["mean_degree: found 16; allowed less"],
    );
}

/// What is most likely a mistake is reported, and stops nothing; a scenario without has none.
#[test]
fn probable_mistakes_are_told() {
    let warnings = |text: &str| parse(text).unwrap_or_else(|e| panic!("{e}\n{text}")).warnings();
    assert_eq!(warnings(SMALL), [""; 0]);
    let with = |more: &str| warnings(&format!("{SMALL}{more}"));
    let days = "the run goes from 2025-01-01 to 2025-03-31";
    let block = "[[intervention]]\nkind = \"block\"\nmessenger = \"Alpha\"\n";
    assert_eq!(with(&format!("{block}from = 2025-03-31")), [""; 0]);
    assert_eq!(with(&format!("{block}label = \"cut\"\nfrom = 2025-04-01")), [format!("\"cut\": no effect, as {days}")]);
    assert_eq!(with(&format!("{block}label = \"cut\"\nfrom = 2024-01-01\nuntil = 2024-12-31")).len(), 1);
    let launched = SMALL.replace("launch = 2025-02-01", "launch = 2026-02-01");
    assert_eq!(warnings(&launched), [format!("messenger.Gamma.launch: found 2026-02-01: nobody can install it, as {days}")]);
    // Nobody in the group: no share at all, or none in a band or a region in which there is somebody.
    let mandate = "[[intervention]]\nlabel = \"told\"\nkind = \"mandate\"\nmessenger = \"Alpha\"\ngroups = [\"pupils\"]\nappeal = 1\nfrom = 2025-02-01\n";
    assert_eq!(with(mandate), [""; 0]);
    let told = ["intervention.told.groups: found pupils, in which there is nobody: it concerns no user"];
    let pupils = |group: &str| warnings(&format!("{}{mandate}", SMALL.replace("share_by_age = [1.0, 0.0]", group)));
    assert_eq!(pupils("share_by_age = [0.0, 0.0]"), told);
    assert_eq!(pupils("share_by_age = [0.0]"), told);
    assert_eq!(pupils("share_by_age = [0.1]"), [""; 0]);
    let none_young =
        SMALL.replace("\"young\", share = 0.5", "\"young\", share = 0.0").replace("\"old\", share = 0.5", "\"old\", share = 1.0");
    assert_eq!(warnings(&format!("{none_young}{mandate}")), told);
    let block =
        "[[intervention]]\nlabel = \"cut\"\nkind = \"block\"\nmessenger = \"Alpha\"\ngroups = [\"pupils\"]\nfrom = 2025-02-01\n";
    let empty = SMALL.replace("[1.0, 0.0]", "[0.0]");
    assert_eq!(
        warnings(&format!("{empty}{block}")),
        ["intervention.cut.groups: found pupils, in which there is nobody: it concerns no user"]
    );
    assert_eq!(warnings(&SMALL.replace("users = 1000", "users = 1001")).len(), 1);
    // Published figures.
    let target = |date: &str, people: u32| {
        format!("[[target]]\nmessenger = \"Alpha\"\ncolumn = \"daily_reach\"\ndate = {date}\npeople = {people}\n")
    };
    assert_eq!(with(&(target("2025-02-01", 1000) + &target("2025-02-02", 500))), [""; 0]);
    let doubled = with(&target("2025-02-01", 100).repeat(3));
    assert_eq!(doubled, ["target: daily_reach of Alpha on 2025-02-01: found a second time: both are drawn"]);
    assert_eq!(
        with(&target("2025-04-01", 100)),
        [format!("target: daily_reach of Alpha on 2025-04-01: it is not drawn, as {days}")]
    );
    assert!(with(&target("2025-02-01", 1001))[0].contains("found 1001 people of 1000"));
    let folder = tempfile::tempdir().expect("a folder");
    let flags = |flags: &[&str]| {
        let rows = flags
            .iter()
            .enumerate()
            .map(|(k, f)| format!("2025-02,{},monthly_reach,0.0001,{f}\n", ["Alpha", "Beta Two", "Gamma"][k % 3]));
        let rows: String = rows.collect();
        fs::write(folder.path().join("t.csv"), format!("month,messenger,column,value_mln,flag\n{rows}")).expect("written");
        scenario::parse(&format!("targets = \"t.csv\"\n{SMALL}"), folder.path().join("s.toml"), &[]).expect("valid").warnings()
    };
    assert_eq!(flags(&["M", "I", "A"]), [""; 0]);
    assert_eq!(flags(&["B", "P", "C"]), [""; 0]);
    assert!(flags(&["m"])[0].contains("found the flag \"m\", taken for measured; known are M, B"));
}
