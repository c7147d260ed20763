//! Which separator a list has, chosen once from its first lines.

use crate::storage::networks::Separator;

/// What the lines of a sample tell, or what to ask.
pub(super) fn separator(lines: &[&[u8]]) -> std::result::Result<Separator, String> {
    use Separator::{Comma, Pipe, Semicolon, Tab, White};
    let steady: Vec<(Separator, usize)> =
        [Tab, Comma, Semicolon, Pipe].into_iter().filter_map(|s| fields_of_all(lines, s).map(|n| (s, n))).collect();
    // A decimal comma: `1 2 0,5` has two fields by comma, the first of which is two labels.
    let white = fields_of_all(lines, White).is_some_and(|n| n >= 3);
    let broken = |s: Separator| {
        white
            && lines.iter().all(|line| {
                let first = split(line, s).into_iter().next().unwrap_or_default();
                let tokens: Vec<&[u8]> = first.split(u8::is_ascii_whitespace).filter(|t| !t.is_empty()).collect();
                tokens.len() >= 2 && tokens.iter().all(|t| is_number(t))
            })
    };
    let steady: Vec<(Separator, usize)> = steady.into_iter().filter(|&(s, _)| s == Tab || !broken(s)).collect();
    if let Some(&(tab, _)) = steady.iter().find(|(s, _)| *s == Tab) {
        return Ok(tab);
    }
    match &steady[..] {
        [] => {}
        [(one, _)] => return Ok(*one),
        several => {
            // The one whose first two columns the others leave whole.
            let clean = |s: Separator| {
                let others: Vec<u8> = several.iter().filter(|(o, _)| *o != s).filter_map(|(o, _)| o.byte()).collect();
                lines.iter().all(|line| split(line, s).iter().take(2).all(|field| !field.iter().any(|b| others.contains(b))))
            };
            let good: Vec<Separator> = several.iter().map(|(s, _)| *s).filter(|&s| clean(s)).collect();
            if let [one] = good[..] {
                return Ok(one);
            }
            let names: Vec<&str> = several.iter().map(|(s, _)| s.name()).collect();
            return Err(format!("found lines that {} separate alike; --separator says which does", names.join(" and ")));
        }
    }
    // No separator splits all lines alike: white space, unless most lines have another.
    let mostly = [Tab, Comma, Semicolon, Pipe].into_iter().find(|&s| {
        let with = lines.iter().filter(|line| split(line, s).len() >= 2).count();
        2 * with > lines.len() && fields_of_all(lines, White).is_none_or(|n| n < 2)
    });
    Ok(mostly.unwrap_or(White))
}

/// The number of fields, at least two, where all lines have the same.
fn fields_of_all(lines: &[&[u8]], separator: Separator) -> Option<usize> {
    let mut counts = lines.iter().map(|line| split(line, separator).len());
    let first = counts.next().filter(|&n| n >= 2)?;
    // A header of R's `write.table` has a field less: the names of rows have no name.
    let rest: Vec<usize> = counts.collect();
    let all = |n: usize| rest.iter().all(|&m| m == n);
    (all(first) || (!rest.is_empty() && all(first + 1))).then_some(first)
}

/// The fields of a line, quotes heeded, for a look.
pub(super) fn split(line: &[u8], separator: Separator) -> Vec<&[u8]> {
    let mut fields = Vec::new();
    let mut start = 0;
    let (mut quoted, mut open) = (false, false);
    for (k, &b) in line.iter().enumerate() {
        let ends = separator.byte().map_or(b.is_ascii_whitespace(), |s| b == s);
        if b == b'"' && (quoted || !open) {
            quoted = !quoted;
            open = true;
        } else if ends && !quoted {
            fields.push(&line[start..k]);
            start = k + 1;
            open = false;
        } else {
            open |= !b.is_ascii_whitespace();
        }
    }
    fields.push(&line[start..]);
    if separator == Separator::White {
        fields.retain(|field| !field.is_empty());
    }
    fields
}

/// The first line that tells Excel what separates: `sep=;`.
pub(super) fn hint(line: &[u8]) -> Option<Separator> {
    let text = std::str::from_utf8(line).ok()?.trim_matches([' ', '"']);
    let what = text.strip_prefix("sep=").or_else(|| text.strip_prefix("SEP="))?;
    Separator::ALL.into_iter().map(|(_, s)| s).find(|s| s.byte().is_some_and(|b| what.as_bytes() == [b]))
}

pub(super) fn is_number(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let text = text.strip_prefix(b"\"").and_then(|t| t.strip_suffix(b"\"")).unwrap_or(text);
    std::str::from_utf8(text).is_ok_and(|text| {
        text.bytes().next().is_some_and(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.'))
            && text.replacen(',', ".", 1).parse::<f64>().is_ok()
    })
}
