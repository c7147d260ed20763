//! From futures to figures with intervals.

use super::watch::Course;
use super::{Loss, Plan};
use crate::experiment::compare::Paired;
use crate::experiment::statistics::Moments;
use crate::scenario::Date;

/// Figures of an evening: name and unit. People cut off have lost that part of the contacts with whom they could talk on the eve.
pub const FIGURES: [(&str, &str); 5] = [
    ("cut_off_tenth", "people"),
    ("cut_off_half", "people"),
    ("cut_off_all", "people"),
    ("lost_ties", "share"),
    ("lost_household_ties", "share"),
];

/// What is lost and what follows, by loss.
#[derive(Clone, Debug, PartialEq)]
pub struct Resilience {
    /// The first day without.
    pub on: Date,
    /// Pasts.
    pub replicates: u32,
    /// Messengers, then `none`.
    pub destinations: Vec<String>,
    /// Without a loss: means of the figures, by evening.
    pub nothing: Vec<[f64; 5]>,
    /// In the order of the scenario's messengers, then the two largest together, then VPNs.
    pub losses: Vec<LossResult>,
}

/// What a loss does.
#[derive(Clone, Debug, PartialEq)]
pub struct LossResult {
    /// What is taken away.
    pub loss: Loss,
    /// Means of the figures, by evening.
    pub daily: Vec<[f64; 5]>,
    /// Figures on the evenings that the table has.
    pub figures: Vec<Figure>,
    /// Days until half of the ties lost on the first evening talk again, over the pasts in which they do.
    pub half_recovered: Moments,
    /// People by main app on the last evening, in the order of the destinations.
    pub main: Vec<Paired>,
}

/// A figure of an evening, beside that without the loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure {
    /// Index in [`FIGURES`].
    pub which: usize,
    /// Days after the first evening.
    pub day: u32,
    /// Without and with the loss, pair by pair.
    pub paired: Paired,
}

/// Evenings that the table has: days after the first.
const EVENINGS: [u32; 4] = [0, 7, 30, 90];

impl Resilience {
    /// `courses` are by past, then without a loss and with each.
    pub(super) fn of(plan: &Plan, losses: &[Loss], courses: &[Vec<Course>]) -> Self {
        let last = plan.days - 1;
        let evenings: Vec<u32> = EVENINGS.into_iter().filter(|day| *day < last).chain([last]).collect();
        let daily = |k: usize| {
            let mean = |day: usize, which: usize| courses.iter().map(|c| c[k].figure(day, which)).collect::<Moments>().mean();
            (0..plan.days as usize).map(|day| [0, 1, 2, 3, 4].map(|which| mean(day, which))).collect()
        };
        let paired = |k: usize, of: &dyn Fn(&Course) -> f64| {
            let mut paired = Paired::default();
            courses.iter().for_each(|c| paired.push(of(&c[0]), of(&c[k])));
            paired
        };
        let mut destinations: Vec<String> = plan.scenario.messengers.iter().map(|m| m.name.clone()).collect();
        destinations.push("none".into());
        let result = |(k, loss): (usize, &Loss)| {
            let figures = (0..FIGURES.len()).flat_map(|which| evenings.iter().map(move |&day| (which, day)));
            let figure = |(which, day)| Figure { which, day, paired: paired(k, &|c| c.figure(day as usize, which)) };
            let main = |m: usize| paired(k, &|c| c.main[m] as f64 * c.people[1]);
            LossResult {
                loss: loss.clone(),
                daily: daily(k),
                figures: figures.map(figure).collect(),
                half_recovered: courses.iter().map(|c| c[k].half_recovered()).collect(),
                main: (0..destinations.len()).map(main).collect(),
            }
        };
        let losses = losses.iter().enumerate().map(|(k, loss)| result((k + 1, loss))).collect();
        Resilience { on: plan.on, replicates: plan.replicates, nothing: daily(0), losses, destinations }
    }

    /// The losses, that which cuts most people off from half of their contacts on the first evening first.
    pub fn worst_first(&self) -> Vec<&LossResult> {
        let mut losses: Vec<&LossResult> = self.losses.iter().collect();
        losses.sort_by(|a, b| b.daily[0][1].total_cmp(&a.daily[0][1]));
        losses
    }
}

impl LossResult {
    /// A figure so many days after the first evening, where the table has it.
    pub fn figure(&self, which: usize, day: u32) -> Option<&Paired> {
        self.figures.iter().find(|figure| (figure.which, figure.day) == (which, day)).map(|figure| &figure.paired)
    }

    /// Destinations that gain most, with people gained; the best first, those that lose left out.
    pub fn gains(&self) -> Vec<(usize, f64)> {
        let mut gains: Vec<(usize, f64)> = self.main.iter().map(|paired| paired.difference().mean()).enumerate().collect();
        gains.retain(|(_, gain)| *gain > 0.0);
        gains.sort_by(|a, b| b.1.total_cmp(&a.1));
        gains
    }
}

impl Course {
    /// A figure of an evening, in its unit; NaN where there is nothing to share.
    fn figure(&self, day: usize, which: usize) -> f64 {
        let Some(counts) = self.days.get(day) else { return f64::NAN };
        let share = |part: u64, all: u64| if all == 0 { f64::NAN } else { part as f64 / all as f64 };
        match which {
            0..=2 => counts.cut_off[which] as f64 * self.people[0],
            3 => share(counts.lost, self.ties[0]),
            _ => share(counts.household_lost, self.ties[1]),
        }
    }
}
