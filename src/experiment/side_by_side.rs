use crate::error::{Error, Result};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Does `work` for every item, so many at a time, each with a rayon pool of its own of so many threads: of many small
/// simulations with one thread each none waits for another.
///
/// Results are in the order of the items. `None` where `stop` was set before the last item was begun, or `work` ended early because
/// of it, with [`Error::stopped`]; the first error ends the work too.
pub fn side_by_side<T: Sync, R: Send>(
    items: &[T],
    [at_a_time, threads]: [usize; 2],
    stop: &AtomicBool,
    work: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Option<Vec<R>>> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let results: Mutex<Vec<(usize, Result<R>)>> = Mutex::new(Vec::with_capacity(items.len()));
    let keep = |result| results.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(result);
    std::thread::scope(|scope| {
        for _ in 0..at_a_time.clamp(1, items.len().max(1)) {
            let spawned = super::threads::spawn(scope, || {
                let pool = match super::threads::pool(threads) {
                    Ok(pool) => pool,
                    Err(error) => {
                        failed.store(true, Ordering::Relaxed);
                        return keep((0, Err(error)));
                    }
                };
                while !failed.load(Ordering::Relaxed) && !stop.load(Ordering::Relaxed) {
                    let k = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(k) else { break };
                    let result = pool.install(|| work(item));
                    failed.fetch_or(result.is_err(), Ordering::Relaxed);
                    keep((k, result));
                }
            });
            if let Err(error) = spawned {
                failed.store(true, Ordering::Relaxed);
                keep((0, Err(error)));
            }
        }
    });
    let mut results = results.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    // What failed comes before what was stopped because of it.
    results.sort_by_key(|(k, result)| (result.as_ref().is_err_and(Error::is_stopped), *k));
    let whole = Error::unless_stopped(results.into_iter().map(|(_, result)| result).collect::<Result<Vec<R>>>())?;
    Ok(whole.filter(|results| results.len() == items.len()))
}
