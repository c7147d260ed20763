//! Memory of a whole run, told before it is taken.

use super::figures;
use crate::engine::plan;
use crate::scenario::Scenario;
use crate::storage::Output;

/// Bytes that a run of `users` users will take at its peak, where so much memory is available: simulating, giving the tables their
/// final form, or, where asked for, making page and figures. One comes after the other, and gives back what it took.
pub fn predicted_bytes(scenario: &Scenario, users: u64, available: Option<u64>, with_report: bool) -> u64 {
    predicted_bytes_of_rank(scenario, users, 1, available, with_report)
}

/// The same on the first of so many ranks, which writes and draws alone.
pub fn predicted_bytes_of_rank(scenario: &Scenario, users: u64, ranks: usize, available: Option<u64>, with_report: bool) -> u64 {
    let tables = plan::AT_REST + Output::predicted_bytes(scenario);
    let drawing = if with_report { plan::AT_REST + figures::predicted_bytes(scenario) } else { 0 };
    plan::predicted_bytes_of_rank(scenario, users, ranks, available).max(tables).max(drawing)
}
