#![doc = include_str!("../README.md")]
//!
//! # As a library
//!
//! A [`scenario`] makes an [`engine::Simulation`], which advances day by day; everything in it can be read between two
//! days, as columns or user by user.
//!
//! ```
//! use exodus::engine::Simulation;
//! use exodus::model::PublicState;
//! use exodus::observe::{Aggregate, Observation};
//! use exodus::scenario;
//! use std::path::Path;
//!
//! // Changes are those of `--set`.
//! let changes = ["population.users=5000".into(), "end=2025-06-30".into()];
//! let mut simulation = Simulation::new(scenario::load(Path::new("scenarios/whatsapp-outage.toml"), &changes)?)?;
//! let mut observation = Observation::new(&simulation)?;
//! while !simulation.finished() {
//!     simulation.step()?;
//!     let tally = observation.observe(&simulation)?;
//!     // Figures of the day by messenger, in people, as in `series.csv`.
//!     let figures = Aggregate::all(tally, simulation.scenario()).series();
//!     let outage = simulation.date().to_string() == "2025-06-16";
//!     assert_eq!(outage, figures[0].daily_use == 0.0);
//! }
//!
//! // The state is columns. This one holds a word a user: apps, main app, VPN, access class.
//! let words = simulation.state().public();
//! let held: u32 = words.iter().map(|&word| PublicState(word).holdings().count_ones()).sum();
//! assert!(words.len() == 5000 && held > 5000);
//! # Ok::<(), exodus::Error>(())
//! ```
//!
//! | to | see |
//! |---|---|
//! | leave a run folder, with checkpoints | [`experiment::Run`] |
//! | have the daily figures without a folder | [`measure::curves`] |
//! | change a scenario while it is displayed | [`live`], and `examples/live.rs` |
//! | count something else every day | [`observe`], and `examples/own_observer.rs` |
//! | let users decide by another rule | [`model::Rule`], and `examples/own_rule.rs` |
//! | let them be tied otherwise | [`graph::TieStream`], and `examples/own_graph.rs` |
//! | compare, sweep, fit | [`experiment::compare`], [`experiment::sweep`], [`experiment::calibrate`] |
//!
//! No function outside of [`cli`], the command, prints, reads arguments or exits; all work is done in the current rayon pool. What can fail gives an [`Error`].

// Some of what reads tables and TOML serves only the rooms that have files.
#![cfg_attr(not(feature = "files"), allow(dead_code))]

// The command, and the code that `row!` makes, name the library as any other program would.
extern crate self as exodus;

// What the command says of its arguments is written in doc comments.
#[allow(rustdoc::invalid_html_tags, rustdoc::broken_intra_doc_links)]
#[cfg(feature = "cli")]
pub mod cli;
pub mod engine;
pub mod error;
#[cfg(feature = "files")]
pub mod experiment;
#[cfg(feature = "files")]
pub mod files;
pub mod graph;
pub mod live;
#[cfg(feature = "files")]
pub mod measure;
pub mod memory;
pub mod model;
pub mod observe;
pub mod peers;
pub mod policy;
pub mod population;
pub mod random;
#[cfg(feature = "report")]
pub mod report;
pub mod scenario;
#[cfg(feature = "files")]
pub mod storage;
mod tables;

pub use error::{Error, MOST_TOLD, Result};
