//! The lines of a list as records of fields.

use super::dialect;
use crate::error::Result;
use crate::storage::networks::input::{LONGEST, Lines, shown};
use crate::storage::networks::{Comment, Reading, Separator};
use csv_core::{ReadRecordResult, ReaderBuilder};
use std::collections::VecDeque;

/// Lines of a list, split into fields; comments and empty lines are passed over.
pub(super) struct Records<'a> {
    lines: Lines<'a>,
    /// Lines read ahead, with their numbers.
    ahead: VecDeque<(u64, Vec<u8>)>,
    separator: Separator,
    comment: Option<Comment>,
    line: Vec<u8>,
    number: u64,
    /// Comments before the first record.
    comments: Vec<Vec<u8>>,
    begun: bool,
    /// Fields of quoted records are copied here; of others they are places in the line.
    quoted: bool,
    copied: Vec<u8>,
    ends: Vec<usize>,
    places: Vec<[usize; 2]>,
    csv: csv_core::Reader,
    dialect: String,
}

/// What comments begin with, where nothing else is asked for.
const MARKS: [&str; 3] = ["#", "%", "//"];

fn is_comment(line: &[u8], comment: Option<&Comment>) -> bool {
    match comment {
        Some(Comment::None) => false,
        Some(Comment::Start(start)) => line.starts_with(start.as_bytes()),
        None => MARKS.iter().any(|mark| line.starts_with(mark.as_bytes())),
    }
}

impl<'a> Records<'a> {
    pub(super) fn new(mut lines: Lines<'a>, reading: &Reading, sample: usize) -> Result<Self> {
        let mut ahead = VecDeque::new();
        let (mut records, mut bytes) = (0, 0);
        let mut line = Vec::new();
        while records < sample && bytes < LONGEST && lines.next(&mut line)? {
            let text = line.trim_ascii();
            records += usize::from(!text.is_empty() && !is_comment(text, reading.comment.as_ref()));
            bytes += line.len();
            ahead.push_back((lines.number, line.clone()));
        }
        let hint = ahead.front().and_then(|(_, line)| dialect::hint(line));
        if hint.is_some() {
            ahead.pop_front();
        }
        let lines_of = |comments: bool| -> Vec<&[u8]> {
            let lines = ahead.iter().map(|(_, line)| without_attributes(line.trim_ascii()));
            let wanted = lines.filter(|line| !line.is_empty() && (comments || !is_comment(line, reading.comment.as_ref())));
            // From a quoted field on that goes over a line's end, lines are no lines to count fields in.
            wanted.take_while(|line| line.iter().filter(|&&b| b == b'"').count() % 2 == 0).collect()
        };
        // Where all lines look like comments they may be ties of tags.
        let sample = Some(lines_of(false)).filter(|sample| !sample.is_empty()).unwrap_or_else(|| lines_of(true));
        let separator = match reading.separator.or(hint) {
            Some(separator) => separator,
            None => dialect::separator(&sample).map_err(|what| lines.bad(what))?,
        };
        let csv = ReaderBuilder::new().delimiter(separator.byte().unwrap_or(b' ')).build();
        Ok(Records {
            lines,
            ahead,
            separator,
            comment: reading.comment.clone(),
            line: Vec::new(),
            number: 0,
            comments: Vec::new(),
            begun: false,
            quoted: false,
            copied: Vec::new(),
            ends: Vec::new(),
            places: Vec::new(),
            csv,
            dialect: format!("a list of ties separated by {}", separator.name()),
        })
    }

    pub(super) fn dialect(&self) -> &str {
        &self.dialect
    }

    pub(super) fn white(&self) -> bool {
        self.separator == Separator::White
    }

    pub(super) fn semicolon(&self) -> bool {
        self.separator == Separator::Semicolon
    }

    pub(super) fn comments(&self) -> &[Vec<u8>] {
        &self.comments
    }

    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn line(&self) -> &[u8] {
        self.line.trim_ascii()
    }

    pub(super) fn bad(&self, what: impl std::fmt::Display) -> crate::error::Error {
        crate::storage::networks::input::bad(self.lines.path(), self.number, what)
    }

    fn next_line(&mut self) -> Result<bool> {
        if let Some((number, line)) = self.ahead.pop_front() {
            self.number = number;
            self.line = line;
            return Ok(true);
        }
        let there = self.lines.next(&mut self.line)?;
        self.number = self.lines.number;
        Ok(there)
    }

    /// Goes on to the next record; whether there is one.
    pub(super) fn next(&mut self) -> Result<bool> {
        loop {
            if !self.next_line()? {
                return Ok(false);
            }
            let text = self.line.trim_ascii();
            if text.is_empty() {
                continue;
            }
            if text.starts_with(b"\xEF\xBB\xBF") {
                return Err(self.bad("found a byte order mark amid the file, as where files are joined; allowed at its start"));
            }
            if !is_comment(text, self.comment.as_ref()) {
                break;
            }
            self.is_it_a_tie()?;
            if !self.begun && self.comments.len() < 1000 {
                let text = self.line.trim_ascii().to_vec();
                self.comments.push(text);
            }
        }
        self.begun = true;
        self.split()?;
        // Every record has a field: whoever looks at the first finds one.
        if self.len() == 0 {
            return Err(
                self.bad(format!("found `{}`, attributes without a tie; allowed two labels before them", shown(self.line())))
            );
        }
        Ok(true)
    }

    /// A line that begins like a comment may be a tie of a tag or an address: `#rust,#go`, `//a,//b`.
    fn is_it_a_tie(&self) -> Result<()> {
        let text = self.line.trim_ascii();
        let Some(mark) = MARKS.into_iter().find(|mark| self.comment.is_none() && text.starts_with(mark.as_bytes())) else {
            return Ok(());
        };
        if self.begun && text == b"#" {
            return Err(self.bad("found a line of `#` alone, as in Trivial Graph Format; allowed a list of ties"));
        }
        let plain = |b: &u8| b.is_ascii_whitespace() || mark.as_bytes().contains(b);
        if text.get(mark.len()).is_none_or(plain) {
            return Ok(());
        }
        let fields = dialect::split(text, self.separator);
        let tags = fields.len() >= 2 && fields[1].trim_ascii().starts_with(mark.as_bytes());
        let among = self.begun && fields.len() == self.len();
        if tags || among {
            return Err(self.bad(format!(
                "found `{}`, a comment or a tie: --comment '{mark}' takes it as a comment, --comment none as a tie",
                shown(text)
            )));
        }
        Ok(())
    }

    fn split(&mut self) -> Result<()> {
        let line = &self.line;
        let cut = without_attributes(line.trim_ascii()).len();
        let lead = line.len() - line.trim_ascii_start().len();
        self.quoted = memchr::memchr(b'"', &line[..lead + cut]).is_some();
        self.places.clear();
        let Some(byte) = self.separator.byte() else {
            self.quoted = false;
            return self.split_white(lead, lead + cut);
        };
        if self.quoted {
            return self.split_quoted();
        }
        // Tabs at the ends of a line are empty fields.
        let (mut start, end) = if cut < line.trim_ascii().len() { (0, lead + cut) } else { (0, line.len()) };
        for k in memchr::memchr_iter(byte, &line[..end]) {
            self.places.push([start, k]);
            start = k + 1;
        }
        self.places.push([start, end]);
        Ok(())
    }

    /// Runs of white space separate; a field may stand in quotes, with `\"` or `""` for one.
    fn split_white(&mut self, start: usize, end: usize) -> Result<()> {
        let line = &self.line[..end];
        let mut at = start;
        while at < end {
            if line[at].is_ascii_whitespace() {
                at += 1;
                continue;
            }
            let quoted = line[at] == b'"';
            let from = at + usize::from(quoted);
            at = from;
            while at < end {
                match line[at] {
                    b'\\' if quoted && at + 1 < end => at += 1,
                    b'"' if quoted && line.get(at + 1).is_none_or(u8::is_ascii_whitespace) => break,
                    b if !quoted && b.is_ascii_whitespace() => break,
                    _ => {}
                }
                at += 1;
            }
            if quoted && at >= end {
                return Err(self.bad(format!("found `{}`, a quote that is not closed; allowed one that is", shown(line))));
            }
            self.places.push([from, at]);
            at += 1;
        }
        Ok(())
    }

    /// RFC 4180: a field in quotes may hold separators, quotes and ends of lines.
    fn split_quoted(&mut self) -> Result<()> {
        let opened = self.number;
        let byte = self.separator.byte().unwrap_or(b' ');
        let mut open = false;
        let (mut out, mut ends) = (0, 0);
        let mut all = self.line.clone();
        self.csv.reset();
        self.copied.resize(self.copied.len().max(all.len() + 2), 0);
        self.ends.resize(self.ends.len().max(64), 0);
        loop {
            if !tidy_quotes(&mut self.line, byte, &mut open) {
                return Err(self.bad(format!(
                    "found `{}`, text after a closing quote; allowed a quote within quotes as two (`\"\"`)",
                    shown(&self.line)
                )));
            }
            self.line.push(b'\n');
            let mut input = &self.line[..];
            let mut done = false;
            while !input.is_empty() && !done {
                let (result, read, written, ended) = self.csv.read_record(input, &mut self.copied[out..], &mut self.ends[ends..]);
                input = &input[read..];
                out += written;
                ends += ended;
                match result {
                    ReadRecordResult::OutputFull => self.copied.resize(self.copied.len() * 2 + 16, 0),
                    ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                    ReadRecordResult::Record | ReadRecordResult::End => done = true,
                    ReadRecordResult::InputEmpty => {}
                }
            }
            if done {
                break;
            }
            if out > LONGEST || !self.next_line()? {
                self.number = opened;
                self.line = all;
                return Err(self.bad(format!("found `{}`, a quote that is not closed; allowed one that is", shown(&self.line))));
            }
            all.push(b'\n');
            all.extend_from_slice(&self.line);
        }
        self.line = all;
        self.number = opened;
        let mut start = 0;
        for &end in &self.ends[..ends] {
            self.places.push([start, end]);
            start = end;
        }
        Ok(())
    }

    /// Number of fields.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// A field; empty where there are not so many.
    #[inline]
    pub(super) fn field(&self, k: usize) -> &[u8] {
        let Some(&[start, end]) = self.places.get(k) else { return &[] };
        if self.quoted { &self.copied[start..end] } else { &self.line[start..end] }
    }

    /// The fields of the records read ahead, those that are left.
    pub(super) fn coming(&self) -> Vec<Vec<Vec<u8>>> {
        let lines = self.ahead.iter().map(|(_, line)| without_attributes(line.trim_ascii()));
        let records = lines.filter(|line| !line.is_empty() && !is_comment(line, self.comment.as_ref()));
        let bare = |field: &[u8]| {
            let field = field.trim_ascii();
            field.strip_prefix(b"\"").and_then(|f| f.strip_suffix(b"\"")).unwrap_or(field).to_vec()
        };
        records.map(|line| dialect::split(line, self.separator).into_iter().map(bare).collect()).collect()
    }
}

/// Removes spaces around quoted fields, which RFC 4180 does not know of; whether nothing else stands behind a closing quote.
/// `open` says whether the line begins, and ends, within quotes.
fn tidy_quotes(line: &mut Vec<u8>, separator: u8, open: &mut bool) -> bool {
    let (mut start, mut after, mut out, mut k) = (!*open, false, 0, 0);
    while k < line.len() {
        let b = line[k];
        let mut keep = true;
        match b {
            b'"' if *open && line.get(k + 1) == Some(&b'"') => {
                line[out] = b;
                out += 1;
                k += 1;
            }
            b'"' if *open => (*open, after) = (false, true),
            _ if *open => {}
            _ if b == separator => (start, after) = (true, false),
            b' ' | b'\t' if start || after => keep = false,
            _ if after => return false,
            b'"' if start => (*open, start) = (true, false),
            _ => start = false,
        }
        if keep {
            line[out] = b;
            out += 1;
        }
        k += 1;
    }
    line.truncate(out);
    true
}

/// A line without the attributes that NetworkX writes behind the ends: `1 2 {'weight': 3}`.
fn without_attributes(line: &[u8]) -> &[u8] {
    if line.last() != Some(&b'}') {
        return line;
    }
    let opens =
        |w: &[u8]| w[1] == b'{' && matches!(w[0], b' ' | b'\t' | b',' | b';' | b'|') && matches!(w[2], b'}' | b'\'' | b'"');
    match line.windows(3).position(opens) {
        Some(at) => line[..at].trim_ascii_end(),
        None => line,
    }
}
