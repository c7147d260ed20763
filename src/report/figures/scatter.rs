//! An output against each factor of a sweep: a panel a factor, a dot a point, and the course of their means.

use super::canvas::{Anchor, Canvas};
use super::picture::Picture;
use super::x_axis::XAxis;
use super::{axis, font, style};

/// Panels that share the vertical axis.
pub(super) struct Scatter {
    /// What lies upwards.
    pub(super) title: String,
    pub(super) panels: Vec<Panel>,
}

/// A factor.
pub(super) struct Panel {
    pub(super) factor: String,
    /// Its levels.
    pub(super) x_axis: XAxis,
    /// By point, the place of its level among all, and the output.
    pub(super) dots: Vec<(usize, f64)>,
    /// The course of their means, in the numbers of `along`.
    pub(super) means: Vec<(f64, f64)>,
}

/// Least width of a panel with its distance from the next.
const LEAST: f64 = 68.0;
/// Between a panel and the next.
const BETWEEN: f64 = 10.0;

impl Scatter {
    pub(super) fn draw(&self, width: f64) -> Picture {
        let mut canvas = Canvas::default();
        let values = || self.panels.iter().flat_map(|p| &p.dots).map(|dot| dot.1);
        let ticks = axis::numbers(values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max), 4.0);
        let (low, high) = (ticks[0].0, ticks[ticks.len() - 1].0);
        let labels = ticks.iter().map(|(_, label)| font::width(label, style::SMALL)).fold(0.0f64, f64::max);
        let left = labels + style::TICK + 2.0 * style::GAP;
        let columns = ((width - left) / LEAST).floor().clamp(1.0, self.panels.len().max(1) as f64);
        let pitch = (width - left) / columns;
        let high_by = (pitch * 0.7).clamp(45.0, 90.0);
        let start = if low == 0.0 { String::new() } else { format!("; axis starts at {}", ticks[0].1) };
        let mut top = canvas.heading(&format!("{}{start}", self.title), 0.0, width) + style::GAP;
        for row in self.panels.chunks(columns as usize) {
            let names: Vec<Vec<String>> =
                row.iter().map(|panel| font::wrap(&panel.factor, style::SMALL, pitch - BETWEEN)).collect();
            let named = top + names.iter().map(Vec::len).max().unwrap_or(0) as f64 * (style::SMALL + 1.0);
            let (from, to) = (named + 2.0 * style::GAP, named + 2.0 * style::GAP + high_by);
            for (k, (panel, name)) in row.iter().zip(&names).enumerate() {
                let ends = [left + k as f64 * pitch, left + (k + 1) as f64 * pitch - BETWEEN];
                for (line, text) in name.iter().rev().enumerate() {
                    let at = (ends[0], named - line as f64 * (style::SMALL + 1.0));
                    canvas.text(at, text, style::SMALL, Anchor::Start, style::INK);
                }
                canvas.line((ends[0], from), (ends[0], to), style::AXIS, style::INK, "");
                let at = |y: f64| to - (y - low) / (high - low) * (to - from);
                for (value, label) in &ticks {
                    let y = at(*value);
                    canvas.line((ends[0] - style::TICK, y), (ends[0], y), style::AXIS, style::INK, "");
                    if k == 0 {
                        let point = (ends[0] - style::TICK - style::GAP / 2.0, y + style::SMALL * 0.36);
                        canvas.text(point, label, style::SMALL, Anchor::End, style::INK);
                    }
                }
                panel.draw(&mut canvas, ends, to, at);
            }
            top = to + style::TICK + 2.0 * style::SMALL + 2.0 * style::GAP;
        }
        let header = ["factor", "level", "kind", "value"].map(str::to_owned).to_vec();
        let rows = self.panels.iter().flat_map(Panel::rows).collect();
        Picture { canvas, width, height: top, header, rows }
    }
}

impl Panel {
    fn draw(&self, canvas: &mut Canvas, [left, right]: [f64; 2], bottom: f64, at: impl Fn(f64) -> f64) {
        self.x_axis.draw(canvas, left, right, bottom, true);
        let places = self.x_axis.places(left, right);
        let (dots, means) = (style::line(0).0, style::line(1).0);
        self.dots.iter().for_each(|&(level, y)| canvas.dot((places[level], at(y)), style::DOT / 2.0, dots, false));
        let course = self.means.iter().map(|&(x, y)| Some((self.x_axis.at(x, left, right), at(y))));
        canvas.path(course, style::LINE, means, "");
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let texts = self.x_axis.texts();
        let row = |level: String, kind: &str, y: f64| vec![self.factor.clone(), level, kind.to_owned(), y.to_string()];
        let dots = self.dots.iter().map(|&(level, y)| row(texts[level].clone(), "point", y));
        dots.chain(self.means.iter().map(|&(x, y)| row(self.x_axis.text(x), "mean of some", y))).collect()
    }
}
