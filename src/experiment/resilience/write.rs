//! The folder: `losses.csv`, `destinations.csv`, `daily.csv`, and what page and figures say.

use super::{FIGURES, LossResult, Plan, Resilience};
use crate::error::Result;
use crate::experiment::compare::Paired;
use crate::experiment::study::{Bar, Plot, Study, StudyFigure, StudyFolder, StudyLine, StudyTable, known};
use crate::observe::{Field, ValueType};
use crate::storage::{Table, Value};
use std::path::Path;

const NUMBER: ValueType = ValueType::Float(6);
const LOSS: Field = Field::plain("loss", ValueType::Text, "What is taken away.");
const INTERVAL: [Field; 3] = [
    Field::plain("low", NUMBER, "Lower end of its 95 % interval (Student's t over pasts); empty with one past."),
    Field::plain("high", NUMBER, "Upper end."),
    Field::plain("pasts", ValueType::Int, "Pasts with this figure."),
];

/// Columns of `losses.csv`: a row per loss, figure and evening.
pub const LOSS_FIELDS: &[Field] = &[
    LOSS,
    Field::plain(
        "figure",
        ValueType::Text,
        "cut_off_tenth, cut_off_half, cut_off_all: people who lost that part of the contacts they could talk to on the eve; \
         lost_ties, lost_household_ties: share of those ties; half_recovered: days until half of the ties lost on the first \
         evening talk again.",
    ),
    Field::plain("unit", ValueType::Text, "people, share or days."),
    Field::plain("day", ValueType::Int, "Days after the first evening; empty for half_recovered."),
    Field::plain("date", ValueType::Text, "That evening."),
    Field::plain("without", NUMBER, "The figure where nothing is taken away, mean over pasts."),
    Field::plain("with", NUMBER, "The figure with the loss."),
    Field::plain("difference", NUMBER, "with - without; of half_recovered the days themselves."),
    INTERVAL[0],
    INTERVAL[1],
    INTERVAL[2],
];

/// Columns of `destinations.csv`: a row per loss and messenger, on the last evening.
pub const DESTINATION_FIELDS: &[Field] = &[
    LOSS,
    Field::plain("messenger", ValueType::Text, "Messenger, or none."),
    Field::plain("without", NUMBER, "People whose main app it is where nothing is taken away, mean over pasts."),
    Field::plain("with", NUMBER, "The same with the loss."),
    Field::plain("difference", NUMBER, "with - without: where people go."),
    INTERVAL[0],
    INTERVAL[1],
    INTERVAL[2],
];

/// Columns of `daily.csv`: a row per loss and evening, means over pasts.
pub const DAILY_FIELDS: &[Field] = &[
    Field::plain("loss", ValueType::Text, "What is taken away, or nothing."),
    Field::plain("date", ValueType::Date, "Evening."),
    Field::plain("cut_off_tenth", NUMBER, "People who lost a tenth of the contacts they could talk to on the eve."),
    Field::plain("cut_off_half", NUMBER, "Half of them."),
    Field::plain("cut_off_all", NUMBER, "All of them."),
    Field::plain("lost_ties", NUMBER, "Share of the ties that could talk on the eve that cannot."),
    Field::plain("lost_household_ties", NUMBER, "The same of ties within households."),
];

fn paired_values(paired: &Paired) -> [Value<'static>; 6] {
    let [low, high] = paired.interval();
    let [a, b, difference, low, high] = [paired.a(), paired.b(), paired.difference().mean(), low, high].map(Value::Float);
    [a, b, difference, low, high, Value::Int(i64::from(paired.difference().n()))]
}

impl Plan {
    /// Takes a folder for the study, as [`Study::begin`]; `made` is the UTC time, RFC 3339.
    pub fn begin(&self, folder: &Path, force: bool, made: String) -> Result<StudyFolder> {
        self.study(made)?.begin(folder, force, &self.scenario, &[], &[])
    }

    /// The study without its results.
    fn study(&self, made: String) -> Result<Study> {
        let Plan { scenario, on, days, replicates, how } = self;
        let how = how.name();
        Ok(Study {
            command: format!("exodus resilience scenario.toml --on {on} --days {days} --replicates {replicates} --by {how}"),
            ..Study::of(scenario, made)?
        })
    }
}

impl Resilience {
    /// Writes the results into the folder that [`Plan::begin`] took; `made` is the UTC time, RFC 3339.
    pub fn write(&self, folder: &StudyFolder, plan: &Plan, made: String) -> Result<()> {
        self.study(plan, made)?.end(folder, |folder| {
            Ok(vec![self.losses_table(folder)?, self.destinations_table(folder)?, self.daily_table(folder)?])
        })
    }

    fn losses_table(&self, folder: &Path) -> Result<Table> {
        let mut table = Table::create(folder, "losses", LOSS_FIELDS, &[])?;
        for result in &self.losses {
            let name = result.loss.name();
            for figure in &result.figures {
                let (label, unit) = FIGURES[figure.which];
                let date = self.on.plus(figure.day as i32).to_string();
                let head = [Value::Text(&name), Value::Text(label), Value::Text(unit)];
                let when = [Value::Int(i64::from(figure.day)), Value::Text(&date)];
                table.row(head.into_iter().chain(when).chain(paired_values(&figure.paired)))?;
            }
            let half = &result.half_recovered;
            let (mean, width) = (half.mean(), half.half_width());
            let head = [Value::Text("half_recovered"), Value::Text("days"), Value::Null, Value::Text("")];
            let numbers = [f64::NAN, mean, mean, mean - width, mean + width].map(Value::Float);
            let pasts = Value::Int(i64::from(half.n()));
            table.row([Value::Text(&name)].into_iter().chain(head).chain(numbers).chain([pasts]))?;
        }
        Ok(table)
    }

    fn destinations_table(&self, folder: &Path) -> Result<Table> {
        let mut table = Table::create(folder, "destinations", DESTINATION_FIELDS, &[])?;
        for result in &self.losses {
            let name = result.loss.name();
            for (messenger, paired) in self.destinations.iter().zip(&result.main) {
                table.row([Value::Text(&name), Value::Text(messenger)].into_iter().chain(paired_values(paired)))?;
            }
        }
        Ok(table)
    }

    fn daily_table(&self, folder: &Path) -> Result<Table> {
        let mut table = Table::create(folder, "daily", DAILY_FIELDS, &[])?;
        let all = std::iter::once(("nothing".to_owned(), &self.nothing));
        for (name, daily) in all.chain(self.losses.iter().map(|result| (result.loss.name(), &result.daily))) {
            for (day, figures) in daily.iter().enumerate() {
                let head = [Value::Text(&name), Value::Date(self.on.plus(day as i32))];
                table.row(head.into_iter().chain(figures.map(Value::Float)))?;
            }
        }
        Ok(table)
    }

    fn study(&self, plan: &Plan, made: String) -> Result<Study> {
        let Plan { scenario, on, days, replicates, how } = plan;
        let begun = plan.study(made)?;
        let title = if scenario.title.is_empty() { &scenario.name } else { &scenario.title };
        let away = format!("taken away on {on} ({})", how.name());
        let last = days - 1;
        Ok(Study {
            title: format!("{title}: what is lost when a messenger is taken away"),
            text: format!(
                "On {on} each messenger, the two that most people use as their main app, and VPNs are taken away in turn, each in its \
                 own future after the same past; {replicates} pasts with different seeds. Messengers are taken away by {}{}. Only \
                 ties that could talk on the evening before count. Differences are from the future in which nothing is taken away, \
                 under the same random draws.",
                how.name(),
                if *how == super::How::Outage { ", against which no VPN helps" } else { ", which a VPN circumvents" },
            ),
            numbers: StudyTable {
                note: format!(
                    "People cut off from a tenth, half and all of their contacts, and household ties lost, on the first evening; days \
                     until half of the lost ties talk again; people still cut off from half {last} days later; who gains main users by \
                     then. Ordered by people cut off from half."
                ),
                head: HEAD.map(str::to_owned).to_vec(),
                rows: self.worst_first().into_iter().map(|result| self.row(result, last)).collect(),
            },
            figures: vec![self.bars(&away), self.lines(&away), self.household(&away)],
            ..begun
        })
    }

    /// A row of the table in words.
    pub fn row(&self, result: &LossResult, last: u32) -> Vec<String> {
        let people = |which, day| {
            let Some(paired) = result.figure(which, day) else { return String::new() };
            let (value, half) = (paired.b() / 1e6, paired.difference().half_width() / 1e6);
            // Two digits of the error, down to ten thousand people; of what is zero with its error in these, nothing is uncertain.
            let decimals = if half.is_nan() { 2 } else { (1.0 - half.log10().floor()).clamp(0.0, 2.0) as usize };
            if half.is_nan() || value + half < 0.005 {
                format!("{value:.2} M")
            } else {
                format!("{value:.decimals$} ± {half:.decimals$} M")
            }
        };
        let household = 100.0 * result.daily[0][4];
        let household = if household.is_nan() { "none there".into() } else { format!("{household:.1} %") };
        let (half, of) = (&result.half_recovered, self.replicates);
        let half = match half.n() {
            0 if result.daily[0][3] == 0.0 => "nothing lost".into(),
            0 => format!("not in {last}"),
            n if n < of => format!("{:.0} ({n} of {of} pasts)", half.mean()),
            _ => format!("{:.0}", half.mean()),
        };
        let gain = |&(m, gain): &(usize, f64)| format!("{} +{:.2} M", self.destinations[m], gain / 1e6);
        let gains: Vec<String> = result.gains().iter().take(2).filter(|(_, gain)| *gain >= 5000.0).map(gain).collect();
        let first = [result.loss.name(), people(0, 0), people(1, 0), people(2, 0), household, half, people(1, last)];
        first.into_iter().chain([gains.join(", ")]).collect()
    }

    fn bars(&self, away: &str) -> StudyFigure {
        let bar = |result: &LossResult| {
            let paired = result.figure(1, 0).copied().unwrap_or_default();
            let half = paired.difference().half_width();
            Bar {
                name: result.loss.name(),
                value: known(paired.b()),
                // No fewer than nobody.
                interval: [known((paired.b() - half).max(0.0)), known(paired.b() + half)],
            }
        };
        StudyFigure {
            name: "cut-off".into(),
            title: "People cut off from half of their contacts on the first evening".into(),
            text: format!("Of those {away}, by what is taken away. Whiskers are 95 % intervals over pasts."),
            plot: Plot::Bars { unit: "people".into(), bars: self.worst_first().into_iter().map(bar).collect() },
        }
    }

    fn lines(&self, away: &str) -> StudyFigure {
        self.days_figure("recovery", "Ties that could talk on the eve and cannot any more", away, 3)
    }

    fn household(&self, away: &str) -> StudyFigure {
        self.days_figure("households", "Household ties that could talk on the eve and cannot any more", away, 4)
    }

    /// A figure of shares over days: lines of the losses that cut most people off, and of nothing.
    fn days_figure(&self, name: &str, title: &str, away: &str, which: usize) -> StudyFigure {
        let line = |name: String, daily: &[[f64; 5]]| StudyLine {
            name,
            values: daily.iter().map(|day| known(day[which])).collect(),
            band: Default::default(),
            points: Vec::new(),
        };
        let worst = self.worst_first().into_iter().take(MOST_LINES).map(|result| line(result.loss.name(), &result.daily));
        StudyFigure {
            name: name.into(),
            title: title.into(),
            text: format!("Share of these ties, by what is {away}; the {MOST_LINES} that cut off most people, and nothing."),
            plot: Plot::Lines {
                unit: "share".into(),
                what: String::new(),
                along: (0..self.nothing.len()).map(|day| self.on.plus(day as i32).to_string()).collect(),
                lines: worst.chain([line("nothing".into(), &self.nothing)]).collect(),
            },
        }
    }
}

/// Lines of a chart beside that of nothing.
const MOST_LINES: usize = 6;

/// Heads of the table in words.
pub const HEAD: [&str; 8] = [
    "Taken away",
    "cut off from a tenth",
    "half",
    "all",
    "household ties lost",
    "days to half",
    "half, at the end",
    "where they go",
];
