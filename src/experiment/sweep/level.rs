use crate::observe::Kind;
use crate::scenario::Date;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt::{self, Display};

/// A value of a factor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Level {
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

impl Level {
    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Level::Integer(n) => Some(*n as f64),
            Level::Number(x) => Some(*x),
            _ => None,
        }
    }

    /// The value that a cell of a table holds.
    pub(super) fn of_cell(cell: &str) -> Self {
        let integer = || cell.parse().ok().map(Level::Integer);
        let number = || cell.parse().ok().filter(|x: &f64| x.is_finite()).map(Level::Number);
        let date = || cell.parse().ok().map(Level::Date);
        let boolean = || cell.parse().ok().map(Level::Boolean);
        integer().or_else(number).or_else(date).or_else(boolean).unwrap_or_else(|| Level::Text(cell.to_owned()))
    }

    /// The value in one spelling: what 1, 1.0, `"1"` and 1e0 have in common. Two values of one spelling make the same
    /// scenario.
    pub(super) fn plain(&self) -> String {
        match self {
            // No minus before a zero; a whole number of more than 53 bits stays as it is.
            Level::Number(x) if x.fract() == 0.0 && x.abs() < 9e15 => (*x as i64).to_string(),
            Level::Text(text) => match Level::of_cell(text.trim()) {
                Level::Text(_) => text.clone(),
                other => other.plain(),
            },
            other => other.to_string(),
        }
    }

    /// The kind of a column with these values.
    pub(super) fn kind<'a>(levels: impl IntoIterator<Item = &'a Level>) -> Kind {
        let kinds = levels.into_iter().map(|level| match level {
            Level::Integer(_) => Kind::Int,
            Level::Number(_) => Kind::Float(6),
            Level::Boolean(_) => Kind::Bool,
            Level::Date(_) => Kind::Date,
            Level::Text(_) => Kind::Text,
        });
        let both = |a, b| match (a, b) {
            (a, b) if a == b => a,
            (Kind::Int | Kind::Float(_), Kind::Int | Kind::Float(_)) => Kind::Float(6),
            _ => Kind::Text,
        };
        kinds.reduce(both).unwrap_or(Kind::Text)
    }
}

/// As `--set` and tables take it.
impl Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Level::Integer(n) => write!(f, "{n}"),
            Level::Number(x) => write!(f, "{x}"),
            Level::Boolean(b) => write!(f, "{b}"),
            Level::Date(date) => write!(f, "{date}"),
            Level::Text(text) => write!(f, "{text}"),
        }
    }
}

impl JsonSchema for Level {
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
