//! Who opened what in the last 30 days, day by day: what pairs the members of two audience panels.

use crate::observe::Observation;

/// Of every member of the panel, and every evening, the messengers opened in the last 30 days, a bit each. Kept as the first
/// evening and what was different on each that followed.
#[derive(Debug)]
pub(super) struct Openers {
    /// The first evening's tick.
    first: i32,
    /// Of the first evening, and of the last.
    begin: Vec<u16>,
    now: Vec<u16>,
    /// By day where its part of `flips` ends.
    ends: Vec<usize>,
    /// Members whose messengers were others than on the evening before, and the bits that differ.
    flips: Vec<(u32, u16)>,
}

impl Openers {
    /// Begins with the evening of `tick`.
    pub(super) fn begin(observation: &Observation, tick: i32) -> Self {
        let begin: Vec<u16> = observation.opened_in_window(tick).collect();
        Openers { first: tick, now: begin.clone(), begin, ends: Vec::new(), flips: Vec::new() }
    }

    /// Appends the evening of the next tick.
    pub(super) fn push(&mut self, observation: &Observation, tick: i32) {
        for (member, (now, new)) in self.now.iter_mut().zip(observation.opened_in_window(tick)).enumerate() {
            if *now != new {
                self.flips.push((member as u32, *now ^ new));
                *now = new;
            }
        }
        self.ends.push(self.flips.len());
    }

    /// The last evening.
    pub(super) fn now(&self) -> &[u16] {
        &self.now
    }

    /// The evening of a tick: of one before the first the first, of one after the last the last.
    pub(super) fn replay(&self, tick: i32) -> Replay {
        let mut replay = Replay { days: 0, masks: self.begin.clone() };
        replay.go_on(self, tick);
        replay
    }
}

/// An evening that was, from which the next ones follow.
#[derive(Debug)]
pub(super) struct Replay {
    days: usize,
    masks: Vec<u16>,
}

impl Replay {
    /// Goes on to the evening of a later tick.
    pub(super) fn go_on(&mut self, openers: &Openers, tick: i32) -> &[u16] {
        let end = |days: usize| days.checked_sub(1).map_or(0, |last| openers.ends[last]);
        let days = usize::try_from(tick - openers.first).unwrap_or(0).clamp(self.days, openers.ends.len().max(self.days));
        for &(member, bits) in &openers.flips[end(self.days)..end(days)] {
            self.masks[member as usize] ^= bits;
        }
        self.days = days;
        &self.masks
    }
}
