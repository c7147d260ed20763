//! Results to look at: the page that a run, replicates, a sweep or a comparison leaves, and figures for print.

mod daily;
mod fans;
mod figures;
mod kind;
mod leave;
mod page;
mod palette;
mod plan;
mod sweep_results;
mod table;

pub use figures::{FigureWidth, write_figures};
pub use leave::{leave, leave_locked};
pub use page::{check_core, write_live_page, write_page};
pub use plan::{predicted_bytes, predicted_bytes_of_rank};
