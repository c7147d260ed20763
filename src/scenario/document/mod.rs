//! What was written, before any meaning is given to it: values and where each stands, keys, types and ranges by a schema, and
//! problems, collected so that all are reported at once.

mod cursor;
mod file_schema;
mod problem;
mod tree;

#[cfg(feature = "files")]
pub(crate) use cursor::too_long;
pub(crate) use cursor::{Cursor, count, names};
pub(crate) use file_schema::{FileSchema, join, step};
pub(crate) use problem::{Place, Problems, listed, similar};
pub(crate) use tree::{Entry, Node, Value, read, read_value};
