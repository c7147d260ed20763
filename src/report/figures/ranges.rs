//! What a calibration says of its parameters: each in its own range.

use super::canvas::{Anchor, Canvas};
use super::picture::Picture;
use super::{font, style};

/// Rows of ranges, all drawn equally long.
pub(super) struct Ranges {
    pub(super) ranges: Vec<Range>,
}

/// A parameter.
pub(super) struct Range {
    pub(super) name: String,
    /// What was allowed.
    pub(super) ends: [f64; 2],
    /// Centre of the prior.
    pub(super) start: f64,
    pub(super) best: f64,
    /// 5 and 95 % of the posterior sample, if there is one.
    pub(super) posterior: Option<[f64; 2]>,
}

/// Half the height of a bar.
const HALF: f64 = 2.2;

impl Ranges {
    pub(super) fn draw(self, width: f64) -> Picture {
        let mut canvas = Canvas::default();
        let widest = |text: &dyn Fn(&Range) -> String, size: f64| {
            self.ranges.iter().map(|range| font::width(&text(range), size)).fold(0.0f64, f64::max)
        };
        let ends = [0, 1].map(|end| widest(&|range| range.ends[end].to_string(), style::SMALL) + 2.0 * style::GAP);
        let names: Vec<Vec<String>> = self.ranges.iter().map(|range| font::wrap(&range.name, style::TEXT, width * 0.4)).collect();
        let named = names.iter().flatten().map(|line| font::width(line, style::TEXT)).fold(0.0f64, f64::max);
        let left = named + 2.0 * style::GAP + ends[0];
        let right = width - ends[1] - style::GAP;
        let pitch = names.iter().map(Vec::len).max().unwrap_or(1) as f64 * style::TEXT + 4.0;
        let top = 2.0 * style::GAP;
        for (k, range) in self.ranges.iter().enumerate() {
            let y = top + (k as f64 + 0.5) * pitch;
            let [low, high] = range.ends;
            let at = |x: f64| left + (x - low) / (high - low) * (right - left);
            let text = y + style::TEXT * 0.36;
            let first = text - (names[k].len() as f64 - 1.0) / 2.0 * style::TEXT;
            for (row, line) in names[k].iter().enumerate() {
                canvas.text((left - ends[0], first + row as f64 * style::TEXT), line, style::TEXT, Anchor::End, style::INK);
            }
            canvas.text((left - style::GAP, text), &low.to_string(), style::SMALL, Anchor::End, style::INK);
            canvas.text((right + style::GAP, text), &high.to_string(), style::SMALL, Anchor::Start, style::INK);
            canvas.line((left, y), (right, y), style::HAIR, style::FAINT, "");
            if let Some(ends) = range.posterior {
                canvas.bar(ends.map(at), y, HALF, style::line(0).0, 0.4);
            }
            canvas.dot((at(range.start), y), style::DOT, style::INK, true);
            canvas.dot((at(range.best), y), style::DOT, style::INK, false);
        }
        let mut y = top + self.ranges.len() as f64 * pitch + style::GAP;
        for words in
            ["bar: 5 to 95 % of the posterior sample, in the range allowed", "dot: best point; ring: where the search began"]
        {
            y += style::SMALL + 1.0;
            canvas.text((style::GAP, y), words, style::SMALL, Anchor::Start, style::INK);
        }
        let header = ["parameter", "low", "high", "start", "best", "posterior_5", "posterior_95"].map(str::to_owned).to_vec();
        let rows = self.ranges.iter().map(|range| {
            let [low, high] = range.posterior.map_or([String::new(), String::new()], |ends| ends.map(|x| x.to_string()));
            let numbers = [range.ends[0], range.ends[1], range.start, range.best].map(|x| x.to_string());
            std::iter::once(range.name.clone()).chain(numbers).chain([low, high]).collect()
        });
        Picture { header, rows: rows.collect(), canvas, width, height: y + 3.0 * style::GAP }
    }
}
