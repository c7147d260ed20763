//! Interventions over days, and where forecasts begin, as figures show them.

use crate::report::page;
use crate::scenario::{Date, Scenario};
use serde_json::Value;

/// Interventions that begin on a day.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) date: Date,
    pub(super) what: String,
    /// Numbers of the first and the last of them, as on pages.
    pub(super) numbers: [usize; 2],
}

/// What is marked on an axis of days.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// Interventions in order of time, as pages number them.
    interventions: Vec<Numbered>,
    /// The last day of which something was published, where something was.
    published: Option<Date>,
}

/// An intervention: its number on pages, first and last day, and what it is called.
#[derive(Clone, Debug)]
struct Numbered {
    number: usize,
    from: Date,
    until: Option<Date>,
    label: String,
}

impl Marks {
    /// Of a scenario.
    pub(super) fn of(scenario: &Scenario) -> Self {
        Self::new(&page::interventions(scenario), scenario)
    }

    /// Of a reference and what is compared with it.
    pub(super) fn of_both(reference: &Scenario, other: &Scenario) -> Self {
        Self::new(&page::interventions_of_both(reference, other), reference)
    }

    fn new(interventions: &[Value], scenario: &Scenario) -> Self {
        let date = |i: &Value, key: &str| i[key].as_str()?.parse().ok();
        let numbered = |(k, i): (usize, &Value)| {
            let label = i["label"].as_str()?.to_owned();
            Some(Numbered { number: k + 1, from: date(i, "from")?, until: date(i, "until"), label })
        };
        Marks {
            interventions: interventions.iter().enumerate().filter_map(numbered).collect(),
            published: scenario.targets.iter().map(|target| target.date).max(),
        }
    }

    /// Without the interventions of these labels: those that are another in every run.
    pub(super) fn without(mut self, labels: &[String]) -> Self {
        self.interventions.retain(|i| !labels.contains(&i.label));
        self
    }

    /// Those that begin after the first of these days, together where they begin on one.
    pub(super) fn begin(&self, days: &[Date]) -> Vec<Mark> {
        let mut marks: Vec<Mark> = Vec::new();
        for i in self.interventions.iter().filter(|i| Some(&i.from) > days.first() && Some(&i.from) <= days.last()) {
            let until = i.until.map_or(String::new(), |until| format!(" (until {})", super::axis::day(until)));
            let what = format!("{}{until}", i.label);
            match marks.last_mut() {
                Some(mark) if mark.date == i.from && mark.numbers[1] + 1 == i.number => {
                    mark.numbers[1] = i.number;
                    mark.what.push_str("; ");
                    mark.what.push_str(&what);
                }
                _ => marks.push(Mark { date: i.from, what, numbers: [i.number; 2] }),
            }
        }
        marks
    }

    /// Days within these on which one ends.
    pub(super) fn ends(&self, days: &[Date]) -> Vec<Date> {
        let mut ends: Vec<Date> = self.interventions.iter().filter_map(|i| i.until).collect();
        ends.retain(|end| Some(end) > days.first() && Some(end) < days.last());
        ends.sort();
        ends.dedup();
        ends
    }

    /// The day after which these days are a forecast, where some are.
    pub(super) fn forecast(&self, days: &[Date]) -> Option<Date> {
        self.published.filter(|date| Some(date) < days.last())
    }
}
