//! Bars with intervals: how much an output depends on each factor, how much policies differ.

use super::axis;
use super::canvas::{Anchor, Canvas};
use super::picture::Picture;
use super::{font, style};

/// Bars from zero.
pub(super) struct Bars {
    /// What their length is.
    pub(super) title: String,
    /// From above.
    pub(super) bars: Vec<Bar>,
}

/// A bar: what of, its end, and the interval around that.
pub(super) struct Bar {
    pub(super) name: String,
    pub(super) value: f64,
    pub(super) interval: [f64; 2],
}

impl Bars {
    /// The longest first.
    pub(super) fn longest_first(title: String, mut bars: Vec<Bar>) -> Self {
        bars.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
        Bars { title, bars }
    }

    pub(super) fn draw(self, width: f64) -> Picture {
        let mut canvas = Canvas::default();
        let ends = || self.bars.iter().flat_map(|bar| [bar.value, bar.interval[0], bar.interval[1]]).filter(|x| x.is_finite());
        let ticks = axis::numbers(ends().fold(0.0, f64::min), ends().fold(0.0, f64::max), 5.0);
        let (low, high) = (ticks[0].0, ticks[ticks.len() - 1].0);
        let names: Vec<Vec<String>> = self.bars.iter().map(|bar| font::wrap(&bar.name, style::TEXT, width * 0.45)).collect();
        let widest = names.iter().flatten().map(|line| font::width(line, style::TEXT)).fold(0.0f64, f64::max);
        // The name's room and that of half the first number.
        let left = widest + 3.0 * style::GAP + font::width(&ticks[0].1, style::SMALL) / 2.0;
        let right = width - font::width(&ticks[ticks.len() - 1].1, style::SMALL) / 2.0 - 2.0 * style::GAP;
        let at = |x: f64| left + (x - low) / (high - low) * (right - left);
        let lines = names.iter().map(Vec::len).max().unwrap_or(1) as f64;
        let pitch = lines * style::TEXT + 5.0;
        let top = canvas.heading(&self.title, 0.0, width) + 3.0 * style::GAP;
        let bottom = top + self.bars.len() as f64 * pitch;
        for (k, bar) in self.bars.iter().enumerate() {
            let y = top + (k as f64 + 0.5) * pitch;
            let first = y - (names[k].len() as f64 - 1.0) / 2.0 * style::TEXT + style::TEXT * 0.36;
            for (row, line) in names[k].iter().enumerate() {
                let at = (left - 2.0 * style::GAP, first + row as f64 * style::TEXT);
                canvas.text(at, line, style::TEXT, Anchor::End, style::INK);
            }
            if bar.value.is_finite() {
                canvas.bar([at(0.0), at(bar.value)], y, 3.0, style::line(0).0, 0.5);
            }
            let [from, to] = bar.interval.map(at);
            if from.is_finite() && to.is_finite() {
                canvas.line((from, y), (to, y), style::LINE, style::INK, "");
                for x in [from, to] {
                    canvas.line((x, y - 1.8), (x, y + 1.8), style::LINE, style::INK, "");
                }
            }
        }
        canvas.line((at(0.0), top), (at(0.0), bottom), style::AXIS, style::INK, "");
        canvas.line((left, bottom), (right, bottom), style::AXIS, style::INK, "");
        for (value, label) in &ticks {
            let x = at(*value);
            canvas.line((x, bottom), (x, bottom + style::TICK), style::AXIS, style::INK, "");
            let y = bottom + style::TICK + style::SMALL + style::GAP / 2.0;
            canvas.text((x, y), label, style::SMALL, Anchor::Middle, style::INK);
        }
        let header = ["name", "value", "low", "high"].map(str::to_owned).to_vec();
        let rows = self.bars.iter().map(|bar| {
            let [low, high] = bar.interval;
            std::iter::once(bar.name.clone()).chain([bar.value, low, high].map(|x| x.to_string())).collect()
        });
        let height = bottom + style::TICK + style::SMALL + 3.0 * style::GAP;
        Picture { header, rows: rows.collect(), canvas, width, height }
    }
}
