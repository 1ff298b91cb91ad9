//! How long an exchange is kept.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;
use std::time::Duration;

use super::text::{InvalidText, as_text, duration, write_duration};

/// How long an exchange is kept, from its beginning: `1h`, `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepFor(pub Duration);

as_text!(KeepFor);

impl Display for KeepFor {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&write_duration(self.0))
    }
}

impl FromStr for KeepFor {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        duration(text).map(Self).ok_or_else(|| InvalidText {
            text: text.to_owned(),
            what: "time for which an exchange is kept",
            expected: "a number and a unit: `30m`, `1h`, `7d`",
        })
    }
}
