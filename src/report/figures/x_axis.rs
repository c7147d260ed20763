//! What lies along a horizontal axis, and the axis.

use super::canvas::{Anchor, Canvas};
use super::{axis, font, style};
use crate::scenario::Date;

/// Places of values, in order.
#[derive(Clone, Debug)]
pub(super) enum XAxis {
    Days(Vec<Date>),
    Numbers(Vec<f64>),
    /// Numbers above zero, each power of ten as long as the next.
    Logarithms(Vec<f64>),
    /// Side by side.
    Names(Vec<String>),
}

impl XAxis {
    /// The first place and the last: numbers, days since the first, or the names' own.
    fn range(&self) -> (f64, f64) {
        let (low, high) = match self {
            XAxis::Days(days) => (0.0, days.first().zip(days.last()).map_or(0.0, |(a, b)| f64::from(a.days_until(*b)))),
            XAxis::Numbers(x) => (x.first().copied().unwrap_or(0.0), x.last().copied().unwrap_or(1.0)),
            XAxis::Logarithms(x) => (x.first().map_or(0.0, |x| x.log10()), x.last().map_or(1.0, |x| x.log10())),
            XAxis::Names(names) => (0.0, names.len().saturating_sub(1) as f64),
        };
        if high > low { (low, high) } else { (low, low + 1.0) }
    }

    /// Where a number, a day since the first or a name's place lies between `left` and `right`.
    pub(super) fn at(&self, x: f64, left: f64, right: f64) -> f64 {
        let (low, high) = self.range();
        let x = if matches!(self, XAxis::Logarithms(_)) { x.log10() } else { x };
        left + (x - low) * (right - left) / (high - low)
    }

    /// Where its values stand.
    pub(super) fn places(&self, left: f64, right: f64) -> Vec<f64> {
        let x: Vec<f64> = match self {
            XAxis::Days(days) => days.iter().map(|day| f64::from(days[0].days_until(*day))).collect(),
            XAxis::Numbers(x) | XAxis::Logarithms(x) => x.clone(),
            XAxis::Names(names) => (0..names.len()).map(|k| k as f64).collect(),
        };
        x.into_iter().map(|x| self.at(x, left, right)).collect()
    }

    /// Its values as tables have them.
    pub(super) fn texts(&self) -> Vec<String> {
        match self {
            XAxis::Days(days) => days.iter().map(ToString::to_string).collect(),
            XAxis::Numbers(x) | XAxis::Logarithms(x) => x.iter().map(ToString::to_string).collect(),
            XAxis::Names(names) => names.clone(),
        }
    }

    /// A place as tables have it, between values too.
    pub(super) fn text(&self, x: f64) -> String {
        match self {
            XAxis::Days(days) => days.first().map(|first| first.plus(x.round() as i32).to_string()).unwrap_or_default(),
            XAxis::Numbers(_) | XAxis::Logarithms(_) => x.to_string(),
            XAxis::Names(names) => names.get(x.round() as usize).cloned().unwrap_or_default(),
        }
    }

    /// Draws the axis at the bottom of a panel, with at most two rows of labels.
    pub(super) fn draw(&self, canvas: &mut Canvas, left: f64, right: f64, bottom: f64, labels: bool) {
        canvas.line((left, bottom), (right, bottom), style::AXIS, style::INK, "");
        for (x, label) in self.ticks(right - left) {
            let x = self.at(x, left, right);
            canvas.line((x, bottom), (x, bottom + style::TICK), style::AXIS, style::INK, "");
            for (row, text) in label.iter().enumerate().filter(|(_, text)| labels && !text.is_empty()) {
                let y = bottom + style::TICK + style::GAP / 2.0 + (row + 1) as f64 * style::SMALL;
                canvas.text((x, y), text, style::SMALL, Anchor::Middle, style::INK);
            }
        }
    }

    /// Ticks and their labels, on an axis of `length` points.
    fn ticks(&self, length: f64) -> Vec<(f64, [String; 2])> {
        let (low, high) = self.range();
        match self {
            XAxis::Days(days) => {
                let Some((&first, &last)) = days.first().zip(days.last()) else { return Vec::new() };
                let ticks = axis::dates(first, last, length).into_iter();
                ticks.map(|(date, label)| (f64::from(first.days_until(date)), label)).collect()
            }
            XAxis::Numbers(_) => axis::numbers(low, high, (length / 18.0).min(5.0))
                .into_iter()
                .filter(|(x, _)| (low - 1e-9..=high + 1e-9).contains(x))
                .map(|(x, label)| (x, [label, String::new()]))
                .collect(),
            XAxis::Logarithms(_) => {
                axis::logarithms(low, high).into_iter().map(|(x, label)| (x, [label, String::new()])).collect()
            }
            XAxis::Names(names) => {
                let widest = names.iter().map(|name| font::width(name, style::SMALL)).fold(0.0f64, f64::max);
                let every = ((widest + 2.0 * style::GAP) * (high - low) / length).ceil().max(1.0) as usize;
                let kept = names.iter().enumerate().step_by(every);
                kept.map(|(k, name)| (k as f64, [name.clone(), String::new()])).collect()
            }
        }
    }
}
