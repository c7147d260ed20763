//! A table of nodes: who they are, by label.

use super::input::{bad, flat, shown};
use super::labels::{Interner, Labels};
use crate::error::{Error, Result};
use crate::files;
use crate::population::Known;
use crate::scenario::{MAX_USERS, Scenario};
use crate::storage::parquet;
use crate::tables::not_a_table;
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
    /// Those that may be of labels, the likelier ones first.
    labels: Vec<usize>,
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
        let labels: Vec<usize> = LABELS.iter().filter_map(|name| place(name)).collect();
        if labels.is_empty() {
            let allowed = format!("allowed one of labels, called one of {}", LABELS.join(", "));
            return Err(bad(path, 1, format!("found the columns {header:?}; {allowed}")));
        }
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
        Ok(Columns { labels, age, region, household, messengers, groups })
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
        let used: Vec<usize> = [self.age, self.region, self.household, self.messengers]
            .into_iter()
            .chain(self.labels.iter().map(|&k| Some(k)))
            .chain(self.groups.iter().copied())
            .flatten()
            .collect();
        uses.ignored = (0..header.len()).filter(|k| !used.contains(k)).map(|k| flat(&header[k])).collect();
        uses
    }
}

/// Shows the header and row after row with its line, or row, number, for as long as `see` wants more. One row is held at a time.
fn rows(path: &Path, mut see: impl FnMut(u64, &[String]) -> Result<bool>) -> Result<()> {
    let opening = |e| Error::io(path, "opening", e);
    let mut start = [0; 4];
    let mut file = files::open(path).map_err(opening)?;
    let n = file.read(&mut start).map_err(|e| Error::io(path, "reading", e))?;
    if start[..n] == *b"PAR1" {
        return parquet::rows(path, see);
    }
    super::input::open(path, &|_| (), |head, stream| {
        let first = head.split(|b| matches!(b, b'\n' | b'\r')).next().unwrap_or_default();
        let count = |byte: u8| first.iter().filter(|&&b| b == byte).count();
        let separator = [b',', b'\t', b';'].into_iter().max_by_key(|&b| count(b)).filter(|&b| count(b) > 0).unwrap_or(b',');
        let mut reader = csv::ReaderBuilder::new().delimiter(separator).has_headers(false).from_reader(files::Lines::new(stream));
        let mut record = csv::StringRecord::new();
        let mut cells: Vec<String> = Vec::new();
        while reader.read_record(&mut record).map_err(|e| not_a_table(path, e))? {
            cells.resize_with(record.len(), String::new);
            for (cell, text) in cells.iter_mut().zip(&record) {
                cell.clear();
                cell.push_str(text.trim());
            }
            if !see(record.position().map_or(0, csv::Position::line), &cells)? {
                break;
            }
        }
        Ok(())
    })
}

/// What a table would say, by its header alone.
pub fn uses(path: &Path, scenario: &Scenario) -> Result<Uses> {
    let mut found = None;
    rows(path, |_, header| {
        found = Some(Columns::find(path, header, scenario)?.uses(header, scenario));
        Ok(false)
    })?;
    found.ok_or_else(|| Error::corrupt(path, NOTHING))
}

const NOTHING: &str = "found nothing; allowed a table with a header";
/// Rows by which one of several columns is taken for that of labels.
const SAMPLE: u64 = 1000;

/// Nodes by label: those of the network, and those that only the table names.
struct Nodes<'a> {
    labels: &'a Labels,
    /// Labels that are no numbers in order, then those added.
    index: Interner,
    /// Nodes that are not in the index.
    before: u32,
}

impl<'a> Nodes<'a> {
    fn new(labels: &'a Labels) -> Self {
        let (index, before) =
            if labels.are_numbers() { (Interner::default(), labels.len() as u32) } else { (Interner::from(labels), 0) };
        Nodes { labels, index, before }
    }

    fn find(&self, label: &str) -> Option<u32> {
        self.labels.find_number(label).or_else(|| self.index.find(label).map(|k| self.before + k))
    }

    /// The number of a node, which is added where it is new, and whether it is; `None` where there are too many.
    fn intern(&mut self, label: &str) -> Option<(u32, bool)> {
        if let Some(node) = self.labels.find_number(label) {
            return Some((node, false));
        }
        let (k, new) = self.index.intern(label)?;
        let node = self.before.checked_add(k).filter(|&node| u64::from(node) < MAX_USERS)?;
        Some((node, new))
    }
}

/// The column of labels: of several that may be it that which names most nodes of the network, among the first rows.
fn label_column(path: &Path, columns: &Columns, nodes: &Nodes<'_>) -> Result<usize> {
    let mut named = vec![0u64; columns.labels.len()];
    rows(path, |line, cells| {
        for (count, &column) in named.iter_mut().zip(&columns.labels).filter(|_| line > 1) {
            *count += u64::from(nodes.find(&super::list::whole_label(&cells[column], &mut None)).is_some());
        }
        Ok(columns.labels.len() > 1 && line <= SAMPLE)
    })?;
    let best = named.iter().max().copied().unwrap_or(0);
    let place = named.iter().position(|&count| count == best).unwrap_or(0);
    Ok(columns.labels[place])
}

/// What is known of users, and the labels of those that the table names and the network does not, who follow the others.
///
/// Rows are read one at a time. Memory is what is known (at most 18 bytes a user), 12 bytes a user more while reading, and an
/// index of labels where these are text.
pub(super) fn read(path: &Path, labels: &Labels, may_add: bool, scenario: &Scenario) -> Result<(Known, Vec<String>)> {
    let mut nodes = Nodes::new(labels);
    let before = labels.len() as u32;
    let mut added = Vec::new();
    let mut table: Option<(Columns, usize, Cells<'_>)> = None;
    let mut matched = 0u64;
    let mut stranger: Option<(u64, String)> = None;
    rows(path, |line, cells| {
        let Some((columns, label, said)) = &mut table else {
            let columns = Columns::find(path, cells, scenario)?;
            let label = label_column(path, &columns, &nodes)?;
            let said = Cells::new(path, &columns, before, scenario);
            table = Some((columns, label, said));
            return Ok(true);
        };
        let text = cells[*label].as_str();
        let name = super::list::whole_label(text, &mut None);
        if name.is_empty() {
            return Err(bad(path, line, "found no label; allowed one in each row"));
        }
        let (node, new) = nodes.intern(&name).ok_or_else(|| bad(path, line, "found more nodes than that; allowed fewer"))?;
        if new && !may_add {
            let last = before.saturating_sub(1);
            let found = format!("found the node `{}`, which the graph does not have", shown(name.as_bytes()));
            return Err(bad(path, line, format!("{found}; allowed 0 to {last}")));
        }
        if new {
            added.push(name.into_owned());
            stranger.get_or_insert_with(|| (line, text.to_owned()));
        } else {
            matched += 1;
        }
        said.row(columns, node, line, cells)?;
        Ok(true)
    })?;
    let Some((_, _, said)) = table else { return Err(Error::corrupt(path, NOTHING)) };
    if let Some((line, name)) = stranger.filter(|_| matched == 0) {
        let known = labels.get(0).unwrap_or_default();
        let found = format!("found the node `{}`, and no row that names a node of the network", shown(name.as_bytes()));
        return Err(bad(path, line, format!("{found}; allowed its labels, such as `{}`", shown(known.as_bytes()))));
    }
    Ok((said.finish(before + added.len() as u32), added))
}

/// What the rows have said so far.
struct Cells<'a> {
    path: &'a Path,
    scenario: &'a Scenario,
    ages: Vec<(&'a str, Option<[f64; 2]>)>,
    known: Known,
    /// The line that named a node; 0 for none yet.
    lines: Vec<u64>,
    /// Households by name, and each node's; `u32::MAX` for none.
    homes: Interner,
    home: Vec<u32>,
}

impl<'a> Cells<'a> {
    fn new(path: &'a Path, columns: &Columns, users: u32, scenario: &'a Scenario) -> Self {
        let groups = columns.groups.iter().any(Option::is_some);
        let [age, region, household, messengers] =
            [columns.age, columns.region, columns.household, columns.messengers].map(|column| column.is_some());
        let ages = scenario.population.ages.iter().map(|age| (age.name.as_str(), range(&age.name)));
        Cells {
            path,
            scenario,
            ages: ages.collect(),
            known: Known::new(users, age, region, household, groups, messengers),
            lines: vec![0; users as usize],
            homes: Interner::default(),
            home: Vec::new(),
        }
    }

    fn row(&mut self, columns: &Columns, node: u32, line: u64, cells: &[String]) -> Result<()> {
        let k = node as usize;
        if k >= self.lines.len() {
            self.lines.resize(k + 1, 0);
            self.known.grow(node + 1);
        }
        let first = std::mem::replace(&mut self.lines[k], line);
        if first > 0 {
            let name = columns.labels.iter().map(|&at| cells[at].as_str()).find(|name| !name.is_empty()).unwrap_or_default();
            let found = format!("found the node `{}` again (first in line {first})", shown(name.as_bytes()));
            return Err(bad(self.path, line, format!("{found}; allowed each once")));
        }
        let cell = |place: Option<usize>| place.map(|k| cells[k].as_str()).filter(|text| !text.is_empty() && *text != "NA");
        let unknown = |column: &str, found: &str, allowed: &[&str]| {
            let (found, allowed) = (shown(found.as_bytes()), allowed.join(", "));
            bad(self.path, line, format!("column {column}: found `{found}`; allowed {allowed}, or an empty cell"))
        };
        let population = &self.scenario.population;
        if let Some(text) = cell(columns.age) {
            let years = text.parse::<f64>().ok();
            let by_name = self.ages.iter().position(|(name, _)| *name == text);
            let within =
                |range: Option<[f64; 2]>| years.is_some_and(|y| range.is_some_and(|[low, high]| (low..high).contains(&y)));
            let by_years = || self.ages.iter().position(|(_, range)| within(*range));
            let names: Vec<&str> = self.ages.iter().map(|(name, _)| *name).collect();
            self.known.set_age(node, by_name.or_else(by_years).ok_or_else(|| unknown("age", text, &names))? as u8);
        }
        if let Some(text) = cell(columns.region) {
            let place = population.regions.iter().position(|region| region.name == text);
            let names = || population.regions.iter().map(|r| r.name.as_str()).collect::<Vec<_>>();
            self.known.set_region(node, place.ok_or_else(|| unknown("region", text, &names()))? as u8);
        }
        if let Some(text) = cell(columns.household) {
            self.home.resize(self.home.len().max(k + 1), u32::MAX);
            let home = self.homes.intern(text).ok_or_else(|| bad(self.path, line, "found too many households; allowed fewer"))?;
            self.home[k] = home.0;
        }
        for (g, (group, place)) in population.groups.iter().zip(&columns.groups).enumerate() {
            let Some(text) = cell(*place) else { continue };
            let word = text.to_lowercase();
            let member = match () {
                () if !group.values.is_empty() => group.values.iter().any(|value| value == text),
                () if YES.contains(&word.as_str()) => true,
                () if NO.contains(&word.as_str()) => false,
                () => {
                    let column = format!("of group {:?}", group.name);
                    return Err(unknown(&column, text, &["yes", "no (or name `values` of the group)"]));
                }
            };
            self.known.set_group(node, g as u8, member);
        }
        if let Some(text) = cell(columns.messengers) {
            let names = || self.scenario.messengers.iter().map(|m| m.name.as_str());
            let mut holdings = 0;
            for name in text.split([';', '|', ',']).map(str::trim).filter(|name| !name.is_empty() && *name != "none") {
                let place = names().position(|known| known == name);
                let allowed = || names().collect::<Vec<_>>().join(", ");
                holdings |= 1 << place.ok_or_else(|| unknown("messengers", name, &[&allowed(), "several with `;`", "none"]))?;
            }
            self.known.set_holdings(node, holdings);
        }
        Ok(())
    }

    /// What is known of so many users; households are called by their first members.
    fn finish(mut self, users: u32) -> Known {
        self.known.grow(users);
        let mut heads = vec![u32::MAX; self.homes.len() as usize];
        for (node, &home) in self.home.iter().enumerate().filter(|(_, home)| **home != u32::MAX) {
            let head = &mut heads[home as usize];
            *head = (*head).min(node as u32);
            self.known.set_household(node as u32, *head);
        }
        self.known
    }
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
