//! What a user of the portfolio rule keeps to itself.

use crate::population::{Normals, Profile};

crate::row! {
    /// 32 bytes for at most eight messengers (N = 1), 56 for at most sixteen (N = 2); of lists by messenger the values behind
    /// the last messenger are zero.
    pub struct PortfolioRow<const N: usize> {
        /// u: use of each messenger on the evening of the last review, in 1/255.
        pub usage: [[u8; 8]; N],
        /// x: target of use, in 1/255.
        pub target: [[u8; 8]; N],
        /// t: taste for each messenger, in steps of 1/32 of a standard deviation.
        pub taste: [[i8; 8]; N],
        /// Day of the last review plus 4096.
        pub reviewed: u16,
        /// Messengers known, a bit each.
        pub aware: u16,
        /// Age band.
        pub age: u8,
        /// Groups, a bit each.
        pub groups: u8,
        /// VPN propensity before its shift by age, in steps of 1/32.
        pub propensity: i8,
        /// Privacy concern, in steps of 1/32.
        pub privacy: i8,
    }
}

/// Size of a step in which standard normal traits are kept.
pub const TRAIT_STEP: f32 = 1.0 / 32.0;

/// A trait as it is kept: to the nearest step, within about four standard deviations.
pub fn step_of(z: f32) -> i8 {
    // In whole steps rounding is exact; a cast of a float ends at the ends of its type.
    libm::rintf(z / TRAIT_STEP).clamp(-127.0, 127.0) as i8
}

impl<const N: usize> PortfolioRow<N> {
    /// Takes over the traits of a user.
    pub(super) fn set_traits(&mut self, profile: &Profile, normals: &Normals, tastes: &[f32]) {
        let mut kept = self.taste;
        for (kept, &taste) in kept.as_flattened_mut().iter_mut().zip(tastes) {
            *kept = step_of(taste);
        }
        self.taste = kept;
        self.age = profile.age;
        self.groups = profile.groups;
        self.propensity = step_of(normals.propensity);
        self.privacy = step_of(normals.privacy);
    }

    /// Use and target of messenger m, in 1/255.
    #[inline(always)]
    pub fn use_and_target(&self, m: usize) -> [u8; 2] {
        [self.usage[m / 8][m % 8], self.target[m / 8][m % 8]]
    }
}
