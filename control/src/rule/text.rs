//! The texts in which rules name times, amounts and shares.

use std::time::Duration;

/// A text that can't be read, and what could stand there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no {what}; write {expected}")]
pub struct InvalidText {
    /// The text.
    pub text: String,
    /// The kind of value that it should be.
    pub what: &'static str,
    /// Values that could stand there.
    pub expected: &'static str,
}

/// Units of time, in microseconds, the largest first.
const TIMES: [(&str, u64); 6] = [
    ("d", 86_400_000_000),
    ("h", 3_600_000_000),
    ("m", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

/// Reads a whole number of a unit of time: `5ms`, `30s`, `7d`. More than zero.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = number(text)?;
    let (_, us) = TIMES.iter().find(|(name, _)| *name == unit)?;
    let duration = Duration::from_micros(number.checked_mul(*us)?);
    (!duration.is_zero()).then_some(duration)
}

/// Writes a time in the largest unit of which it is a whole number.
pub(super) fn write_duration(duration: Duration) -> String {
    let us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let unit = TIMES.iter().find(|(_, unit)| us.is_multiple_of(*unit));
    unit.map_or_else(|| format!("{us}us"), |(name, unit)| format!("{}{name}", us / unit))
}

/// A whole number and the unit behind it.
pub(super) fn number(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|sign: char| !sign.is_ascii_digit()).unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim_start()))
}

/// Serde by a type's text: `FromStr` and `Display`.
macro_rules! as_text {
    ($($type:ty),+) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
pub(super) use as_text;
