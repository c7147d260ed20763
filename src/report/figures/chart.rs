//! Lines over days or numbers, in panels one above the other, each line named at its end.

use super::axis::{self, spread};
use super::canvas::{Anchor, Canvas};
use super::picture::Picture;
use super::x_axis::XAxis;
use super::{font, style};
use crate::report::daily::Band;
use crate::scenario::Date;

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
    fn kind(&self) -> &'static str {
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

/// A chart.
#[derive(Clone, Debug)]
pub(super) struct Chart {
    pub(super) x_axis: XAxis,
    /// What that is, where it is no days.
    pub(super) what: String,
    pub(super) panels: Vec<Panel>,
    /// Days to be marked, in order.
    pub(super) marks: Vec<Mark>,
    /// The day after which there are no published figures: what follows is set apart as a forecast.
    pub(super) forecast: Option<Date>,
}

/// Interventions that begin on a day.
#[derive(Clone, Debug)]
pub(super) struct Mark {
    pub(super) date: Date,
    pub(super) what: String,
    /// Numbers of the first and the last of them, as on pages.
    pub(super) numbers: [usize; 2],
}

fn numeral([first, last]: [usize; 2]) -> String {
    if first == last { first.to_string() } else { format!("{first}\u{2013}{last}") }
}

/// A level of numerals above the frame.
const NUMERALS: f64 = style::SMALL;
/// From a line's end to its name.
const LEADER: f64 = 15.0;

impl Chart {
    /// Draws it `width` points wide.
    pub(super) fn draw(&self, width: f64) -> Picture {
        let names = self.panels.iter().flat_map(|p| &p.lines).map(|line| font::width(&line.name, style::TEXT));
        let right = width - names.fold(0.0f64, f64::max) - LEADER - 2.0 * style::GAP;
        let ticks: Vec<Vec<(f64, String)>> = self.panels.iter().map(Panel::ticks).collect();
        let labels = ticks.iter().flatten().map(|(_, label)| font::width(label, style::SMALL));
        let left = labels.fold(12.0f64, f64::max) + style::TICK + 2.0 * style::GAP;
        // Even with the longest names some room is left for the lines.
        let right = right.max(left + width / 4.0);
        let mut canvas = Canvas::default();
        let (hairs, numerals) = self.numerals(left, right);
        let levels = numerals.iter().map(|n| n.2 + 1).max().unwrap_or(0);
        let alone = self.panels.len() == 1;
        let mut top = 0.0;
        for (k, (panel, ticks)) in self.panels.iter().zip(&ticks).enumerate() {
            // An axis that does not start at zero says so.
            let start = ticks.first().filter(|tick| panel.vertical != Vertical::AroundZero && tick.0 != 0.0);
            let start = start.map_or(String::new(), |tick| format!("; axis starts at {}", tick.1));
            top = canvas.heading(&format!("{}{start}", panel.title), top, width);
            // The uppermost tick's label reaches above the frame.
            top += 3.0 * style::GAP + if k == 0 { levels as f64 * NUMERALS } else { 0.0 };
            let least = panel.lines.len() as f64 * (style::TEXT + 1.0);
            let bottom = top + (width * if alone { 0.45 } else { 0.28 }).max(least);
            self.draw_forecast(&mut canvas, [left, right, top, bottom], k == 0);
            hairs.iter().for_each(|&x| canvas.line((x, top), (x, bottom), style::HAIR, style::FAINT, ""));
            if k == 0 {
                for (text, x, row) in &numerals {
                    let y = top - 1.0 - (levels - 1 - row) as f64 * NUMERALS;
                    canvas.text((*x, y), text, style::SMALL, Anchor::Middle, style::INK);
                }
            }
            panel.draw(&mut canvas, &self.x_axis.places(left, right), ticks, [left, right, top, bottom]);
            self.x_axis.draw(&mut canvas, left, right, bottom, k + 1 == self.panels.len());
            top = bottom + 3.0 * style::GAP;
        }
        top += 2.0 * style::SMALL + style::GAP;
        if !self.what.is_empty() {
            // Below the years of days.
            top += if matches!(self.x_axis, XAxis::Days(_)) { style::SMALL } else { 0.0 };
            canvas.text(((left + right) / 2.0, top), &self.what, style::TEXT, Anchor::Middle, style::INK);
            top += style::GAP;
        }
        let top = self.published_key(&mut canvas, top);
        let height = self.key(&mut canvas, width, top) + 2.0 * style::GAP;
        Picture { canvas, width, height, header: self.header(), rows: self.rows() }
    }

    /// Where marks stand, and by numeral its text, place and row: those that have no room in two rows are drawn together.
    fn numerals(&self, left: f64, right: f64) -> (Vec<f64>, Vec<(String, f64, usize)>) {
        let XAxis::Days(days) = &self.x_axis else { return Default::default() };
        let Some(&first) = days.first() else { return Default::default() };
        let place = |mark: &Mark| self.x_axis.at(f64::from(first.days_until(mark.date)), left, right);
        let mut ends = [f64::NEG_INFINITY; 2];
        let mut groups: Vec<([usize; 2], [f64; 2], usize)> = Vec::new();
        for mark in &self.marks {
            let x = place(mark);
            let half = font::width(&numeral(mark.numbers), style::SMALL) / 2.0;
            if let Some(row) = ends.iter().position(|&end| x - half > end + 1.0) {
                ends[row] = x + half;
                groups.push((mark.numbers, [x, x], row));
            } else if let Some((numbers, [from, to], row)) = groups.last_mut() {
                numbers[1] = mark.numbers[1];
                *to = x;
                ends[*row] = (*from + *to + font::width(&numeral(*numbers), style::SMALL)) / 2.0;
            }
        }
        let drawn = groups.into_iter().map(|(numbers, [from, to], row)| (numeral(numbers), (from + to) / 2.0, row));
        (self.marks.iter().map(place).collect(), drawn.collect())
    }

    /// Sets the days after the last published figure apart.
    fn draw_forecast(&self, canvas: &mut Canvas, [left, right, top, bottom]: [f64; 4], named: bool) {
        let (XAxis::Days(days), Some(last)) = (&self.x_axis, self.forecast) else { return };
        let Some(first) = days.first() else { return };
        let x = self.x_axis.at(f64::from(first.days_until(last)), left, right).max(left);
        canvas.area([(x, top), (right, top), (right, bottom), (x, bottom)], style::FAINT, 0.14);
        if named && right - x > font::width("forecast", style::SMALL) {
            canvas.text((right - 1.0, bottom - 2.0), "forecast", style::SMALL, Anchor::End, style::INK);
        }
    }

    /// What dots mean, where there are any; returns where it ends.
    fn published_key(&self, canvas: &mut Canvas, top: f64) -> f64 {
        let all = || self.panels.iter().flat_map(|p| &p.lines).flat_map(|line| &line.published);
        let mut x = style::GAP;
        let y = top + style::SMALL + 1.0;
        for measured in [true, false] {
            let Some(one) = all().find(|p| p.measured == measured) else { continue };
            canvas.dot((x + style::DOT, y - style::SMALL * 0.36), style::DOT, style::INK, !measured);
            x += 2.0 * style::DOT + style::GAP;
            canvas.text((x, y), one.kind(), style::SMALL, Anchor::Start, style::INK);
            x += font::width(one.kind(), style::SMALL) + 4.0 * style::GAP;
        }
        if all().next().is_some() { y + style::GAP } else { top }
    }

    /// What the numerals mean, in two columns; returns where it ends.
    fn key(&self, canvas: &mut Canvas, width: f64, top: f64) -> f64 {
        let column = width / 2.0;
        let widest = self.marks.iter().map(|mark| font::width(&numeral(mark.numbers), style::SMALL)).fold(0.0f64, f64::max);
        let indent = widest + 2.0 * style::GAP;
        let entries: Vec<Vec<String>> = self
            .marks
            .iter()
            .map(|mark| {
                font::wrap(&format!("{}: {}", axis::day(mark.date), mark.what), style::SMALL, column - indent - 2.0 * style::GAP)
            })
            .collect();
        // As many of the first entries go left as make both columns as equally long as can be.
        let lines = |entries: &[Vec<String>]| entries.iter().map(Vec::len).sum::<usize>();
        let longer = |left: &usize| lines(&entries[..*left]).max(lines(&entries[*left..]));
        let left = (0..=entries.len()).rev().min_by_key(longer).unwrap_or(0);
        let mut ends = [top; 2];
        for (k, lines) in entries.iter().enumerate() {
            let side = usize::from(k >= left);
            let x = side as f64 * column + style::GAP;
            for (row, line) in lines.iter().enumerate() {
                ends[side] += style::SMALL + 1.0;
                if row == 0 {
                    let end = (x + indent - 2.0 * style::GAP, ends[side]);
                    canvas.text(end, &numeral(self.marks[k].numbers), style::SMALL, Anchor::End, style::INK);
                }
                canvas.text((x + indent, ends[side]), line, style::SMALL, Anchor::Start, style::INK);
            }
        }
        ends[0].max(ends[1])
    }

    fn header(&self) -> Vec<String> {
        let x_axis = if self.what.is_empty() { "date" } else { &self.what };
        let bands = self.panels.first().and_then(|p| p.lines.first()).map(|line| &line.bands[..]).unwrap_or_default();
        let head = [x_axis, "panel", "line", "value"].map(str::to_owned);
        head.into_iter().chain(bands.iter().flat_map(|band| band.0.map(str::to_owned))).collect()
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let x_axis = self.x_axis.texts();
        let mut rows = Vec::new();
        for panel in &self.panels {
            for line in &panel.lines {
                for (k, x) in x_axis.iter().enumerate() {
                    let numbers = std::iter::once(&line.values).chain(line.bands.iter().flat_map(|band| &band.1));
                    let numbers = numbers.map(|v| if v[k].is_finite() { v[k].to_string() } else { String::new() });
                    let head = [x, &panel.title, &line.name].map(String::clone);
                    rows.push(head.into_iter().chain(numbers).collect());
                }
                for p in &line.published {
                    let head =
                        [x_axis[p.day].clone(), panel.title.clone(), format!("{}, {}", line.name, p.kind()), p.value.to_string()];
                    rows.push(head.into_iter().chain(line.bands.iter().flat_map(|_| [String::new(), String::new()])).collect());
                }
            }
        }
        rows
    }
}

impl Panel {
    /// From zero no lower than the lines themselves: an interval around what cannot be negative may seem to be.
    fn ticks(&self) -> Vec<(f64, String)> {
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

    fn draw(&self, canvas: &mut Canvas, x: &[f64], ticks: &[(f64, String)], [left, right, top, bottom]: [f64; 4]) {
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
