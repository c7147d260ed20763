//! How figures look: sizes in points at the printed width, dashes.

use crate::report::palette::LIGHT;

/// Text of titles and line names.
pub(super) const TEXT: f64 = 7.0;
/// Text of ticks and keys.
pub(super) const SMALL: f64 = 6.0;
/// Lines of data.
pub(super) const LINE: f64 = 0.9;
/// Axes and ticks.
pub(super) const AXIS: f64 = 0.5;
/// Marks of dates.
pub(super) const HAIR: f64 = 0.3;
/// Radius of a dot that stands for a published figure.
pub(super) const DOT: f64 = 1.3;
/// Length of a tick.
pub(super) const TICK: f64 = 2.5;
/// Between things that should not touch.
pub(super) const GAP: f64 = 2.0;

/// Text and axes.
pub(super) const INK: &str = "#222222";
/// What stands behind the data.
pub(super) const FAINT: &str = "#9a9a9a";

/// Dashes of the hair at which an intervention ends; where it begins, it is whole.
pub(super) const END: &str = "1.5 1.5";

/// Told apart without any colour; as in pages.
const DASHES: [&str; 4] = ["", "4 1.4", "1.2 1.2", "5 1.4 1.2 1.4"];

/// Colour and dashes of line `k`, as pages give them: no two of the first 32 share both.
pub(super) fn line(k: usize) -> (&'static str, &'static str) {
    (LIGHT[k % LIGHT.len()], DASHES[(k + k / LIGHT.len()) % DASHES.len()])
}
