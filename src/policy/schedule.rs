use crate::scenario::{Date, Intervention};

/// How far an intervention has come on `date`, 0 (not begun, or over) to 1 (in full).
///
/// It begins on `from`; with a ramp of n days it is at k/n on day `from + k`, so that it is full on `from + n`;
/// without a ramp it is full on `from`. After `until` it is over.
pub fn level(intervention: &Intervention, date: Date) -> f32 {
    let age = intervention.from.days_until(date);
    if age < 0 || intervention.until.is_some_and(|until| date > until) {
        0.0
    } else if age as u32 >= intervention.ramp_days {
        1.0
    } else {
        age as f32 / intervention.ramp_days as f32
    }
}
