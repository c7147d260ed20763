//! Months as tables and files write them.

use crate::scenario::Date;

/// First and last day of a month written `2025-08`.
pub(super) fn month_days(text: &str) -> Option<[Date; 2]> {
    let first: Date = format!("{text}-01").parse().ok()?;
    let (year, month) = if first.month() == 12 { (first.year() + 1, 1) } else { (first.year(), first.month() + 1) };
    Some([first, Date::new(year, month, 1)?.plus(-1)])
}

/// Months from year 0 of a month such as `2025-08`.
pub(crate) fn month_of(text: &str) -> Option<i32> {
    month_days(text).map(|[first, _]| month_number(&first))
}

/// Months from the year 0, that of a day included.
pub(crate) fn month_number(day: &Date) -> i32 {
    i32::from(day.year()) * 12 + i32::from(day.month())
}
