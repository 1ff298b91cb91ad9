//! How long the exchanges of each route take, so that one that takes much longer is noticed.
//!
//! A route is a method, a host and a path with its ids folded. For each there is a histogram whose counts are halved
//! again and again, so that it follows what is usual now. Routes that were not seen for long are forgotten.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use dashcam_exchange::{Exchange, State, path_shape};

use crate::aging::Aging;

/// Routes that are known at most.
const MOST_ROUTES: usize = 2048;
/// Exchanges of a route without which nothing is unusual.
const LEAST: u32 = 100;
/// Exchanges after which all counts are halved.
const FULL: u32 = 4096;
/// A shorter one is never slow, in microseconds: of a millisecond a moment without the processor makes ten.
const SHORTEST: i64 = 10_000;
/// Buckets: four for each doubling of the time, up to an hour.
const BUCKETS: usize = 32 * 4;

/// An exchange that took much longer than others of its route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slow {
    /// The route: method, host and path.
    pub route: String,
    /// How long it took, in microseconds.
    pub took_us: i64,
    /// The time that 99 of 100 take at most, in microseconds.
    pub p99_us: i64,
}

/// Watches how long exchanges take.
#[derive(Debug)]
pub(crate) struct Latency {
    /// How many times the 99th percentile is slow, in tenths.
    tenths: u64,
    routes: Aging<u64, Histogram>,
    shape: String,
}

/// Counts by time, and the percentile as it was lately.
#[derive(Debug)]
struct Histogram {
    counts: Box<[u32; BUCKETS]>,
    total: u32,
}

impl Latency {
    /// Exchanges that take more than `times` the 99th percentile are slow.
    pub(crate) fn over(times: f64) -> Self {
        Self { tenths: (times * 10.0) as u64, routes: Aging::of(MOST_ROUTES), shape: String::new() }
    }

    /// The same, with the factor of `other`.
    pub(crate) fn over_as(self, other: &Self) -> Self {
        Self { tenths: other.tenths, ..self }
    }

    /// Notes how long an exchange took, and returns whether that is slow.
    pub(crate) fn note(&mut self, exchange: &Exchange) -> Option<Slow> {
        let took = exchange.timings.end_us.filter(|_| lasts_by_itself(exchange))?;
        path_shape(&exchange.request.target, &mut self.shape);
        let mut hasher = DefaultHasher::new();
        (&exchange.request.method, &exchange.destination.host, &self.shape).hash(&mut hasher);
        let route = hasher.finish();
        let Some(histogram) = self.routes.get_mut(route) else {
            let mut histogram = Histogram { counts: Box::new([0; BUCKETS]), total: 0 };
            histogram.add(took);
            self.routes.insert(route, histogram, 1);
            return None;
        };
        let usual = histogram.p99();
        histogram.add(took);
        let p99_us = usual.filter(|usual| {
            took >= SHORTEST && (took as u64).saturating_mul(10) > (*usual as u64).saturating_mul(self.tenths)
        })?;
        let route = format!("{} {}{}", exchange.request.method, exchange.destination.host, self.shape);
        Some(Slow { route, took_us: took, p99_us })
    }
}

/// Returns whether its length is a matter of the server: streams and upgraded connections last as long as somebody wants
/// them, and clients that go away end theirs.
fn lasts_by_itself(exchange: &Exchange) -> bool {
    let is_stream = |response: &dashcam_exchange::ResponseHead| {
        let media = response.headers.text("content-type").unwrap_or_default();
        response.status == 101
            || media.starts_with("text/event-stream")
            || media.starts_with("application/grpc")
    };
    matches!(exchange.state, State::Complete | State::Failed)
        && exchange.request.method != "CONNECT"
        && !exchange.response.as_ref().is_some_and(is_stream)
}

impl Histogram {
    fn add(&mut self, us: i64) {
        self.counts[bucket(us)] += 1;
        self.total += 1;
        if self.total >= FULL {
            self.counts.iter_mut().for_each(|count| *count /= 2);
            self.total = self.counts.iter().sum();
        }
    }

    /// The time that 99 of 100 take at most, in microseconds; `None` if it was not seen often enough.
    fn p99(&self) -> Option<i64> {
        if self.total < LEAST {
            return None;
        }
        let mut beyond = self.total / 100;
        for (bucket, count) in self.counts.iter().enumerate().rev() {
            match beyond.checked_sub(*count) {
                Some(left) => beyond = left,
                None => return Some(end(bucket)),
            }
        }
        None
    }
}

/// The bucket of a time.
fn bucket(us: i64) -> usize {
    let us = us.max(1).cast_unsigned();
    let doublings = 63 - us.leading_zeros() as usize;
    let quarter = if doublings >= 2 { us >> (doublings - 2) & 3 } else { 0 };
    (doublings * 4 + quarter as usize).min(BUCKETS - 1)
}

/// The first time behind a bucket.
fn end(bucket: usize) -> i64 {
    let (doublings, quarter) = (bucket / 4, bucket as i64 % 4);
    if doublings < 2 { 2 << doublings } else { (5 + quarter) << (doublings - 2) }
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::sample;

    use super::*;

    fn took(target: &str, us: i64) -> Exchange {
        let mut exchange = sample::exchange(1);
        exchange.state = State::Complete;
        exchange.request.target = target.to_owned();
        exchange.response = Some(sample::ok(&[]));
        exchange.timings.end_us = Some(us);
        exchange
    }

    #[test]
    fn buckets_hold_their_times() {
        let mut before = 0;
        for us in 1..5000 {
            let bucket = bucket(us);
            assert!(bucket >= before && us < end(bucket), "{us} in {bucket}");
            assert!(us < 8 || end(bucket) <= us + us / 4 + 1, "{us} in {bucket} until {}", end(bucket));
            before = bucket;
        }
        assert_eq!((bucket(0), bucket(-5), bucket(i64::MAX)), (0, 0, BUCKETS - 1));
    }

    #[test]
    fn one_that_takes_much_longer_than_its_route_is_slow() {
        let mut latency = Latency::over(5.0);
        for index in 0..300 {
            assert_eq!(latency.note(&took(&format!("/users/{index}?q={index}"), 9_000 + index)), None);
        }
        assert_eq!(latency.note(&took("/users/1000", 30_000)), None, "less than five times");
        let slow = latency.note(&took("/users/1001", 90_000)).unwrap();
        assert_eq!((slow.route.as_str(), slow.took_us), ("GET a/users/{id}", 90_000));
        assert!((9_300..12_000).contains(&slow.p99_us), "{slow:?}");
        assert_eq!(latency.note(&took("/others", 90_000)), None, "nothing is known of that route");
    }

    #[test]
    fn few_or_short_ones_and_streams_are_never_slow() {
        let mut latency = Latency::over(2.0);
        (0..LEAST - 1).for_each(|_| assert_eq!(latency.note(&took("/", 100)), None));
        assert_eq!(latency.note(&took("/", 1_000_000)), None, "seen too few times");
        assert_eq!(latency.note(&took("/", 9_999)), None, "short");
        let mut stream = took("/", 1_000_000);
        stream.response = Some(sample::ok(&[("Content-Type", "text/event-stream")]));
        assert_eq!(latency.note(&stream), None);
        let mut gone = took("/", 1_000_000);
        gone.state = State::Aborted;
        assert_eq!(latency.note(&gone), None);
        assert!(latency.note(&took("/", 1_000_000)).is_some());
    }

    #[test]
    fn the_percentile_follows_what_is_usual_now() {
        let mut latency = Latency::over(3.0);
        (0..1000).for_each(|_| drop(latency.note(&took("/", 1_000))));
        assert!(latency.note(&took("/", 20_000)).is_some());
        let slow = (0..40_000).filter(|_| latency.note(&took("/", 20_000)).is_some()).count();
        assert!(slow < 100, "{slow} were, until it had become usual");
        assert_eq!(latency.note(&took("/", 20_000)), None);
    }

    #[test]
    fn routes_are_bounded() {
        let mut latency = Latency::over(3.0);
        for index in 0..10 * MOST_ROUTES {
            latency.note(&took(&format!("/route-{index}-x"), 1));
        }
        assert!(latency.routes.len() <= MOST_ROUTES);
    }
}
