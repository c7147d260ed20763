//! Back from `trace.parquet`: what the followed users held on an evening.

use super::output::TRACE_FIELDS;
use crate::error::{Error, Result};
use crate::scenario::{Date, MAX_MESSENGERS};
use ::parquet::column::reader::get_typed_column_reader;
use ::parquet::data_type::{BoolType, ByteArrayType, DataType, Int32Type, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

/// What a followed user held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Messengers, a bit each in the order of [`Followed::messengers`].
    pub holdings: u16,
    /// Index of the main app, if there is one.
    pub main: Option<usize>,
    /// Has a VPN.
    pub vpn: bool,
}

/// The followed users of a finished run on an evening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    /// Names, in the scenario's order.
    pub messengers: Vec<String>,
    /// By user number.
    pub users: BTreeMap<u64, Held>,
}

/// Prefix of the columns of holdings.
const HOLDS: &str = "holds_";

impl Followed {
    /// Reads the trace of a run folder up to `evening`; memory does not grow with days.
    ///
    /// Fails where there is none, or it is not one of ours.
    pub fn read(folder: &Path, evening: Date) -> Result<Self> {
        let path = folder.join("trace.parquet");
        let file = File::open(&path).map_err(|e| Error::io(&path, "reading", e))?;
        Self::fold(file, evening).map_err(|e| Error::corrupt(&path, format!("is not a trace of followed users: {e}")))
    }

    fn fold(file: File, evening: Date) -> std::result::Result<Self, ParquetError> {
        let bad = |what: String| ParquetError::General(what);
        let reader = SerializedFileReader::new(file)?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let names: Vec<String> = schema.columns().iter().map(|c| c.name().to_owned()).collect();
        let place = |name: &str| names.iter().position(|n| n == name).ok_or_else(|| bad(format!("no column {name}")));
        let [date, user, main, vpn] = ["date", "user", "main", "vpn"].map(place);
        let (date, user, main, vpn) = (date?, user?, main?, vpn?);
        let messengers: Vec<String> =
            names.iter().skip(TRACE_FIELDS.len()).filter_map(|n| Some(n.strip_prefix(HOLDS)?.to_owned())).collect();
        if messengers.len() > MAX_MESSENGERS {
            return Err(bad(format!("{} messengers", messengers.len())));
        }
        let mut users = BTreeMap::new();
        let last = Date::new(1970, 1, 1).map_or(0, |epoch| epoch.days_until(evening));
        for k in 0..reader.num_row_groups() {
            let group = reader.get_row_group(k)?;
            let dates = column::<Int32Type>(&*group, date)?;
            let numbers = column::<Int64Type>(&*group, user)?;
            let mains = column::<ByteArrayType>(&*group, main)?;
            let vpns = column::<BoolType>(&*group, vpn)?;
            let holds = (0..messengers.len()).map(|m| column::<BoolType>(&*group, TRACE_FIELDS.len() + m));
            let holds = holds.collect::<std::result::Result<Vec<_>, _>>()?;
            // A later row takes the place of an earlier one.
            for (row, number) in numbers.iter().enumerate().filter(|&(row, _)| dates[row].is_some_and(|day| day <= last)) {
                let number = number.and_then(|n| u64::try_from(n).ok()).ok_or_else(|| bad("a row without a user".into()))?;
                let main = match &mains[row] {
                    Some(name) => {
                        let found = messengers.iter().position(|m| m.as_bytes() == name.data());
                        Some(found.ok_or_else(|| bad("a main app that is no messenger".into()))?)
                    }
                    None => None,
                };
                let holdings = holds.iter().enumerate().map(|(m, flags)| u16::from(flags[row] == Some(true)) << m).sum();
                users.insert(number, Held { holdings, main, vpn: vpns[row] == Some(true) });
            }
        }
        Ok(Followed { messengers, users })
    }
}

/// A column of a row group.
fn column<T: DataType>(group: &dyn RowGroupReader, c: usize) -> std::result::Result<Vec<Option<T::T>>, ParquetError> {
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or_default();
    let description = group.metadata().column(c).column_descr();
    if description.physical_type() != T::get_physical_type() {
        return Err(ParquetError::General(format!("column {} is of another type", description.name())));
    }
    let (mut values, mut levels) = (Vec::new(), Vec::new());
    get_typed_column_reader::<T>(group.get_column_reader(c)?).read_records(rows, Some(&mut levels), None, &mut values)?;
    if levels.len() != rows {
        return Err(ParquetError::General(format!("column {} has too few rows", description.name())));
    }
    let mut values = values.into_iter();
    Ok(levels.into_iter().map(|level| if level == 1 { values.next() } else { None }).collect())
}
