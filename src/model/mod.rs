//! How users decide: the submodels, one file each, as pure functions of one user's view.
//!
//! A rule of choice implements [`Rule`]: it is given a [`Review`], all that one user sees on the day of a review,
//! and returns the user's new published [`Word`].

mod bits;
mod hazard;
mod lanes;
mod logit;
pub mod opening;
pub mod portfolio;
mod review;
mod threshold;
mod usage;
mod word;

pub use bits::{Bits, bits};
pub use hazard::Hazard;
pub use logit::Logit;
pub use portfolio::Portfolio;
pub use review::{Baseline, Review, Rule};
pub use threshold::Threshold;
pub use usage::Usage;
pub use word::Word;
