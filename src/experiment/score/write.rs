//! The folder: `scores.csv`, `summary.csv`, `origins.csv`, `forecasts.csv`, and what page and figures say.

use super::{AHEAD, BASELINES, EVALUATIONS, MODEL, Origin, Plan, Score, Scores, Summary};
use crate::error::Result;
use crate::experiment::calibrate::month_of;
use crate::experiment::study::{Bar, Plot, Study, StudyFigure, StudyFolder, StudyLine, StudyTable, known};
use crate::observe::{Field, ValueType};
use crate::scenario::{Date, Scenario};
use crate::storage::{OutputFile, Table, Value};
use std::collections::BTreeSet;
use std::path::Path;

const NUMBER: ValueType = ValueType::Float(6);

/// Columns of `scores.csv`: a row per origin, measured value and method; millions of people.
pub const SCORE_FIELDS: &[Field] = &[
    Field::plain("origin", ValueType::Text, "Last month that was seen."),
    Field::plain("month", ValueType::Text, "Month forecast; up to the origin, month fitted to."),
    Field::plain("series", ValueType::Text, "Series of the targets."),
    Field::plain("horizon", ValueType::Int, "Months from the origin."),
    Field::plain("method", ValueType::Text, "model, or a baseline: persistence, drift, damped trend, logistic curve."),
    Field::plain("measured", NUMBER, "What was measured."),
    Field::plain("median", NUMBER, "Median of the forecast."),
    Field::plain("error", NUMBER, "median - measured."),
    Field::plain("crps", NUMBER, "Continuous ranked probability score; less is better."),
    Field::plain("wis", NUMBER, "Weighted interval score (Bracher et al. 2021); less is better."),
    Field::plain("in_50", ValueType::Bool, "Whether the central interval of 50 % holds it."),
    Field::plain("in_90", ValueType::Bool, "The same of 90 %."),
    Field::plain("pit", NUMBER, "Probability, by the forecast, of what was measured or less."),
];

/// Columns of `summary.csv`: a row per method, series (empty: all) and horizon (empty: all; 0: what was fitted to).
pub const SUMMARY_FIELDS: &[Field] = &[
    Field::plain("method", ValueType::Text, "As in scores.csv."),
    Field::plain("series", ValueType::Text, "Series; empty for all."),
    Field::plain("horizon", ValueType::Text, "Months from the origin; empty for all from 1 on, 0 for what was fitted to."),
    Field::plain("n", ValueType::Int, "Forecasts."),
    Field::plain("absolute_error", NUMBER, "Mean absolute error of the median, million people."),
    Field::plain("crps", NUMBER, "Mean."),
    Field::plain("wis", NUMBER, "Mean."),
    Field::plain("relative_wis", NUMBER, "Mean of the weighted interval score as a share of the measured value."),
    Field::plain("coverage_50", NUMBER, "Share within the interval of 50 %."),
    Field::plain("coverage_90", NUMBER, "Share within that of 90 %."),
];

/// Columns of `origins.csv`: a row per origin.
pub const ORIGIN_FIELDS: &[Field] = &[
    Field::plain("origin", ValueType::Text, "Last month that was seen."),
    Field::plain("cells", ValueType::Int, "Values fitted to."),
    Field::plain("members", ValueType::Int, "Members of the forecast."),
    Field::plain("effective_members", ValueType::Float(1), "What their weights leave of them (Kish)."),
];

/// Columns of `forecasts.csv`: a row per origin, series and month after it; millions of people.
pub const FORECAST_FIELDS: &[Field] = &[
    Field::plain("origin", ValueType::Text, "Last month that was seen."),
    Field::plain("series", ValueType::Text, "Series of the targets."),
    Field::plain("month", ValueType::Text, "Month forecast."),
    Field::plain("horizon", ValueType::Int, "Months from the origin."),
    Field::plain("q05", NUMBER, "5 % of the forecast lie below it."),
    Field::plain("q25", NUMBER, "25 %."),
    Field::plain("median", NUMBER, "50 %."),
    Field::plain("q75", NUMBER, "75 %."),
    Field::plain("q95", NUMBER, "95 %."),
];

/// Takes a folder for the scores, as [`Study::begin`], whose evaluations stay there; `made` is the UTC time, RFC 3339.
pub fn begin(plan: &Plan, folder: &Path, force: bool, made: String) -> Result<StudyFolder> {
    study(plan, made)?.begin(folder, force, &scenario(plan), &[], &[EVALUATIONS, AHEAD])
}

/// The scenario as it is simulated.
fn scenario(plan: &Plan) -> Scenario {
    let mut scenario = plan.scenario.clone();
    scenario.population.users = plan.calibration.users;
    scenario
}

/// The study without its results.
fn study(plan: &Plan, made: String) -> Result<Study> {
    let file = plan.path.file_name().unwrap_or_default().to_string_lossy();
    Ok(Study { command: format!("exodus score {file}"), ..Study::of(&scenario(plan), made)? })
}

impl Scores {
    /// Writes the results into the folder that [`begin`] took, where the evaluations lie already; `made` is the UTC time, RFC 3339.
    pub fn write(&self, folder: &StudyFolder, plan: &Plan, spec: &Score, made: String) -> Result<()> {
        let mut study = self.study(plan, spec, made)?;
        for name in [EVALUATIONS, AHEAD] {
            // There is none of months ahead where none are asked for.
            if folder.path().join(name).exists() {
                study.files.push(OutputFile::of(folder.path(), name)?);
            }
        }
        study.end(folder, |folder| {
            let tables =
                [self.scores_table(folder, plan), self.summary_table(folder, plan, spec), self.origins_table(folder, spec)];
            tables.into_iter().chain([self.forecasts_table(folder, plan)]).collect()
        })
    }

    fn scores_table(&self, folder: &Path, plan: &Plan) -> Result<Table> {
        let mut table = Table::create(folder, "scores", SCORE_FIELDS, &[])?;
        for row in &self.rows {
            let cell = &plan.targets.cells[row.cell];
            let month = cell.month_name();
            let head =
                [&self.origins[row.origin].month, &month, &plan.calibration.series[cell.series].name].map(|x| Value::Text(x));
            let method = [Value::Int(i64::from(row.horizon)), Value::Text(row.method)];
            let numbers = [cell.measured.value, row.median, row.error, row.crps, row.wis].map(Value::Float);
            let covered = row.covered.map(Value::Bool);
            table.row(head.into_iter().chain(method).chain(numbers).chain(covered).chain([Value::Float(row.pit)]))?;
        }
        Ok(table)
    }

    fn summary_table(&self, folder: &Path, plan: &Plan, spec: &Score) -> Result<Table> {
        let mut table = Table::create(folder, "summary", SUMMARY_FIELDS, &[])?;
        let mut row = |method: &str, series: &str, horizon: &str, s: Summary| {
            let head = [method, series, horizon].map(Value::Text);
            let numbers = s.means.into_iter().chain([s.relative_wis]).chain(s.coverage).map(Value::Float);
            table.row(head.into_iter().chain([Value::Int(s.n as i64)]).chain(numbers))
        };
        row(MODEL, "", "0", self.in_sample(plan))?;
        for method in std::iter::once(MODEL).chain(BASELINES) {
            row(method, "", "", self.of_method(plan, method))?;
            for horizon in 1..=spec.horizon as i32 {
                let of = |r: &super::Row| r.method == method && r.horizon == horizon;
                row(method, "", &horizon.to_string(), self.summary(plan, of))?;
            }
            for (k, series) in plan.calibration.series.iter().enumerate() {
                let of = |r: &super::Row| r.method == method && r.horizon > 0 && plan.targets.cells[r.cell].series == k;
                row(method, &series.name, "", self.summary(plan, of))?;
            }
        }
        Ok(table)
    }

    fn origins_table(&self, folder: &Path, spec: &Score) -> Result<Table> {
        let mut table = Table::create(folder, "origins", ORIGIN_FIELDS, &[])?;
        for origin in &self.origins {
            let counts = [origin.cells as i64, i64::from(spec.members)].map(Value::Int);
            table.row([Value::Text(&origin.month)].into_iter().chain(counts).chain([Value::Float(origin.effective)]))?;
        }
        Ok(table)
    }

    fn forecasts_table(&self, folder: &Path, plan: &Plan) -> Result<Table> {
        let mut table = Table::create(folder, "forecasts", FORECAST_FIELDS, &[])?;
        for origin in &self.origins {
            for (series, of_series) in plan.calibration.series.iter().enumerate() {
                for (k, horizon) in ahead(plan, origin, series).into_iter().filter(|(_, horizon)| *horizon > 0) {
                    let Some(quantiles) = origin.quantiles[k] else { continue };
                    let month = plan.targets.cells[k].month_name();
                    let head = [&origin.month, &of_series.name, &month].map(|x| Value::Text(x));
                    let numbers = quantiles.map(Value::Float);
                    table.row(head.into_iter().chain([Value::Int(i64::from(horizon))]).chain(numbers))?;
                }
            }
        }
        Ok(table)
    }

    /// What is said of every method, in words; and what heads it.
    pub fn table(&self, plan: &Plan) -> (Vec<String>, Vec<Vec<String>>) {
        let head = ["Method", "n", "absolute error", "CRPS", "WIS", "relative WIS", "in 50 %", "in 90 %"].map(str::to_owned);
        let row = |name: String, s: Summary| {
            let percent = |x: f64| format!("{:.0} %", 100.0 * x);
            let means = s.means.map(|x| format!("{x:.3}"));
            let tail = [format!("{:.1} %", 100.0 * s.relative_wis), percent(s.coverage[0]), percent(s.coverage[1])];
            [name, s.n.to_string()].into_iter().chain(means).chain(tail).collect::<Vec<_>>()
        };
        let methods = std::iter::once(MODEL).chain(BASELINES).map(|method| row(method.to_owned(), self.of_method(plan, method)));
        let fit = row("model, what it was fitted to".into(), self.in_sample(plan));
        (head.to_vec(), methods.chain([fit]).collect())
    }

    fn study(&self, plan: &Plan, spec: &Score, made: String) -> Result<Study> {
        let name = plan.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (head, rows) = self.table(plan);
        let origins = spec.origins.join(", ");
        let mut figures = vec![self.skill(plan), self.histogram()];
        figures.extend((0..plan.calibration.series.len()).filter_map(|k| self.forecasts(plan, k)));
        figures.extend(self.last_forecasts(plan));
        Ok(Study {
            title: format!("{name}: what its forecasts are worth"),
            text: format!(
                "From each of the origins {origins} the model is fitted to the figures measured up to then and forecasts the months after (months \
                 ahead: {}; members: {}; numbers with priors: {}; steps of ESMDA: {}). The last part of the data weights the members; the \
                 discrepancy of the model grows with the root of the months. The dates of interventions are known; interpolated cells \
                 are not used. CRPS and weighted interval score (WIS) are in million people, less is better; the relative one is a \
                 share of the measured value.",
                spec.horizon,
                spec.members,
                plan.priors.len(),
                spec.steps
            ),
            numbers: StudyTable { note: "Means over all measured values that were forecast.".into(), head, rows },
            figures,
            ..study(plan, made)?
        })
    }

    fn skill(&self, plan: &Plan) -> StudyFigure {
        let bar = |method: &'static str| Bar {
            name: method.into(),
            value: known(self.of_method(plan, method).relative_wis),
            interval: [None; 2],
        };
        StudyFigure {
            name: "skill".into(),
            title: "Weighted interval score as a share of the measured value".into(),
            text: "Mean over all forecasts; less is better.".into(),
            plot: Plot::Bars { unit: "share".into(), bars: std::iter::once(MODEL).chain(BASELINES).map(bar).collect() },
        }
    }

    fn histogram(&self) -> StudyFigure {
        const BINS: usize = 10;
        let model = || self.rows.iter().filter(|row| row.method == MODEL && row.horizon > 0);
        let share = |bin: usize| {
            let there = model().filter(|row| ((row.pit * BINS as f64) as usize).min(BINS - 1) == bin).count();
            there as f64 / model().count().max(1) as f64
        };
        StudyFigure {
            name: "pit".into(),
            title: "Where measured values lie in the forecasts".into(),
            text:
                "Share of the model's forecasts by PIT, the probability that a forecast gives to the measured value or less; of calibrated \
                   forecasts, each share is a tenth."
                    .into(),
            plot: Plot::Lines {
                unit: "share".into(),
                what: "probability".into(),
                along: (0..BINS).map(|bin| format!("{:.2}", (bin as f64 + 0.5) / BINS as f64)).collect(),
                lines: vec![StudyLine {
                    name: "model".into(),
                    values: (0..BINS).map(|bin| known(share(bin))).collect(),
                    band: Default::default(),
                    points: Vec::new(),
                }],
            },
        }
    }

    /// Of a series, a line and a band for each origin; `None` where nothing of it is measured.
    fn forecasts(&self, plan: &Plan, series: usize) -> Option<StudyFigure> {
        let cells = in_order(plan, series);
        let cell = |k: usize| &plan.targets.cells[k];
        let measured = |k: usize| cell(k).measured.weight >= super::SCORED;
        if !cells.iter().any(|&k| measured(k)) {
            return None;
        }
        let line = |(o, origin): (usize, &Origin)| {
            let of = |end: usize| -> Vec<Option<f64>> {
                let ahead = ahead(plan, origin, series).into_iter();
                ahead.map(|(k, horizon)| known(origin.quantiles[k].filter(|_| horizon > 0)?[end] * 1e6)).collect()
            };
            let points = cells.iter().enumerate().filter(|(_, k)| o == 0 && measured(**k));
            StudyLine {
                name: format!("from {}", origin.month),
                values: of(2),
                band: [of(0), of(4)],
                points: points.map(|(at, &k)| (at, cell(k).measured.value * 1e6)).collect(),
            }
        };
        let name = &plan.calibration.series[series].name;
        Some(StudyFigure {
            name: format!("forecast-{}", name.to_lowercase()),
            title: format!("{name}: forecasts from each origin"),
            text: "Medians and 5 to 95 %; dots are measured values.".into(),
            plot: Plot::Lines {
                unit: "people".into(),
                what: String::new(),
                along: cells.iter().map(|&k| cell(k).month[0].to_string()).collect(),
                lines: self.origins.iter().enumerate().map(line).collect(),
            },
        })
    }

    /// What the last origin says of all messengers, a figure for each column: its fit, then its forecast.
    fn last_forecasts(&self, plan: &Plan) -> Vec<StudyFigure> {
        let Some(origin) = self.origins.last() else { return Vec::new() };
        let all = &plan.calibration.series;
        let columns: BTreeSet<&str> = all.iter().map(|series| series.column.as_str()).collect();
        let figure = |column: &str| {
            let of: Vec<usize> = (0..all.len()).filter(|&k| all[k].column == column).collect();
            let months: BTreeSet<Date> =
                of.iter().flat_map(|&k| in_order(plan, k)).map(|k| plan.targets.cells[k].month[0]).collect();
            let line = |&series: &usize| {
                let cells = in_order(plan, series);
                let at = |month: &Date| cells.iter().copied().find(|&k| plan.targets.cells[k].month[0] == *month);
                let of = |end: usize| -> Vec<Option<f64>> {
                    months.iter().map(|month| known(origin.quantiles[at(month)?]?[end] * 1e6)).collect()
                };
                let measured = |month| Some(plan.targets.cells[at(month)?].measured).filter(|m| m.weight >= super::SCORED);
                let points = months.iter().enumerate().filter_map(|(place, month)| Some((place, measured(month)?.value * 1e6)));
                StudyLine { name: all[series].messenger.clone(), values: of(2), band: [of(0), of(4)], points: points.collect() }
            };
            let words = column.replace('_', " ");
            StudyFigure {
                name: format!("outlook-{}", column.replace('_', "-")),
                title: format!("{}{}: forecast from {}", words[..1].to_uppercase(), &words[1..], origin.month),
                text: format!(
                    "Medians and 5 to 95 %, by month; up to {} what it was fitted to. Dots are measured values.",
                    origin.month
                ),
                plot: Plot::Lines {
                    unit: "people".into(),
                    what: String::new(),
                    along: months.iter().map(Date::to_string).collect(),
                    lines: of.iter().map(line).collect(),
                },
            }
        };
        columns.into_iter().map(figure).collect()
    }
}

/// Places of a series' cells, by month.
fn in_order(plan: &Plan, series: usize) -> Vec<usize> {
    let mut cells: Vec<usize> = (0..plan.targets.cells.len()).filter(|&k| plan.targets.cells[k].series == series).collect();
    cells.sort_by_key(|&k| plan.targets.cells[k].month[0]);
    cells
}

/// The same, with the months from an origin.
fn ahead(plan: &Plan, origin: &Origin, series: usize) -> Vec<(usize, i32)> {
    let from = month_of(&origin.month).unwrap_or(i32::MAX);
    in_order(plan, series).into_iter().map(|k| (k, super::month_number(&plan.targets.cells[k]) - from)).collect()
}
