//! exodus: who moves, when an app is taken away.
//!
//! An agent-based simulator of messenger choice on social graphs of up to a hundred million users.

pub mod engine;
pub mod error;
pub mod experiment;
pub mod files;
pub mod graph;
pub mod memory;
pub mod model;
pub mod observe;
pub mod policy;
pub mod population;
pub mod random;
pub mod report;
pub mod scenario;
pub mod storage;

pub use error::{Error, Result};
