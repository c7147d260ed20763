use crate::observe::ValueType;
use crate::scenario::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::{self, Display};

/// A value of a factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum FactorValue {
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// A day.
    Date(Date),
    /// Text.
    Text(String),
}

impl FactorValue {
    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            FactorValue::Integer(n) => Some(*n as f64),
            FactorValue::Number(x) => Some(*x),
            _ => None,
        }
    }

    /// The value that a cell of a table holds.
    pub(super) fn of_cell(cell: &str) -> Self {
        let integer = || cell.parse().ok().map(FactorValue::Integer);
        let number = || cell.parse().ok().filter(|x: &f64| x.is_finite()).map(FactorValue::Number);
        let date = || cell.parse().ok().map(FactorValue::Date);
        let boolean = || cell.parse().ok().map(FactorValue::Boolean);
        integer().or_else(number).or_else(date).or_else(boolean).unwrap_or_else(|| FactorValue::Text(cell.to_owned()))
    }

    /// The value in one spelling: what 1, 1.0, `"1"` and 1e0 have in common. Two values of one spelling make the same
    /// scenario.
    pub(super) fn plain(&self) -> String {
        match self {
            // No minus before a zero; a whole number of more than 53 bits stays as it is.
            FactorValue::Number(x) if x.fract() == 0.0 && x.abs() < 9e15 => (*x as i64).to_string(),
            FactorValue::Text(text) => match FactorValue::of_cell(text.trim()) {
                FactorValue::Text(_) => text.clone(),
                other => other.plain(),
            },
            other => other.to_string(),
        }
    }

    /// The kind of a column with these values.
    pub(super) fn kind<'a>(levels: impl IntoIterator<Item = &'a FactorValue>) -> ValueType {
        let kinds = levels.into_iter().map(|level| match level {
            FactorValue::Integer(_) => ValueType::Int,
            FactorValue::Number(_) => ValueType::Float(6),
            FactorValue::Boolean(_) => ValueType::Bool,
            FactorValue::Date(_) => ValueType::Date,
            FactorValue::Text(_) => ValueType::Text,
        });
        let both = |a, b| match (a, b) {
            (a, b) if a == b => a,
            (ValueType::Int | ValueType::Float(_), ValueType::Int | ValueType::Float(_)) => ValueType::Float(6),
            _ => ValueType::Text,
        };
        kinds.reduce(both).unwrap_or(ValueType::Text)
    }
}

/// As `--set` and tables take it.
impl Display for FactorValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FactorValue::Integer(n) => write!(f, "{n}"),
            FactorValue::Number(x) => write!(f, "{x}"),
            FactorValue::Boolean(b) => write!(f, "{b}"),
            FactorValue::Date(date) => write!(f, "{date}"),
            FactorValue::Text(text) => write!(f, "{text}"),
        }
    }
}

impl JsonSchema for FactorValue {
    fn schema_name() -> Cow<'static, str> {
        "Level".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "a number, a day, text, or true or false",
            "anyOf": [
                { "type": "number" },
                { "type": "string", "format": "date" },
                { "type": "string" },
                { "type": "boolean" }
            ]
        })
    }
}
