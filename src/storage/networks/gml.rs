//! GML (Himsolt 1997): keys, values and lists in brackets.

use super::ImportSummary;
use super::collect::Collector;
use super::declared::Declared;
use super::input::{LONGEST, Lines, shown};
use super::labels::Labels;
use super::list::whole;
use crate::error::Result;
use std::io::BufRead;
use std::path::Path;

/// A piece of a file.
#[derive(Debug, PartialEq)]
enum Token {
    Open,
    Close,
    /// A key or a number.
    Word(String),
    Text(String),
}

struct Tokens<'a> {
    lines: Lines<'a>,
    line: Vec<u8>,
    at: usize,
}

impl Tokens<'_> {
    fn next(&mut self) -> Result<Option<Token>> {
        loop {
            let rest = &self.line[self.at.min(self.line.len())..];
            let Some(skip) = rest.iter().position(|b| !b.is_ascii_whitespace()) else {
                if !self.lines.next(&mut self.line)? {
                    return Ok(None);
                }
                self.at = 0;
                continue;
            };
            self.at += skip;
            let first = rest[skip];
            return match first {
                // A comment, to the end of the line.
                b'#' => {
                    self.at = self.line.len();
                    continue;
                }
                b'[' | b']' => {
                    self.at += 1;
                    Ok(Some(if first == b'[' { Token::Open } else { Token::Close }))
                }
                b'"' => self.text().map(Some),
                _ => {
                    let word = &rest[skip..];
                    let end = word.iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'[' | b']' | b'"'));
                    let word = &word[..end.unwrap_or(word.len())];
                    let text = super::input::utf8(word).map_err(|what| self.lines.bad(what))?.to_owned();
                    self.at += word.len();
                    Ok(Some(Token::Word(text)))
                }
            };
        }
    }

    /// A text in quotes, which may continue over lines.
    fn text(&mut self) -> Result<Token> {
        self.at += 1;
        let opened = self.lines.number;
        let mut text = Vec::new();
        loop {
            let rest = &self.line[self.at..];
            if let Some(end) = memchr::memchr(b'"', rest) {
                text.extend_from_slice(&rest[..end]);
                self.at += end + 1;
                let text = super::input::utf8(&text).map_err(|what| self.lines.bad(what))?;
                return Ok(Token::Text(unescaped(text)));
            }
            text.extend_from_slice(rest);
            text.push(b'\n');
            if text.len() > LONGEST || !self.lines.next(&mut self.line)? {
                let found = format!("found `\"{}`, a quote that is not closed; allowed one that is", shown(&text));
                return Err(super::input::bad(self.lines.path(), opened, found));
            }
            self.at = 0;
        }
    }
}

/// `&quot;`, `&amp;`, `&#233;` and the like.
fn unescaped(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('&') {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest.bytes().take(12).position(|b| b == b';');
        let entity = end.and_then(|end| {
            let name = &rest[1..end];
            let number = name.strip_prefix('#').and_then(|n| match n.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => n.parse().ok(),
            });
            let known = || quick_xml::escape::resolve_predefined_entity(name).map(str::to_owned);
            let found = number.and_then(char::from_u32).map(String::from).or_else(known)?;
            Some((found, end + 1))
        });
        let (found, used) = entity.unwrap_or_else(|| ("&".into(), 1));
        out.push_str(&found);
        rest = &rest[used..];
    }
    out + rest
}

/// Reads a graph in GML.
pub(super) fn read(path: &Path, stream: &mut dyn BufRead, summary: &mut ImportSummary) -> Result<(Collector, Option<Labels>)> {
    let mut tokens = Tokens { lines: Lines::new(path, stream), line: Vec::new(), at: 0 };
    let mut all = Declared::new(&["label", "name"]);
    // The keys of the lists that are open.
    let mut open: Vec<String> = Vec::new();
    let mut graphs = 0;
    let mut fields: [Option<String>; 5] = Default::default();
    const KEYS: [&str; 5] = ["id", "label", "name", "source", "target"];
    let mut rewritten = None;
    let mut began = 0;
    while let Some(token) = tokens.next()? {
        let bad = |lines: &Lines<'_>, what: String| lines.bad(what);
        let key = match token {
            Token::Close => {
                let Some(closed) = open.pop() else {
                    return Err(bad(&tokens.lines, "found `]` where nothing is open; allowed a list's end".into()));
                };
                if open.len() == 1 && open[0] == "graph" && (closed == "node" || closed == "edge") {
                    let [id, label, name, source, target] = std::mem::take(&mut fields);
                    let missing = |key: &str| {
                        tokens.lines.bad(format!("found a {closed} without `{key}` (begun in line {began}); allowed one with it"))
                    };
                    let id_of = |text: String, rewritten: &mut Option<String>| {
                        if text.is_empty() { text } else { whole(&text, rewritten).into_owned() }
                    };
                    let done = if closed == "node" {
                        let id = id_of(id.ok_or_else(|| missing("id"))?, &mut rewritten);
                        all.node(&id, vec![label, name])
                    } else {
                        let ends = [source.ok_or_else(|| missing("source"))?, target.ok_or_else(|| missing("target"))?];
                        let [a, b] = ends.map(|end| id_of(end, &mut rewritten));
                        all.tie(began, a, b)
                    };
                    done.map_err(|what| tokens.lines.bad(what))?;
                }
                continue;
            }
            Token::Word(key) => key,
            other => {
                return Err(tokens.lines.bad(format!("found {other:?} where a key should be; allowed keys with values")));
            }
        };
        match tokens.next()? {
            Some(Token::Open) => {
                let depth = open.len();
                if depth == 0 && key == "graph" {
                    graphs += 1;
                    if graphs > 1 {
                        return Err(tokens.lines.bad("found a second graph; allowed one in a file"));
                    }
                }
                if depth == 1 && open[0] == "graph" {
                    began = tokens.lines.number;
                    fields = Default::default();
                }
                if depth > 100 {
                    return Err(tokens.lines.bad("found lists more than 100 deep; allowed fewer"));
                }
                open.push(key);
            }
            Some(Token::Word(value) | Token::Text(value)) => {
                let inside: Vec<&str> = open.iter().map(String::as_str).collect();
                match &inside[..] {
                    ["graph"] if key == "directed" => summary.directed = value == "1",
                    ["graph", "node"] | ["graph", "edge"] => {
                        if let Some(k) = KEYS.iter().position(|k| *k == key) {
                            if fields[k].replace(value).is_some() {
                                let found = format!("found `{key}` a second time in this {}; allowed each once", inside[1]);
                                return Err(tokens.lines.bad(found));
                            }
                        } else if inside[1] == "edge" && !summary.ignored.contains(&key) && summary.ignored.len() < 20 {
                            summary.ignored.push(key);
                        }
                    }
                    _ => {}
                }
            }
            Some(Token::Close) => {
                return Err(tokens.lines.bad(format!("found `{}` without a value; allowed one", shown(key.as_bytes()))));
            }
            None if open.is_empty() && graphs > 0 => {
                return Err(tokens.lines.bad("found a key without a value at the end; allowed a whole graph"));
            }
            None => break,
        }
    }
    if !open.is_empty() || graphs == 0 {
        let found = if graphs == 0 { "no `graph [`" } else { "the end in the middle of a list" };
        return Err(tokens.lines.bad(format!("found {found}; allowed a whole graph in GML")));
    }
    let (ties, labels) = all.finish(summary).map_err(|(line, what)| super::input::bad(path, line, what))?;
    Ok((ties, labels))
}
