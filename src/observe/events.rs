//! Interventions as they took effect.

use crate::scenario::intervention::Schedule;
use crate::scenario::{Date, Scenario};

/// What an intervention did on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// Has been in force since before the start.
    InForce,
    /// Begins; with a ramp it is not yet in full.
    Begins,
    /// Its ramp has come to the end.
    InFull,
    /// Is over.
    Ends,
}

impl EventKind {
    /// As written in tables.
    pub fn name(self) -> &'static str {
        match self {
            EventKind::InForce => "in force",
            EventKind::Begins => "begins",
            EventKind::InFull => "in full",
            EventKind::Ends => "ends",
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
    pub what: EventKind,
}

/// All steps within the scenario's days, in order of time, then of the file.
pub fn events(scenario: &Scenario) -> Vec<Event> {
    let mut events: Vec<Event> = Vec::new();
    for (k, i) in scenario.interventions.iter().enumerate() {
        let schedule = i.schedule(scenario.start);
        let Schedule { from, until, ramp_days } = schedule;
        // Nothing can happen on any other day.
        let mut days = [0, from, from.saturating_add_unsigned(ramp_days), until.saturating_add(1)];
        days.sort_unstable();
        let mut last = None;
        for day in days.into_iter().filter(|day| (0..scenario.days() as i32).contains(day)) {
            if last.replace(day) != Some(day)
                && let Some(what) = on(&schedule, day)
            {
                events.push(Event { day, date: scenario.date(day), intervention: k, what });
            }
        }
    }
    events.sort_by_key(|event| event.day);
    events
}

/// What an intervention does on a day, if anything.
fn on(schedule: &Schedule, day: i32) -> Option<EventKind> {
    let [was, now] = [day - 1, day].map(|day| schedule.level(day));
    match () {
        () if day == 0 && was > 0.0 && now > 0.0 => Some(EventKind::InForce),
        // A ramp is at 0 on its first day, which is the day that people will look for.
        () if day == schedule.from => Some(EventKind::Begins),
        () if now == 0.0 && was > 0.0 => Some(EventKind::Ends),
        () if now == 1.0 && was < 1.0 && was > 0.0 => Some(EventKind::InFull),
        () => None,
    }
}
