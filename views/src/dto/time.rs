//! Instants as the API writes them.

use std::fmt;

use dashcam_exchange::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// RFC 3339 in UTC, with microseconds: `2026-11-22T15:04:05.123456Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(into = "String", try_from = "String")]
#[schema(value_type = String, format = DateTime)]
pub struct Time(pub jiff::Timestamp);

impl From<Timestamp> for Time {
    /// An instant beyond the year 9999, which only a broken clock makes, becomes the last one that can be written.
    fn from(at: Timestamp) -> Self {
        Self(jiff::Timestamp::from_microsecond(at.0).unwrap_or(jiff::Timestamp::MAX))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.0)
    }
}

impl From<Time> for String {
    fn from(time: Time) -> Self {
        time.to_string()
    }
}

impl TryFrom<String> for Time {
    type Error = jiff::Error;

    fn try_from(text: String) -> Result<Self, jiff::Error> {
        text.parse().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn microseconds_are_always_written() {
        let check = |at, expect: &str| assert_eq!(Time::from(Timestamp(at)).to_string(), expect);
        check(0, "1970-01-01T00:00:00.000000Z");
        check(1_795_359_845_123_456, "2026-11-22T15:04:05.123456Z");
        check(-1, "1969-12-31T23:59:59.999999Z");
    }
}
