//! Long work: on threads of its own, without Python's lock, and stopped by Ctrl-C.

use crate::error::{failed, raised};
use exodus::experiment::threads;
use pyo3::prelude::*;
use rayon::ThreadPool;
use std::any::Any;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How often signals are looked for, and progress is reported.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Most threads for each core, as for the command.
const MOST_THREADS: usize = 4;

/// How far a piece of work is, and whether it is to end early.
#[derive(Clone, Default)]
pub(crate) struct Work {
    /// Set by Ctrl-C.
    pub stop: Arc<AtomicBool>,
    /// Steps done, and steps in all; 0 of 0 before they are known.
    pub done: Arc<AtomicU64>,
    pub all: Arc<AtomicU64>,
}

impl Work {
    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    pub(crate) fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Does `job` on another thread, in `pool` if one is given. Meanwhile this one looks for signals, and calls
    /// `progress(done, all)`; an exception of either stops the work, and is raised when the job has come to its end.
    pub(crate) fn run<T: Send>(
        &self,
        py: Python<'_>,
        pool: Option<&ThreadPool>,
        progress: Option<&Py<PyAny>>,
        job: impl FnOnce(&Work) -> exodus::Result<T> + Send,
    ) -> PyResult<T> {
        let mut raised_meanwhile = None;
        let outcome = py.detach(|| {
            let caller = std::thread::current();
            std::thread::scope(|scope| -> exodus::Result<Result<exodus::Result<T>, Box<dyn Any + Send>>> {
                let worker = threads::spawn(scope, || {
                    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| match pool {
                        Some(pool) => pool.install(|| job(self)),
                        None => job(self),
                    }));
                    caller.unpark();
                    result
                })?;
                while !worker.is_finished() {
                    std::thread::park_timeout(LOOK_EVERY);
                    if worker.is_finished() || raised_meanwhile.is_some() {
                        continue;
                    }
                    if let Err(error) = Python::attach(|py| self.look(py, progress)) {
                        raised_meanwhile = Some(error);
                        self.stop.store(true, Ordering::Relaxed);
                    }
                }
                Ok(worker.join().unwrap_or_else(Err))
            })
        });
        if let Some(error) = raised_meanwhile {
            return Err(error);
        }
        let outcome = outcome.map_err(|error| raised(py, &error))?;
        let result = outcome.map_err(|panic| failed(py, format!("a fault of exodus itself: {}", said(&*panic))))?;
        let result = result.map_err(|error| raised(py, &error))?;
        self.look(py, progress)?;
        Ok(result)
    }

    fn look(&self, py: Python<'_>, progress: Option<&Py<PyAny>>) -> PyResult<()> {
        py.check_signals()?;
        if let Some(progress) = progress {
            progress.call1(py, (self.done.load(Ordering::Relaxed), self.all.load(Ordering::Relaxed)))?;
        }
        Ok(())
    }
}

/// What a panic says.
fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("it panicked")
}

/// Threads to use: as asked, or all cores.
pub(crate) fn cores(threads: Option<usize>) -> exodus::Result<usize> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let most = MOST_THREADS * cores;
    match threads.unwrap_or(cores) {
        0 => Ok(cores),
        n if n > most => Err(exodus::Error::invalid(format!(
            "threads: found {n}; allowed at most {most}, {MOST_THREADS} for each of {cores} cores"
        ))),
        n => Ok(n),
    }
}

/// A pool of so many threads.
pub(crate) fn pool(threads: Option<usize>) -> exodus::Result<ThreadPool> {
    threads::pool(cores(threads)?)
}

/// The pool of a simulation. Threads do not outlive a fork of the process: the child makes its own.
pub(crate) struct OwnPool {
    threads: usize,
    made: Mutex<(u32, Arc<ThreadPool>)>,
}

impl OwnPool {
    pub(crate) fn new(threads: Option<usize>) -> exodus::Result<Self> {
        let threads = cores(threads)?;
        Ok(OwnPool { threads, made: Mutex::new((std::process::id(), Arc::new(threads::pool(threads)?))) })
    }

    pub(crate) fn threads(&self) -> usize {
        self.threads
    }

    /// Fails in a child of the process in which another thread was at work at the moment of the fork.
    pub(crate) fn get(&self) -> exodus::Result<Arc<ThreadPool>> {
        let busy =
            || exodus::Error::invalid("this simulation was at work in another thread when the process was forked; make another");
        let mut made = self.made.try_lock().map_err(|_| busy())?;
        if made.0 != std::process::id() {
            let pool = Arc::new(threads::pool(self.threads)?);
            // The threads that dropping would wait for are not there.
            std::mem::forget(std::mem::replace(&mut *made, (std::process::id(), pool)));
        }
        Ok(Arc::clone(&made.1))
    }
}
