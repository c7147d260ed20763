//! A value to be met, with what is known of its error.

/// A value that the model has to meet.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// The value.
    pub value: f64,
    /// Weight in the error.
    pub weight: f64,
    /// Standard deviation of its measurement.
    pub sd: f64,
    /// From where to where a figure hits it, where it is judged.
    pub allowed: Option<[f64; 2]>,
}

impl Measured {
    /// Whether a model's figure hits it, where it is judged.
    pub fn hit(&self, figure: f64) -> Option<bool> {
        self.allowed.map(|[low, high]| (low..=high).contains(&figure))
    }
}
