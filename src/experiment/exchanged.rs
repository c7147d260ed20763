use crate::error::Result;
use crate::peers::Peers;
use crate::storage::Exchange;

/// Counts what the ranks of a run tell each other.
#[derive(Debug)]
pub(super) struct Exchanged {
    peers: Peers,
    /// Up to the last resume, and since.
    total: Exchange,
    seconds_before: f64,
    /// Bytes that this rank gave until they were last added up over all, and until the day began.
    known: u64,
    morning: u64,
    started: bool,
}

impl Exchanged {
    /// From the beginning of a run or its resuming on; before are those of the run so far.
    pub(super) fn new(peers: &Peers, before: Option<Exchange>) -> Self {
        let total = before.unwrap_or_default();
        let total = if peers.is_alone() { total } else { Exchange { ranks: peers.size(), ..total } };
        Exchanged { peers: peers.clone(), seconds_before: total.seconds, total, known: 0, morning: 0, started: false }
    }

    /// A day begins.
    pub(super) fn begin_day(&mut self) {
        self.morning = self.peers.given();
    }

    /// Bytes that this rank gave between the days, and today.
    pub(super) fn parts(&self) -> [i64; 2] {
        [self.morning - self.known, self.peers.given() - self.morning].map(|bytes| bytes as i64)
    }

    /// Notes what all ranks gave, and how long telling changes took so far on this one, in seconds.
    pub(super) fn note(&mut self, [between, today]: [u64; 2], seconds: f64) {
        if self.peers.is_alone() {
            return;
        }
        let total = &mut self.total;
        *(if self.started { &mut total.state_bytes } else { &mut total.start_bytes }) += between;
        total.days += 1;
        total.day_bytes += today;
        total.most_bytes_of_a_day = total.most_bytes_of_a_day.max(today);
        total.seconds = self.seconds_before + seconds;
        (self.started, self.known) = (true, self.peers.given());
    }

    /// After the last day: what was given since.
    pub(super) fn end(&mut self) -> Result<()> {
        let rest = self.peers.sum_of(self.peers.given() - self.known)?;
        self.total.state_bytes += rest;
        Ok(())
    }

    /// What was told so far; `None` where nobody else ever computed the run.
    pub(super) fn total(&self) -> Option<Exchange> {
        (self.total.ranks > 0).then_some(self.total)
    }
}
