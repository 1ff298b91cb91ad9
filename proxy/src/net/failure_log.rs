//! Failures that an operator wants to know of: a line of the log for each destination, once a minute, with the number of
//! failures that it stands for.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use dashcam_exchange::{Failure, Side, Stage};
use hashlink::LruCache;

/// How often there is a line about one destination.
const INTERVAL: Duration = Duration::from_secs(60);
/// How many destinations are remembered; beyond that the ones that failed longest ago go.
const MOST: usize = 1024;
/// How many lines there are within [`INTERVAL`] in all: strangers choose the destinations.
const MOST_LINES: u32 = 60;

/// The kinds of failures that have lines of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    ClientRefuses,
    UpstreamDown,
    UpstreamTls,
}

impl Kind {
    fn of(failure: &Failure) -> Option<Self> {
        match (failure.side, failure.stage) {
            (Side::Client, Stage::TlsHandshake) => Some(Self::ClientRefuses),
            (Side::Upstream, Stage::Dns | Stage::Connect) => Some(Self::UpstreamDown),
            (Side::Upstream, Stage::TlsHandshake) => Some(Self::UpstreamTls),
            _ => None,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::ClientRefuses => "client refuses",
            Self::UpstreamDown => "upstream is down",
            Self::UpstreamTls => "no TLS with upstream",
        }
    }
}

/// The destinations that failed, with the time of their last lines.
#[derive(Debug)]
pub(crate) struct FailureLog(Mutex<State>);

#[derive(Debug)]
struct State {
    known: LruCache<(Kind, String), Known>,
    /// When the interval began in which `lines` were written.
    since: Option<Instant>,
    lines: u32,
    /// Failures without a line, of destinations that are forgotten or had no place among [`MOST_LINES`].
    untold: u64,
}

#[derive(Debug, Default)]
struct Known {
    last: Option<Instant>,
    since: u64,
}

/// Numbers for a line.
#[derive(Debug, PartialEq, Eq)]
struct Due {
    /// Failures of this destination that the line stands for.
    times: u64,
    /// Failures of others that had no line.
    untold: u64,
}

impl Default for FailureLog {
    fn default() -> Self {
        Self(Mutex::new(State { known: LruCache::new(MOST), since: None, lines: 0, untold: 0 }))
    }
}

impl FailureLog {
    /// Writes a line about `failure` with `destination` (`HOST:PORT`), if it is of a kind that has lines and one is due.
    pub(crate) fn failed(
        &self,
        failure: &Failure,
        destination: &str,
        client: Option<&dyn std::fmt::Display>,
    ) {
        let Some(kind) = Kind::of(failure) else { return };
        let Some(Due { times, untold }) = self.due(kind, destination, Instant::now()) else { return };
        let client = client.map(tracing::field::display);
        let untold = (untold > 0).then_some(untold);
        tracing::info!(
            destination,
            client,
            failure.side = failure.side.as_str(),
            failure.stage = failure.stage.as_str(),
            times,
            untold,
            "{}: {}",
            kind.title(),
            failure.message
        );
    }

    fn due(&self, kind: Kind, destination: &str, now: Instant) -> Option<Due> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        let is_over = |since: Instant| now.duration_since(since) >= INTERVAL;
        let key = (kind, destination.to_owned());
        if !state.known.contains_key(&key)
            && state.known.len() >= MOST
            && let Some((_, forgotten)) = state.known.remove_lru()
        {
            state.untold += forgotten.since;
        }
        let known = state.known.entry(key).or_insert_with(Known::default);
        known.since += 1;
        if known.last.is_some_and(|last| !is_over(last)) {
            return None;
        }
        if state.since.is_none_or(is_over) {
            (state.since, state.lines) = (Some(now), 0);
        }
        if state.lines >= MOST_LINES {
            return None;
        }
        state.lines += 1;
        known.last = Some(now);
        Some(Due { times: std::mem::take(&mut known.since), untold: std::mem::take(&mut state.untold) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_has_a_line_a_minute_that_says_how_many() {
        let (log, begun) = (FailureLog::default(), Instant::now());
        let due = |kind, host: &str, seconds| {
            log.due(kind, host, begun + Duration::from_secs(seconds)).map(|due| due.times)
        };
        assert_eq!(due(Kind::UpstreamDown, "a:443", 0), Some(1));
        assert_eq!(due(Kind::UpstreamDown, "a:443", 1), None);
        assert_eq!(due(Kind::ClientRefuses, "a:443", 1), Some(1));
        assert_eq!(due(Kind::UpstreamDown, "b:443", 1), Some(1));
        assert_eq!(due(Kind::UpstreamDown, "a:443", 59), None);
        assert_eq!(due(Kind::UpstreamDown, "a:443", 60), Some(3));
    }

    #[test]
    fn many_destinations_fill_neither_memory_nor_the_log() {
        let (log, begun) = (FailureLog::default(), Instant::now());
        let lines = |range: std::ops::Range<usize>, at| {
            range
                .filter_map(|number| log.due(Kind::UpstreamDown, &format!("h{number}"), at))
                .collect::<Vec<_>>()
        };
        assert_eq!(lines(0..MOST + 100, begun).len(), MOST_LINES as usize);
        let later = lines(0..1, begun + INTERVAL);
        // Those that are forgotten had a line first, or none: 60 had one, and 41 were forgotten without.
        assert_eq!(later, [Due { times: 1, untold: 41 }]);
        assert_eq!(log.0.lock().unwrap().known.len(), MOST);
    }

    #[test]
    fn kinds_are_those_that_an_operator_can_mend() {
        let check = |side, stage, expect| {
            assert_eq!(Kind::of(&Failure::new(side, stage, "")), expect, "{side} {stage}");
        };
        check(Side::Client, Stage::TlsHandshake, Some(Kind::ClientRefuses));
        check(Side::Client, Stage::RequestHead, None);
        check(Side::Upstream, Stage::Dns, Some(Kind::UpstreamDown));
        check(Side::Upstream, Stage::Connect, Some(Kind::UpstreamDown));
        check(Side::Upstream, Stage::TlsHandshake, Some(Kind::UpstreamTls));
        check(Side::Upstream, Stage::ResponseHead, None);
        check(Side::Proxy, Stage::Connect, None);
    }
}
