//! What authors say a number rests on, in the comments of scenario files: `[measured]`, `[fitted]`, `[assumed]`.

use crate::scenario::country;
use crate::scenario::document::Place;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// What a value rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// A published figure.
    Measured,
    /// A calibration.
    Fitted,
    /// A guess.
    Assumed,
}

impl Basis {
    /// All of them.
    pub const ALL: [Basis; 3] = [Basis::Measured, Basis::Fitted, Basis::Assumed];

    /// Its mark in comments.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Measured => "measured",
            Basis::Fitted => "fitted",
            Basis::Assumed => "assumed",
        }
    }
}

/// What the comment beside a value says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// What it rests on.
    pub basis: Basis,
    /// Ends of its 5 to 95 % interval, where it was fitted with one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<[f64; 2]>,
    /// The comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

/// Comments of the files that a scenario is made from.
#[derive(Default)]
pub(super) struct Comments(BTreeMap<String, Vec<String>>);

impl Comments {
    /// The mark of the value at a place: in the comment on its line, or on the line that opens its table. What follows the mark of a
    /// fitted value, or stands alone beside one in a fitted table, as `LOW to HIGH`, is its interval.
    pub(super) fn mark(&mut self, place: &Place) -> Option<Mark> {
        let Place::File { file, line } = place else { return None };
        let lines = self.0.entry(file.to_string()).or_insert_with(|| read(file));
        let upto = lines.get(..*line as usize)?;
        let own = comment(upto.last()?);
        if let Some((basis, after)) = first_mark(own) {
            return Some(Mark { basis, interval: interval(after).filter(|_| basis == Basis::Fitted), comment: own.into() });
        }
        let head = upto.iter().rfind(|line| line.starts_with('['))?;
        let (basis, _) = first_mark(comment(head))?;
        Some(Mark { basis, interval: interval(own).filter(|_| basis == Basis::Fitted), comment: own.into() })
    }
}

/// Lines of a file, or of a country that comes with exodus; none where it cannot be read any more.
fn read(file: &str) -> Vec<String> {
    let country = file.strip_prefix("country ").and_then(country).map(str::to_owned);
    let text = country.or_else(|| String::from_utf8(crate::files::read(Path::new(file)).ok()?).ok());
    text.unwrap_or_default().lines().map(str::to_owned).collect()
}

/// The comment that a line ends with, without its `#`; a `#` within quotes begins none.
fn comment(line: &str) -> &str {
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match quote {
            None if c == '#' => return line[at + 1..].trim(),
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
    }
    ""
}

/// The first mark in a comment, and what follows it.
fn first_mark(comment: &str) -> Option<(Basis, &str)> {
    let found = Basis::ALL.into_iter().filter_map(|basis| Some((comment.find(&format!("[{}", basis.name()))?, basis)));
    let (at, basis) = found.min()?;
    Some((basis, comment[at..].split_once(']')?.1))
}

/// `LOW to HIGH` at the beginning of a text.
fn interval(text: &str) -> Option<[f64; 2]> {
    let mut words = text.split_whitespace();
    let number = |word: Option<&str>| word?.trim_end_matches([',', ';', '.']).parse::<f64>().ok();
    let low = number(words.next())?;
    let high = (words.next()? == "to").then(|| number(words.next()))??;
    (low <= high).then_some([low, high])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(lines: &[&str]) -> Option<(Basis, Option<[f64; 2]>)> {
        let mut comments = Comments::default();
        comments.0.insert("s.toml".into(), lines.iter().map(|line| (*line).to_owned()).collect());
        let mark = comments.mark(&Place::File { file: "s.toml".into(), line: lines.len() as u32 })?;
        Some((mark.basis, mark.interval))
    }

    #[test]
    fn marks_stand_beside_values_or_above_them() {
        assert_eq!(mark(&["x = 1 # [fitted] -8.63 to -6.03"]), Some((Basis::Fitted, Some([-8.63, -6.03]))));
        assert_eq!(mark(&["x = 1 # from 2 to 3 [fitted] 4.9 to 7, and more"]), Some((Basis::Fitted, Some([4.9, 7.0]))));
        assert_eq!(mark(&["x = 1 # from 2 to 3 [fitted]"]), Some((Basis::Fitted, None)));
        assert_eq!(mark(&["x = 1 # [measured, FOM]; the rest [assumed]"]), Some((Basis::Measured, None)));
        assert_eq!(mark(&["x = 1 # 2 to 3"]), None);
        assert_eq!(mark(&["x = \"# [fitted]\""]), None);
        let table = ["[model.opening] # [fitted]", "rate = 6.55 # 6.21 to 7.44"];
        assert_eq!(mark(&table), Some((Basis::Fitted, Some([6.21, 7.44]))));
        assert_eq!(mark(&[table[0], "[model.vpn]", "rate = 6.55 # 6.21 to 7.44"]), None);
        assert_eq!(mark(&[table[0], "rate = 1 # [assumed] 1 to 2"]), Some((Basis::Assumed, None)));
    }
}
