use std::sync::Mutex;
use std::sync::atomic::AtomicBool;

/// How a calibration is carried out and watched from outside.
pub struct Watch<'a> {
    /// Threads, each with a simulation of its own. They have no influence on results.
    pub threads: usize,
    /// Set from outside to stop after the day that is being simulated.
    pub stop: &'a AtomicBool,
    /// Told whenever something was done.
    pub on_progress: &'a (dyn Fn(&Progress) + Sync),
    /// Where the calibration stands.
    pub progress: Mutex<Progress>,
}

/// Where a calibration stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// What is being done.
    pub stage: &'static str,
    /// Points of the stage that were simulated or remembered.
    pub evaluated: u64,
    /// Points that the stage takes.
    pub of: u64,
    /// Least error of the stage so far.
    pub best: f64,
}

impl<'a> Watch<'a> {
    /// At the beginning.
    pub fn new(threads: usize, stop: &'a AtomicBool, on_progress: &'a (dyn Fn(&Progress) + Sync)) -> Self {
        let progress = Mutex::new(Progress { stage: "", evaluated: 0, of: 0, best: f64::INFINITY });
        Watch { threads, stop, on_progress, progress }
    }

    fn change(&self, change: impl FnOnce(&mut Progress)) {
        let mut progress = self.progress.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        change(&mut progress);
        (self.on_progress)(&progress);
    }

    pub(crate) fn stage(&self, stage: &'static str, of: usize) {
        self.change(|p| *p = Progress { stage, evaluated: 0, of: of as u64, best: p.best });
    }

    pub(super) fn evaluated(&self, points: usize) {
        self.change(|p| p.evaluated += points as u64);
    }

    pub(super) fn found(&self, best: f64) {
        self.change(|p| p.best = best);
    }
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").field("threads", &self.threads).field("progress", &self.progress).finish_non_exhaustive()
    }
}
