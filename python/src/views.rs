//! Columns of a simulation as read-only NumPy arrays. All that is known here of the state's layout is what
//! [`State::kept_columns`] says of it.

use exodus::engine::State;
use exodus::graph::Graph;
use exodus::memory::Column;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::sync::Arc;

/// Memory that NumPy looks at, by its array interface. It stays as it is, and alive, as long as an array does.
#[pyclass(frozen, module = "exodus._exodus")]
pub(crate) struct Memory {
    keep: Keep,
    /// NumPy's name of the type, such as `<u4`.
    kind: &'static str,
    shape: Vec<usize>,
}

enum Keep {
    Column(Column<u8>),
    Targets(Arc<Graph>),
    Made(Vec<u64>),
    Bytes(Vec<u8>),
}

impl Keep {
    fn bytes(&self) -> &[u8] {
        match self {
            Keep::Column(column) => column,
            Keep::Targets(graph) => bytemuck::cast_slice(graph.targets()),
            Keep::Made(words) => bytemuck::cast_slice(words),
            Keep::Bytes(bytes) => bytes,
        }
    }
}

#[pymethods]
impl Memory {
    #[getter]
    fn __array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let interface = PyDict::new(py);
        interface.set_item("version", 3)?;
        interface.set_item("typestr", self.kind)?;
        interface.set_item("shape", PyTuple::new(py, &self.shape)?)?;
        // The second says that it is read-only.
        interface.set_item("data", (self.keep.bytes().as_ptr().addr(), true))?;
        Ok(interface)
    }
}

impl Memory {
    /// Numbers made for Python.
    pub(crate) fn of_f64(values: &[f64]) -> Self {
        let shape = vec![values.len()];
        Memory { keep: Keep::Made(values.iter().map(|value| value.to_bits()).collect()), kind: "<f8", shape }
    }

    pub(crate) fn of_i64(values: impl Iterator<Item = i64>) -> Self {
        let words: Vec<u64> = values.map(|value| value as u64).collect();
        let shape = vec![words.len()];
        Memory { keep: Keep::Made(words), kind: "<i8", shape }
    }

    pub(crate) fn of_bools(values: impl Iterator<Item = bool>) -> Self {
        let bytes: Vec<u8> = values.map(u8::from).collect();
        let shape = vec![bytes.len()];
        Memory { keep: Keep::Bytes(bytes), kind: "|b1", shape }
    }

    pub(crate) fn of_bytes(bytes: Vec<u8>) -> Self {
        let shape = vec![bytes.len()];
        Memory { keep: Keep::Bytes(bytes), kind: "|u1", shape }
    }

    /// The targets of a graph's rows, one after the other.
    pub(crate) fn of_targets(graph: &Arc<Graph>) -> Self {
        let shape = vec![graph.targets().len()];
        Memory { keep: Keep::Targets(Arc::clone(graph)), kind: "<u4", shape }
    }
}

/// The state's columns as they are today, each with its name.
pub(crate) fn columns(state: &State) -> Vec<(&'static str, Memory)> {
    let one = |(name, kind, width, column): (&'static str, &str, u64, Column<u8>)| {
        let (kind, size) = match kind {
            "u32" => ("<u4", 4),
            "u16" => ("<u2", 2),
            _ => ("|u1", 1),
        };
        let width = width.max(1) as usize;
        let rows = column.len() / size / width;
        let shape = if width == 1 { vec![rows] } else { vec![rows, width] };
        (name, Memory { keep: Keep::Column(column), kind, shape })
    };
    state.kept_columns().into_iter().map(one).collect()
}
