//! Tables that pandas, polars, pyarrow and DuckDB take as they are: the Arrow PyCapsule interface.

use crate::error::{failed, refused};
use crate::views::Memory;
use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, Date32Array, Float64Array, RecordBatch, RecordBatchIterator, StringArray};
use arrow_schema::DataType;
use exodus::scenario::Date;
use exodus::storage::Curves;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;
use std::sync::Arc;

/// A table in memory.
#[pyclass(frozen, module = "exodus._exodus")]
pub(crate) struct Table(pub(crate) RecordBatch);

#[pymethods]
impl Table {
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // To give another schema than the one asked for is allowed.
        let _ = requested_schema;
        let reader = RecordBatchIterator::new([Ok(self.0.clone())], self.0.schema());
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(reader)), c"arrow_array_stream")
    }

    fn __len__(&self) -> usize {
        self.0.num_rows()
    }

    fn column_names(&self) -> Vec<String> {
        self.0.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    /// A column: its kind, and an array, or a list of texts.
    fn column<'py>(&self, py: Python<'py>, name: &str) -> PyResult<(&'static str, Bound<'py, PyAny>)> {
        let Some(column) = self.0.column_by_name(name) else {
            return Err(refused(py, format!("found no column {name:?}; allowed one of {}", self.column_names().join(", "))));
        };
        let memory = |memory: Memory| -> PyResult<Bound<'py, PyAny>> { Ok(Bound::new(py, memory)?.into_any()) };
        match column.data_type() {
            DataType::Date32 => {
                let days = column.as_primitive::<Date32Type>();
                Ok(("date", memory(Memory::of_i64(days.iter().map(|day| day.map_or(i64::MIN, i64::from))))?))
            }
            DataType::Int64 if column.null_count() == 0 => {
                Ok(("number", memory(Memory::of_i64(column.as_primitive::<Int64Type>().values().iter().copied()))?))
            }
            DataType::Int64 => {
                let values: Vec<f64> =
                    column.as_primitive::<Int64Type>().iter().map(|n| n.map_or(f64::NAN, |n| n as f64)).collect();
                Ok(("number", memory(Memory::of_f64(&values))?))
            }
            DataType::Float64 => {
                let values: Vec<f64> = column.as_primitive::<Float64Type>().iter().map(|x| x.unwrap_or(f64::NAN)).collect();
                Ok(("number", memory(Memory::of_f64(&values))?))
            }
            DataType::Boolean if column.null_count() == 0 => {
                let flags = column.as_boolean();
                Ok(("number", memory(Memory::of_bools((0..flags.len()).map(|k| flags.value(k))))?))
            }
            DataType::Boolean => {
                let flags: Vec<Option<bool>> = column.as_boolean().iter().collect();
                Ok(("text", flags.into_pyobject(py)?.into_any()))
            }
            _ => {
                let texts: Vec<Option<&str>> = column.as_string::<i32>().iter().collect();
                Ok(("text", texts.into_pyobject(py)?.into_any()))
            }
        }
    }
}

/// Days since 1970-01-01.
pub(crate) fn days(date: Date) -> i32 {
    Date::new(1970, 1, 1).map_or(0, |epoch| epoch.days_until(date))
}

/// Numbers, with NaN as null.
pub(crate) fn numbers(values: impl Iterator<Item = f64>) -> ArrayRef {
    Arc::new(values.map(|x| Some(x).filter(|x| !x.is_nan())).collect::<Float64Array>())
}

impl Table {
    pub(crate) fn of(py: Python<'_>, columns: Vec<(String, ArrayRef)>) -> PyResult<Self> {
        let nullable = columns.into_iter().map(|(name, column)| (name, column, true));
        RecordBatch::try_from_iter_with_nullable(nullable).map(Table).map_err(|error| failed(py, error.to_string()))
    }

    /// A row per day and messenger.
    pub(crate) fn of_series(py: Python<'_>, curves: &Curves) -> PyResult<Self> {
        let (dates, messengers) = (curves.dates(), curves.messengers());
        let date: Date32Array =
            dates.iter().flat_map(|&date| std::iter::repeat_n(days(date), messengers.len())).collect::<Vec<_>>().into();
        let names: StringArray = dates.iter().flat_map(|_| messengers).map(Some).collect();
        let mut columns: Vec<(String, ArrayRef)> = vec![("date".into(), Arc::new(date)), ("messenger".into(), Arc::new(names))];
        for column in Curves::series_columns() {
            let by_messenger: Vec<Vec<f64>> = messengers.iter().filter_map(|m| curves.series(column, m)).collect();
            columns.push((
                column.into(),
                numbers((0..dates.len()).flat_map(|day| by_messenger.iter().map(move |values| values[day]))),
            ));
        }
        Self::of(py, columns)
    }

    /// A row per day.
    pub(crate) fn of_population(py: Python<'_>, curves: &Curves) -> PyResult<Self> {
        let date: Date32Array = curves.dates().iter().map(|&date| days(date)).collect::<Vec<_>>().into();
        let mut columns: Vec<(String, ArrayRef)> = vec![("date".into(), Arc::new(date))];
        for column in Curves::population_columns() {
            columns.push((column.into(), numbers(curves.population(column).unwrap_or_default().into_iter())));
        }
        Self::of(py, columns)
    }
}
