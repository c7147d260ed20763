//! Faults for tests: the n-th thing done to the disk fails. Off, this is one load a write of a full buffer.

use std::io::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

static ARMED: AtomicBool = AtomicBool::new(false);
static FAULT: Mutex<Option<Fault>> = Mutex::new(None);

/// Which operation fails, and how.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Operations that still succeed.
    pub after: u64,
    /// What the system is to say: its number of the error.
    pub error: i32,
    /// Whether all later ones fail too, as on a disk that is full, or only that one.
    pub lasting: bool,
    /// The operation that failed, once it has.
    pub hit: Option<&'static str>,
}

impl Fault {
    /// Lets it happen from now on, in this whole process.
    pub fn arm(self) {
        *FAULT.lock().unwrap_or_else(PoisonError::into_inner) = Some(self);
        ARMED.store(true, Ordering::SeqCst);
    }

    /// No more faults; what became of the last.
    pub fn disarm() -> Option<Self> {
        ARMED.store(false, Ordering::SeqCst);
        FAULT.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// To be asked before everything that is done to a disk.
pub(super) fn point(operation: &'static str) -> std::io::Result<()> {
    if !ARMED.load(Ordering::Relaxed) {
        return Ok(());
    }
    let mut fault = FAULT.lock().unwrap_or_else(PoisonError::into_inner);
    match fault.as_mut() {
        Some(fault) if fault.after > 0 => fault.after -= 1,
        Some(fault) if fault.hit.is_none() || fault.lasting => {
            fault.hit.get_or_insert(operation);
            return Err(Error::from_raw_os_error(fault.error));
        }
        _ => {}
    }
    Ok(())
}
