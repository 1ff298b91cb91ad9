//! Paths into JSON documents, followed while a document is read.

/// A place in a JSON document, as far as paths are concerned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Position(u128);
