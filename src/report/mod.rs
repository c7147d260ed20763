//! Results to look at: the page that every run leaves.

mod page;

pub use page::write_page;
