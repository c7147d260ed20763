//! Cells of tables: one of a row, and all of a column.

use crate::observe::ValueType;
use crate::scenario::Date;

/// A cell of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// A day.
    Date(Date),
    /// Text; empty is null.
    Text(&'a str),
    /// A whole number.
    Int(i64),
    /// A number; NaN is null.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Nothing; not in a column of truth.
    Null,
}

/// What stands for nothing among days and among whole numbers.
pub(super) const NO_DAY: i32 = i32::MIN;
pub(super) const NO_INT: i64 = i64::MIN;

impl Value<'_> {
    /// Whether it may stand in a column of this kind.
    pub(super) fn is_of(self, kind: ValueType) -> bool {
        matches!(
            (self, kind),
            (Value::Date(_), ValueType::Date)
                | (Value::Text(_), ValueType::Text)
                | (Value::Int(_), ValueType::Int)
                | (Value::Float(_), ValueType::Float(_))
                | (Value::Bool(_), ValueType::Bool)
                | (Value::Null, ValueType::Date | ValueType::Text | ValueType::Int | ValueType::Float(_))
        )
    }
}

/// 1970-01-01, from which days are counted.
fn epoch() -> Option<Date> {
    Date::new(1970, 1, 1)
}

/// Days since 1970-01-01.
pub(super) fn days(date: Date) -> i32 {
    epoch().map_or(0, |epoch| epoch.days_until(date))
}

/// The day that is so many days after 1970-01-01.
pub(super) fn date(days: i32) -> Option<Date> {
    epoch().map(|epoch| epoch.plus(days))
}

/// Bytes of a cell of this kind; of a short text with what the allocator gives it.
pub(super) fn bytes_of(kind: ValueType) -> u64 {
    let bytes = match kind {
        ValueType::Date => size_of::<i32>(),
        ValueType::Text => size_of::<String>() + 32,
        ValueType::Int | ValueType::Float(_) => size_of::<f64>(),
        ValueType::Bool => size_of::<bool>(),
    };
    bytes as u64
}

/// Cells of a column, one below the other, as they are kept.
#[derive(Clone, Debug, PartialEq)]
pub enum Cells {
    /// Days since 1970-01-01; the least `i32` is null.
    Date(Vec<i32>),
    /// Texts; empty is null.
    Text(Vec<String>),
    /// Whole numbers; the least `i64` is null.
    Int(Vec<i64>),
    /// Numbers; NaN is null.
    Float(Vec<f64>),
    /// True or false.
    Bool(Vec<bool>),
}

impl Cells {
    /// No cells so far.
    pub(crate) fn of(kind: ValueType) -> Self {
        match kind {
            ValueType::Date => Cells::Date(Vec::new()),
            ValueType::Text => Cells::Text(Vec::new()),
            ValueType::Int => Cells::Int(Vec::new()),
            ValueType::Float(_) => Cells::Float(Vec::new()),
            ValueType::Bool => Cells::Bool(Vec::new()),
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Cells::Date(cells) => cells.len(),
            Cells::Text(cells) => cells.len(),
            Cells::Int(cells) => cells.len(),
            Cells::Float(cells) => cells.len(),
            Cells::Bool(cells) => cells.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends a cell that is written as text; whether it could be. An empty one is null, where there are such.
    pub(crate) fn push_text(&mut self, text: &str) -> bool {
        match self {
            Cells::Date(cells) => text.parse().map(|date| cells.push(days(date))).is_ok(),
            Cells::Text(cells) => {
                cells.push(text.to_owned());
                true
            }
            Cells::Int(cells) if text.is_empty() => {
                cells.push(NO_INT);
                true
            }
            Cells::Int(cells) => text.parse().map(|number| cells.push(number)).is_ok(),
            Cells::Float(cells) if text.is_empty() => {
                cells.push(f64::NAN);
                true
            }
            Cells::Float(cells) => text.parse().map(|number| cells.push(number)).is_ok(),
            Cells::Bool(cells) => text.parse().map(|flag| cells.push(flag)).is_ok(),
        }
    }

    pub(super) fn truncate(&mut self, rows: usize) {
        match self {
            Cells::Date(cells) => cells.truncate(rows),
            Cells::Text(cells) => cells.truncate(rows),
            Cells::Int(cells) => cells.truncate(rows),
            Cells::Float(cells) => cells.truncate(rows),
            Cells::Bool(cells) => cells.truncate(rows),
        }
    }
}

/// Cells of a column, as they are computed with.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// Text; empty where there is none.
    Text(Vec<String>),
    /// Numbers, NaN where there is none; dates as days since 1970-01-01, true as 1.
    Number(Vec<f64>),
}

impl Column {
    /// Its texts; none of a column of numbers.
    pub fn texts(&self) -> &[String] {
        if let Column::Text(cells) = self { cells } else { &[] }
    }

    /// Its numbers; none of a column of texts.
    pub fn numbers(&self) -> &[f64] {
        if let Column::Number(cells) = self { cells } else { &[] }
    }
}

impl From<Cells> for Column {
    fn from(cells: Cells) -> Self {
        match cells {
            Cells::Date(days) => {
                Column::Number(days.into_iter().map(|day| if day == NO_DAY { f64::NAN } else { f64::from(day) }).collect())
            }
            Cells::Text(texts) => Column::Text(texts),
            Cells::Int(numbers) => {
                Column::Number(numbers.into_iter().map(|n| if n == NO_INT { f64::NAN } else { n as f64 }).collect())
            }
            Cells::Float(numbers) => Column::Number(numbers),
            Cells::Bool(flags) => Column::Number(flags.into_iter().map(|flag| f64::from(u8::from(flag))).collect()),
        }
    }
}
