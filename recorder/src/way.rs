//! The ways of records.

/// The way of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the store.
    Store,
    /// To the sink beside it.
    Aside,
    /// To both.
    Both,
}
