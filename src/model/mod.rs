//! How users decide: the submodels, one file each, as pure functions of one user's view.
//!
//! A rule of choice implements [`Rule`]: it declares the [`Row`] that a user keeps to itself, is given a [`UserView`], all that one
//! user sees on the day of a review, changes the row and returns the user's new [`PublicState`].

mod bits;
mod chats;
mod hazard;
mod lanes;
mod logit;
pub mod opening;
pub mod portfolio;
mod public_state;
mod row;
mod rule;
mod threshold;
mod usage;
mod user_view;

pub use bits::{Bits, bits};
#[doc(hidden)]
pub use bytemuck;
pub use chats::{Chats, Chunk, NO_CHAT, NOWHERE};
pub use hazard::Hazard;
pub use logit::Logit;
pub use portfolio::Portfolio;
pub use public_state::PublicState;
pub use row::{FieldType, Row, RowField, RowType, numpy_type};
pub use rule::{Newcomer, Outlook, Rule, SingleRow};
pub use threshold::Threshold;
pub use usage::Usage;
pub use user_view::{Baseline, UserView};

/// Added to a day so that the warm-up's negative days fit an unsigned 16-bit field of a row.
const DAY_ZERO: i32 = 4096;

/// A day, from a row's `reviewed`.
#[inline(always)]
pub fn day_of(reviewed: u16) -> i32 {
    i32::from(reviewed) - DAY_ZERO
}

/// A row's `reviewed`, from a day.
#[inline(always)]
pub fn reviewed_on(day: i32) -> u16 {
    (day + DAY_ZERO) as u16
}
