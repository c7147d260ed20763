//! Figures for print: all there, the same bytes for the same results, nothing outside the paper.

mod common;

use assert_cmd::Command;
use common::{DAYS, figures_stay, reach_over_days, root};
use exodus::report::{FigureWidth, write_figures};
use resvg::usvg::{Options, Tree, fontdb::Database};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const NAMES: [&str; 6] = ["reach", "daily-reach", "main-app", "traffic", "vpn", "ties"];

fn exodus(args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("exodus").expect("the command");
    command.args(args);
    command
}

fn run(folder: &Path, scenario: &str, more: &[&str]) {
    let scenario = root().join(scenario).display().to_string();
    let out = folder.display().to_string();
    exodus(&[&["run", &scenario, "--users", "1000", "--out", &out, "--quiet"], more].concat()).assert().success();
}

fn svg(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(format!("figures/{name}.svg"))).expect("an SVG")
}

/// An SVG with its texts laid out in the font that it asks for.
fn tree(svg: &str) -> Tree {
    let mut fonts = Database::new();
    fonts.load_font_file(root().join("src/report/figures/LiberationSans-Regular.ttf")).expect("the font");
    Tree::from_str(svg, &Options { fontdb: Arc::new(fonts), ..Options::default() }).expect("well-formed SVG")
}

fn nothing_outside(svg: &str, name: &str) {
    let tree = tree(svg);
    let (size, drawn) = (tree.size(), tree.root().abs_stroke_bounding_box());
    assert!(drawn.left() >= -0.01 && drawn.top() >= -0.01, "{name}: {drawn:?}");
    assert!(drawn.right() <= size.width() + 0.01 && drawn.bottom() <= size.height() + 0.01, "{name}: {drawn:?} in {size:?}");
}

#[test]
fn a_run_ends_with_its_figures() {
    let folder = tempfile::tempdir().expect("a folder");
    let [a, b] = ["a", "b"].map(|name| folder.path().join(name));
    for out in [&a, &b] {
        run(out, "scenarios/russia.toml", &["--until", "2025-10-31"]);
    }
    for name in NAMES {
        assert_eq!(svg(&a, name), svg(&b, name), "{name}: equal results, equal bytes");
        nothing_outside(&svg(&a, name), name);
        let begins = |end: &str, magic: &[u8]| {
            let bytes = fs::read(a.join(format!("figures/{name}.{end}"))).expect("a file");
            assert!(bytes.starts_with(magic), "{name}.{end}");
        };
        begins("pdf", b"%PDF-");
        begins("png", b"\x89PNG");
        begins("csv", b"date,panel,line,value\n2024-12-01,");
        // Another run, in another process.
        for end in ["pdf", "png", "csv"] {
            let [a, b] = [&a, &b].map(|out| fs::read(out.join(format!("figures/{name}.{end}"))).expect("a file"));
            assert!(a == b, "{name}.{end}: equal results, equal bytes");
        }
        // The text of a PDF is text, and it says what it is of no time.
        let pdf = fs::read(a.join(format!("figures/{name}.pdf"))).expect("a file");
        let has = |what: &[u8]| pdf.windows(what.len()).any(|bytes| bytes == what);
        assert!(has(b"/Font") && !has(b"CreationDate") && !has(b"CreateDate"), "{name}");
    }
    assert!(svg(&a, "reach").contains("13 Aug 2025: mandate: house"), "interventions are named");
    assert!(fs::read_to_string(a.join("figures/README.txt")).expect("words").contains("exodus report --figures"));
}

#[test]
fn the_verb_makes_them_again_at_the_width_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    run(&out, "tests/scenarios/everything.toml", &["--no-report"]);
    assert!(!out.join("figures").exists());
    let dir = out.display().to_string();
    exodus(&["report", "--figures", &dir, "--figure-width", "180mm"]).assert().success();
    assert!(svg(&out, "reach").contains("width=\"180mm\""));
    NAMES.iter().for_each(|name| nothing_outside(&svg(&out, name), name));
    exodus(&["report", "--figures", &dir, "--figure-width", "40mm"]).assert().success();
    NAMES.iter().for_each(|name| nothing_outside(&svg(&out, name), name));
    for width in ["2m", "39mm", "401mm", "NaN"] {
        exodus(&["report", "--figures", &dir, "--figure-width", width]).assert().code(2);
    }
    exodus(&["report", "--figures", &folder.path().display().to_string()]).assert().code(2);
}

#[test]
fn replicates_have_bands() {
    let folder = tempfile::tempdir().expect("a folder");
    run(folder.path(), "tests/scenarios/everything.toml", &["--replicates", "3"]);
    let reach = svg(folder.path(), "reach");
    assert!(reach.matches("<polygon").count() >= 4, "two bands a messenger");
    nothing_outside(&reach, "reach");
    figures_stay(folder.path());
    let data = fs::read_to_string(folder.path().join("figures/reach.csv")).expect("data");
    assert!(data.starts_with("date,panel,line,value,q05,q95,low,high\n"), "{}", &data[..80]);
}

#[test]
fn every_scenario_of_the_gallery_can_be_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let scenarios = fs::read_dir(root().join("scenarios")).expect("the gallery").map(|entry| entry.expect("an entry").path());
    let scenarios: Vec<PathBuf> = scenarios.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    assert!(scenarios.len() >= 9);
    for path in scenarios {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let out = folder.path().join(&name);
        let text = format!("scenarios/{name}.toml");
        run(&out, &text, &["--no-report"]);
        let made = write_figures(&out, FigureWidth::default()).expect("figures");
        assert_eq!(made.len(), 4 * NAMES.len() + 1);
        figures_stay(&out);
        NAMES.iter().for_each(|figure| nothing_outside(&svg(&out, figure), &format!("{name}: {figure}")));
    }
}

#[test]
fn sweeps_are_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let [file, out] = ["sweep.toml", "out"].map(|name| folder.path().join(name));
    let scenario = root().join("tests/scenarios/everything.toml");
    let sweep = format!(
        r#"name = "grid"
        scenario = '{}'
        users = 500
        replicates = 3
        design = "grid"
        [[factor]]
        name = "reviews a day"
        key = "model.review_rate"
        values = [0.05, 0.1, 0.2]
        [[factor]]
        name = "appeal of Green"
        key = "messenger.Green.appeal"
        values = [0.4, 0.8]
        [[output]]
        name = "reach of Green, at the end"
        series = "monthly_reach"
        messenger = "Green"
        at = 2025-04-30
        "#,
        scenario.display()
    );
    fs::write(&file, sweep).expect("the sweep is written");
    let [file, dir] = [&file, &out].map(|path| path.display().to_string());
    exodus(&["sweep", &file, "--out", &dir, "--quiet"]).assert().success();
    exodus(&["sensitivity", &dir]).assert().success();
    exodus(&["report", "--figures", &dir]).assert().success();
    figures_stay(&out);
    let name = "reach-of-Green--at-the-end";
    for kind in ["heat-map", "response", "parallel", "sensitivity-prcc"] {
        nothing_outside(&svg(&out, &format!("{kind}-{name}")), kind);
    }
    assert_eq!(svg(&out, &format!("response-{name}")).matches("<polygon").count(), 4, "two bands a level");
    let cells = fs::read_to_string(out.join(format!("figures/heat-map-{name}.csv"))).expect("data");
    assert_eq!(cells.lines().count(), 7);
    // Looked at, it is a sweep still.
    exodus(&["sweep", &file, "--out", &dir, "--quiet"]).assert().success();
}

#[test]
fn points_of_no_grid_are_drawn_against_each_factor_and_days_as_fans() {
    let folder = tempfile::tempdir().expect("a folder");
    let [file, out] = ["sweep.toml", "out"].map(|name| folder.path().join(name));
    let (days, outputs) = (DAYS, reach_over_days());
    let sweep = format!(
        r#"name = "points"
        scenario = '{}'
        users = 500
        replicates = 2
        design = "latin_hypercube"
        points = 12
        [[factor]]
        key = "model.review_rate"
        low = 0.05
        high = 0.2
        [[factor]]
        name = "a name that takes more than one line where the panels are narrow"
        key = "messenger.Green.appeal"
        values = [0.4, 0.8]
        [[factor]]
        name = "day of the block"
        key = "intervention.full block.from"
        low = 2025-02-01
        high = 2025-03-31
        {outputs}"#,
        root().join("tests/scenarios/everything.toml").display()
    );
    fs::write(&file, sweep).expect("the sweep is written");
    let [file, dir] = [&file, &out].map(|path| path.display().to_string());
    exodus(&["sweep", &file, "--out", &dir, "--quiet"]).assert().success();
    figures_stay(&out);
    let fan = svg(&out, "fan-monthly-reach");
    nothing_outside(&fan, "fan");
    assert_eq!(fan.matches("<polygon").count(), 4, "two bands a messenger");
    let read = |name: &str| csv::Reader::from_path(out.join(name)).expect("a table");
    let mut reach: Vec<f64> =
        read("results.csv").records().map(|row| row.expect("a row")[6].parse().expect("a number")).collect();
    reach.sort_by(f64::total_cmp);
    let row = read("figures/fan-monthly-reach.csv").records().next().expect("a row").expect("a row");
    let (median, unit) = ((reach[11] + reach[12]) / 2.0, if row[1].contains("million") { 1e6 } else { 1e3 });
    assert_eq!((&row[0], &row[2]), (days[0], "Green"));
    assert!((row[3].parse::<f64>().expect("a number") * unit - median).abs() < 1.0, "{row:?}: not {median}, of 24 runs");
    // Of a fan, the last day is drawn by itself too.
    for messenger in ["Green", "Blue"] {
        assert!(!out.join(format!("figures/scatter-{messenger}-{}.svg", days[0])).exists());
        let name = format!("scatter-{messenger}-{}", days[2]);
        nothing_outside(&svg(&out, &name), &name);
        assert_eq!(svg(&out, &name).matches("<circle").count(), 36, "a dot for each of 12 points and 3 factors");
    }
    exodus(&["report", "--figures", &dir, "--figure-width", "40mm"]).assert().success();
    nothing_outside(&svg(&out, &format!("scatter-Green-{}", days[2])), "narrow");
}

/// Names in scripts that the one font lacks are drawn with those of the machine, where it has them: several fonts in a file.
#[test]
fn names_in_many_scripts_have_stable_bytes_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = folder.path().join("run");
    let name = "messenger.Novelty.name=\"a \u{7dd1} \u{645}\u{631}\u{62d} \u{1f535} \u{e01}\u{e49} \u{905}\"";
    run(&out, "scenarios/bass.toml", &["--set", name]);
    figures_stay(&out);
    nothing_outside(&svg(&out, "reach"), "reach");
}
