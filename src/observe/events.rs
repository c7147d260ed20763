//! Interventions as they took effect.

use crate::policy::level;
use crate::scenario::{Date, Scenario};

/// What an intervention did on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Has been in force since before the start.
    InForce,
    /// Begins; with a ramp it is not yet in full.
    Begins,
    /// Its ramp has come to the end.
    InFull,
    /// Is over.
    Ends,
}

impl What {
    /// As written in tables.
    pub fn name(self) -> &'static str {
        match self {
            What::InForce => "in force",
            What::Begins => "begins",
            What::InFull => "in full",
            What::Ends => "ends",
        }
    }
}

/// A step of an intervention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Tick.
    pub day: i32,
    /// Its date.
    pub date: Date,
    /// Index of the intervention in the scenario.
    pub intervention: usize,
    /// What happens.
    pub what: What,
}

/// All steps within the scenario's days, in order of time, then of the file.
pub fn events(scenario: &Scenario) -> Vec<Event> {
    let mut events = Vec::new();
    let mut before: Vec<f32> = scenario.interventions.iter().map(|i| level(i, scenario.date(-1))).collect();
    for day in 0..scenario.days() as i32 {
        let date = scenario.date(day);
        for (intervention, was) in scenario.interventions.iter().zip(&mut before).enumerate().map(|(k, (i, was))| ((k, i), was)) {
            let (k, i) = intervention;
            let now = level(i, date);
            // A ramp is at 0 on its first day, which is the day that people will look for.
            let begins = i.from == date;
            let what = match () {
                () if day == 0 && *was > 0.0 && now > 0.0 => Some(What::InForce),
                () if begins => Some(What::Begins),
                () if now == 0.0 && *was > 0.0 => Some(What::Ends),
                () if now == 1.0 && *was < 1.0 && *was > 0.0 => Some(What::InFull),
                () => None,
            };
            *was = now;
            events.extend(what.map(|what| Event { day, date, intervention: k, what }));
        }
    }
    events
}
