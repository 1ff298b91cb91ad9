//! Memory of names that were looked up.

/// Names that were looked up lately, and what was found.
#[derive(Debug, Default)]
pub(crate) struct Seen {}
