use crate::scenario::{Cursor, Date, Problems, Scenario};
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
    /// What it is called in figures and pages [default: its name].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Its unit, for figures and pages [default: that of the column; shares are shown in %].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// A column of `series.csv`, such as `monthly_reach`; beside `messenger`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// The messenger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messenger: Option<String>,
    /// A column of `population.csv`, such as `vpn_share`, instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub population: Option<String>,
    /// The share of people who hold at least this many messengers, instead; exact over all users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 16))]
    pub installed_at_least: Option<u32>,
    /// Age bands to which it is restricted; beside `series` and `population` [default: everyone].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ages: Vec<String>,
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
        let dates = [self.from, self.until].into_iter().flatten().map(|date| date.to_string());
        let parts = std::iter::once(self.column())
            .chain(self.messenger.clone())
            .chain(self.ages.iter().cloned())
            .chain([self.figure()])
            .chain(dates)
            .chain(self.difference.then(|| "difference".to_owned()));
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("_")
    }

    /// What figures and pages call it.
    pub fn title(&self) -> String {
        self.label.clone().unwrap_or_else(|| self.name())
    }

    /// Which figure: a day, `peak` and so on, or `time_to` with the value.
    pub(crate) fn figure(&self) -> String {
        match (&self.at, self.take, self.time_to) {
            (Some(at), ..) => at.to_string(),
            (_, Some(take), _) => format!("{take:?}").to_lowercase(),
            (_, _, Some(value)) => format!("time_to_{value}"),
            _ => String::new(),
        }
    }

    /// The column that it looks at, or what stands for one.
    pub(crate) fn column(&self) -> String {
        match self.installed_at_least {
            Some(n) => format!("installed_at_least_{n}"),
            None => self.population.clone().or(self.series.clone()).unwrap_or_default(),
        }
    }

    /// First day that it looks at.
    pub(crate) fn first_day(&self, scenario: &Scenario) -> Date {
        self.at.or(self.from).unwrap_or(scenario.start)
    }

    /// Last day that it looks at.
    pub(crate) fn last_day(&self, scenario: &Scenario) -> Date {
        self.at.or(self.until).unwrap_or(scenario.end)
    }

    /// The series that it looks at; `None` where it is none of these curves.
    pub fn series_of(&self, curves: &Curves) -> Option<Vec<f64>> {
        match (&self.population, &self.series, &self.messenger) {
            (Some(column), ..) => curves.population(column),
            (None, Some(column), Some(messenger)) => curves.series(column, messenger),
            _ => None,
        }
    }

    /// The figure, of a series with a value for each of the days; NaN where there is none.
    pub fn of(&self, dates: &[Date], series: &[f64]) -> f64 {
        if let Some(at) = self.at {
            return dates.binary_search(&at).map_or(f64::NAN, |day| series[day]);
        }
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

    /// What keys, types and ranges of an output cannot say; `scenario` is the one that it is taken from.
    pub(crate) fn check(at: &Cursor<'_>, scenario: Option<&Scenario>, problems: &mut Problems) {
        let sources = ["series", "population", "installed_at_least"].iter().filter(|key| at.has(key)).count();
        if sources != 1 {
            let found = format!("{sources} of `series`, `population`, `installed_at_least`");
            at.problem(problems, "series", found, "one of them");
        }
        match (at.has("series"), at.has("messenger")) {
            (true, false) => at.problem(problems, "messenger", "nothing", "it beside `series`"),
            (false, true) => at.problem(problems, "messenger", "it without `series`", "only beside `series`"),
            _ => {}
        }
        if at.has("installed_at_least") && at.has("ages") {
            at.problem(problems, "ages", "it beside `installed_at_least`", "only beside `series` and `population`");
        }
        at.known(problems, "series", &Curves::series_columns());
        at.known(problems, "population", &Curves::population_columns());
        let figures = ["at", "take", "time_to"].iter().filter(|key| at.has(key)).count();
        if figures != 1 {
            at.problem(problems, "take", format!("{figures} of `at`, `take`, `time_to`"), "one of them");
        }
        if at.has("at") && (at.has("from") || at.has("until")) {
            at.problem(problems, "at", "it beside `from` or `until`", "a day alone");
        }
        let Some(scenario) = scenario else { return };
        let messengers: Vec<&str> = scenario.messengers.iter().map(|m| m.name.as_str()).collect();
        at.known(problems, "messenger", &messengers);
        let ages: Vec<&str> = scenario.population.ages.iter().map(|age| age.name.as_str()).collect();
        at.known(problems, "ages", &ages);
        let (start, end) = (scenario.start, scenario.end);
        for key in ["at", "from", "until"] {
            if let Some(date) = at.date(key).filter(|date| !(start..=end).contains(date)) {
                at.problem(problems, key, date, format!("a day of the run, {start} to {end}"));
            }
        }
        if let (Some(from), Some(until)) = (at.date("from"), at.date("until"))
            && until < from
        {
            at.problem(problems, "until", until, format!("a day not before `from`, {from}"));
        }
    }
}
