//! A table of nodes: who they are, by label.

use super::input::{bad, shown};
use super::labels::{Interner, Labels};
use crate::error::{Error, Result};
use crate::files;
use crate::population::Known;
use crate::scenario::Scenario;
use crate::storage::parquet;
use crate::tables::not_a_table;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// What the column of labels may be called, the first that is there.
const LABELS: [&str; 5] = ["label", "node", "id", "name", "user"];
/// Words for yes and no in a group's column.
const YES: [&str; 7] = ["1", "true", "t", "yes", "y", "1.0", "x"];
const NO: [&str; 7] = ["0", "false", "f", "no", "n", "0.0", "none"];

/// What a table's columns are for, for those who ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Traits that the table says, in words.
    pub given: Vec<String>,
    /// Traits that are drawn.
    pub drawn: Vec<String>,
    /// Columns without use.
    pub ignored: Vec<String>,
}

/// Columns of a table by use.
struct Columns {
    label: usize,
    age: Option<usize>,
    region: Option<usize>,
    household: Option<usize>,
    messengers: Option<usize>,
    /// By group.
    groups: Vec<Option<usize>>,
}

impl Columns {
    fn find(path: &Path, header: &[String], scenario: &Scenario) -> Result<Self> {
        let lower: Vec<String> = header.iter().map(|name| name.trim().to_lowercase()).collect();
        if let Some(twice) = (0..lower.len()).find(|&k| !lower[k].is_empty() && lower[..k].contains(&lower[k])) {
            return Err(bad(path, 1, format!("found the column `{}` a second time; allowed each once", header[twice])));
        }
        let place = |name: &str| lower.iter().position(|l| *l == name.to_lowercase());
        let label = LABELS.iter().find_map(|name| place(name)).ok_or_else(|| {
            bad(path, 1, format!("found the columns {header:?}; allowed one of labels, called one of {}", LABELS.join(", ")))
        })?;
        let mut groups = Vec::new();
        for group in &scenario.population.groups {
            let at = place(group.column.as_ref().unwrap_or(&group.name));
            if let (None, Some(column)) = (at, &group.column) {
                return Err(bad(
                    path,
                    1,
                    format!("found no column `{column}`, which the group {:?} asks for; allowed one of {header:?}", group.name),
                ));
            }
            groups.push(at);
        }
        let [age, region, household, messengers] = ["age", "region", "household", "messengers"].map(place);
        Ok(Columns { label, age, region, household, messengers, groups })
    }

    fn uses(&self, header: &[String], scenario: &Scenario) -> Uses {
        let mut uses = Uses::default();
        let mut of = |name: String, there: bool| if there { uses.given.push(name) } else { uses.drawn.push(name) };
        of("age".into(), self.age.is_some());
        of("region".into(), self.region.is_some());
        of("household".into(), self.household.is_some());
        of("messengers".into(), self.messengers.is_some());
        for (group, place) in scenario.population.groups.iter().zip(&self.groups) {
            of(format!("group {}", group.name), place.is_some());
        }
        let used: Vec<usize> = [Some(self.label), self.age, self.region, self.household, self.messengers]
            .into_iter()
            .chain(self.groups.iter().copied())
            .flatten()
            .collect();
        uses.ignored = (0..header.len()).filter(|k| !used.contains(k)).map(|k| header[k].clone()).collect();
        uses
    }
}

/// Shows the header and every row with its line, or row, number.
fn rows(path: &Path, header_only: bool, mut see: impl FnMut(u64, &[String]) -> Result<()>) -> Result<()> {
    let opening = |e| Error::io(path, "opening", e);
    let mut start = [0; 4];
    let mut file = files::open(path).map_err(opening)?;
    let n = file.read(&mut start).map_err(|e| Error::io(path, "reading", e))?;
    if start[..n] == *b"PAR1" {
        return parquet::rows(path, header_only, see);
    }
    super::input::open(path, &|_| (), |head, stream| {
        let first = head.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
        let count = |byte: u8| first.iter().filter(|&&b| b == byte).count();
        let separator = [b',', b'\t', b';'].into_iter().max_by_key(|&b| count(b)).filter(|&b| count(b) > 0).unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new().delimiter(separator).has_headers(false).from_reader(files::Lines::new(stream));
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(|e| not_a_table(path, e))? {
            let line = record.position().map_or(0, csv::Position::line);
            let cells: Vec<String> = record.iter().map(|cell| cell.trim().to_owned()).collect();
            see(line, &cells)?;
            if header_only {
                break;
            }
        }
        Ok(())
    })
}

/// What a table would say, by its header alone.
pub fn uses(path: &Path, scenario: &Scenario) -> Result<Uses> {
    let mut found = None;
    rows(path, true, |_, header| {
        found = Some(Columns::find(path, header, scenario)?.uses(header, scenario));
        Ok(())
    })?;
    found.ok_or_else(|| Error::corrupt(path, "found nothing; allowed a table with a header"))
}

/// What is known of users, and those that the table names and the network does not, in order.
pub(super) fn read(path: &Path, labels: &Labels, may_add: bool, scenario: &Scenario) -> Result<(Known, Vec<String>)> {
    let mut names = Interner::from(labels);
    let before = names.len();
    let mut columns: Option<Columns> = None;
    // Rows are few beside ties; they wait until all nodes are known.
    let mut said: Vec<(u32, u64, Vec<String>)> = Vec::new();
    let mut seen: BTreeMap<u32, u64> = BTreeMap::new();
    let mut added = Vec::new();
    rows(path, false, |line, cells| {
        let Some(found) = &columns else {
            columns = Some(Columns::find(path, cells, scenario)?);
            return Ok(());
        };
        let mut ignored = None;
        let label = super::list::whole_label(&cells[found.label], &mut ignored);
        if label.is_empty() {
            return Err(bad(path, line, "found no label; allowed one in each row"));
        }
        let (node, new) = names.intern(&label).ok_or_else(|| bad(path, line, "found more nodes than that; allowed fewer"))?;
        if new && !may_add {
            return Err(bad(
                path,
                line,
                format!(
                    "found the node `{}`, which the graph does not have; allowed 0 to {}",
                    shown(label.as_bytes()),
                    before.saturating_sub(1)
                ),
            ));
        }
        if new {
            added.push(label.into_owned());
        }
        if let Some(first) = seen.insert(node, line) {
            return Err(bad(
                path,
                line,
                format!(
                    "found the node `{}` again (first in line {first}); allowed each once",
                    shown(cells[found.label].as_bytes())
                ),
            ));
        }
        said.push((node, line, cells.to_vec()));
        Ok(())
    })?;
    let columns = columns.ok_or_else(|| Error::corrupt(path, "found nothing; allowed a table with a header"))?;
    let mut known = Known::new(
        names.len(),
        columns.age.is_some(),
        columns.region.is_some(),
        columns.household.is_some(),
        columns.groups.iter().any(Option::is_some),
        columns.messengers.is_some(),
    );
    let population = &scenario.population;
    let ages: Vec<(&str, Option<[f64; 2]>)> = population.ages.iter().map(|age| (age.name.as_str(), range(&age.name))).collect();
    said.sort_unstable_by_key(|(node, ..)| *node);
    let mut households: BTreeMap<&str, u32> = BTreeMap::new();
    for (node, line, cells) in &said {
        let cell = |place: Option<usize>| place.map(|k| cells[k].as_str()).filter(|text| !text.is_empty() && *text != "NA");
        let unknown = |column: &str, found: &str, allowed: &[&str]| {
            bad(
                path,
                *line,
                format!("column {column}: found `{}`; allowed {}, or an empty cell", shown(found.as_bytes()), allowed.join(", ")),
            )
        };
        if let Some(text) = cell(columns.age) {
            let years = text.parse::<f64>().ok();
            let by_name = ages.iter().position(|(name, _)| *name == text);
            let by_years = || {
                ages.iter()
                    .position(|(_, range)| years.is_some_and(|y| range.is_some_and(|[low, high]| (low..high).contains(&y))))
            };
            let names: Vec<&str> = ages.iter().map(|(name, _)| *name).collect();
            known.set_age(*node, by_name.or_else(by_years).ok_or_else(|| unknown("age", text, &names))? as u8);
        }
        if let Some(text) = cell(columns.region) {
            let names: Vec<&str> = population.regions.iter().map(|r| r.name.as_str()).collect();
            let place = names.iter().position(|name| *name == text);
            known.set_region(*node, place.ok_or_else(|| unknown("region", text, &names))? as u8);
        }
        if let Some(text) = cell(columns.household) {
            // Rows come in order of node: the first of a household is its first member.
            known.set_household(*node, *households.entry(text).or_insert(*node));
        }
        for (g, (group, place)) in population.groups.iter().zip(&columns.groups).enumerate() {
            let Some(text) = cell(*place) else { continue };
            let word = text.to_lowercase();
            let member = match () {
                () if !group.values.is_empty() => group.values.iter().any(|value| value == text),
                () if YES.contains(&word.as_str()) => true,
                () if NO.contains(&word.as_str()) => false,
                () => {
                    return Err(unknown(
                        &format!("of group {:?}", group.name),
                        text,
                        &["yes", "no (or name `values` of the group)"],
                    ));
                }
            };
            known.set_group(*node, g as u8, member);
        }
        if let Some(text) = cell(columns.messengers) {
            let names: Vec<&str> = scenario.messengers.iter().map(|m| m.name.as_str()).collect();
            let mut holdings = 0;
            for name in text.split([';', '|', ',']).map(str::trim).filter(|name| !name.is_empty() && *name != "none") {
                let place = names.iter().position(|known| *known == name);
                holdings |=
                    1 << place.ok_or_else(|| unknown("messengers", name, &[&names.join(", "), "several with `;`", "none"]))?;
            }
            known.set_holdings(*node, holdings);
        }
    }
    Ok((known, added))
}

/// The years of an age band by its name: `18-24`, `65+`, `<18`; from the first to before the second.
fn range(name: &str) -> Option<[f64; 2]> {
    let number = |text: &str| text.trim().parse::<f64>().ok();
    if let Some((low, high)) = name.split_once(['-', '–']) {
        return Some([number(low)?, number(high)? + 1.0]);
    }
    match (name.strip_suffix('+'), name.strip_prefix('<')) {
        (Some(low), _) => Some([number(low)?, f64::INFINITY]),
        (_, Some(high)) => Some([0.0, number(high)?]),
        _ => number(name).map(|one| [one, one + 1.0]),
    }
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn bands_of_years_are_read_from_their_names() {
        assert_eq!(range("18-24"), Some([18.0, 25.0]));
        assert_eq!(range("65+"), Some([65.0, f64::INFINITY]));
        assert_eq!(range("<18"), Some([0.0, 18.0]));
        assert_eq!(range("young"), None);
    }
}
