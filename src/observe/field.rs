//! What a column of a table is. CSV, Parquet, the reference and the pages follow from it.

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// A day.
    Date,
    /// Text.
    Text,
    /// A whole number.
    Int,
    /// A number, rounded to so many decimals where it is written as text; empty (null) where there is none.
    Float(u8),
    /// True or false.
    Bool,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// People, of whom a simulated user stands for many.
    People,
    /// A part of a whole, from 0 to 1.
    Share,
    /// Messengers per person.
    Messengers,
    /// Days of full use per person.
    Days,
    /// A number without a unit.
    Index,
    /// Simulated users.
    Users,
}

impl Unit {
    /// Its name in tables; empty for a number without a unit.
    pub const fn name(self) -> &'static str {
        match self {
            Unit::People => "people",
            Unit::Share => "share",
            Unit::Messengers => "messengers a person",
            Unit::Days => "days a person",
            Unit::Index => "",
            Unit::Users => "users",
        }
    }

    /// How its figures are kept.
    const fn kind(self) -> ValueType {
        match self {
            Unit::People => ValueType::Float(1),
            Unit::Users => ValueType::Int,
            _ => ValueType::Float(6),
        }
    }
}

/// On whom a figure is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// All users.
    Users,
    /// The audience panel: an estimate with a sampling error.
    AudiencePanel,
    /// The tie panel: an estimate with a sampling error.
    TiePanel,
}

impl Base {
    /// Its name in tables.
    pub const fn name(self) -> &'static str {
        match self {
            Base::Users => "all users",
            Base::AudiencePanel => "audience panel",
            Base::TiePanel => "tie panel",
        }
    }
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name.
    pub name: &'static str,
    /// What it holds.
    pub kind: ValueType,
    /// Its unit, and on whom it is counted; `None` where it is no figure.
    pub counted: Option<(Unit, Base)>,
    /// What pages call it, in a few words; its name, where it is no figure.
    pub label: &'static str,
    /// What it says, in words.
    pub meaning: &'static str,
}

impl Field {
    /// A column that is no figure of the day: a date, a name, a flag, a result of other tables.
    pub const fn plain(name: &'static str, kind: ValueType, meaning: &'static str) -> Self {
        Field { name, kind, counted: None, label: name, meaning }
    }

    /// A figure of the day.
    pub const fn figure(name: &'static str, unit: Unit, base: Base, label: &'static str, meaning: &'static str) -> Self {
        Field { name, kind: unit.kind(), counted: Some((unit, base)), label, meaning }
    }

    /// Its unit, where it has one.
    pub fn unit(&self) -> Option<Unit> {
        self.counted.map(|(unit, _)| unit)
    }
}

/// Declares the figures of a row, each once: name, unit, on whom it is counted, what pages call it, what it says. The row is a struct with a
/// number for each of them, and knows its columns.
macro_rules! figures {
    ($(#[$about:meta])* $row:ident { $($name:ident: $unit:ident, $base:ident, $label:literal, $meaning:literal;)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $row {
            $(#[doc = $meaning] pub $name: f64,)*
        }

        impl $row {
            /// Its columns.
            pub const FIELDS: &'static [Field] =
                &[$(Field::figure(stringify!($name), Unit::$unit, Base::$base, $label, $meaning)),*];

            /// The figures, in the order of the columns.
            pub fn values(&self) -> [f64; Self::FIELDS.len()] {
                [$(self.$name),*]
            }
        }
    };
}
pub(super) use figures;
