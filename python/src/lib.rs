//! `exodus._exodus`: what the Python package `exodus` calls. Its users see `python/exodus/` alone.
//!
//! Everything that takes time is done on other threads than Python's, without its lock (`work`). No panic crosses the border.

mod error;
mod experiments;
mod fits;
mod graph;
mod rule;
mod runs;
mod scenario;
mod simulation;
mod table;
mod table_file;
mod views;
mod work;

use pyo3::prelude::*;

/// The module.
#[pymodule]
fn _exodus(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<views::Memory>()?;
    module.add_class::<table::Table>()?;
    module.add_class::<scenario::Scenario>()?;
    module.add_class::<graph::Graph>()?;
    module.add_class::<simulation::Simulation>()?;
    for function in [
        wrap_pyfunction!(runs::run, module)?,
        wrap_pyfunction!(runs::resume, module)?,
        wrap_pyfunction!(runs::fork, module)?,
        wrap_pyfunction!(runs::report, module)?,
        wrap_pyfunction!(runs::kind_of, module)?,
        wrap_pyfunction!(table_file::read_table, module)?,
        wrap_pyfunction!(experiments::sweep, module)?,
        wrap_pyfunction!(experiments::sensitivity, module)?,
        wrap_pyfunction!(experiments::compare, module)?,
        wrap_pyfunction!(experiments::resilience, module)?,
        wrap_pyfunction!(fits::calibrate, module)?,
        wrap_pyfunction!(fits::score, module)?,
        wrap_pyfunction!(experiments::validate, module)?,
        wrap_pyfunction!(command, module)?,
    ] {
        module.add_function(function)?;
    }
    Ok(())
}

/// The `exodus` command: its exit code.
#[pyfunction]
fn command(py: Python<'_>, program: std::path::PathBuf, arguments: Vec<std::ffi::OsString>) -> u8 {
    py.detach(|| exodus::cli::run(Some(program), arguments))
}
