//! The one error of the library.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// What went wrong, in one line that names the place, what was found and what is allowed.
#[derive(Debug)]
pub struct Error(ErrorKind);

#[derive(Debug)]
enum ErrorKind {
    Invalid(String),
    Io { path: PathBuf, doing: &'static str, source: std::io::Error },
    Corrupt { path: PathBuf, what: String },
    Memory { needed: u64, available: u64, would_fit: u64 },
    Stopped,
    Elsewhere(String),
}

/// Most problems, or warnings, that are reported one by one.
pub const MOST_TOLD: usize = 50;

/// `Result` with this library's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Wrong usage or an invalid scenario (exit code 2).
    pub fn invalid(message: impl Into<String>) -> Self {
        Error(ErrorKind::Invalid(message.into()))
    }

    /// The same for many problems, a line each: the first [`MOST_TOLD`], and how many more there are. `more` are not in the list.
    pub(crate) fn problems(mut lines: Vec<String>, more: usize) -> Self {
        let more = more + lines.len().saturating_sub(MOST_TOLD);
        lines.truncate(MOST_TOLD);
        lines.extend((more > 0).then(|| format!("and {more} more like these")));
        Self::invalid(lines.join("\n"))
    }

    /// Reading or writing failed (exit code 1).
    pub fn io(path: impl AsRef<Path>, doing: &'static str, source: std::io::Error) -> Self {
        Error(ErrorKind::Io { path: path.as_ref().to_owned(), doing, source })
    }

    /// A file does not hold what it should (exit code 1).
    pub fn corrupt(path: impl AsRef<Path>, what: impl Into<String>) -> Self {
        Error(ErrorKind::Corrupt { path: path.as_ref().to_owned(), what: what.into() })
    }

    /// A run will not fit into memory (exit code 1): bytes needed and available, and the number of users that would fit.
    pub fn memory(needed: u64, available: u64, would_fit: u64) -> Self {
        Error(ErrorKind::Memory { needed, available, would_fit })
    }

    /// Work ended early because it was asked to (exit code 130).
    pub fn stopped() -> Self {
        Error(ErrorKind::Stopped)
    }

    /// What another process says went wrong, or was wrong usage.
    pub(crate) fn of_another(message: String, invalid: bool) -> Self {
        Error(if invalid { ErrorKind::Invalid(message) } else { ErrorKind::Elsewhere(message) })
    }

    /// Whether work ended early because it was asked to.
    pub fn is_stopped(&self) -> bool {
        matches!(self.0, ErrorKind::Stopped)
    }

    /// Fails with [`Error::stopped`] where somebody has set `stop`.
    pub fn if_stopped(stop: &AtomicBool) -> Result<()> {
        if stop.load(Ordering::Relaxed) { Err(Self::stopped()) } else { Ok(()) }
    }

    /// What was made; `None` where its making ended early because somebody asked for that.
    pub(crate) fn unless_stopped<T>(made: Result<T>) -> Result<Option<T>> {
        match made {
            Ok(made) => Ok(Some(made)),
            Err(error) if error.is_stopped() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the user asked for something that cannot be, as against something that failed.
    pub fn is_invalid(&self) -> bool {
        matches!(self.0, ErrorKind::Invalid(_))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            ErrorKind::Invalid(message) | ErrorKind::Elsewhere(message) => f.write_str(message),
            ErrorKind::Io { path, doing, source } => write!(f, "{}: {doing} failed: {source}", path.display()),
            ErrorKind::Stopped => f.write_str("stopped before its end"),
            ErrorKind::Corrupt { path, what } => write!(f, "{}: {what}", path.display()),
            ErrorKind::Memory { needed, available: 0, .. } => write!(
                f,
                "the system gives no {:.1} GB of memory: it has none left, or a limit is set (ulimit -v, ulimit -d, or a job's own)",
                *needed as f64 / 1e9
            ),
            ErrorKind::Memory { would_fit: 0, needed, available } => write!(
                f,
                "the run needs about {:.1} GB of memory and {:.1} GB are available; not even a few users would fit",
                *needed as f64 / 1e9,
                *available as f64 / 1e9
            ),
            ErrorKind::Memory { needed, available, would_fit } => write!(
                f,
                "the run needs about {:.1} GB of memory and {:.1} GB are available; about {would_fit} users would fit (--users {would_fit})",
                *needed as f64 / 1e9,
                *available as f64 / 1e9
            ),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0 {
            ErrorKind::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
