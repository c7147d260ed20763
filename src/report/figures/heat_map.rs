//! One output over two factors.

use super::axis;
use super::canvas::{Anchor, Canvas};
use super::colour_map::colour;
use super::picture::Picture;
use super::{font, style};

/// Cells in rows, each a level of the vertical factor, from below.
pub(super) struct HeatMap {
    /// What the colours are.
    pub(super) title: String,
    /// Factors: horizontal, vertical.
    pub(super) factors: [String; 2],
    pub(super) levels: [Vec<String>; 2],
    pub(super) cells: Vec<Vec<f64>>,
}

impl HeatMap {
    pub(super) fn draw(&self, width: f64) -> Picture {
        let mut canvas = Canvas::default();
        let values = || self.cells.iter().flatten().copied().filter(|x| x.is_finite());
        let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
        let (low, high) = if low < high { (low, high) } else { (low.min(0.0), low.max(0.0) + 1.0) };
        let share = |x: f64| (x - low) / (high - low);
        let widest = |labels: &[String]| labels.iter().map(|l| font::width(l, style::SMALL)).fold(0.0f64, f64::max);
        let scale: Vec<(f64, String)> =
            axis::numbers(low, high, 5.0).into_iter().filter(|(x, _)| (low..=high).contains(x)).collect();
        let scale_labels: Vec<String> = scale.iter().map(|s| s.1.clone()).collect();
        let left = widest(&self.levels[1]).max(12.0) + 2.0 * style::GAP;
        let bar = width - widest(&scale_labels) - style::TICK - 2.0 * style::GAP - 7.0;
        let right = bar - 6.0;
        let titled = canvas.heading(&self.title, 0.0, width) + 2.0 * style::GAP;
        let top = canvas.heading(&format!("\u{2191} {}", self.factors[1]), titled, width) + 2.0 * style::GAP;
        let (columns, rows) = (self.levels[0].len().max(1) as f64, self.levels[1].len().max(1) as f64);
        let cell = ((right - left) / columns, ((right - left) * 0.62 / rows).max(style::SMALL + 1.0));
        let bottom = top + cell.1 * rows;
        for (row, cells) in self.cells.iter().enumerate() {
            let y = bottom - row as f64 * cell.1;
            for (column, &value) in cells.iter().enumerate() {
                let x = left + column as f64 * cell.0;
                // A little under the cells drawn next, so that no seam shows.
                let to = ((x + cell.0 + 0.3).min(right), (y - cell.1 - 0.3).max(top));
                canvas.rectangle((x, y), to, &colour(share(value)));
            }
            let at = (left - style::GAP, y - cell.1 / 2.0 + style::SMALL * 0.36);
            canvas.text(at, &self.levels[1][row], style::SMALL, Anchor::End, style::INK);
        }
        // As many of the horizontal labels as have room.
        let every = ((widest(&self.levels[0]) + 2.0 * style::GAP) / cell.0).ceil().max(1.0) as usize;
        for (column, label) in self.levels[0].iter().enumerate().step_by(every) {
            let at = (left + (column as f64 + 0.5) * cell.0, bottom + style::SMALL + style::GAP);
            canvas.text(at, label, style::SMALL, Anchor::Middle, style::INK);
        }
        let below = bottom + style::SMALL + style::TEXT + 3.0 * style::GAP;
        canvas.text(((left + right) / 2.0, below), &self.factors[0], style::TEXT, Anchor::Middle, style::INK);
        const STEPS: usize = 64;
        let at = |u: f64| bottom - u * (bottom - top);
        for step in 0..STEPS {
            let [from, to] = [step, step + 1].map(|k| at(k as f64 / STEPS as f64));
            // A little over the next, so that no seam shows.
            canvas.rectangle((bar, from), (bar + 7.0, (to - 0.3).max(top)), &colour((step as f64 + 0.5) / STEPS as f64));
        }
        for (value, label) in &scale {
            let y = at(share(*value));
            canvas.line((bar + 7.0, y), (bar + 7.0 + style::TICK, y), style::AXIS, style::INK, "");
            let point = (bar + 7.0 + style::TICK + style::GAP / 2.0, y + style::SMALL * 0.36);
            canvas.text(point, label, style::SMALL, Anchor::Start, style::INK);
        }
        let header = [&self.factors[0], &self.factors[1], &self.title].map(String::clone).to_vec();
        let rows = self.cells.iter().zip(&self.levels[1]).flat_map(|(cells, level)| {
            cells.iter().zip(&self.levels[0]).map(move |(x, value)| vec![value.clone(), level.clone(), x.to_string()])
        });
        Picture { header, rows: rows.collect(), canvas, width, height: below + 2.0 * style::GAP }
    }
}
