//! Threads, which the system may refuse.

use crate::error::{Error, Result};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::thread::{Builder, Scope, ScopedJoinHandle};

/// Most threads of a pool: far more than any machine has, and few enough that asking for them takes no machine down.
pub const MOST_THREADS: usize = 4096;

/// A pool of so many threads; 0 are as many as there are cores.
///
/// Fails where more than [`MOST_THREADS`] are asked for, or the system makes no more.
pub fn pool(threads: usize) -> Result<ThreadPool> {
    if threads > MOST_THREADS {
        return Err(Error::invalid(format!("--threads: found {threads}; allowed at most {MOST_THREADS}")));
    }
    let pool = ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|e| Error::io("threads", "making", std::io::Error::other(e.to_string())))
}

/// A thread in a scope. Fails where the system makes no more.
pub fn spawn<'scope, 'env, T: Send + 'scope>(
    scope: &'scope Scope<'scope, 'env>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>> {
    Builder::new().spawn_scoped(scope, work).map_err(|e| Error::io("threads", "making", e))
}
