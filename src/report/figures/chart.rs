//! Lines over days or numbers, in panels one above the other, each line named at its end.

use super::axis;
use super::canvas::{Anchor, Canvas};
use super::marks::{Mark, Marks};
use super::panel::{LEADER, Panel, Vertical};
use super::picture::Picture;
use super::x_axis::XAxis;
use super::{font, style};
use crate::scenario::Date;

/// A chart.
#[derive(Clone, Debug)]
pub(super) struct Chart {
    pub(super) x_axis: XAxis,
    /// What that is, where it is no days.
    pub(super) what: String,
    pub(super) panels: Vec<Panel>,
    /// What is marked over days.
    pub(super) marks: Marks,
}

fn numeral([first, last]: [usize; 2]) -> String {
    if first == last { first.to_string() } else { format!("{first}\u{2013}{last}") }
}

/// A level of numerals above the frame.
const NUMERALS: f64 = style::SMALL;
const FORECAST: &str = "forecast";

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
        let marks = self.begin();
        let (hairs, numerals) = self.numerals(&marks, left, right);
        let ends = self.ends(left, right);
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
            self.draw_forecast(&mut canvas, [left, right, top, bottom]);
            let mut hair = |x: &f64, dash| canvas.line((*x, top), (*x, bottom), style::HAIR, style::FAINT, dash);
            hairs.iter().for_each(|x| hair(x, ""));
            ends.iter().for_each(|x| hair(x, style::END));
            if k == 0 {
                for (text, x, row) in &numerals {
                    let y = top - 1.0 - (levels - 1 - row) as f64 * NUMERALS;
                    canvas.text((*x, y), text, style::SMALL, Anchor::Middle, style::INK);
                }
            }
            let places = self.x_axis.places(left, right);
            panel.draw(&mut canvas, &places, ticks, [left, right, top, bottom]);
            if k == 0 {
                self.name_forecast(&mut canvas, &panel.lines_at(&places, ticks, [top, bottom]), [left, right, top, bottom]);
            }
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
        let top = ends_key(&mut canvas, top, !ends.is_empty());
        let height = key(&marks, &mut canvas, width, top) + 2.0 * style::GAP;
        Picture { canvas, width, height, header: self.header(), rows: self.rows() }
    }

    /// Where marks stand, and by numeral its text, place and row: those that have no room in two rows are drawn together.
    fn numerals(&self, marks: &[Mark], left: f64, right: f64) -> (Vec<f64>, Vec<(String, f64, usize)>) {
        let XAxis::Days(days) = &self.x_axis else { return Default::default() };
        let Some(&first) = days.first() else { return Default::default() };
        let place = |mark: &Mark| self.x_axis.at(f64::from(first.days_until(mark.date)), left, right);
        let mut ends = [f64::NEG_INFINITY; 2];
        let mut groups: Vec<([usize; 2], [f64; 2], usize)> = Vec::new();
        for mark in marks {
            let x = place(mark);
            let half = font::width(&numeral(mark.numbers), style::SMALL) / 2.0;
            if let Some(row) = ends.iter().position(|&end| x - half > end + 1.5 * style::GAP) {
                ends[row] = x + half;
                groups.push((mark.numbers, [x, x], row));
            } else if let Some((numbers, [from, to], row)) = groups.last_mut() {
                numbers[1] = mark.numbers[1];
                *to = x;
                ends[*row] = (*from + *to + font::width(&numeral(*numbers), style::SMALL)) / 2.0;
            }
        }
        let drawn = groups.into_iter().map(|(numbers, [from, to], row)| (numeral(numbers), (from + to) / 2.0, row));
        (marks.iter().map(place).collect(), drawn.collect())
    }

    /// Interventions that begin within the days.
    fn begin(&self) -> Vec<Mark> {
        if let XAxis::Days(days) = &self.x_axis { self.marks.begin(days) } else { Vec::new() }
    }

    /// Where interventions end.
    fn ends(&self, left: f64, right: f64) -> Vec<f64> {
        let XAxis::Days(days) = &self.x_axis else { return Vec::new() };
        let place = |end: &Date| self.x_axis.at(f64::from(days[0].days_until(*end)), left, right);
        self.marks.ends(days).iter().map(place).collect()
    }

    /// Where the forecast begins.
    fn forecast(&self, left: f64, right: f64) -> Option<f64> {
        let XAxis::Days(days) = &self.x_axis else { return None };
        let last = self.marks.forecast(days)?;
        Some(self.x_axis.at(f64::from(days.first()?.days_until(last)), left, right).max(left))
    }

    /// Sets the days after the last published figure apart.
    fn draw_forecast(&self, canvas: &mut Canvas, [left, right, top, bottom]: [f64; 4]) {
        let Some(x) = self.forecast(left, right) else { return };
        canvas.area([(x, top), (right, top), (right, bottom), (x, bottom)], style::FAINT, 0.14);
    }

    /// Says so at its right end, where lines leave the most room; `lines` are their points.
    fn name_forecast(&self, canvas: &mut Canvas, lines: &[(f64, f64)], [left, right, top, bottom]: [f64; 4]) {
        let width = font::width(FORECAST, style::SMALL) + style::GAP;
        if self.forecast(left, right).is_none_or(|x| right - x < width) {
            return;
        }
        let near: Vec<f64> = lines.iter().filter(|(x, _)| *x > right - width).map(|point| point.1).collect();
        let room = |y: &f64| near.iter().map(|line| (line - y).abs()).fold(f64::INFINITY, f64::min).min(4.0 * style::SMALL);
        let rows = ((bottom - top) / style::SMALL) as usize;
        // Of rows with equal room the lowest.
        let places = (1..rows).map(|row| bottom - row as f64 * style::SMALL);
        let Some(middle) = places.rev().max_by(|a, b| room(a).total_cmp(&room(b))) else { return };
        canvas.text((right - 1.0, middle + style::SMALL * 0.36), FORECAST, style::SMALL, Anchor::End, style::INK);
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

/// What a dashed hair means, where there is one; returns where it ends.
fn ends_key(canvas: &mut Canvas, top: f64, wanted: bool) -> f64 {
    if !wanted {
        return top;
    }
    let (y, x) = (top + style::SMALL + 1.0, style::GAP + style::DOT);
    canvas.line((x, y - style::SMALL), (x, y + 1.0), style::AXIS, style::FAINT, style::END);
    canvas.text((x + 2.0 * style::GAP, y), "end of an intervention", style::SMALL, Anchor::Start, style::INK);
    y + style::GAP
}

/// What the numerals mean, in two columns; returns where it ends.
fn key(marks: &[Mark], canvas: &mut Canvas, width: f64, top: f64) -> f64 {
    let column = width / 2.0;
    let widest = marks.iter().map(|mark| font::width(&numeral(mark.numbers), style::SMALL)).fold(0.0f64, f64::max);
    let indent = widest + 2.0 * style::GAP;
    let entries: Vec<Vec<String>> = marks
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
                canvas.text(end, &numeral(marks[k].numbers), style::SMALL, Anchor::End, style::INK);
            }
            canvas.text((x + indent, ends[side]), line, style::SMALL, Anchor::Start, style::INK);
        }
    }
    ends[0].max(ends[1])
}
