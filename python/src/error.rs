//! Errors as exceptions: `exodus.InputError` for what the caller can mend in what was asked, else `exodus.Error`.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

static CLASSES: [PyOnceLock<Py<PyType>>; 2] = [PyOnceLock::new(), PyOnceLock::new()];

/// The exception for an error of the library: all problems are in its message.
pub(crate) fn raised(py: Python<'_>, error: &exodus::Error) -> PyErr {
    if error.is_invalid() { refused(py, error.to_string()) } else { failed(py, error.to_string()) }
}

/// Wrong usage.
pub(crate) fn refused(py: Python<'_>, message: String) -> PyErr {
    exception(py, 0, "InputError", message)
}

/// Something failed.
pub(crate) fn failed(py: Python<'_>, message: String) -> PyErr {
    exception(py, 1, "Error", message)
}

fn exception(py: Python<'_>, class: usize, name: &str, message: String) -> PyErr {
    match CLASSES[class].import(py, "exodus._errors", name) {
        Ok(class) => PyErr::from_type(class.clone(), message),
        Err(error) => error,
    }
}
