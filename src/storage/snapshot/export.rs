//! Snapshots in formats that statistics packages read.

use super::{Snapshot, StoredField};
use crate::error::{Error, Result};
use crate::files;
use crate::model::{PublicState, day_of, numpy_type};
use crate::observe::{Field, ValueType};
use crate::population::Population;
use crate::scenario::{self, GraphKind};
use crate::storage::networks;
use crate::storage::output::{USER, joined, more_of_users};
use crate::storage::{Table, Value};
use std::io::Write;
use std::path::Path;

/// Formats of [`export`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `users.csv`: a row a user.
    Csv,
    /// `users.parquet`: the same.
    Parquet,
    /// A `.npy` file for each column of the snapshot, as it lies there.
    Numpy,
}

/// Which users are exported. By default everyone.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only users of this region.
    pub region: Option<String>,
    /// Only users of this age band.
    pub age: Option<String>,
    /// At most so many users, evenly spread over user numbers.
    pub sample: Option<u32>,
}

/// Columns of `users.csv`; `label` follows where nodes of a file have other labels than numbers from 0, and for each messenger
/// `holds_NAME` and `use_NAME`.
pub const USER_FIELDS: &[Field] =
    &joined::<{ USER.len() + 1 }>(&[USER, &[Field::plain("reviewed", ValueType::Date, "Day of the last review.")]]);

/// The last of its columns, by messenger.
pub const USE_FIELD: Field =
    Field::plain("use_NAME", ValueType::Float(4), "Use of messenger NAME, of full use (1): a column for each messenger.");

/// Writes a snapshot's users into `folder`; the names of the files. Reads by mapping: memory does not grow with users.
///
/// Fails where the snapshot is damaged, a file is there already (unless `force`), names are unknown, or the folder cannot be written.
pub fn export(snapshot: &Snapshot, selection: &Selection, format: Format, folder: &Path, force: bool) -> Result<Vec<String>> {
    snapshot.verify()?;
    let columns = || snapshot.sections().iter().map(|section| format!("{}.npy", section.name)).collect();
    let names = match format {
        Format::Csv => vec!["users.csv".to_owned()],
        Format::Parquet => vec!["users.parquet".to_owned()],
        Format::Numpy => columns(),
    };
    if let Some(there) = names.iter().map(|name| folder.join(name)).find(|path| !force && path.exists()) {
        let place = there.display();
        return Err(Error::invalid(format!("{place}: found a file; give another folder, or --force to overwrite")));
    }
    files::create_folder(folder)?;
    if format == Format::Numpy { numpy(snapshot, selection, folder) } else { table(snapshot, selection, format, folder) }
}

fn table(snapshot: &Snapshot, selection: &Selection, format: Format, folder: &Path) -> Result<Vec<String>> {
    let scenario = scenario::parse_written(&snapshot.metadata().scenario, snapshot.path(), &[])?;
    let users = snapshot.metadata().users;
    let (mut known, mut labels) = (None, None);
    if scenario.graph.kind == GraphKind::File || scenario.graph.nodes.is_some() {
        let (graph, named) = networks::with_labels(&scenario)?;
        if graph.fingerprint() != snapshot.metadata().graph {
            return Err(Error::corrupt(snapshot.path(), "the graph is no longer the one that this state was on"));
        }
        (known, labels) = (graph.known().cloned(), named);
    }
    let population = Population::with(&scenario, users, known);
    let find = |what: &str, name: &Option<String>, names: Vec<&str>| match name {
        None => Ok(None),
        Some(name) => match names.iter().position(|n| n == name) {
            Some(at) => Ok(Some(at)),
            None => Err(Error::invalid(format!("--{what}: found {name:?}; allowed {}", names.join(", ")))),
        },
    };
    let region = find("region", &selection.region, scenario.population.regions.iter().map(|r| r.name.as_str()).collect())?;
    let age = find("age", &selection.age, scenario.population.ages.iter().map(|a| a.name.as_str()).collect())?;
    let count = scenario.messengers.len();
    let fields = snapshot.row_fields()?;
    let old = fields.is_empty();
    let public: &[u32] = snapshot.column(if old { "words" } else { "public" }, "u32")?;
    let field = |name, bytes| FieldColumn::find(snapshot, &fields, name, bytes);
    let (reviewed, usage) = (field("reviewed", 2)?, field("usage", count).ok());
    let fits = |field: &FieldColumn<'_>| field.bytes.len() == users as usize * field.stride;
    if public.len() != users as usize || !fits(&reviewed) || !usage.as_ref().is_none_or(fits) {
        return Err(Error::corrupt(snapshot.path(), "its columns do not fit together"));
    }
    let uses = scenario.messengers.iter().map(|m| (format!("use_{}", m.name), ValueType::Float(4)));
    let more: Vec<_> = more_of_users(&scenario, labels.is_some()).into_iter().chain(uses).collect();
    let mut table = Table::create(folder, "users", USER_FIELDS, &more)?;
    let size = selection.sample.unwrap_or(users).min(users);
    for k in 0..size {
        let user = (u64::from(k) * u64::from(users) / u64::from(size)) as u32;
        let profile = population.profile(user);
        let (r, a) = (usize::from(profile.place.region), usize::from(profile.age));
        if region.is_some_and(|region| region != r) || age.is_some_and(|age| age != a) {
            continue;
        }
        let i = user as usize;
        let state = PublicState(public[i]);
        let main = state.main().and_then(|m| scenario.messengers.get(m)).map_or("", |m| m.name.as_str());
        let fixed = [
            Value::Int(i64::from(user)),
            Value::Text(&scenario.population.regions[r].name),
            Value::Bool(profile.place.urban),
            Value::Text(&scenario.population.ages[a].name),
            Value::Text(main),
            Value::Bool(state.vpn()),
            Value::Date(scenario.date(day_of(u16::from_le_bytes([reviewed.of(i)[0], reviewed.of(i)[1]])))),
        ];
        let label = labels.as_ref().map(|labels| labels.get(user).unwrap_or_default());
        let label = label.as_ref().map(|label| Value::Text(label));
        let holds = (0..count).map(|m| Value::Bool(state.holdings() >> m & 1 == 1));
        // Rules without use: what is held is used in full.
        let uses = (0..count).map(|m| match &usage {
            Some(usage) => f64::from(usage.of(i)[m]) / 255.0,
            None => f64::from(state.holdings() >> m & 1),
        });
        let uses = uses.map(Value::Float);
        table.row(fixed.into_iter().chain(label).chain(holds).chain(uses))?;
    }
    let files = table.finish(format == Format::Csv, format == Format::Parquet)?;
    Ok(files.into_iter().map(|file| file.path).collect())
}

/// A field of all users: in the rows, or in format 1 a column of its own.
struct FieldColumn<'a> {
    bytes: &'a [u8],
    stride: usize,
    offset: usize,
}

impl<'a> FieldColumn<'a> {
    /// The field of this name, of `bytes` bytes at least.
    fn find(snapshot: &'a Snapshot, fields: &[StoredField], name: &str, bytes: usize) -> Result<Self> {
        let section = snapshot.section_named(if fields.is_empty() { name } else { "rows" })?;
        let (stride, offset) = match fields.iter().find(|field| field.name == name) {
            Some(field) => (section.width as usize, field.offset as usize),
            None => (bytes, 0),
        };
        if stride < offset + bytes || !fields.is_empty() && fields.iter().all(|field| field.name != name) {
            return Err(Error::corrupt(snapshot.path(), format!("its rows have no field `{name}`")));
        }
        Ok(FieldColumn { bytes: snapshot.bytes(section), stride, offset })
    }

    /// The field of a user, and what stands behind it.
    fn of(&self, user: usize) -> &[u8] {
        &self.bytes[user * self.stride + self.offset..(user + 1) * self.stride]
    }
}

/// NumPy's type of the rows: an array of named fields.
fn row_dtype(fields: &[StoredField]) -> String {
    let fields = fields.iter().filter_map(|field| {
        let (kind, _) = numpy_type(&field.kind)?;
        Some(if field.values == 1 {
            format!("('{}', '{kind}')", field.name)
        } else {
            format!("('{}', '{kind}', ({},))", field.name, field.values)
        })
    });
    format!("[{}]", fields.collect::<Vec<_>>().join(", "))
}

/// NumPy's format 1.0: a line of Python that says type and shape, then the values.
fn numpy(snapshot: &Snapshot, selection: &Selection, folder: &Path) -> Result<Vec<String>> {
    if selection.region.is_some() || selection.age.is_some() || selection.sample.is_some() {
        return Err(Error::invalid(
            "--format npy writes whole columns; a region, an age band or a sample can be had as csv or parquet",
        ));
    }
    let mut names = Vec::new();
    for section in snapshot.sections() {
        let (kind, size) = match numpy_type(&section.kind) {
            Some((kind, size)) => (format!("'{kind}'"), size as u64),
            None if section.kind == "row" => (row_dtype(&snapshot.row_fields()?), 1),
            None => continue,
        };
        let rows = section.bytes / size / section.width.max(1);
        let plain = section.width == 1 || section.kind == "row";
        let shape = if plain { format!("({rows},)") } else { format!("({rows}, {})", section.width) };
        let mut header = format!("{{'descr': {kind}, 'fortran_order': False, 'shape': {shape}, }}");
        // Magic, version and length take 10 bytes; values begin at a multiple of 64.
        let padding = (header.len() + 11).next_multiple_of(64) - header.len() - 11;
        header.extend(std::iter::repeat_n(' ', padding));
        header.push('\n');
        let name = format!("{}.npy", section.name);
        files::write(&folder.join(&name), |out| {
            out.write_all(b"\x93NUMPY\x01\x00")?;
            out.write_all(&(header.len() as u16).to_le_bytes())?;
            out.write_all(header.as_bytes())?;
            out.write_all(snapshot.bytes(section))
        })?;
        names.push(name);
    }
    Ok(names)
}
