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
    /// Counts and latencies only: CONNECTs are decrypted, nothing of an exchange is kept.
    Metrics,
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
        write!(f, "there is no level \u{201c}{}\u{201d}: use off, metrics, metadata or full", self.0)
    }
}

impl std::error::Error for UnknownLevel {}

impl Level {
    /// All of them, each of which does more than the one before.
    pub const ALL: [Self; 4] = [Self::Off, Self::Metrics, Self::Metadata, Self::Full];

    /// "off", "metrics", "metadata" or "full".
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Metrics => "metrics",
            Self::Metadata => "metadata",
            Self::Full => "full",
        }
    }

    /// Returns whether new CONNECTs are decrypted, and what passes is counted.
    #[must_use]
    pub fn decrypts(self) -> bool {
        self > Self::Off
    }

    /// Returns whether exchanges and connections are kept in the store.
    #[must_use]
    pub fn records(self) -> bool {
        self >= Self::Metadata
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
        let named = Self::ALL.into_iter().find(|level| level.as_str() == text);
        named.ok_or_else(|| UnknownLevel(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_does_more_than_the_one_before() {
        let levels = [
            ("off", Level::Off, false, false),
            ("metrics", Level::Metrics, true, false),
            ("metadata", Level::Metadata, true, true),
            ("full", Level::Full, true, true),
        ];
        for (name, level, decrypts, records) in levels {
            assert_eq!((level.to_string().as_str(), name.parse()), (name, Ok(level)));
            assert_eq!(serde_json::to_string(&level).unwrap(), format!("\"{name}\""));
            assert_eq!((level.decrypts(), level.records()), (decrypts, records), "{name}");
        }
        assert!(levels.is_sorted_by_key(|(_, level, ..)| *level));
    }

    #[test]
    fn a_wrong_name_is_told_the_right_ones() {
        let error = "Full".parse::<Level>().unwrap_err().to_string();
        assert!(
            error.contains("\u{201c}Full\u{201d}") && error.contains("off, metrics, metadata or full"),
            "{error}"
        );
    }
}
