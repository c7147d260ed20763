//! From low to high in colours that keep their order for any colour vision and in grey.

/// Viridis (van der Walt and Smith 2015), every eighth of the way.
const VIRIDIS: [[u8; 3]; 9] = [
    [68, 1, 84],
    [71, 44, 122],
    [59, 81, 139],
    [44, 113, 142],
    [33, 144, 141],
    [39, 173, 129],
    [92, 200, 99],
    [170, 220, 50],
    [253, 231, 37],
];

/// Colour at `u`, from 0 to 1; grey where it is not a number.
pub(super) fn colour(u: f64) -> String {
    if !u.is_finite() {
        return "#dddddd".into();
    }
    let last = VIRIDIS.len() - 1;
    let at = u.clamp(0.0, 1.0) * last as f64;
    let below = (at as usize).min(last - 1);
    let part = at - below as f64;
    let [r, g, b] = std::array::from_fn(|k| {
        let [low, high] = [below, below + 1].map(|step| f64::from(VIRIDIS[step][k]));
        (low + part * (high - low)).round() as u8
    });
    format!("#{r:02x}{g:02x}{b:02x}")
}
