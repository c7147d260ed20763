//! How use becomes openings of an app, which is what audience firms count (model.md, section 6).

use crate::random::exp;
use crate::scenario::Opening;

/// Opening probabilities.
#[derive(Clone, Copy, Debug)]
pub struct Openings {
    rate: f32,
    floor: f32,
    check: f32,
    spread: f32,
}

/// Most that the floor of openings can be.
const MOST_FLOOR: f32 = 0.6;

impl Openings {
    /// From the scenario's parameters.
    pub fn new(spec: &Opening) -> Self {
        Openings { rate: spec.rate as f32, floor: spec.floor as f32, check: spec.check as f32, spread: spec.activity_spread as f32 }
    }

    /// a_i: activity of a user with standard normal `z`, of median 1. It is not corrected to mean 1: the opening
    /// parameters are fitted with it as it is.
    pub fn activity(&self, z: f32) -> f32 {
        exp(self.spread * z)
    }

    /// Probability that a user of activity `activity` opens an app at least once today, with use `use_` and access
    /// to messages `access`: 1 - (1 - f) exp(-g a u), where f is the floor of an unused app.
    #[inline(always)]
    pub fn probability(&self, activity: f32, use_: f32, works: bool, access: f32) -> f32 {
        let floor = if works { activity * (self.floor * access + self.check * (1.0 - access)) } else { activity * self.check };
        1.0 - (1.0 - floor.min(MOST_FLOOR)) * exp(-self.rate * activity * use_)
    }
}
