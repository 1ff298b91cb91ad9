//! Times: days, times of day, and how long ago. Where a text has no offset, the time zone of “now” is meant.

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Span as Length, ToSpan as _, Zoned};

use crate::field::Since;
use crate::parse::fault::Problem;
use crate::parse::number::{self, Interval};
use crate::tree::Span;

/// Reads a time, or a range of times.
pub(super) fn span(text: &str, since: Since, now: &Zoned) -> Result<Span, Problem> {
    match since {
        Since::From => Ok(Span { min: point(text, None, now)?.interval.min, max: i64::MAX }),
        Since::Before => {
            Ok(Span { min: i64::MIN, max: point(text, None, now)?.interval.min.saturating_sub(1) })
        }
        Since::At => match text.split_once("..") {
            Some((from, to)) => range(from, to, now),
            None => number::span(text, |text| Ok(point(text, None, now)?.interval)),
        },
    }
}

/// From one time to another, which may be a time of the same day. A day at the end is part of it as a whole.
fn range(from: &str, to: &str, now: &Zoned) -> Result<Span, Problem> {
    if from.is_empty() && to.is_empty() {
        return Err(Problem::new("this range has no end").expecting("A..B, A.. or ..B"));
    }
    let first = if from.is_empty() { None } else { Some(point(from, None, now)?) };
    let last =
        if to.is_empty() { None } else { Some(point(to, first.as_ref().map(|first| first.day), now)?) };
    let min = first.map_or(i64::MIN, |first| first.interval.min);
    let max = last.map_or(i64::MAX, |last| if last.is_day { last.interval.max } else { last.interval.min });
    if min > max {
        return Err(Problem::new("nothing is in this range").expecting("the earlier end first"));
    }
    Ok(Span { min, max })
}

/// A time as it was written.
struct Point {
    /// The time that has the written beginning, in unix microseconds.
    interval: Interval,
    day: Date,
    is_day: bool,
}

fn point(text: &str, day: Option<Date>, now: &Zoned) -> Result<Point, Problem> {
    let wrong = || {
        Problem::new(format!("\u{201c}{text}\u{201d} is no time"))
            .expecting("2026-11-28, 2026-11-28T10:00, 10:00, today, or how long ago: 10m")
    };
    if let Ok(ago) = number::duration(text) {
        let at = now.checked_sub(SignedDuration::from_micros(ago.min)).map_err(|_| wrong())?;
        let interval = Span::only(at.timestamp().as_microsecond());
        return Ok(Point { interval, day: at.date(), is_day: false });
    }
    let (date, time) = match (named_day(text, now).or_else(|| date_of(text)), text.split_once(['T', 't'])) {
        (Some(date), _) => (date, None),
        (None, Some((date, time))) => (date_of(date).ok_or_else(wrong)?, Some(time)),
        (None, None) if text.contains(':') => (day.unwrap_or_else(|| now.date()), Some(text)),
        (None, None) => return Err(wrong()),
    };
    let Some(time) = time else {
        let interval = interval(date.at(0, 0, 0, 0), "", 1.day(), now).ok_or_else(wrong)?;
        return Ok(Point { interval, day: date, is_day: true });
    };
    let (time, offset) = split_offset(time);
    let (time, width) = time_of(time).ok_or_else(wrong)?;
    let interval = interval(date.to_datetime(time), offset, width, now).ok_or_else(wrong)?;
    Ok(Point { interval, day: date, is_day: false })
}

fn named_day(text: &str, now: &Zoned) -> Option<Date> {
    match text.to_ascii_lowercase().as_str() {
        "today" => Some(now.date()),
        "yesterday" => now.date().yesterday().ok(),
        _ => None,
    }
}

fn date_of(text: &str) -> Option<Date> {
    let is_date = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    is_date.then(|| text.parse().ok()).flatten()
}

/// The time of day, and how much begins so: an hour, a minute, a second, or a part of one.
fn time_of(text: &str) -> Option<(Time, Length)> {
    let (clock, fraction) = text.split_once('.').map_or((text, None), |(clock, rest)| (clock, Some(rest)));
    let parts: Vec<&str> = clock.split(':').collect();
    let number = |text: &str| {
        let is_number = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<i8>().ok()).flatten()
    };
    let at = |index: usize| parts.get(index).map_or(Some(0), |part| number(part));
    let width = match parts.len() {
        1 => 1.hour(),
        2 => 1.minute(),
        3 => 1.second(),
        _ => return None,
    };
    let (mut nanoseconds, mut width) = (0, width);
    if let Some(fraction) = fraction {
        let is_fraction =
            (1..=9).contains(&fraction.len()) && fraction.bytes().all(|byte| byte.is_ascii_digit());
        let digits = is_fraction.then_some(fraction.len()).filter(|_| parts.len() == 3)?;
        nanoseconds = format!("{fraction:0<9}").parse().ok()?;
        let microseconds = 10_i64.pow(u32::try_from(6_usize.saturating_sub(digits)).ok()?);
        width = microseconds.microseconds();
    }
    Time::new(at(0)?, at(1)?, at(2)?, nanoseconds).ok().map(|time| (time, width))
}

/// A time of day and its offset from UTC, `Z` or `+02:00`, which may be empty.
fn split_offset(text: &str) -> (&str, &str) {
    let end = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
    text.split_at(end)
}

fn interval(from: DateTime, offset: &str, width: Length, now: &Zoned) -> Option<Interval> {
    let until = from.checked_add(width).ok()?;
    let microsecond = |time: DateTime| {
        let instant = match offset {
            "" => time.to_zoned(now.time_zone().clone()).ok()?.timestamp(),
            offset => format!("{time}{offset}").parse().ok()?,
        };
        Some(instant.as_microsecond())
    };
    let min = microsecond(from)?;
    Some(Span { min, max: microsecond(until)?.max(min + 1) - 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, since: Since, expect: Option<(&str, &str)>) {
        let now: Zoned = "2026-11-28T12:30:00+01:00[+01:00]".parse().unwrap();
        let shown = |micros: i64| match micros {
            i64::MIN | i64::MAX => String::new(),
            micros => jiff::Timestamp::from_microsecond(micros).unwrap().to_string(),
        };
        let found = span(text, since, &now).ok().map(|span| (shown(span.min), shown(span.max)));
        assert_eq!(found, expect.map(|(min, max)| (min.to_owned(), max.to_owned())), "{text}");
    }

    #[test]
    fn times() {
        use Since::{At, Before, From};
        check("10m", From, Some(("2026-11-28T11:20:00Z", "")));
        check("1h30m", Before, Some(("", "2026-11-28T09:59:59.999999Z")));
        check("2026-11-28", At, Some(("2026-11-27T23:00:00Z", "2026-11-28T22:59:59.999999Z")));
        check("today", At, Some(("2026-11-27T23:00:00Z", "2026-11-28T22:59:59.999999Z")));
        check("yesterday", From, Some(("2026-11-26T23:00:00Z", "")));
        check("2026-11-28T10:00..11:00", At, Some(("2026-11-28T09:00:00Z", "2026-11-28T10:00:00Z")));
        check(
            "2026-11-27T10:00..2026-11-28",
            At,
            Some(("2026-11-27T09:00:00Z", "2026-11-28T22:59:59.999999Z")),
        );
        check("10:00", At, Some(("2026-11-28T09:00:00Z", "2026-11-28T09:00:59.999999Z")));
        check("2026-11-28T10", At, Some(("2026-11-28T09:00:00Z", "2026-11-28T09:59:59.999999Z")));
        check("2026-11-28T10:00:05Z", At, Some(("2026-11-28T10:00:05Z", "2026-11-28T10:00:05.999999Z")));
        check("2026-11-28T10:00:05.25+02:00", From, Some(("2026-11-28T08:00:05.25Z", "")));
        check(">=10:00", At, Some(("2026-11-28T09:00:00Z", "")));
        check("2h..1h", At, Some(("2026-11-28T09:30:00Z", "2026-11-28T10:30:00Z")));
        for wrong in
            ["", "..", "tomorrow?", "25:00", "2026-13-01", "2026-11-28T", "10", "11:00..10:00", "10:00:00.1x"]
        {
            check(wrong, At, None);
        }
    }
}
