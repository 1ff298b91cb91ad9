//! The others that are kept once an exchange was.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;
use std::time::Duration;

use super::text::{InvalidText, as_text, duration, write_duration};

/// A trait that exchanges have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Same {
    /// The client's address, without its port.
    Client,
    /// The trace id of the request's `traceparent` (W3C Trace Context).
    Trace,
}

/// Once an exchange was kept, the others of the same client or trace are, for so long: `client 30s`, `trace 30s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follow {
    /// The trait that they share with it.
    pub same: Same,
    /// How long after it.
    pub within: Duration,
}

as_text!(Follow);

impl Display for Follow {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let same = match self.same {
            Same::Client => "client",
            Same::Trace => "trace",
        };
        write!(f, "{same} {}", write_duration(self.within))
    }
}

impl FromStr for Follow {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let read = || {
            let (same, within) = text.trim().split_once(' ')?;
            let same = match same {
                "client" => Same::Client,
                "trace" => Same::Trace,
                _ => return None,
            };
            Some(Self { same, within: duration(within.trim())? })
        };
        read().ok_or_else(|| InvalidText {
            text: text.to_owned(),
            what: "group to follow",
            expected: "`client 30s` or `trace 30s`",
        })
    }
}
