//! Results to look at: the page that every run leaves, and figures for print.

mod figures;
mod page;

pub use figures::{FigureWidth, write_figures};
pub use page::write_page;
