//! Who knows whom.

mod csr;

pub use csr::Graph;
