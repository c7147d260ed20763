//! Snapshots in formats that statistics packages read.

use super::Snapshot;
use crate::error::{Error, Result};
use crate::files;
use crate::model::Word;
use crate::observe::{Field, Kind};
use crate::population::Population;
use crate::scenario;
use crate::storage::networks;
use crate::storage::output::flags;
use crate::storage::table::{Table, Value};
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

/// Columns of `users.csv`; for each messenger `holds_NAME` and `use_NAME` follow.
pub const USER_FIELDS: &[Field] = &[
    Field::plain("user", Kind::Int, "User number."),
    Field::plain("region", Kind::Text, "Region."),
    Field::plain("urban", Kind::Bool, "Lives in a town."),
    Field::plain("age", Kind::Text, "Age band."),
    Field::plain("main", Kind::Text, "Main app; null if none."),
    Field::plain("vpn", Kind::Bool, "Has a VPN."),
    Field::plain("reviewed", Kind::Date, "Day of the last review."),
];

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
    let known = match scenario.graph.nodes {
        Some(_) => networks::of_scenario(&scenario)?.known().cloned(),
        None => None,
    };
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
    let words: &[u32] = snapshot.column("words", "u32")?;
    let reviewed: &[u16] = snapshot.column("reviewed", "u16")?;
    let usage: &[u8] = snapshot.column("usage", "u8")?;
    let count = scenario.messengers.len();
    if words.len() != users as usize || reviewed.len() != words.len() || usage.len() != words.len() * count {
        return Err(Error::corrupt(snapshot.path(), "its columns do not fit together"));
    }
    let uses = scenario.messengers.iter().map(|m| (format!("use_{}", m.name), Kind::Float(4)));
    let more: Vec<_> = flags(&scenario).into_iter().chain(uses).collect();
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
        let word = Word(words[i]);
        let main = word.main().and_then(|m| scenario.messengers.get(m)).map_or("", |m| m.name.as_str());
        let fixed = [
            Value::Int(i64::from(user)),
            Value::Text(&scenario.population.regions[r].name),
            Value::Bool(profile.place.urban),
            Value::Text(&scenario.population.ages[a].name),
            Value::Text(main),
            Value::Bool(word.vpn()),
            Value::Date(scenario.date(i32::from(reviewed[i]) - 4096)),
        ];
        let holds = (0..count).map(|m| Value::Bool(word.holdings() >> m & 1 == 1));
        let uses = usage[i * count..][..count].iter().map(|&u| Value::Float(f64::from(u) / 255.0));
        table.row(fixed.into_iter().chain(holds).chain(uses))?;
    }
    let files = table.finish(format == Format::Csv, format == Format::Parquet)?;
    Table::remove_part(folder, "users")?;
    Ok(files.into_iter().map(|file| file.path).collect())
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
        let (kind, size) = match section.kind.as_str() {
            "u8" => ("|u1", 1),
            "u16" => ("<u2", 2),
            "u32" => ("<u4", 4),
            "f32" => ("<f4", 4),
            _ => continue,
        };
        let rows = section.bytes / size / section.width.max(1);
        let shape = if section.width == 1 { format!("({rows},)") } else { format!("({rows}, {})", section.width) };
        let mut header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}");
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
