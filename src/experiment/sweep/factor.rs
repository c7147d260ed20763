use super::factor_value::FactorValue;
use crate::observe::ValueType;
use crate::scenario::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A key of the scenario that the sweep varies: over `values`, or from `low` to `high`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// Short name, a column of the tables [default: the key].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is called in figures and pages [default: its name].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Its unit, for figures and pages: `per day`, `%`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The key, as `--set` takes it: `model.review_rate`, `intervention.LABEL.from`, `messenger.NAME.appeal`.
    pub key: String,
    /// The values, all different.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<FactorValue>,
    /// Least value, a number or a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<FactorValue>,
    /// Greatest value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<FactorValue>,
    /// Whether the logarithm is spread evenly from `low` to `high`, instead of the value.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub log: bool,
    /// Whether the key takes whole numbers only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

/// What a factor ranges over.
enum Range<'a> {
    Values(&'a [FactorValue]),
    Numbers(f64, f64),
    Days(Date, Date),
    /// A list of points says.
    Nothing,
}

impl Factor {
    /// Its name.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.key)
    }

    /// What figures and pages call it.
    pub fn title(&self) -> &str {
        self.label.as_deref().unwrap_or(self.name())
    }

    fn range(&self) -> Range<'_> {
        match (&self.low, &self.high) {
            _ if !self.values.is_empty() => Range::Values(&self.values),
            (Some(FactorValue::Date(low)), Some(FactorValue::Date(high))) => Range::Days(*low, *high),
            (Some(low), Some(high)) => match (low.number(), high.number()) {
                (Some(low), Some(high)) => Range::Numbers(low, high),
                _ => Range::Nothing,
            },
            _ => Range::Nothing,
        }
    }

    /// The value at `u`, from 0 to 1. Values, whole numbers and days have equal parts of the way each; a number between
    /// `low` and `high` is rounded to twelve digits.
    pub fn at(&self, u: f64) -> FactorValue {
        let part = |n: usize| ((u * n as f64) as usize).min(n.saturating_sub(1));
        match self.range() {
            Range::Values(values) => values[part(values.len())].clone(),
            Range::Days(low, high) => FactorValue::Date(low.plus(part(low.days_until(high).max(0) as usize + 1) as i32)),
            Range::Numbers(low, high) if self.whole && !self.log => {
                FactorValue::Integer(low as i64 + part((high - low) as usize + 1) as i64)
            }
            Range::Numbers(low, high) => {
                let x = if self.log { low * libm::pow(high / low, u) } else { low + u * (high - low) };
                let x = x.clamp(low, high);
                if self.whole { FactorValue::Integer(x.round() as i64) } else { FactorValue::Number(rounded(x)) }
            }
            Range::Nothing => FactorValue::Text(String::new()),
        }
    }

    /// The values of a grid: all of them, or `levels` evenly from `low` to `high`.
    pub(super) fn grid(&self, levels: u32) -> Vec<FactorValue> {
        if !self.values.is_empty() {
            return self.values.clone();
        }
        let last = f64::from(levels.max(2) - 1);
        (0..levels).map(|k| self.at(f64::from(k) / last)).collect()
    }

    /// The kind of its column; `None` where a list of points says.
    pub(super) fn kind(&self) -> Option<ValueType> {
        match self.range() {
            Range::Values(values) => Some(FactorValue::kind(values)),
            Range::Days(..) => Some(ValueType::Date),
            Range::Numbers(..) => Some(if self.whole { ValueType::Int } else { ValueType::Float(6) }),
            Range::Nothing => None,
        }
    }
}

/// Twelve digits: 0.1 + 0.2 is 0.3.
fn rounded(x: f64) -> f64 {
    format!("{x:.11e}").parse().unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factor(low: FactorValue, high: FactorValue) -> Factor {
        Factor {
            name: None,
            label: None,
            unit: None,
            key: "x".into(),
            values: vec![],
            low: Some(low),
            high: Some(high),
            log: false,
            whole: false,
        }
    }

    #[test]
    fn ends_and_middle_are_where_they_should_be() {
        let mut f = factor(FactorValue::Number(0.01), FactorValue::Number(1.0));
        f.log = true;
        assert_eq!([0.0, 0.5, 1.0].map(|u| f.at(u)), [0.01, 0.1, 1.0].map(FactorValue::Number));
        let day = |d| Date::new(2025, 1, d).expect("a day");
        let f = factor(FactorValue::Date(day(1)), FactorValue::Date(day(4)));
        assert_eq!([0.0, 0.26, 0.74, 1.0].map(|u| f.at(u)), [1, 2, 3, 4].map(|d| FactorValue::Date(day(d))));
        let mut f = factor(FactorValue::Integer(2), FactorValue::Integer(4));
        f.whole = true;
        assert_eq!([0.0, 0.34, 0.67, 1.0].map(|u| f.at(u)), [2, 3, 4, 4].map(FactorValue::Integer));
    }

    #[test]
    fn a_grid_has_no_odd_digits() {
        let f = factor(FactorValue::Number(0.0), FactorValue::Number(0.6));
        assert_eq!(f.grid(7), [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6].map(FactorValue::Number));
    }
}
