//! Forecasts from several origins, each fitted to what was measured up to then, held against what was measured after.
//!
//! A forecast is a distribution: members drawn from the priors of all that is not known, moved by ESMDA to what was measured up to the
//! origin, weighted by the likelihood of the part of it that ESMDA left, each with a normal error of the measurement and of what the model
//! does not know, which grows with the horizon. Cells of less than half weight, such as interpolated ones, know what came
//! after: nothing is fitted to them. Scored are cells of full weight.

mod baselines;
mod rules;
mod write;

pub use baselines::{BASELINES, baselines};
pub use rules::{ALPHAS, Mixture};
pub use write::{FORECAST_FIELDS, ORIGIN_FIELDS, SCORE_FIELDS, SUMMARY_FIELDS, begin};

use super::calibrate::{Cell, Data, Esmda, Evaluation, Evaluator, Plan, Point, Score, Watch, sample};
use crate::error::{Error, Result};
use crate::experiment::study::StudyFolder;

/// Least weight of a cell that is fitted to and seen by the baselines, and of one that is scored.
const SEEN: f64 = 0.5;
const SCORED: f64 = 1.0;

/// What all forecasts were worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// By origin.
    pub origins: Vec<Origin>,
    /// By origin, cell and method; months up to the origin have the model's fit alone.
    pub rows: Vec<Row>,
}

/// The forecast from an origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// Last month that was seen, such as `2025-08`.
    pub month: String,
    /// Cells fitted to.
    pub cells: usize,
    /// Members that the weights leave: one by the sum of their squares (Kish).
    pub effective: f64,
    /// Of every cell up to the last month forecast, 5, 25, 50, 75 and 95 % of the distribution (millions); `None` of later ones.
    pub quantiles: Vec<Option<[f64; 5]>>,
}

/// What a forecast of a cell was worth, in millions.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Index of the origin.
    pub origin: usize,
    /// Index of the cell among the targets.
    pub cell: usize,
    /// Months from the origin; 0 or less of what was fitted to.
    pub horizon: i32,
    /// `model`, or one of [`BASELINES`].
    pub method: &'static str,
    /// Median of the forecast.
    pub median: f64,
    /// Median less what was measured.
    pub error: f64,
    /// Continuous ranked probability score.
    pub crps: f64,
    /// Weighted interval score.
    pub wis: f64,
    /// Whether the central intervals of 50 and 90 % hold what was measured.
    pub covered: [bool; 2],
    /// Probability of what was measured or less.
    pub pit: f64,
}

/// The name of the model's forecasts.
pub const MODEL: &str = "model";

/// Months from year 0.
fn month_number(cell: &Cell) -> i32 {
    super::calibrate::month_number(&cell.month[0])
}

/// Quantiles of a forecast that are told.
const TOLD: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// Where evaluations are remembered.
const EVALUATIONS: &str = "evaluations.csv";
/// The same of the last forecast, where it goes beyond the table.
const AHEAD: &str = "ahead.csv";

/// Fits and forecasts from all origins. Evaluations are remembered in `folder`, so that what was interrupted continues. `None` where the
/// watch said stop.
///
/// The plan is that of [`Plan::for_score`].
pub fn score(plan: &Plan, spec: &Score, folder: &StudyFolder, watch: &Watch<'_>) -> Result<Option<Scores>> {
    let c = &plan.calibration;
    crate::engine::plan::check(&plan.scenario, c.users)?;
    watch.stage("making graphs", 0);
    // What nothing is known of is simulated for the last forecast alone.
    let known = plan.without_months_ahead();
    let of = |plan, name| Error::unless_stopped(Evaluator::new(plan, watch, c.users, c.replicates, folder.path().join(name)));
    let Some(mut evaluator) = of(&known, EVALUATIONS)? else { return Ok(None) };
    let esmda = Esmda { members: spec.members, steps: spec.steps, noise_factor: spec.noise_factor, localise: true };
    watch.stage("origins", spec.origins.len() * spec.members as usize * (spec.steps as usize + 1));
    let mut scores = Scores { origins: Vec::new(), rows: Vec::new() };
    for month in &spec.origins {
        let last = super::calibrate::month_of(month);
        let cells = &plan.targets.cells;
        let Some(origin) = last.filter(|last| cells.iter().any(|cell| month_number(cell) == *last)) else {
            return Err(Error::invalid(format!("score.origins: found {month:?}; allowed months of the targets")));
        };
        let data = Data::of(&known, spec.noise_factor, |cell| cell.measured.weight >= SEEN && month_number(cell) <= origin);
        // The part of the data that the steps leave is taken in as weights.
        let Some(mut members) = sample(&known, &esmda, &data, spec.steps + 1, &mut evaluator)? else { return Ok(None) };
        let weights = weights(&members, |figures| data.log_likelihood(figures) / f64::from(spec.steps + 1));
        let number = scores.origins.len();
        let is_last = number + 1 == spec.origins.len();
        if is_last && cells.len() > known.targets.cells.len() {
            watch.stage("months ahead", members.len());
            let Some(mut ahead) = of(plan, AHEAD)? else { return Ok(None) };
            let points: Vec<Point> = members.into_iter().map(|member| member.point).collect();
            let Some(further) = ahead.evaluate(&points)? else { return Ok(None) };
            ahead.finish()?;
            members = further;
        }
        let forecast = |k: usize, horizon: i32| forecast(plan, spec, &members, &weights, k, horizon);
        let most = plan.scenario.population.people as f64 / 1e6;
        let horizon_of = |cell: &Cell| month_number(cell) - origin;
        let within = |cell: &Cell| if cell.measured.value.is_nan() { is_last } else { horizon_of(cell) <= spec.horizon as i32 };
        for (k, cell) in cells.iter().enumerate().filter(|(_, cell)| cell.measured.weight >= SCORED && within(cell)) {
            let horizon = horizon_of(cell);
            scores.rows.push(Row::of(number, k, horizon, MODEL, &forecast(k, horizon), cell.measured.value));
            if horizon < 1 {
                continue;
            }
            let before =
                cells.iter().filter(|c| c.series == cell.series && c.measured.weight >= SEEN && month_number(c) <= origin);
            let mut before: Vec<(f64, f64)> = before.map(|c| (f64::from(month_number(c)), c.measured.value)).collect();
            before.sort_by(|a, b| a.0.total_cmp(&b.0));
            // Months since the last value seen, of which there may be none at the origin.
            let since = before.last().map_or(0.0, |last| f64::from(month_number(cell)) - last.0);
            let noise = before.last().map_or(0.0, |last| c.series[cell.series].deviation(last.1));
            for (method, mixture) in BASELINES.into_iter().zip(baselines(&before, since, noise, most).into_iter().flatten()) {
                scores.rows.push(Row::of(number, k, horizon, method, &mixture, cell.measured.value));
            }
        }
        let quantiles = |(k, cell): (usize, &Cell)| {
            let mixture = within(cell).then(|| forecast(k, horizon_of(cell)))?;
            // What a normal distribution has below nobody or above everybody is nobody or everybody.
            Some(TOLD.map(|p| mixture.quantile(p).clamp(0.0, most)))
        };
        scores.origins.push(Origin {
            month: month.clone(),
            cells: data.cells.len(),
            effective: 1.0 / weights.iter().map(|w| w * w).sum::<f64>(),
            quantiles: cells.iter().enumerate().map(quantiles).collect(),
        });
    }
    evaluator.finish()?;
    Ok(Some(scores))
}

/// Weights that add up to 1.
fn weights(members: &[Evaluation], log: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let logs: Vec<f64> = members.iter().map(|member| log(&member.figures)).collect();
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let raw: Vec<f64> = logs.iter().map(|log| libm::exp(log - most)).collect();
    let sum: f64 = raw.iter().sum();
    raw.iter().map(|weight| weight / sum).collect()
}

/// The distribution of what will be measured of cell `k`, so many months after the origin: of every member, a normal one.
fn forecast(plan: &Plan, spec: &Score, members: &[Evaluation], weights: &[f64], k: usize, horizon: i32) -> Mixture {
    let series = &plan.calibration.series[plan.targets.cells[k].series];
    let discrepancy = series.discrepancy.unwrap_or(2.0 * series.noise);
    let part = |(member, weight): (&Evaluation, &f64)| {
        let figure = member.figures[k];
        let noise = spec.noise_factor * series.deviation(figure);
        let unknown = discrepancy * figure;
        [*weight, figure, (noise * noise + unknown * unknown * f64::from(horizon.max(0))).sqrt()]
    };
    Mixture(members.iter().zip(weights).map(part).collect())
}

impl Row {
    fn of(origin: usize, cell: usize, horizon: i32, method: &'static str, forecast: &Mixture, value: f64) -> Self {
        let median = forecast.quantile(0.5);
        Row {
            origin,
            cell,
            horizon,
            method,
            median,
            error: median - value,
            crps: forecast.crps(value),
            wis: forecast.wis(value),
            covered: [0.5, 0.9].map(|p| forecast.covers(p, value)),
            pit: forecast.cdf(value),
        }
    }
}

/// What the forecasts of a method were worth together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Forecasts.
    pub n: usize,
    /// Mean absolute error, CRPS and weighted interval score, in millions.
    pub means: [f64; 3],
    /// Mean weighted interval score as a share of what was measured: large and small series count alike.
    pub relative_wis: f64,
    /// Shares of what was measured in the intervals of 50 and 90 %.
    pub coverage: [f64; 2],
}

impl Scores {
    /// Of the rows for which `keep` is true; all NaN where there is none.
    pub fn summary(&self, plan: &Plan, keep: impl Fn(&Row) -> bool) -> Summary {
        let rows: Vec<&Row> = self.rows.iter().filter(|row| keep(row)).collect();
        let mean = |of: &dyn Fn(&Row) -> f64| rows.iter().map(|row| of(row)).sum::<f64>() / rows.len() as f64;
        Summary {
            n: rows.len(),
            means: [mean(&|row| row.error.abs()), mean(&|row| row.crps), mean(&|row| row.wis)],
            relative_wis: mean(&|row| row.wis / plan.targets.cells[row.cell].measured.value),
            coverage: [0, 1].map(|k| mean(&|row| f64::from(u8::from(row.covered[k])))),
        }
    }

    /// Of all forecasts of a method, or of the fit to what was seen.
    pub fn of_method(&self, plan: &Plan, method: &str) -> Summary {
        self.summary(plan, |row| row.method == method && row.horizon > 0)
    }

    /// Of what was fitted to.
    pub fn in_sample(&self, plan: &Plan) -> Summary {
        self.summary(plan, |row| row.horizon <= 0)
    }
}
