//! Problems, collected so that all are reported at once.

use crate::error::{Error, Result};
use std::collections::BTreeSet;
use std::fmt::{self, Display};
use std::rc::Rc;

/// Where something was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// A line of a file.
    File { file: Rc<str>, line: u32 },
    /// A `--set` option.
    Set(Rc<str>),
}

impl Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File { file, line } => write!(f, "{file}:{line}"),
            Place::Set(option) => write!(f, "--set {option}"),
        }
    }
}

/// All that is wrong, each with its place.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    /// The first [`MOST_KEPT`].
    list: Vec<(Place, String)>,
    /// How many more there are.
    more: usize,
    /// Places that are not even TOML; what was guessed of them is not worth a second message.
    broken: BTreeSet<Place>,
}

/// Most problems that are kept, to be reported in the order of their places: a file of a million faults is no reason to take
/// memory for a million messages.
const MOST_KEPT: usize = 1000;

impl Problems {
    /// A problem of one key.
    pub(crate) fn add(&mut self, place: &Place, path: &str, found: impl Display, allowed: impl Display) {
        self.suggest(place, path, found, allowed, None);
    }

    /// The same, with what may have been meant.
    pub(crate) fn suggest(&mut self, place: &Place, path: &str, found: impl Display, allowed: impl Display, meant: Option<&str>) {
        let hint = meant.map(|m| format!(" (did you mean `{m}`?)")).unwrap_or_default();
        let path = if path.is_empty() { String::new() } else { format!("{path}: ") };
        self.push(place.clone(), || format!("{path}found {found}; allowed {allowed}{hint}"));
    }

    /// A problem of which found and allowed are reported already.
    pub(crate) fn message(&mut self, place: &Place, path: &str, message: &str) {
        self.push(place.clone(), || format!("{path}: {message}"));
    }

    fn push(&mut self, place: Place, message: impl FnOnce() -> String) {
        if self.list.len() < MOST_KEPT {
            self.list.push((place, message()));
        } else {
            self.more += 1;
        }
    }

    /// Text that is not TOML. Only the first is reported of each line; the others mostly follow from it.
    pub(crate) fn broken(&mut self, place: Place, message: String) {
        if self.broken.insert(place.clone()) {
            self.push(place, || message);
        }
    }

    /// Whether some text was not TOML, so that keys may be missing only because they were not understood.
    pub(crate) fn any_broken(&self) -> bool {
        !self.broken.is_empty()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// One error of all lines, in the order of their places.
    pub(crate) fn into_error(mut self) -> Error {
        let broken = self.broken;
        let guessed = |(place, message): &(Place, String)| broken.contains(place) && !message.contains("not TOML");
        self.list.retain(|problem| !guessed(problem));
        self.list.sort_by(|a, b| a.0.cmp(&b.0));
        self.list.dedup();
        Error::problems(self.list.iter().map(|(place, message)| format!("{place}: {message}")).collect(), self.more)
    }

    /// An error if there is any.
    pub(crate) fn finish(self) -> Result<()> {
        if self.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }
}

/// The one of `names` that `word` may have been meant to be.
pub(crate) fn similar<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let word = plain(word);
    // Comparing takes time in proportion to length times length; nobody means a name by a page of text.
    if word.is_empty() || word.len() > 200 {
        return None;
    }
    let distance = |name: &&'a str| strsim::damerau_levenshtein(&word, &plain(name));
    let nearest = names.into_iter().map(|name| (distance(&name), name)).min_by_key(|(distance, _)| *distance);
    nearest
        .filter(|(distance, name)| *distance <= 1.max(word.chars().count().min(name.chars().count()) / 3))
        .map(|(_, name)| name)
}

/// Names in a row, for "allowed": a few in full, of many the first.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    const MOST: usize = 24;
    let names: Vec<_> = names.into_iter().map(|n| format!("`{n}`")).collect();
    match names.len() {
        0 => "none, there are none".into(),
        n if n > MOST => format!("{}, … ({n} in all)", names[..MOST].join(", ")),
        _ => names.join(", "),
    }
}
