//! The bounds of the recording as people write them: `10GiB`, `30d`, `1000000`, or `none`.

use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;
use jiff::{Span, SpanRelativeTo};
use serde::{Deserialize, Deserializer, de};

/// The default bound: the disk must not fill up.
pub(crate) const DEFAULT_SIZE: u64 = 10 << 30;
/// The least size: below it the database's own pages would leave no room.
const LEAST_SIZE: u64 = 4 << 20;

/// A bound, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bound<T>(pub(crate) Option<T>);

/// Bytes.
pub(crate) type Size = Bound<u64>;
/// Time.
pub(crate) type Age = Bound<Duration>;
/// A number of exchanges.
pub(crate) type Number = Bound<u64>;

impl FromStr for Bound<u64> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self(None));
        }
        let number = text.parse::<ByteSize>().map_err(|_| {
            format!("invalid size or number \u{201c}{text}\u{201d}; expected one such as 10GiB, 500MB or 1000000, or none")
        })?;
        Ok(Self(Some(number.as_u64())))
    }
}

impl FromStr for Bound<Duration> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self(None));
        }
        let span = text.parse::<Span>().ok();
        let duration = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
        match duration.and_then(|duration| Duration::try_from(duration).ok()) {
            Some(age) if !age.is_zero() => Ok(Self(Some(age))),
            _ => Err(format!(
                "invalid age \u{201c}{text}\u{201d}; expected one such as 12h, 30d or 2w, or none"
            )),
        }
    }
}

/// A size that a recording can have.
pub(crate) fn size(text: &str) -> Result<Size, String> {
    match text.parse()? {
        Bound(Some(size)) if size < LEAST_SIZE => {
            Err(format!("{text} is too small for a recording; the minimum is 4MiB"))
        }
        bound => Ok(bound),
    }
}

/// A number of bytes.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    text.parse::<ByteSize>().map(|size| size.as_u64()).map_err(|_| {
        format!("invalid size \u{201c}{text}\u{201d}; expected one such as 64KiB, 500MB or 1000000")
    })
}

/// A time.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    match text.parse::<Age>() {
        Ok(Bound(Some(time))) => Ok(time),
        _ => Err(format!("invalid time \u{201c}{text}\u{201d}; expected one such as 90s, 10m or 2h")),
    }
}

/// A moment: so long ago, or a time as RFC 3339 has it.
pub(crate) fn moment(text: &str) -> Result<jiff::Timestamp, String> {
    if let Ok(Bound(Some(age))) = text.parse::<Age>() {
        return jiff::Timestamp::now().checked_sub(age).map_err(|error| error.to_string());
    }
    text.parse().map_err(|_| {
        format!("invalid age or time \u{201c}{text}\u{201d}; expected one such as 12h, 30d or 2026-11-22T15:04:05Z")
    })
}

/// For serde: a text, or a number without quotes.
pub(crate) fn size_or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Size>, D::Error> {
    size(&text(deserializer)?).map(Some).map_err(de::Error::custom)
}

/// The same for what has no least.
pub(crate) fn bound<'de, D: Deserializer<'de>, T>(deserializer: D) -> Result<Option<Bound<T>>, D::Error>
where
    Bound<T>: FromStr<Err = String>,
{
    text(deserializer)?.parse().map(Some).map_err(de::Error::custom)
}

/// A text, or a number as one.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Said {
        Number(u64),
        Text(String),
    }
    Ok(match Said::deserialize(deserializer)? {
        Said::Number(number) => number.to_string(),
        Said::Text(text) => text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, expect) in [
            ("10GiB", Some(Some(10 << 30))),
            ("500MB", Some(Some(500_000_000))),
            ("4194304", Some(Some(4 << 20))),
            ("none", Some(None)),
            ("1k", None),
            ("3MiB", None),
            ("-5", None),
            ("much", None),
            ("", None),
        ] {
            assert_eq!(size(text).ok().map(|bound| bound.0), expect, "{text}");
        }
    }

    #[test]
    fn moments() {
        assert_eq!(moment("2026-11-22T15:04:05Z").unwrap().as_second(), 1_795_359_845);
        let day = jiff::Timestamp::now().as_second() - moment("1d").unwrap().as_second();
        assert!((86_400..86_410).contains(&day), "{day}");
        assert!(moment("none").is_err() && moment("yesterday").is_err());
    }

    #[test]
    fn ages() {
        let hours = |hours: u64| Some(Some(Duration::from_secs(hours * 3600)));
        for (text, expect) in [
            ("12h", hours(12)),
            ("30d", hours(720)),
            ("2w", hours(336)),
            ("none", Some(None)),
            ("0s", None),
            ("old", None),
        ] {
            assert_eq!(text.parse::<Age>().ok().map(|bound| bound.0), expect, "{text}");
        }
    }
}
