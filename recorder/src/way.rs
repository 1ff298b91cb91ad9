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

impl Way {
    /// To the store, to the sink, or to both; `None`: to nobody.
    pub(crate) fn to(store: bool, aside: bool) -> Option<Self> {
        match (store, aside) {
            (true, true) => Some(Self::Both),
            (true, false) => Some(Self::Store),
            (false, true) => Some(Self::Aside),
            (false, false) => None,
        }
    }
}
