//! Back from the trace: what the followed users held on an evening.

use super::columns::{column_names, read_kinds};
use crate::error::{Error, Result};
use crate::observe::ValueType;
use crate::scenario::{Date, MAX_MESSENGERS};
use std::collections::BTreeMap;
use std::path::Path;

/// What a followed user held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Messengers, a bit each in the order of [`TracedUsers::messengers`].
    pub holdings: u16,
    /// Index of the main app, if there is one.
    pub main: Option<usize>,
    /// Has a VPN.
    pub vpn: bool,
}

/// The followed users of a run on an evening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TracedUsers {
    /// Names, in the scenario's order.
    pub messengers: Vec<String>,
    /// By user number.
    pub users: BTreeMap<u64, Held>,
}

/// Prefix of the columns of holdings.
const HOLDS: &str = "holds_";

impl TracedUsers {
    /// Reads the trace of a run folder up to `evening`; memory does not grow with days.
    ///
    /// Fails where there is none, or it is not one of ours.
    pub fn read(folder: &Path, evening: Date) -> Result<Self> {
        let bad = |what: &str| Error::corrupt(folder.join("trace"), format!("is not a trace of followed users: {what}"));
        let holds: Vec<String> = column_names(folder, "trace")?.into_iter().filter(|name| name.starts_with(HOLDS)).collect();
        if holds.len() > MAX_MESSENGERS {
            return Err(bad("it has too many messengers"));
        }
        let messengers: Vec<String> = holds.iter().map(|name| name[HOLDS.len()..].to_owned()).collect();
        let head = [("date", ValueType::Date), ("user", ValueType::Int), ("main", ValueType::Text), ("vpn", ValueType::Bool)];
        let wanted: Vec<(&str, ValueType)> =
            head.into_iter().chain(holds.iter().map(|name| (name.as_str(), ValueType::Bool))).collect();
        let last = Date::new(1970, 1, 1).map_or(0.0, |epoch| f64::from(epoch.days_until(evening)));
        let mut users = BTreeMap::new();
        read_kinds(folder, "trace", &wanted, |columns| {
            let [date, user, main, vpn, holds @ ..] = columns else { return Ok(()) };
            // A later row takes the place of an earlier one.
            for (row, _) in date.numbers().iter().enumerate().filter(|(_, day)| **day <= last) {
                let number = user.numbers()[row];
                if number.is_nan() {
                    return Err(bad("a row without a user"));
                }
                let main = match main.texts()[row].as_str() {
                    "" => None,
                    name => {
                        Some(messengers.iter().position(|m| m == name).ok_or_else(|| bad("a main app that is no messenger"))?)
                    }
                };
                let holdings = holds.iter().enumerate().map(|(m, flags)| u16::from(flags.numbers()[row] == 1.0) << m).sum();
                users.insert(number as u64, Held { holdings, main, vpn: vpn.numbers()[row] == 1.0 });
            }
            Ok(())
        })?;
        Ok(TracedUsers { messengers, users })
    }
}
