//! From low to high in colours.

use crate::report::palette::{VIRIDIS, rgb};

/// Colour at `u`, from 0 to 1; grey where it is not a number.
pub(super) fn colour(u: f64) -> String {
    if !u.is_finite() {
        return "#dddddd".into();
    }
    let last = VIRIDIS.len() - 1;
    let at = u.clamp(0.0, 1.0) * last as f64;
    let below = (at as usize).min(last - 1);
    let part = at - below as f64;
    let [from, to] = [below, below + 1].map(|step| rgb(VIRIDIS[step]).map(f64::from));
    let [r, g, b] = std::array::from_fn(|k| (from[k] + part * (to[k] - from[k])).round() as u8);
    format!("#{r:02x}{g:02x}{b:02x}")
}
