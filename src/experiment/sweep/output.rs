use crate::scenario::{Date, Scenario};
use crate::storage::Curves;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A figure taken from every run: one number of one daily series, by `at`, `take` or `time_to`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// Its column of the tables [default: made from the other keys].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A column of `series.csv`, such as `monthly_reach`; beside `messenger`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// The messenger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messenger: Option<String>,
    /// A column of `population.csv`, such as `vpn_share`, instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<String>,
    /// The figure of a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Date>,
    /// A figure of all days from `from` to `until`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub take: Option<Take>,
    /// Days from `from` to the first day on which the series has come to this value, from below or from above; empty where
    /// it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_to: Option<f64>,
    /// First day for `take` and `time_to` [default: the scenario's].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last day for `take` and `time_to` [default: the run's].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Whether the same figure of the sweep's `baseline` with the same seed is taken off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub difference: bool,
}

/// A figure of many days. Days on which the series has no value are left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// The greatest value.
    Peak,
    /// The least value.
    Trough,
    /// The mean.
    Mean,
    /// The sum over the days: the series' unit times days.
    Integral,
}

impl Output {
    /// Its name.
    pub fn name(&self) -> String {
        if let Some(name) = &self.name {
            return name.clone();
        }
        let [from, until] = [self.from, self.until].map(|date| date.map(|date| date.to_string()));
        let difference = self.difference.then(|| "difference".to_owned());
        let parts =
            [self.population.clone(), self.series.clone(), self.messenger.clone(), Some(self.figure()), from, until, difference];
        parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_")
    }

    /// Which figure: a day, `peak` and so on, or `time_to` with the value.
    pub(super) fn figure(&self) -> String {
        match (&self.at, self.take, self.time_to) {
            (Some(at), ..) => at.to_string(),
            (_, Some(take), _) => format!("{take:?}").to_lowercase(),
            (_, _, Some(value)) => format!("time_to_{value}"),
            _ => String::new(),
        }
    }

    /// The column that it looks at.
    pub(super) fn column(&self) -> &str {
        self.population.as_deref().or(self.series.as_deref()).unwrap_or_default()
    }

    /// First day that it looks at.
    pub(super) fn first_day(&self, scenario: &Scenario) -> Date {
        self.at.or(self.from).unwrap_or(scenario.start)
    }

    /// Last day that it looks at.
    pub(super) fn last_day(&self, scenario: &Scenario) -> Date {
        self.at.or(self.until).unwrap_or(scenario.end)
    }

    /// The figure; NaN where there is none.
    pub fn of(&self, curves: &Curves) -> f64 {
        let series = match (&self.population, &self.series, &self.messenger) {
            (Some(column), ..) => curves.population(column),
            (None, Some(column), Some(messenger)) => curves.series(column, messenger),
            _ => None,
        };
        let Some(series) = series else { return f64::NAN };
        if let Some(at) = self.at {
            return curves.index(at).map_or(f64::NAN, |day| series[day]);
        }
        let dates = curves.dates();
        let first = self.from.map_or(0, |from| dates.partition_point(|date| *date < from));
        let last = self.until.map_or(dates.len(), |until| dates.partition_point(|date| *date <= until));
        let days = || series.get(first..last).into_iter().flatten().copied().enumerate().filter(|(_, x)| !x.is_nan());
        let values = || days().map(|(_, x)| x);
        let Some((_, start)) = days().next() else { return f64::NAN };
        match (self.take, self.time_to) {
            (Some(Take::Peak), _) => values().fold(f64::NEG_INFINITY, f64::max),
            (Some(Take::Trough), _) => values().fold(f64::INFINITY, f64::min),
            (Some(Take::Mean), _) => values().sum::<f64>() / values().count() as f64,
            (Some(Take::Integral), _) => values().sum(),
            (None, Some(goal)) => {
                let there = |x: f64| if start < goal { x >= goal } else { x <= goal };
                days().find(|(_, x)| there(*x)).map_or(f64::NAN, |(day, _)| day as f64)
            }
            (None, None) => f64::NAN,
        }
    }
}
