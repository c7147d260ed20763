//! Columns of a simulation as read-only NumPy arrays. All that is known here of the state's layout is what
//! [`State::kept_columns`] says of it.

use exodus::engine::State;
use exodus::graph::Csr;
use exodus::memory::Column;
use exodus::model::{RowType, numpy_type};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// Memory that NumPy looks at, by its array interface. It stays as it is, and alive, as long as an array does.
#[pyclass(frozen, module = "exodus._exodus")]
pub(crate) struct Memory {
    keep: Keep,
    /// NumPy's name of the type, such as `<u4`.
    kind: &'static str,
    shape: Vec<usize>,
    /// Fields of a row, where it is one.
    fields: Option<RowType>,
}

enum Keep {
    Column(Column<u8>),
    Targets(Csr),
    Made(Vec<u64>),
    Bytes(Vec<u8>),
}

impl Keep {
    fn bytes(&self) -> &[u8] {
        match self {
            Keep::Column(column) => column,
            Keep::Targets(rows) => bytemuck::cast_slice(rows.targets()),
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
        match self.fields {
            None => interface.set_item("typestr", self.kind)?,
            Some(row) => {
                interface.set_item("typestr", format!("|V{}", row.size))?;
                let fields = row
                    .fields
                    .iter()
                    .map(|field| (field.name, numpy_type(field.kind).map_or("|V0", |(name, _)| name), (field.values,)));
                interface.set_item(
                    "descr",
                    fields
                        .map(
                            |(name, kind, shape)| {
                                if shape == (1,) { (name, kind).into_py_any(py) } else { (name, kind, shape).into_py_any(py) }
                            },
                        )
                        .collect::<PyResult<Vec<_>>>()?,
                )?;
            }
        }
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
        Memory { keep: Keep::Made(values.iter().map(|value| value.to_bits()).collect()), kind: "<f8", shape, fields: None }
    }

    pub(crate) fn of_i64(values: impl Iterator<Item = i64>) -> Self {
        let words: Vec<u64> = values.map(|value| value as u64).collect();
        let shape = vec![words.len()];
        Memory { keep: Keep::Made(words), kind: "<i8", shape, fields: None }
    }

    pub(crate) fn of_bools(values: impl Iterator<Item = bool>) -> Self {
        let bytes: Vec<u8> = values.map(u8::from).collect();
        let shape = vec![bytes.len()];
        Memory { keep: Keep::Bytes(bytes), kind: "|b1", shape, fields: None }
    }

    pub(crate) fn of_bytes(bytes: Vec<u8>) -> Self {
        let shape = vec![bytes.len()];
        Memory { keep: Keep::Bytes(bytes), kind: "|u1", shape, fields: None }
    }

    /// The targets of a graph's rows, one after the other.
    pub(crate) fn of_targets(rows: Csr) -> Self {
        let shape = vec![rows.targets().len()];
        Memory { keep: Keep::Targets(rows), kind: "<u4", shape, fields: None }
    }
}

/// The state's columns as they are today, each with its name.
pub(crate) fn columns(state: &State) -> Vec<(&'static str, Memory)> {
    let [public, rows] = state.kept_columns();
    let shape = vec![state.users() as usize];
    vec![
        ("words", Memory { keep: Keep::Column(public), kind: "<u4", shape: shape.clone(), fields: None }),
        ("rows", Memory { keep: Keep::Column(rows), kind: "|V1", shape, fields: Some(state.row_type()) }),
    ]
}
