//! The one font: Liberation Sans, whose letters are as wide as those of Arial and Helvetica. Where a reader's machine has
//! none of the three, an SVG's text may be a little wider; PDF and PNG carry it with them.

use resvg::usvg::fontdb::{Database, FaceInfo, Stretch, Style, Weight};
use std::sync::{Arc, OnceLock};
use ttf_parser::Face;

/// Licence: `LiberationSans-LICENSE.txt` beside it (SIL Open Font License 1.1).
const REGULAR: &[u8] = include_bytes!("LiberationSans-Regular.ttf");

/// Families for the SVG, best first.
pub(super) const FAMILIES: &str = "Liberation Sans, Arial, Helvetica, sans-serif";

/// The fonts that PDF and PNG are made with: this one alone, so that files do not depend on the machine; where the text has
/// letters that it lacks (Arabic, Chinese, emoji), the machine's fonts too.
pub(super) fn database(text: &str) -> Arc<Database> {
    static OWN: OnceLock<Arc<Database>> = OnceLock::new();
    static ALL: OnceLock<Arc<Database>> = OnceLock::new();
    let load = |of_the_machine: bool| {
        let mut fonts = Database::new();
        fonts.load_font_data(REGULAR.to_vec());
        if of_the_machine {
            fonts.load_system_fonts();
            // Of others the first that has a letter is taken, be it bold.
            let plain =
                |face: &FaceInfo| (face.weight, face.style, face.stretch) == (Weight::NORMAL, Style::Normal, Stretch::Normal);
            let fancy: Vec<_> = fonts.faces().filter(|face| !plain(face)).map(|face| face.id).collect();
            fancy.into_iter().for_each(|id| fonts.remove_face(id));
        }
        fonts.set_sans_serif_family("Liberation Sans");
        Arc::new(fonts)
    };
    if has_all(text) { OWN.get_or_init(|| load(false)).clone() } else { ALL.get_or_init(|| load(true)).clone() }
}

fn face() -> Option<&'static Face<'static>> {
    static FACE: OnceLock<Option<Face<'static>>> = OnceLock::new();
    FACE.get_or_init(|| Face::parse(REGULAR, 0).ok()).as_ref()
}

/// Whether the font has every letter of a text.
fn has_all(text: &str) -> bool {
    face().is_none_or(|face| text.chars().filter(|c| !c.is_control()).all(|c| face.glyph_index(c).is_some()))
}

/// Width of a line of text of a size; in the unit of the size.
pub(super) fn width(text: &str, size: f64) -> f64 {
    // The file is part of the program and can be read; if it could not, half an em a letter would be near.
    let Some(face) = face() else { return text.chars().count() as f64 * size / 2.0 };
    let advance = |c| face.glyph_index(c).and_then(|glyph| face.glyph_hor_advance(glyph)).unwrap_or(face.units_per_em());
    text.chars().map(|c| f64::from(advance(c))).sum::<f64>() * size / f64::from(face.units_per_em())
}

/// Breaks a text between words, and long words after their dots and lines, so that no line is wider than `most` where that
/// can be.
pub(super) fn wrap(text: &str, size: f64, most: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let whole = width(word, size) <= most;
        for (k, part) in word.split_inclusive(|c| !whole && "._-/".contains(c)).enumerate() {
            let between = if k == 0 { " " } else { "" };
            match lines.last_mut() {
                Some(line) if width(&format!("{line}{between}{part}"), size) <= most => {
                    line.push_str(between);
                    line.push_str(part);
                }
                _ => lines.push(part.to_owned()),
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_font() {
        // Arial's digits are 1139 of 2048 wide, its space 569.
        assert!((width("10 1", 2048.0) - (3.0 * 1139.0 + 569.0)).abs() < 1e-9);
        assert!(has_all("Réseau: Ответ, ≤ 5 %\n") && !has_all("\u{6e2c}\u{8a66}"));
        assert_eq!(wrap("a b  c", 10.0, width("a b", 10.0)), ["a b", "c"]);
        assert_eq!(wrap("a.b_c d", 10.0, width("a.b_", 10.0)), ["a.b_", "c d"]);
    }
}
