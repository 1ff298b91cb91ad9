//! Identifiers and instants.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// An exchange's number: ascending in the order in which requests began, never used twice in one store.
    ExchangeId
);
id!(
    /// A client connection's number: ascending in the order in which connections were accepted.
    ConnectionId
);
id!(
    /// An instant in unix microseconds, UTC.
    Timestamp
);
