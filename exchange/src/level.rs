//! How much is recorded.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How much is recorded of what passes. Each level keeps what the one before it keeps, and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Nothing: new CONNECTs are tunnelled unread, other traffic passes without a tap.
    Off,
    /// Heads, sizes, timings and outcome; no bodies.
    Metadata,
    /// And bodies and messages, up to the limits.
    Full,
}

/// A level's name that there is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownLevel(String);

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no level \u{201c}{}\u{201d}: use off, metadata or full", self.0)
    }
}

impl std::error::Error for UnknownLevel {}

impl Level {
    /// "off", "metadata" or "full".
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Metadata => "metadata",
            Self::Full => "full",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Level {
    type Err = UnknownLevel;

    fn from_str(text: &str) -> Result<Self, UnknownLevel> {
        let named = [Self::Off, Self::Metadata, Self::Full].into_iter().find(|level| level.as_str() == text);
        named.ok_or_else(|| UnknownLevel(text.to_owned()))
    }
}
