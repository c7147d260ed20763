//! A panel of lines, each named at its end.

use super::axis::{self, spread};
use super::canvas::{Anchor, Canvas};
use super::style;
use crate::report::daily::Band;

/// From a line's end to its name.
pub(super) const LEADER: f64 = 15.0;

/// A line of a panel. Values that are not finite leave gaps.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) name: String,
    /// Number of its colour and dashes.
    pub(super) style: usize,
    pub(super) values: Vec<f64>,
    /// From the widest to the narrowest.
    pub(super) bands: Vec<Band>,
    /// Published figures beside it.
    pub(super) published: Vec<Published>,
}

/// A published figure.
#[derive(Clone, Debug)]
pub(super) struct Published {
    /// Index of its day.
    pub(super) day: usize,
    pub(super) value: f64,
    /// Whether it was measured, and not interpolated or assumed.
    pub(super) measured: bool,
}

impl Published {
    pub(super) fn kind(&self) -> &'static str {
        if self.measured { "published" } else { "interpolated or assumed" }
    }
}

/// A panel.
#[derive(Clone, Debug)]
pub(super) struct Panel {
    /// What is shown, with its unit.
    pub(super) title: String,
    pub(super) lines: Vec<Line>,
    pub(super) vertical: Vertical,
}

/// Where the vertical axis begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Vertical {
    FromZero,
    /// Below zero, which has a line, where values do.
    AroundZero,
    /// Where the values do.
    AsValues,
}

impl Panel {
    /// From zero no lower than the lines themselves: an interval around what cannot be negative may seem to be.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let values = |line: &Line| line.values.iter().copied().chain(line.published.iter().map(|p| p.value)).collect::<Vec<_>>();
        let ends =
            |end: usize| self.lines.iter().flat_map(move |line| line.bands.iter().flat_map(move |band| band.1[end].clone()));
        let finite = |x: &f64| x.is_finite();
        let lines = || self.lines.iter().flat_map(values).filter(finite);
        let high = lines().chain(ends(1).filter(finite)).fold(f64::NEG_INFINITY, f64::max);
        let low = |from: f64| lines().chain(ends(0).filter(finite)).fold(from, f64::min);
        // Intervals of shares may reach beyond what shares can be.
        let high = if self.title.ends_with("(%)") && self.vertical == Vertical::FromZero { high.min(100.0) } else { high };
        match self.vertical {
            Vertical::FromZero => axis::numbers(lines().fold(0.0, f64::min), high.max(0.0), 5.0),
            Vertical::AroundZero => axis::numbers(low(0.0), high.max(0.0), 7.0),
            Vertical::AsValues => axis::numbers(low(f64::INFINITY), high, 5.0),
        }
    }

    /// Points of all lines.
    pub(super) fn lines_at(&self, x: &[f64], ticks: &[(f64, String)], [top, bottom]: [f64; 2]) -> Vec<(f64, f64)> {
        let (low, high) = (ticks[0].0, ticks[ticks.len() - 1].0);
        let at = |y: f64| bottom - (y - low) / (high - low) * (bottom - top);
        let lines = self.lines.iter().flat_map(|line| x.iter().copied().zip(line.values.iter().map(move |y| at(*y))));
        lines.filter(|(_, y)| y.is_finite()).collect()
    }

    pub(super) fn draw(&self, canvas: &mut Canvas, x: &[f64], ticks: &[(f64, String)], [left, right, top, bottom]: [f64; 4]) {
        let (low, high) = (ticks[0].0, ticks[ticks.len() - 1].0);
        let at = |y: f64| bottom - (y - low) / (high - low) * (bottom - top);
        canvas.line((left, top), (left, bottom), style::AXIS, style::INK, "");
        for (value, label) in ticks {
            let y = at(*value);
            canvas.line((left - style::TICK, y), (left, y), style::AXIS, style::INK, "");
            let point = (left - style::TICK - style::GAP / 2.0, y + style::SMALL * 0.36);
            canvas.text(point, label, style::SMALL, Anchor::End, style::INK);
        }
        if self.vertical == Vertical::AroundZero {
            canvas.line((left, at(0.0)), (right, at(0.0)), style::HAIR, style::FAINT, "");
        }
        for line in &self.lines {
            for (_, [lower, upper]) in &line.bands {
                let days: Vec<usize> = (0..x.len()).filter(|&d| lower[d].is_finite() && upper[d].is_finite()).collect();
                let upper = thinned(days.iter().map(|&d| (x[d], at(upper[d].min(high)))));
                let lower = thinned(days.iter().rev().map(|&d| (x[d], at(lower[d].max(low)))));
                canvas.area(upper.into_iter().chain(lower), style::line(line.style).0, 0.2);
            }
        }
        for line in &self.lines {
            let (colour, dash) = style::line(line.style);
            let points: Vec<(f64, f64)> = x.iter().copied().zip(line.values.iter().copied()).collect();
            for piece in points.split(|(_, y)| !y.is_finite()) {
                let piece = thinned(piece.iter().map(|&(x, y)| (x, at(y))));
                canvas.path(piece.into_iter().map(Some), style::LINE, colour, dash);
            }
        }
        for line in &self.lines {
            let colour = style::line(line.style).0;
            line.published.iter().for_each(|p| canvas.dot((x[p.day], at(p.value)), style::DOT, colour, !p.measured));
        }
        // A line without a name is what the title says.
        let ends: Vec<(&Line, f64, f64)> = self
            .lines
            .iter()
            .filter(|line| !line.name.is_empty())
            .filter_map(|line| {
                let last = line.values.iter().rposition(|y| y.is_finite())?;
                Some((line, x[last], at(line.values[last])))
            })
            .collect();
        let wishes: Vec<f64> = ends.iter().map(|end| end.2).collect();
        let half = style::TEXT / 2.0;
        for ((line, x, y), place) in ends.iter().zip(spread(&wishes, style::TEXT + 1.0, top + half, bottom - half)) {
            let (colour, dash) = style::line(line.style);
            let knee = right + 4.0;
            canvas.line((*x, *y), (knee, place), style::HAIR, colour, "");
            canvas.line((knee, place), (right + LEADER - style::GAP / 2.0, place), style::LINE, colour, dash);
            let name = (right + LEADER + style::GAP / 2.0, place + style::TEXT * 0.36);
            canvas.text(name, &line.name, style::TEXT, Anchor::Start, style::INK);
        }
    }
}

/// Leaves out points that lie within a thousandth of an inch of the line through those kept; by the cone of directions
/// from the last point kept that pass near all points since.
fn thinned(points: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    const NEAR: f64 = 0.07;
    let mut kept: Vec<(f64, f64)> = Vec::new();
    let mut last = None;
    let mut cone = (f64::NEG_INFINITY, f64::INFINITY);
    for (x, y) in points {
        let Some(&(from_x, from_y)) = kept.last() else {
            kept.push((x, y));
            continue;
        };
        // Along the axis, whichever way the points go.
        let along = (x - from_x).abs().max(1e-9);
        let slope = (y - from_y) / along;
        if let Some(point) = last.filter(|_| slope < cone.0 || slope > cone.1) {
            kept.push(point);
            let (from_x, from_y): (f64, f64) = point;
            let along = (x - from_x).abs().max(1e-9);
            cone = ((y - from_y - NEAR) / along, (y - from_y + NEAR) / along);
        } else {
            cone = (cone.0.max((y - from_y - NEAR) / along), cone.1.min((y - from_y + NEAR) / along));
        }
        last = Some((x, y));
    }
    kept.extend(last);
    kept
}

#[cfg(test)]
mod tests {
    use super::thinned;

    #[test]
    fn thinning_keeps_within_a_hair() {
        let points: Vec<(f64, f64)> = (0..500).map(|k| (f64::from(k) * 0.2, (f64::from(k) * 0.05).sin() * 30.0)).collect();
        let kept = thinned(points.iter().copied());
        // Where it bends most (1.875), a chord of 0.55 strays by 0.07: 2.7 steps of 0.2 at least from point to point.
        assert!(kept.len() < 186, "{}", kept.len());
        assert_eq!((kept[0], kept[kept.len() - 1]), (points[0], points[499]));
        for &(x, y) in &points {
            let after = kept.iter().position(|p| p.0 >= x).expect("a point after").max(1);
            let [a, b] = [kept[after - 1], kept[after]];
            let line = a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0);
            assert!((line - y).abs() < 0.15, "{x}: {line} instead of {y}");
        }
        assert_eq!(thinned([(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)].into_iter()), [(0.0, 0.0), (2.0, 0.0)]);
    }
}
