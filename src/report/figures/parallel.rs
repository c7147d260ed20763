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
        // Names stand by turns in as many rows as they need not to touch.
        let pitch = (right - left) / last.max(1) as f64;
        let widest = self.axes.iter().map(|a| font::width(a, style::SMALL)).fold(0.0f64, f64::max);
        let levels = ((widest + 2.0 * style::GAP) / pitch).ceil().clamp(1.0, self.axes.len() as f64) as usize;
        let top = levels as f64 * (style::SMALL + 1.0) + 5.0 * style::GAP;
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
            let half = font::width(name, style::SMALL) / 2.0;
            let at = (
                x.clamp(half + style::GAP, (width - half - style::GAP).max(half + style::GAP)),
                top - 3.0 * style::GAP - (axis % levels) as f64 * (style::SMALL + 1.0),
            );
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
