//! What a run leaves on disk: the run folder, its tables and its manifest.
//!
//! No half-written file ever stands under its final name: tables grow as `*.part`, everything else is written to a
//! temporary file, synced and renamed.

mod cache;
mod cells;
mod columns;
mod curves;
mod folder;
mod folder_kind;
mod growing;
mod inventory;
pub mod machine;
mod manifest;
pub mod networks;
mod output;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(not(feature = "parquet"))]
#[path = "no_parquet.rs"]
mod parquet;
// So that what it says is tested where there is Parquet too.
#[cfg(all(test, feature = "parquet"))]
mod no_parquet;
mod ro_crate;
mod sections;
pub mod snapshot;
mod table;
mod traced_users;

pub use cache::{Cache, Origin};
pub use cells::{Cells, Column, Value};
pub use columns::read_columns;
pub use curves::Curves;
pub use folder::{RunFolder, run_id};
pub use folder_kind::FolderKind;
pub use growing::Growing;
pub use inventory::{Difference, Inventory};
pub(crate) use manifest::no_run;
pub use manifest::{Exchange, Manifest, OutputFile, PanelError, Parent, SamplingError, Seconds, StateHash};
pub(crate) use output::restore_scenario;
pub use output::{COHORT_FIELDS, EVENT_FIELDS, MORE_OF_USERS, Output, POPULATION_FIELDS, SERIES_FIELDS, TRACE_FIELDS};
pub(crate) use parquet::{ROWS as PARQUET_ROWS, THERE as PARQUET, write as write_parquet};
pub(crate) use table::PART;
pub use table::Table;
pub use traced_users::{Held, TracedUsers};
