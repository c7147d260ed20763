use std::time::Duration;

/// The time since some moment before. The core alone reads no clock: all its times are zero.
fn now() -> Duration {
    #[cfg(feature = "files")]
    {
        use std::sync::LazyLock;
        use std::time::Instant;
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }
    #[cfg(not(feature = "files"))]
    Duration::ZERO
}

/// Time spent in one stage.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timer {
    /// In all.
    pub total: Duration,
}

impl Timer {
    /// Runs `work` and adds its time.
    pub fn time<T>(&mut self, work: impl FnOnce() -> T) -> T {
        let start = now();
        let result = work();
        self.total += now() - start;
        result
    }

    /// Seconds.
    pub fn seconds(&self) -> f64 {
        self.total.as_secs_f64()
    }
}

/// Times and counts of a simulation's stages. The model never reads them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counters {
    /// Making or reading the graph.
    pub graph: Timer,
    /// Holdings at the start, and warm-up.
    pub population: Timer,
    /// Tables of the day.
    pub policy: Timer,
    /// Reviews.
    pub reviews: Timer,
    /// Telling other processes which public states changed, and hearing it from them.
    pub exchange: Timer,
    /// Writing changed public states.
    pub commit: Timer,
    /// Users of this process times ticks after the warm-up.
    pub updates: u64,
    /// Reviews after the warm-up.
    pub review_count: u64,
    /// Contacts' public states read in reviews.
    pub tie_reads: u64,
}
