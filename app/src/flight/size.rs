//! The ring's size and the time of snapshots, as people write them.

use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;
use dashcam_flight::{LARGEST, SMALLEST, Size};

/// The longest time that a snapshot may be asked to go on for.
const LONGEST: Duration = Duration::from_secs(3600);

/// `60s,256MB`: how long entries are kept at least, and in how many bytes at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RingSize(pub(crate) Size);

impl FromStr for RingSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("invalid ring \u{201c}{text}\u{201d}; expected a time and a size, such as 60s,256MB");
        let (age, bytes) = text.split_once(',').ok_or_else(wrong)?;
        let age = time(age.trim()).ok_or_else(wrong)?;
        let bytes = bytes.trim().parse::<ByteSize>().map_err(|_| wrong())?.as_u64();
        if !(SMALLEST..=LARGEST).contains(&bytes) {
            return Err(format!(
                "a ring of {bytes} bytes: give it at least {} and at most {}",
                ByteSize(SMALLEST),
                ByteSize(LARGEST)
            ));
        }
        Ok(Self(Size { age, bytes }))
    }
}

/// A time that a snapshot goes on for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AfterTime(pub(crate) Duration);

impl FromStr for AfterTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        time(text).filter(|time| *time <= LONGEST).map(Self).ok_or_else(|| {
            format!("invalid time \u{201c}{text}\u{201d}; expected one such as 10s or 2m, at most 1h")
        })
    }
}

/// `500ms`, `60s`, `5m`; more than nothing.
fn time(text: &str) -> Option<Duration> {
    let time = text.parse::<jiff::SignedDuration>().ok()?;
    Duration::try_from(time).ok().filter(|time| !time.is_zero())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_have_a_time_and_a_size() {
        for (text, expect) in [
            ("60s,256MB", Some((60_000, 256_000_000))),
            ("500ms, 2MiB", Some((500, 2 << 20))),
            ("5m,1GiB", Some((300_000, 1 << 30))),
            ("60s", None),
            ("256MB,60s", None),
            ("60s,1MB", None),
            ("0s,256MB", None),
            ("-1s,256MB", None),
            ("60s,9999TB", None),
        ] {
            let found =
                text.parse::<RingSize>().ok().map(|RingSize(size)| (size.age.as_millis(), size.bytes));
            assert_eq!(found, expect, "{text}");
        }
    }

    #[test]
    fn snapshots_go_on_for_a_bounded_time() {
        assert_eq!("30s".parse(), Ok(AfterTime(Duration::from_secs(30))));
        for text in ["", "10", "0s", "2h"] {
            assert!(text.parse::<AfterTime>().is_err(), "{text}");
        }
    }
}
