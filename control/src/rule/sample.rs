//! The part of the exchanges of a rule that is recorded.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use super::text::{InvalidText, as_text, number};

/// Parts of a whole: shares are whole millionths.
const WHOLE: u64 = 1_000_000;

/// A trait by which a share is chosen, so that exchanges that have it in common stay together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum By {
    /// Each exchange by itself.
    Exchange,
    /// The client's address, without its port.
    Client,
    /// The trace id of the request's `traceparent`.
    Trace,
    /// A header of the request, by its name in lower case.
    Header(String),
    /// A cookie of the request, by its name.
    Cookie(String),
}

/// The part of the exchanges of a rule that is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sample {
    /// A share of them: `1%`, `0.5% by client`, `10% by header x-user`, `5% by cookie sid`, `1% by trace`.
    Share {
        /// Millionths.
        millionths: u32,
        /// The trait that is chosen by.
        by: By,
    },
    /// So many a second of each route: `10/s`. A route is a method, a host and a path with its ids folded.
    Rate(u64),
    /// So many bytes a second of all of them, in bursts up to twice that: `1MB/s`.
    Bytes(u64),
}

as_text!(Sample);

impl Display for Sample {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Share { millionths, by } => {
                write_percent(*millionths, f)?;
                match by {
                    By::Exchange => Ok(()),
                    By::Client => f.write_str(" by client"),
                    By::Trace => f.write_str(" by trace"),
                    By::Header(name) => write!(f, " by header {name}"),
                    By::Cookie(name) => write!(f, " by cookie {name}"),
                }
            }
            Self::Rate(rate) => write!(f, "{rate}/s"),
            Self::Bytes(bytes) => write_bytes(*bytes, f),
        }
    }
}

/// Decimal units of bytes, the largest first.
const UNITS: [(&str, u64); 4] = [("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("B", 1)];

fn write_bytes(bytes: u64, f: &mut Formatter<'_>) -> fmt::Result {
    let (name, unit) = UNITS.iter().find(|(_, unit)| bytes.is_multiple_of(*unit)).unwrap_or(&UNITS[3]);
    write!(f, "{}{name}/s", bytes / unit)
}

fn write_percent(millionths: u32, f: &mut Formatter<'_>) -> fmt::Result {
    let (whole, part) = (millionths / 10_000, millionths % 10_000);
    if part == 0 {
        return write!(f, "{whole}%");
    }
    write!(f, "{whole}.{}%", format!("{part:04}").trim_end_matches('0'))
}

impl FromStr for Sample {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        share(text).or_else(|| rate(text)).ok_or_else(|| InvalidText {
            text: text.to_owned(),
            what: "sample",
            expected: "a share (`1%`, `1% by client`, `1% by trace`, `1% by header NAME`, `1% by cookie NAME`), a rate a \
                       route (`10/s`) or a rate of bytes (`1MB/s`)",
        })
    }
}

fn share(text: &str) -> Option<Sample> {
    let (percent, by) = text.trim().split_once('%')?;
    let (whole, part) = percent.trim().split_once('.').unwrap_or((percent.trim(), ""));
    let is_number = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    if whole.is_empty() || whole.len() > 3 || part.len() > 4 || !is_number(whole) || !is_number(part) {
        return None;
    }
    let millionths = whole.parse::<u64>().ok()? * 10_000 + format!("{part:0<4}").parse::<u64>().ok()?;
    let by = match by.split_whitespace().collect::<Vec<_>>()[..] {
        [] | ["by", "exchange"] => By::Exchange,
        ["by", "client"] => By::Client,
        ["by", "trace"] => By::Trace,
        ["by", "header", name] => By::Header(name.to_ascii_lowercase()),
        ["by", "cookie", name] => By::Cookie(name.to_owned()),
        _ => return None,
    };
    let millionths = u32::try_from(millionths).ok().filter(|share| u64::from(*share) <= WHOLE)?;
    Some(Sample::Share { millionths, by })
}

fn rate(text: &str) -> Option<Sample> {
    let (amount, unit) = number(text.trim().strip_suffix("/s")?)?;
    let amount = Some(amount).filter(|amount| *amount > 0)?;
    if unit.is_empty() {
        return Some(Sample::Rate(amount));
    }
    let (_, bytes) = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    Some(Sample::Bytes(amount.checked_mul(*bytes)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_read_and_written() {
        let check = |text: &str, written: &str| {
            assert_eq!(
                text.parse::<Sample>().map(|sample| sample.to_string()).as_deref(),
                Ok(written),
                "{text}"
            );
        };
        check("1%", "1%");
        check("0.5%", "0.5%");
        check("100 %", "100%");
        check("0.0001% by exchange", "0.0001%");
        check("2.50% by client", "2.5% by client");
        check("10% by header X-User", "10% by header x-user");
        check("5% by cookie sid", "5% by cookie sid");
        check("1% by trace", "1% by trace");
        check("10/s", "10/s");
        check("1MB/s", "1MB/s");
        check("1500 kb/s", "1500KB/s");
        for text in
            ["", "%", "101%", "1.00001%", "-1%", "1% by", "1% by moon", "0/s", "10", "1XB/s", "10/m", "0MB/s"]
        {
            assert!(text.parse::<Sample>().is_err(), "{text}");
        }
    }
}
