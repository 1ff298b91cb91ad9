//! The dates of cookies, as user agents read them (RFC 6265 §5.1.1, §5.2.2): servers write them in many forms.

use dashcam_exchange::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// The moment that an `Expires` names, as UTC; `None` for what is no date.
pub(super) fn expires(text: &str) -> Option<DateTime> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(is_delimiter) {
        // Each token is the first of these that it can be, and is not found yet.
        let _ = take(&mut time, || time_of(token))
            || take(&mut day, || number(token, 1..=2))
            || take(&mut month, || month_of(token))
            || take(&mut year, || number(token, 2..=4));
    }
    let year = match year? {
        year @ 70..=99 => year + 1900,
        year @ 0..=69 => year + 2000,
        year => year,
    };
    let date = Date::new(year, month?, i8::try_from(day?).ok()?).ok().filter(|_| year >= 1601)?;
    Some(DateTime::from_parts(date, time?))
}

/// The moment that a `Max-Age` names which came at `at`; `None` for what is no number.
pub(super) fn max_age(text: &str, at: Timestamp) -> Option<DateTime> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    // What is not above zero has expired, and what is beyond all numbers never does.
    let seconds = if text.starts_with('-') { 0 } else { digits.parse::<i64>().unwrap_or(i64::MAX) };
    if seconds == 0 {
        return Some(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    }
    let moment = at.0.saturating_add(seconds.saturating_mul(1_000_000));
    let civil = jiff::Timestamp::from_microsecond(moment).map(|moment| Offset::UTC.to_datetime(moment));
    Some(civil.unwrap_or(DateTime::MAX))
}

/// Fills what is not found yet; returns whether it did.
fn take<T>(place: &mut Option<T>, found: impl FnOnce() -> Option<T>) -> bool {
    if place.is_some() {
        return false;
    }
    *place = found();
    place.is_some()
}

fn is_delimiter(character: char) -> bool {
    matches!(character, '\t' | ' '..='/' | ';'..='@' | '['..='`' | '{'..='~')
}

/// Digits at the beginning, of which there may be so many, and anything behind them.
fn number(token: &str, length: std::ops::RangeInclusive<usize>) -> Option<i16> {
    let digits = token.bytes().take_while(u8::is_ascii_digit).count();
    length.contains(&digits).then(|| token[..digits].parse().ok()).flatten()
}

fn time_of(token: &str) -> Option<Time> {
    let mut parts = token.splitn(3, ':');
    let mut exact = || {
        let part = parts.next()?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| number(part, 1..=2)).flatten()
    };
    let (hour, minute) = (exact()?, exact()?);
    let second = number(parts.next()?, 1..=2)?;
    let small = |number: i16| i8::try_from(number).ok();
    Time::new(small(hour)?, small(minute)?, small(second)?, 0).ok()
}

fn month_of(token: &str) -> Option<i8> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let name = token.get(..3)?;
    let index = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))?;
    i8::try_from(index + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(expires(text).map(|date| date.to_string()).as_deref(), expect, "{text}");
        };
        for text in [
            "Wed, 21 Oct 2026 07:28:00 GMT",
            "Wed, 21-Oct-2026 07:28:00 GMT",
            "Wed, 21-Oct-26 07:28:00 GMT",
            "Wednesday, 21-Oct-26 07:28:00 GMT",
            "Wed Oct 21 07:28:00 2026",
            "21 october 2026 7:28:0 UTC",
            "2026 21 Oct 07:28:00",
            "Sun, 21Oct... 2026 07:28:00 oct",
            "21st Oct 2026; 07:28:00pm",
        ] {
            // "21Oct..." is a day, so that the month is the last word.
            check(text, Some("2026-10-21T07:28:00"));
        }
        check("Mon, 31 Dec 9999 23:59:59 GMT", Some("9999-12-31T23:59:59"));
        check("Thu, 01-Jan-70 00:00:01 GMT", Some("1970-01-01T00:00:01"));
        check("Thu, 01-Jan-69 00:00:01 GMT", Some("2069-01-01T00:00:01"));
        for text in [
            "",
            "0",
            "NaN-NaN-NaN",
            "Wed, 21 Oct 2026",
            "31 Feb 2026 00:00:00",
            "21 Oct 1600 00:00:00",
            "21 Oct 2026 24:00:00",
            "21 Oct 2026 00:60:00",
            "21 Oct 20261 00:00:00",
            "Mär 21 2026 00:00:00",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn ages() {
        let check = |text: &str, expect: Option<&str>| {
            let found = max_age(text, Timestamp(1_500_000)).map(|date| date.to_string());
            assert_eq!(found.as_deref(), expect, "{text}");
        };
        check("3600", Some("1970-01-01T01:00:01.5"));
        check("0", Some("1970-01-01T00:00:00"));
        check("-1", Some("1970-01-01T00:00:00"));
        check("99999999999999999999999", Some("9999-12-31T23:59:59.999999999"));
        for text in ["", "-", "abc", "1.5", "+1", " 1"] {
            check(text, None);
        }
    }
}
