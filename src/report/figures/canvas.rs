//! An SVG file in the making. All lengths are in points (1/72 inch).

use super::{font, style};
use std::fmt::Write;

/// Where a text stands to its point.
#[derive(Clone, Copy, Debug)]
pub(super) enum Anchor {
    /// Right of it.
    Start,
    /// Centred on it.
    Middle,
    /// Left of it.
    End,
}

/// No seams between rectangles that touch.
const CRISP: &str = " shape-rendering=\"crispEdges\"";

/// What has been drawn so far.
#[derive(Debug, Default)]
pub(super) struct Canvas(String);

impl Canvas {
    /// A path through points; gaps where a point is `None`. `dash` as in SVG, empty for a whole line.
    pub(super) fn path(&mut self, points: impl IntoIterator<Item = Option<(f64, f64)>>, width: f64, colour: &str, dash: &str) {
        let mut d = String::new();
        let mut pen = false;
        for point in points {
            if let Some((x, y)) = point {
                let _ = write!(d, "{}{} {}", if pen { "L" } else { "M" }, number(x), number(y));
            }
            pen = point.is_some();
        }
        if d.is_empty() {
            return;
        }
        let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
        let width = number(width);
        let _ = writeln!(
            self.0,
            "<path d=\"{d}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"{dash}/>"
        );
    }

    /// A straight line.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), width: f64, colour: &str, dash: &str) {
        self.path([Some(from), Some(to)], width, colour, dash);
    }

    /// A filled shape; `opacity` from 0 to 1.
    pub(super) fn area(&mut self, points: impl IntoIterator<Item = (f64, f64)>, colour: &str, opacity: f64) {
        let points: Vec<String> = points.into_iter().map(|(x, y)| format!("{},{}", number(x), number(y))).collect();
        let opacity = number(opacity);
        let _ = writeln!(self.0, "<polygon points=\"{}\" fill=\"{colour}\" fill-opacity=\"{opacity}\"/>", points.join(" "));
    }

    /// A bar along a row: between two places, `half` above and below `y`; `opacity` from 0 to 1.
    pub(super) fn bar(&mut self, [from, to]: [f64; 2], y: f64, half: f64, colour: &str, opacity: f64) {
        self.area([(from, y - half), (to, y - half), (to, y + half), (from, y + half)], colour, opacity);
    }

    /// A filled rectangle, by two corners.
    pub(super) fn rectangle(&mut self, (x, y): (f64, f64), (to_x, to_y): (f64, f64), colour: &str) {
        let [x, y, width, height] = [x.min(to_x), y.min(to_y), (to_x - x).abs(), (to_y - y).abs()].map(number);
        let _ = writeln!(self.0, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{colour}\"{CRISP}/>");
    }

    /// A dot; a hollow one is filled with the paper's white.
    pub(super) fn dot(&mut self, (x, y): (f64, f64), radius: f64, colour: &str, hollow: bool) {
        let [x, y, radius, width] = [x, y, radius, style::AXIS].map(number);
        let fill = if hollow { "#ffffff" } else { colour };
        let _ = writeln!(
            self.0,
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{fill}\" stroke=\"{colour}\" stroke-width=\"{width}\"/>"
        );
    }

    /// A line of text whose letters stand on `y`.
    pub(super) fn text(&mut self, (x, y): (f64, f64), text: &str, size: f64, anchor: Anchor, colour: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let [x, y, size] = [x, y, size].map(number);
        let text = escaped(text);
        let _ = writeln!(self.0, "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"{colour}\"{anchor}>{text}</text>");
    }

    /// A heading from the left edge, in as many lines as it takes; returns where the last one stands.
    pub(super) fn heading(&mut self, text: &str, top: f64, width: f64) -> f64 {
        let lines = font::wrap(text, style::TEXT, width - 2.0 * style::GAP);
        lines.iter().fold(top, |top, line| {
            let y = top + style::TEXT + 1.0;
            self.text((style::GAP, y), line, style::TEXT, Anchor::Start, style::INK);
            y
        })
    }

    /// The file: `width` by `height`, with a title for those who cannot see it and words on how to make it again.
    pub(super) fn finish(self, width: f64, height: f64, title: &str, about: &str) -> String {
        let [w, h] = [width, height].map(number);
        let [w_mm, h_mm] = [width, height].map(|x| number(x * super::MM_PER_POINT));
        let [title, about] = [title, about].map(escaped);
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w_mm}mm\" height=\"{h_mm}mm\" viewBox=\"0 0 {w} {h}\" \
             font-family=\"{}\">\n<title>{title}</title>\n<desc>{about}</desc>\n\
             <rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n{}</svg>\n",
            font::FAMILIES,
            self.0
        )
    }
}

/// To a hundredth, without zeros at the end.
fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
