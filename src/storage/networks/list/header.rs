//! Which columns of a list hold the ends of ties.

use super::dialect::is_number;
use super::records::Records;
use crate::error::Result;
use crate::storage::networks::Reading;
use crate::storage::networks::input::shown;
use std::borrow::Cow;

/// What the two ends are called by those who write lists.
const PAIRS: [(&str, &str); 50] = [
    ("source", "target"),
    ("from", "to"),
    ("src", "dst"),
    ("src", "dest"),
    ("src", "tgt"),
    ("source", "destination"),
    ("origin", "destination"),
    ("ego", "alter"),
    ("ego_id", "alter_id"),
    ("egoid", "alterid"),
    ("sender", "receiver"),
    ("sender", "recipient"),
    ("caller", "callee"),
    ("follower", "followee"),
    ("follower", "followed"),
    ("tail", "head"),
    ("node1", "node2"),
    ("node_1", "node_2"),
    ("node a", "node b"),
    ("node_a", "node_b"),
    ("nodea", "nodeb"),
    ("id1", "id2"),
    ("id_1", "id_2"),
    ("numeric_id_1", "numeric_id_2"),
    ("user1", "user2"),
    ("user_1", "user_2"),
    ("user_id_1", "user_id_2"),
    ("person1", "person2"),
    ("person_1", "person_2"),
    ("vertex1", "vertex2"),
    ("v1", "v2"),
    ("fromnodeid", "tonodeid"),
    ("from_node", "to_node"),
    ("source_id", "target_id"),
    ("from_id", "to_id"),
    ("u", "v"),
    ("i", "j"),
    ("a", "b"),
    ("name1", "name2"),
    ("name_1", "name_2"),
    ("node_id_1", "node_id_2"),
    ("source_name", "target_name"),
    ("from_name", "to_name"),
    ("ego_name", "alter_name"),
    ("respondent", "alter"),
    ("respondent_id", "alter_id"),
    ("respondent", "friend"),
    ("user", "friend"),
    ("user_id", "friend_id"),
    ("citing", "cited"),
];

/// What further columns are called, which hold no end.
const OTHERS: [&str; 46] = [
    "",
    "w",
    "weight",
    "weights",
    "strength",
    "value",
    "val",
    "count",
    "counts",
    "n",
    "freq",
    "frequency",
    "type",
    "kind",
    "label",
    "id",
    "index",
    "time",
    "timestamp",
    "date",
    "year",
    "month",
    "day",
    "since",
    "duration",
    "distance",
    "dist",
    "length",
    "cost",
    "sign",
    "rating",
    "score",
    "prob",
    "probability",
    "p",
    "directed",
    "relation",
    "rel",
    "layer",
    "wave",
    "contacts",
    "gewicht",
    "poids",
    "peso",
    "color",
    "note",
];

/// Further names of the first column of a table of nodes.
const NODES: [(&str, &str); 6] =
    [("id", "label"), ("node", "label"), ("node", "name"), ("id", "name"), ("label", "id"), ("name", "id")];

/// Where the ends stand, and what else there is.
#[derive(Debug)]
pub(super) struct Header {
    /// Columns of the two ends.
    pub(super) columns: [usize; 2],
    /// Whether the current record is the header, and no tie.
    pub(super) is_row: bool,
    /// Whether names or options say which columns are meant.
    pub(super) known: bool,
    /// Names, where there are any.
    names: Vec<String>,
    /// How the columns were found, in words.
    pub(super) summary: String,
}

fn name(field: &[u8]) -> String {
    String::from_utf8_lossy(field).trim().to_lowercase()
}

/// The columns of a pair of names that says what the ends are.
fn pair(names: &[String]) -> Option<[usize; 2]> {
    let at = |wanted: &str| names.iter().position(|name| name.trim_start_matches('#').trim() == wanted);
    PAIRS.iter().find_map(|&(a, b)| Some([at(a)?, at(b)?]))
}

/// Whether the ends are called by letters, such as `u` and `v`.
fn is_letter(names: &[String], ends: [usize; 2]) -> bool {
    names[ends[0]].trim_start_matches('#').trim().len() == 1
}

impl Header {
    /// Looks at the first record, those that follow, and the comments before.
    pub(super) fn find(records: &mut Records<'_>, reading: &Reading) -> Result<Self> {
        let first: Vec<String> = (0..records.len()).map(|k| name(records.field(k))).collect();
        let shown_names: Vec<String> =
            (0..records.len()).map(|k| String::from_utf8_lossy(records.field(k)).trim().to_owned()).collect();
        let coming = records.coming();
        let mut header = match reading.header {
            Some(false) => Self::plain(),
            Some(true) => Self::named(&first, &shown_names, true),
            None => Self::guess(records, &first, &shown_names, &coming)?,
        };
        if let Some(name) = header.twice() {
            return Err(
                records.bad(format!("found the column `{name}` a second time; allowed each once, or --columns A,B by number"))
            );
        }
        // R's `write.table` names no column of row names.
        if header.is_row && coming.first().is_some_and(|row| row.len() == first.len() + 1) {
            header.columns = header.columns.map(|k| k + 1);
            header.names.insert(0, String::new());
        }
        if let Some(asked) = &reading.columns {
            header.columns = [header.place(&asked[0], records)?, header.place(&asked[1], records)?];
            header.known = true;
            header.summary = format!("--columns {},{}", asked[0], asked[1]);
        }
        let widest = records.len().max(coming.first().map_or(0, Vec::len));
        if header.columns.iter().any(|&k| k >= widest) {
            return Err(records.bad(format!(
                "found `{}`; allowed two labels, separated by white space, comma, semicolon or tab (--separator)",
                shown(records.line())
            )));
        }
        Ok(header)
    }

    fn plain() -> Self {
        Header { columns: [0, 1], is_row: false, known: false, names: Vec::new(), summary: "columns 1 and 2".into() }
    }

    fn named(first: &[String], names: &[String], known: bool) -> Self {
        let found = pair(first);
        let mut others = (0..first.len()).filter(|&k| !OTHERS.contains(&first[k].as_str()));
        let only = [others.next(), others.next(), others.next()];
        let columns = found.unwrap_or(if let ([Some(a), Some(b), None], true) = (only, first.len() > 2) {
            [a, b]
        } else if first.first().is_some_and(String::is_empty) && first.len() > 2 {
            [1, 2]
        } else {
            [0, 1]
        });
        let called = |k: usize| names.get(k).map_or("", String::as_str);
        Header {
            columns,
            is_row: true,
            known: found.is_some_and(|ends| !is_letter(first, ends)) || (known && first.len() == 2),
            summary: format!("columns `{}` and `{}`", called(columns[0]), called(columns[1])),
            names: names.to_vec(),
        }
    }

    fn guess(records: &Records<'_>, first: &[String], names: &[String], coming: &[Vec<Vec<u8>>]) -> Result<Self> {
        // Names over columns which are those of the rows, too, with a name over the rows' names or without.
        let rows_of = |names: &[String]| {
            names.len() >= 2 && coming.len() >= 2 && {
                let mut both = coming.iter().zip(names);
                both.all(|(row, name)| {
                    row.len() == coming[0].len() && row.first().is_some_and(|r| r.as_slice() == name.as_bytes())
                })
            }
        };
        let text = first[0].is_empty() || first.last().is_some_and(|name| !is_number(name.as_bytes()));
        if text
            && coming.first().is_some_and(|row| row.len() >= 3)
            && (rows_of(&names[1..]) || coming[0].len() == names.len() + 1 && rows_of(names))
        {
            return Err(records.bad(
                "found the same names over columns and before rows, as of a matrix; allowed a list of ties (--columns takes it as one)",
            ));
        }
        // Letters may be labels, too: they are names only over numbers, as others are.
        if pair(first).is_some_and(|ends| !is_letter(first, ends)) {
            return Ok(Self::named(first, names, true));
        }
        let is = |wanted: &str| first.iter().any(|name| name == wanted);
        if let Some((a, _)) = PAIRS[..8]
            .iter()
            .find(|(a, b)| (is(a) != is(b)) && !coming.is_empty() && first.iter().all(|n| !is_number(n.as_bytes())))
        {
            let which = if is(a) { *a } else { "the other end" };
            return Err(records.bad(format!(
                "found the columns `{}`, of which one end is called {which} and the other is not known; --columns NAME,NAME says which, --header no takes them as a tie",
                names.join(", ")
            )));
        }
        if let [a, b, ..] = first
            && NODES.iter().any(|&(x, y)| a == x && b == y)
        {
            return Err(records.bad(format!(
                    "found the columns `{}`, a table of nodes; allowed a list of ties (--nodes takes such a table, --columns says which columns are ends)",
                    names.join(", ")
                )));
        }
        // Names in the last comment, `# id source target`.
        if let Some(comment) = records.comments().last() {
            let text = String::from_utf8_lossy(comment);
            let text = text.trim_start_matches(['#', '%', '/']).trim();
            let names: Vec<String> = text
                .split([',', ';', '\t', ' ', '|'])
                .map(|n| n.trim().trim_matches('"').to_lowercase())
                .filter(|n| !n.is_empty())
                .collect();
            if let Some(columns) = pair(&names).filter(|_| names.len() == first.len()) {
                let summary = format!("columns `{}` and `{}`, named in a comment", names[columns[0]], names[columns[1]]);
                return Ok(Header { columns, is_row: false, known: true, names, summary });
            }
        }
        // KONECT says in its first line what is in its columns.
        let konect = records.comments().first().map(|c| String::from_utf8_lossy(c).into_owned()).unwrap_or_default();
        match konect.split_whitespace().collect::<Vec<_>>()[..] {
            ["%", "sym" | "asym", ..] => return Ok(Header { known: true, ..Self::plain() }),
            ["%", "bip", ..] => {
                return Err(records.bad("found a network of two kinds of nodes (`% bip`); allowed one kind, or --header no"));
            }
            _ => {}
        }
        if first.first().is_some_and(String::is_empty) && first.len() >= 3 {
            return Ok(Self::named(first, names, true));
        }
        // Where all of a column but its first cell is numbers, that cell is a name; so are the numbers 0, 1 over text.
        let column = |k: usize| coming.iter().map(move |row| row.get(k).map_or(&[][..], Vec::as_slice));
        let numbers = |k: usize| column(k).next().is_some() && column(k).all(is_number);
        let is_name = |k: usize| !first[k].is_empty() && !is_number(first[k].as_bytes()) && numbers(k);
        let counted =
            coming.len() > 1 && first.len() >= 2 && first[..2] == ["0", "1"] && column(0).chain(column(1)).all(|c| !is_number(c));
        if (0..first.len()).any(is_name) || counted {
            let text = (0..first.len()).all(|k| !is_number(first[k].as_bytes())) || counted;
            let other = |name: &String| OTHERS.contains(&name.as_str());
            let ends = first.iter().filter(|name| !other(name)).count();
            if text && !counted && ends != 2 && first.len() > 2 && pair(first).is_none() {
                return Err(records.bad(format!(
                    "found the columns `{}`, of which none is called as ends of ties are; --columns NAME,NAME says which are, --header no takes them as a tie",
                    names.join(", ")
                )));
            }
            if text {
                return Ok(Self::named(first, names, false));
            }
        }
        // Names with spaces: more columns of text than two.
        let words = |k: &usize| !is_number(first[*k].as_bytes()) && column(*k).all(|c| !is_number(c));
        if records.white() && first.len() > 2 && (2..first.len()).any(|k| words(&k)) {
            return Err(records.bad(format!(
                "found `{}`, {} words; --separator says what stands between names with spaces, --columns 1,2 takes the first two words",
                shown(records.line()),
                first.len()
            )));
        }
        Ok(Self::plain())
    }

    /// A name of an end's column that another column has, too, where no option says which is meant.
    fn twice(&self) -> Option<&str> {
        let ends = self.columns.iter().filter_map(|&k| self.names.get(k));
        ends.map(String::as_str)
            .find(|name| self.is_row && self.names.iter().filter(|n| n == name).count() > 1 && !name.is_empty())
    }

    /// What the ends' columns are called in the row of names, if there is one.
    pub(super) fn ends(&self) -> Option<[&str; 2]> {
        let name = |k: usize| self.names.get(k).map(String::as_str).filter(|name| self.is_row && !name.is_empty());
        Some([name(self.columns[0])?, name(self.columns[1])?])
    }

    /// A column by its name or number.
    fn place(&self, asked: &str, records: &Records<'_>) -> Result<usize> {
        let by_name = self.names.iter().position(|name| name == asked);
        let by_number = asked.parse::<usize>().ok().filter(|&n| n >= 1).map(|n| n - 1);
        by_name.or(by_number).ok_or_else(|| {
            let known = if self.names.is_empty() {
                "a number from 1 on".to_owned()
            } else {
                format!("one of {:?}, or its number", self.names)
            };
            records.bad(format!("found no column `{asked}` (--columns); allowed {known}"))
        })
    }

    /// Columns that say nothing about who is tied to whom, by name or number.
    pub(super) fn ignored(&self, width: usize) -> Vec<String> {
        let others = (0..width).filter(|k| !self.columns.contains(k));
        others
            .map(|k| match self.names.get(k).filter(|name| !name.is_empty()) {
                Some(name) => name.clone(),
                None => format!("column {}", k + 1),
            })
            .collect()
    }
}

/// A label that a program wrote as a broken number though it is whole: `7.0`, `1e+05`.
pub(in crate::storage::networks) fn whole<'a>(label: &'a str, rewritten: &mut Option<String>) -> Cow<'a, str> {
    let bytes = label.as_bytes();
    // Most labels are digits or words.
    if !bytes[0].is_ascii_digit() || !(bytes.ends_with(b"0") && bytes.contains(&b'.') || label.contains("e+")) {
        return Cow::Borrowed(label);
    }
    let zeros = |text: &str| !text.is_empty() && text.bytes().all(|b| b == b'0');
    let plain = label.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'+'));
    let is_whole = label.contains("e+") || label.split_once('.').is_some_and(|(_, rest)| zeros(rest));
    match label.parse::<f64>() {
        Ok(x) if plain && is_whole && x.fract() == 0.0 && x < 9e15 => {
            rewritten.get_or_insert_with(|| label.to_owned());
            Cow::Owned(format!("{x:.0}"))
        }
        _ => Cow::Borrowed(label),
    }
}
