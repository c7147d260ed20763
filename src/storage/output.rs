//! The tables of a run.

use super::cells::{Value, bytes_of};
use super::inventory::Difference;
use super::machine;
use super::manifest::{Manifest, OutputFile};
use super::parquet::ROWS;
use super::ro_crate;
use super::table::{PART, Table};
use crate::engine::Simulation;
use crate::error::{Error, Result};
use crate::files;
use crate::observe::{Aggregate, Base, Cells, Field, PopulationRow, SeriesRow, Step, Tally, Trace, Unit, ValueType, events};
use crate::scenario::{self, Cohort, Date, OneOrMany, Scenario};
use std::path::{Path, PathBuf};

/// The resolved scenario, and the interventions as they took effect.
const SCENARIO: &str = "scenario.toml";
const EVENTS: &str = "events.csv";

/// The tables that grow.
pub(super) const STEMS: [&str; 4] = ["series", "population", "cohorts", "trace"];

const DATE: Field = Field::plain("date", ValueType::Date, "Day.");
const MESSENGER: Field = Field::plain("messenger", ValueType::Text, "Messenger.");

/// The columns of a table, from its parts.
pub(super) const fn joined<const N: usize>(parts: &[&[Field]]) -> [Field; N] {
    let mut all = [DATE; N];
    let (mut part, mut n) = (0, 0);
    while part < parts.len() {
        let mut k = 0;
        while k < parts[part].len() {
            all[n] = parts[part][k];
            (n, k) = (n + 1, k + 1);
        }
        part += 1;
    }
    assert!(n == N, "a column is missing");
    all
}

/// Columns of `series` before its figures.
pub(super) const SERIES_HEAD: &[Field] = &[DATE, MESSENGER];
/// Columns of `population` before its figures.
pub(super) const POPULATION_HEAD: &[Field] = &[DATE];
/// Columns of `population` after its figures: what is counted of the run rather than of people.
pub(super) const COUNTS: &[Field] = &[
    Field::figure("reviews", Unit::Users, Base::Users, "Reviews", "Simulated users who reviewed that day."),
    Field::figure("changes", Unit::Users, Base::Users, "Changes", "Simulated users whose public state changed that day."),
];
const COHORT_HEAD: &[Field] = &[
    DATE,
    Field::plain("cohort", ValueType::Text, "Break-down: region or age."),
    Field::plain("value", ValueType::Text, "Name of the region or age band."),
    Field::plain("messenger", ValueType::Text, "Messenger; null in rows about the people."),
    Field::figure("people", Unit::People, Base::Users, "People", "People of the cohort."),
];
const SERIES: usize = SeriesRow::FIELDS.len();
const POPULATION: usize = PopulationRow::FIELDS.len();

/// Columns of `series.csv` and `series.parquet`: a row per day and messenger.
pub const SERIES_FIELDS: &[Field] = &joined::<{ SERIES_HEAD.len() + SERIES }>(&[SERIES_HEAD, SeriesRow::FIELDS]);

/// Columns of `population.csv`: a row per day.
pub const POPULATION_FIELDS: &[Field] =
    &joined::<{ POPULATION_HEAD.len() + POPULATION + COUNTS.len() }>(&[POPULATION_HEAD, PopulationRow::FIELDS, COUNTS]);

/// Columns of `cohorts.parquet`: a row per day, cohort and messenger, and one per day and cohort with an empty
/// messenger for what concerns the people.
pub const COHORT_FIELDS: &[Field] =
    &joined::<{ COHORT_HEAD.len() + SERIES + POPULATION }>(&[COHORT_HEAD, SeriesRow::FIELDS, PopulationRow::FIELDS]);

/// Fixed columns of `trace.parquet`: a row per followed user on the eve of the start and on every day on which
/// their word changed. A column `label` follows where nodes of a file have other labels than numbers from 0, and `holds_NAME` for each
/// messenger.
pub const TRACE_FIELDS: &[Field] =
    &joined::<{ 1 + USER.len() }>(&[&[Field::plain("date", ValueType::Date, "First day on which it holds.")], USER]);

/// Columns of one user, in a trace and in an export.
pub(super) const USER: &[Field] = &[
    Field::plain("user", ValueType::Int, "User number."),
    Field::plain("region", ValueType::Text, "Region."),
    Field::plain("urban", ValueType::Bool, "Lives in a town."),
    Field::plain("age", ValueType::Text, "Age band."),
    Field::plain("main", ValueType::Text, "Main app; null if none."),
    Field::plain("vpn", ValueType::Bool, "Has a VPN."),
];

/// Further columns of one user, in a trace and in an export, which go by the graph and the scenario.
pub const MORE_OF_USERS: &[Field] = &[
    Field::plain("label", ValueType::Text, "Label of the user's node; left out where a network's labels are its numbers from 0."),
    Field::plain("holds_NAME", ValueType::Bool, "Has messenger NAME installed: a column for each messenger."),
];

/// Columns of `events.csv`: interventions as they took effect.
pub const EVENT_FIELDS: &[Field] = &[
    Field::plain("date", ValueType::Date, "Day."),
    Field::plain("event", ValueType::Text, "In force (since before the start), begins, in full (end of a ramp), ends."),
    Field::plain("intervention", ValueType::Text, "Label."),
    Field::plain("kind", ValueType::Text, "Kind of intervention."),
    Field::plain("messenger", ValueType::Text, "Messengers concerned, separated by `; `; empty for all."),
    Field::plain("services", ValueType::Text, "Services concerned; empty for all."),
    Field::plain("regions", ValueType::Text, "Regions concerned; empty for all."),
    Field::plain("groups", ValueType::Text, "Groups concerned; empty for all."),
    Field::plain("severity", ValueType::Float(6), "Severity."),
    Field::plain("source", ValueType::Text, "Where date and strength come from."),
];

/// The tables of a running simulation, as they grow.
#[derive(Debug)]
pub struct Output {
    folder: PathBuf,
    /// `scenario.toml` and `events.csv`, which stay as they are.
    fixed: Vec<OutputFile>,
    series: Table,
    population: Table,
    cohorts: Table,
    trace: Table,
    followed: Trace,
}

impl Output {
    /// Writes `events.csv` and begins the tables, on the eve of the start.
    pub fn create(folder: &Path, simulation: &Simulation) -> Result<Self> {
        let scenario = simulation.scenario();
        let mut fixed = vec![OutputFile::of_text(SCENARIO, &scenario.to_toml()?)];
        fixed.extend(write_events(folder, scenario)?);
        let flags = more_of_users(scenario, simulation.graph().has_labels());
        let mut output = Output {
            folder: folder.to_owned(),
            fixed,
            series: Table::create(folder, "series", SERIES_FIELDS, &[])?,
            population: Table::create(folder, "population", POPULATION_FIELDS, &[])?,
            cohorts: Table::create(folder, "cohorts", COHORT_FIELDS, &[])?,
            trace: Table::create(folder, "trace", TRACE_FIELDS, &flags)?,
            followed: Trace::new(simulation),
        };
        for step in output.followed.begin() {
            trace_row(&mut output.trace, simulation, *step)?;
        }
        Ok(output)
    }

    /// Goes on with the tables of a run, cut back to the lengths of a checkpoint; `known` is what the checkpoint says of
    /// these files, if it is new enough to say it.
    ///
    /// Fails where a file has changed. `scenario.toml` and `events.csv` are written again where they are gone.
    pub fn resume(folder: &Path, simulation: &Simulation, lengths: &[(String, u64)], known: &[OutputFile]) -> Result<Self> {
        let scenario = simulation.scenario();
        let flags = more_of_users(scenario, simulation.graph().has_labels());
        let known = |name: &str| known.iter().find(|file| file.path == name);
        let reopen =
            |stem: &'static str, fields, flags: &[(String, ValueType)]| match lengths.iter().find(|(name, _)| name == stem) {
                Some(&(_, bytes)) => Table::reopen(folder, stem, fields, flags, bytes, known(&format!("{stem}{PART}"))),
                None => Err(Error::corrupt(folder, format!("the checkpoint does not know of the table {stem}"))),
            };
        let mut fixed = vec![restore_scenario(folder, &scenario.to_toml()?)?];
        match known(EVENTS) {
            Some(file) => match file.difference(folder)? {
                Some(Difference { changed: Some(what), .. }) => {
                    return Err(Error::corrupt(folder.join(EVENTS), format!("{what}; remove it, and it is regenerated")));
                }
                Some(_) => fixed.extend(write_events(folder, scenario)?),
                None => fixed.push(file.clone()),
            },
            None => fixed.extend(write_events(folder, scenario)?),
        }
        Ok(Output {
            folder: folder.to_owned(),
            fixed,
            series: reopen("series", SERIES_FIELDS, &[])?,
            population: reopen("population", POPULATION_FIELDS, &[])?,
            cohorts: reopen("cohorts", COHORT_FIELDS, &[])?,
            trace: reopen("trace", TRACE_FIELDS, &flags)?,
            followed: Trace::new(simulation),
        })
    }

    /// Bytes that giving the tables their final form takes: those of a row group of the widest, `cohorts`.
    pub fn predicted_bytes(scenario: &Scenario) -> u64 {
        let of = |cohort: &Cohort| match cohort {
            Cohort::Region => scenario.population.regions.len(),
            Cohort::Age => scenario.population.ages.len(),
        };
        let a_day = scenario.observe.cohorts.iter().map(of).sum::<usize>() * (scenario.messengers.len() + 1);
        let rows = (a_day as u64).saturating_mul(u64::from(scenario.days())).min(ROWS as u64);
        rows * COHORT_FIELDS.iter().map(|field| bytes_of(field.kind)).sum::<u64>()
    }

    /// Puts all rows on the disk; all files so far, growing ones with the name that they have meanwhile.
    pub fn sync(&mut self) -> Result<Vec<OutputFile>> {
        let mut files = self.fixed.clone();
        for table in [&mut self.series, &mut self.population, &mut self.cohorts, &mut self.trace] {
            files.push(table.sync()?);
        }
        Ok(files)
    }

    /// Appends the rows of the day that was just simulated; `counts` are the reviews and the changes of that day.
    pub fn day(&mut self, simulation: &Simulation, tally: &Tally, counts: [u64; 2]) -> Result<()> {
        let scenario = simulation.scenario();
        let date = simulation.date();
        let all = Aggregate::all(tally, scenario);
        for (messenger, row) in scenario.messengers.iter().zip(all.series()) {
            let head = [Value::Date(date), Value::Text(&messenger.name)];
            self.series.row(head.into_iter().chain(row.values().map(Value::Float)))?;
        }
        let counts = counts.map(|count| Value::Int(count as i64));
        self.population.row([Value::Date(date)].into_iter().chain(all.population().values().map(Value::Float)).chain(counts))?;
        for cohort in &scenario.observe.cohorts {
            self.cohort(scenario, date, tally, *cohort)?;
        }
        for step in self.followed.changes(simulation) {
            trace_row(&mut self.trace, simulation, step)?;
        }
        Ok(())
    }

    fn cohort(&mut self, scenario: &Scenario, date: Date, tally: &Tally, cohort: Cohort) -> Result<()> {
        let cells = Cells::new(scenario);
        let (kind, names): (_, Vec<&str>) = match cohort {
            Cohort::Region => ("region", scenario.population.regions.iter().map(|r| r.name.as_str()).collect()),
            Cohort::Age => ("age", scenario.population.ages.iter().map(|a| a.name.as_str()).collect()),
        };
        let part_of = |cell| match cohort {
            Cohort::Region => cells.region(cell),
            Cohort::Age => cells.age(cell),
        };
        // Of the columns about messengers and about people, a row fills one sort.
        let nothing = |n| std::iter::repeat_n(Value::Float(f64::NAN), n);
        for (k, name) in names.into_iter().enumerate() {
            let of = Aggregate::cells(tally, scenario, |cell| part_of(cell) == k);
            let people = of.people();
            for (messenger, row) in scenario.messengers.iter().zip(of.series()) {
                self.cohorts.row(
                    cohort_head(date, kind, name, &messenger.name, people)
                        .into_iter()
                        .chain(row.values().map(Value::Float))
                        .chain(nothing(POPULATION)),
                )?;
            }
            self.cohorts.row(
                cohort_head(date, kind, name, "", people)
                    .into_iter()
                    .chain(nothing(SERIES))
                    .chain(of.population().values().map(Value::Float)),
            )?;
        }
        Ok(())
    }

    /// Hands all rows to the system, so that readers see them.
    pub fn flush(&mut self) -> Result<()> {
        for table in [&mut self.series, &mut self.population, &mut self.cohorts, &mut self.trace] {
            table.flush()?;
        }
        Ok(())
    }

    /// Gives the tables their final form, then writes the manifest, completed by the list of files and the memory held so far, and the
    /// RO-Crate.
    pub fn finish(self, scenario: &Scenario, manifest: &mut Manifest) -> Result<()> {
        let mut files = self.fixed;
        for file in &files {
            if let Some(difference) = file.difference(&self.folder)? {
                return Err(Error::corrupt(&self.folder, format!("{difference}, while the run went on")));
            }
        }
        files.extend(self.series.finish_and_keep(true, true)?);
        files.extend(self.population.finish_and_keep(true, false)?);
        files.extend(self.cohorts.finish_and_keep(false, true)?);
        files.extend(self.trace.finish_and_keep(false, true)?);
        for date in &manifest.snapshot_on {
            let path = format!("snapshots/{date}.exo");
            if self.folder.join(&path).exists() {
                files.push(OutputFile::of(&self.folder, &path)?);
            }
        }
        manifest.outputs = files;
        manifest.scenario = None;
        ro_crate::write(&self.folder, scenario, manifest)?;
        manifest.outputs.push(OutputFile::of(&self.folder, "ro-crate-metadata.json")?);
        manifest.peak_rss_bytes = machine::peak_rss_bytes();
        manifest.write(&self.folder)?;
        Table::remove_parts(&self.folder, &STEMS)
    }
}

fn cohort_head<'a>(date: Date, cohort: &'a str, value: &'a str, messenger: &'a str, people: f64) -> [Value<'a>; 5] {
    [Value::Date(date), Value::Text(cohort), Value::Text(value), Value::Text(messenger), Value::Float(people)]
}

fn trace_row(table: &mut Table, simulation: &Simulation, step: Step) -> Result<()> {
    let scenario = simulation.scenario();
    let profile = simulation.population().profile(step.user);
    let Step { user, public } = step;
    let main = public.main().map_or("", |m| scenario.messengers[m].name.as_str());
    let fixed = [
        Value::Date(simulation.date()),
        Value::Int(i64::from(user)),
        Value::Text(&scenario.population.regions[usize::from(profile.place.region)].name),
        Value::Bool(profile.place.urban),
        Value::Text(&scenario.population.ages[usize::from(profile.age)].name),
        Value::Text(main),
        Value::Bool(public.vpn()),
    ];
    let holds = (0..scenario.messengers.len()).map(|m| Value::Bool(public.holdings() >> m & 1 == 1));
    let graph = simulation.graph();
    let label = graph.has_labels().then(|| Value::Text(graph.label(user).unwrap_or_default()));
    table.row(fixed.into_iter().chain(label).chain(holds))
}

/// Further columns of one user: the label where a network's file has others than node numbers, and holdings.
pub(super) fn more_of_users(scenario: &Scenario, labels: bool) -> Vec<(String, ValueType)> {
    let label = labels.then(|| ("label".to_owned(), ValueType::Text));
    label.into_iter().chain(scenario.messengers.iter().map(|m| (format!("holds_{}", m.name), ValueType::Bool))).collect()
}

/// The scenario's file: written where it is gone, or where an earlier version wrote the same in its own words; what it is like.
///
/// Fails where it is another than `text`.
pub(crate) fn restore_scenario(folder: &Path, text: &str) -> Result<OutputFile> {
    let file = OutputFile::of_text(SCENARIO, text);
    match file.difference(folder)? {
        None => {}
        Some(Difference { changed, .. }) if changed.is_none() || says(&folder.join(SCENARIO), text) => {
            files::write_text(&folder.join(SCENARIO), text)?;
        }
        Some(_) => {
            return Err(Error::corrupt(
                folder.join(SCENARIO),
                "found another scenario than the one the run began with; remove it, and it is regenerated",
            ));
        }
    }
    Ok(file)
}

/// Whether the scenario in a file is that of `text`, whatever words are used.
fn says(file: &Path, text: &str) -> bool {
    scenario::load_written(file, &[]).and_then(|scenario| scenario.to_toml()).is_ok_and(|written| written == text)
}

fn write_events(folder: &Path, scenario: &Scenario) -> Result<Vec<OutputFile>> {
    let mut table = Table::create(folder, "events", EVENT_FIELDS, &[])?;
    for event in events(scenario) {
        let i = &scenario.interventions[event.intervention];
        let messengers = i.messenger.as_ref().map(OneOrMany::names).unwrap_or_default().join("; ");
        let services = i.services.iter().map(|s| s.name()).collect::<Vec<_>>().join("; ");
        let (label, regions, groups) = (scenario.label(event.intervention), i.regions.join("; "), i.groups.join("; "));
        table.row([
            Value::Date(event.date),
            Value::Text(event.what.name()),
            Value::Text(&label),
            Value::Text(i.effect.name()),
            Value::Text(&messengers),
            Value::Text(&services),
            Value::Text(&regions),
            Value::Text(&groups),
            Value::Float(i.numbers().get("severity").and_then(|x| x.as_f64()).unwrap_or(1.0)),
            Value::Text(&i.source),
        ])?;
    }
    table.finish(true, false)
}
