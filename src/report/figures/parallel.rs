//! Parallel coordinates: a line for each point of a sweep, across its factors to an output, which colours it.

use super::axis;
use super::canvas::{Anchor, Canvas};
use super::colour_map::colour;
use super::picture::Picture;
use super::{font, style};

/// Axes and points; the last axis colours.
pub(super) struct Parallel {
    pub(super) axes: Vec<String>,
    /// By axis, whether it is logarithmic.
    pub(super) logs: Vec<bool>,
    /// By point, a value for every axis.
    pub(super) points: Vec<Vec<f64>>,
}

impl Parallel {
    pub(super) fn draw(&self, width: f64) -> Picture {
        let mut canvas = Canvas::default();
        let last = self.axes.len() - 1;
        let on = |axis: usize, x: f64| if self.logs[axis] { x.log10() } else { x };
        let ranges: Vec<(f64, f64)> = (0..self.axes.len())
            .map(|axis| {
                let values = || self.points.iter().map(|p| on(axis, p[axis])).filter(|x| x.is_finite());
                let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
                if low < high { (low, high) } else { (low.min(0.0), low.max(0.0) + 1.0) }
            })
            .collect();
        let ticks = |axis: usize| {
            let (low, high) = ranges[axis];
            if self.logs[axis] {
                return axis::logarithms(low, high);
            }
            let mut ticks = axis::numbers(low, high, 4.0);
            ticks.retain(|(x, _)| (low..=high).contains(x));
            ticks
        };
        let widest = |axis| ticks(axis).iter().map(|(_, label)| font::width(label, style::SMALL)).fold(0.0f64, f64::max);
        // The first axis has its numbers left of it, the others right.
        let (left, right) = (widest(0) + 3.0 * style::GAP, width - widest(last) - 3.0 * style::GAP);
        let place = |axis: usize| left + (right - left) * axis as f64 / last.max(1) as f64;
        // Names stand above their axes, within the figure, in as many rows as they need not to touch.
        let middle = |(axis, name): (usize, &String)| {
            let half = font::width(name, style::SMALL) / 2.0;
            (place(axis).clamp(half + style::GAP, (width - half - style::GAP).max(half + style::GAP)), half)
        };
        let names: Vec<(f64, f64)> = self.axes.iter().enumerate().map(middle).collect();
        let rows = rows_of(&names, 2.0 * style::GAP);
        let top = (rows.iter().max().unwrap_or(&0) + 1) as f64 * (style::SMALL + 1.0) + 5.0 * style::GAP;
        let bottom = top + width * 0.5;
        let height =
            |axis: usize, x: f64| bottom - (on(axis, x) - ranges[axis].0) / (ranges[axis].1 - ranges[axis].0) * (bottom - top);
        let mut order: Vec<&Vec<f64>> = self.points.iter().collect();
        order.sort_by(|a, b| a[last].total_cmp(&b[last]));
        for point in order {
            let share = (point[last] - ranges[last].0) / (ranges[last].1 - ranges[last].0);
            let path = point.iter().enumerate().map(|(axis, &x)| x.is_finite().then(|| (place(axis), height(axis, x))));
            canvas.path(path, style::LINE * 0.6, &colour(share), "");
        }
        for (axis, name) in self.axes.iter().enumerate() {
            let x = place(axis);
            canvas.line((x, top), (x, bottom), style::AXIS, style::INK, "");
            let at = (names[axis].0, top - 3.0 * style::GAP - rows[axis] as f64 * (style::SMALL + 1.0));
            canvas.text(at, name, style::SMALL, Anchor::Middle, style::INK);
            let (side, anchor) = if axis == 0 { (-style::GAP, Anchor::End) } else { (style::GAP, Anchor::Start) };
            for (value, label) in ticks(axis) {
                let y = height(axis, value);
                canvas.line((x - 1.0, y), (x + 1.0, y), style::AXIS, style::INK, "");
                let wide = font::width(&label, style::SMALL) + 1.0;
                let from = if axis == 0 { x + side - wide } else { x + side - 0.5 };
                // Lines pass behind the numbers.
                canvas.area([(from, y - 3.2), (from + wide, y - 3.2), (from + wide, y + 3.2), (from, y + 3.2)], "#ffffff", 0.85);
                canvas.text((x + side, y + style::SMALL * 0.36), &label, style::SMALL, anchor, style::INK);
            }
        }
        let rows = self.points.iter().map(|point| point.iter().map(ToString::to_string).collect());
        Picture { header: self.axes.clone(), rows: rows.collect(), canvas, width, height: bottom + 2.0 * style::SMALL }
    }
}

/// Rows of texts from left to right, each with its middle and half its width: the lowest in which it is `gap` away from the one before.
fn rows_of(texts: &[(f64, f64)], gap: f64) -> Vec<usize> {
    let mut ends: Vec<f64> = Vec::new();
    let row = |&(middle, half): &(f64, f64)| {
        let row = ends.iter().position(|end| end + gap <= middle - half).unwrap_or(ends.len());
        ends.resize(ends.len().max(row + 1), 0.0);
        ends[row] = middle + half;
        row
    };
    texts.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::rows_of;

    #[test]
    fn names_of_a_row_do_not_touch() {
        assert_eq!(rows_of(&[(10.0, 9.0), (30.0, 9.0), (50.0, 9.0)], 2.0), [0, 0, 0]);
        // The third touches both the first and the second; the fourth only those above it.
        assert_eq!(rows_of(&[(20.0, 20.0), (45.0, 20.0), (60.0, 20.0), (90.0, 20.0)], 2.0), [0, 1, 2, 0]);
    }
}
