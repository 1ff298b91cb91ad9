//! How secrets are replaced, and in which parts of an exchange.

use serde::{Deserialize, Serialize};

/// How a secret is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Nothing stands in its place.
    Remove,
    /// Its kind and about how long it was.
    Mask,
    /// A name made of it with a key: equal secrets have the same.
    Pseudonym,
    /// The same name, under which it is kept encrypted for a while.
    Seal,
}

/// Part of an exchange in which a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum On {
    /// The request's head and body.
    Request,
    /// The response's head and body, interim responses, and failures' texts.
    Response,
    /// The messages of WebSockets, event streams and gRPC, both ways.
    Message,
}

impl How {
    /// Its name in configuration and placeholders' beginnings: "remove", "masked", "pseudonym", "sealed".
    pub(crate) fn participle(self) -> &'static str {
        match self {
            Self::Remove => "removed",
            Self::Mask => "masked",
            Self::Pseudonym => "pseudonym",
            Self::Seal => "sealed",
        }
    }
}
