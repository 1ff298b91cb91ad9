//! Wrong tokens: counted by source, so that who tries many is slowed and nobody else is.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

/// How many wrong tokens a source may show before it is slowed.
const FREE: u32 = 5;
/// The first delay; each failure doubles it.
const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(3);
/// After so long without a failure a source is as good as new.
const FORGOTTEN: Duration = Duration::from_secs(60);
/// The most sources that are remembered: the one that failed longest ago gives way.
const MOST: usize = 1024;
/// The log has a line so often at most.
const TOLD: Duration = Duration::from_secs(10);

/// Failures, by who made them.
#[derive(Debug, Default)]
pub(super) struct Failures {
    sources: HashMap<Option<IpAddr>, Failed>,
    told_at: Option<Instant>,
    untold: u64,
}

#[derive(Debug)]
struct Failed {
    times: u32,
    last: Instant,
}

impl Failures {
    /// How long a token from `source` waits before it is looked at.
    pub(super) fn delay(&self, source: Option<IpAddr>, now: Instant) -> Duration {
        let recent = self.sources.get(&source).filter(|failed| now - failed.last < FORGOTTEN);
        match recent.map_or(0, |failed| failed.times).checked_sub(FREE) {
            Some(beyond) => (FIRST * 2_u32.saturating_pow(beyond.min(10))).min(LONGEST),
            None => Duration::ZERO,
        }
    }

    /// A wrong token came from `source`; how many to log, if it is time to.
    pub(super) fn note(&mut self, source: Option<IpAddr>, now: Instant) -> Option<u64> {
        if self.sources.len() >= MOST && !self.sources.contains_key(&source) {
            let oldest = self.sources.iter().min_by_key(|(_, failed)| failed.last).map(|(source, _)| *source);
            oldest.and_then(|oldest| self.sources.remove(&oldest));
        }
        let failed = self.sources.entry(source).or_insert(Failed { times: 0, last: now });
        if now - failed.last >= FORGOTTEN {
            failed.times = 0;
        }
        (failed.times, failed.last) = (failed.times.saturating_add(1), now);
        self.untold += 1;
        if self.told_at.is_some_and(|at| now - at < TOLD) {
            return None;
        }
        self.told_at = Some(now);
        Some(std::mem::take(&mut self.untold))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(last: u8) -> Option<IpAddr> {
        Some([192, 0, 2, last].into())
    }

    #[test]
    fn who_fails_often_waits_longer_and_others_do_not() {
        let mut failures = Failures::default();
        let now = Instant::now();
        let waits: Vec<_> = (0..12)
            .map(|_| {
                let wait = failures.delay(source(1), now).as_millis();
                failures.note(source(1), now);
                wait
            })
            .collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 200, 400, 800, 1600, 3000, 3000, 3000]);
        assert_eq!(failures.delay(source(2), now), Duration::ZERO);
        assert_eq!(failures.delay(source(1), now + FORGOTTEN), Duration::ZERO);
        failures.note(source(1), now + FORGOTTEN);
        assert_eq!(failures.delay(source(1), now + FORGOTTEN), Duration::ZERO, "it begins again");
    }

    #[test]
    fn the_log_is_not_flooded_and_misses_none() {
        let mut failures = Failures::default();
        let now = Instant::now();
        assert_eq!(failures.note(source(1), now), Some(1));
        assert!((0..9).all(|_| failures.note(source(2), now).is_none()));
        assert_eq!(failures.note(source(3), now + TOLD), Some(10));
    }

    #[test]
    fn the_table_is_bounded() {
        let mut failures = Failures::default();
        let now = Instant::now();
        for number in 0..2 * u32::try_from(MOST).unwrap() {
            failures
                .note(Some(IpAddr::from(number.to_be_bytes())), now + Duration::from_millis(number.into()));
        }
        assert_eq!(failures.sources.len(), MOST);
    }
}
