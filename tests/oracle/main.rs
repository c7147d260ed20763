//! The engine against an oracle: the model written a second time, from its ODD protocol (docs/odd.md, section 7), in plain
//! loops and double precision, with every user's use moving every day. Equal decisions are demanded, except where a draw
//! lies within rounding of its threshold.
//!
//! `policy.rs` is what the authorities do, `rule.rs` the portfolio rule, `chats.rs` group chats, `single.rs` the other rules, `day.rs` a whole
//! day with what is measured. `adapt.rs` alone knows how the engine keeps users and draws.

#![allow(clippy::disallowed_methods, reason = "the last bit of a platform's mathematics is within rounding here")]
#![allow(unreachable_pub, reason = "the modules of a test are seen by nobody else")]

#[path = "../common/mod.rs"]
mod common;

mod adapt;
mod chats;
mod day;
mod policy;
mod review;
mod rule;
mod single;
mod start;
mod traits;
mod worlds;
