//! How use becomes openings of an app, which is what audience firms count (model.md, section 6; equations 2, 37, 38 and 50 of
//! the ODD protocol).

use crate::random::exp;
use crate::scenario::Opening;

/// Opening probabilities.
#[derive(Clone, Debug)]
pub struct Openings {
    rate: f32,
    floor: f32,
    check: f32,
    tire: f64,
    spread: f32,
    /// Factors on activity by age band; none where all are 1.
    by_age: Vec<f32>,
}

impl Openings {
    /// From the scenario's parameters.
    pub fn new(spec: &Opening) -> Self {
        Openings {
            rate: spec.rate as f32,
            floor: spec.floor as f32,
            check: spec.check as f32,
            tire: spec.tire,
            spread: spec.activity_spread as f32,
            by_age: spec.activity_by_age.iter().map(|&factor| factor as f32).collect(),
        }
    }

    /// a_i: activity of a user of age band `age` with standard normal `z`. Its median is the band's factor, 1 if the
    /// scenario has none. It is not corrected to mean 1: the opening parameters are fitted with it as it is.
    pub fn activity(&self, z: f32, age: usize) -> f32 {
        exp(self.spread * z) * self.by_age.get(age).copied().unwrap_or(1.0)
    }

    /// Most that the floor of openings can be.
    pub const MOST_FLOOR: f32 = 0.6;

    /// g_open: openings a day at full use and activity 1.
    pub fn rate(&self) -> f32 {
        self.rate
    }

    /// Probability that a user of activity 1 opens an app without using it, with access `access` to its messages.
    ///
    /// With use u, a user of activity a opens it with probability 1 - (1 - f) exp(-k g a u), where f is a times this,
    /// and at most [`Openings::MOST_FLOOR`]; k is [`Openings::patience`].
    pub fn floor(&self, works: bool, access: f32) -> f32 {
        if works { self.floor * access + self.check * (1.0 - access) } else { self.check }
    }

    /// kappa: what is left, from 1 to 0, of the habit of opening an app to use it, after so many days of failure in a row.
    pub fn patience(&self, days: i32) -> f32 {
        libm::exp(-self.tire * f64::from(days)) as f32
    }
}
