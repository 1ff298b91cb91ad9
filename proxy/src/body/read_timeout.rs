//! How long a body is waited for: its next piece, and all of it.

use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use dashcam_exchange::{Failure, Side, Stage};
use tokio::time::Instant;

use crate::config::{Limits, Timeouts};
use crate::net::deadline::Deadline;
use crate::net::limited::{Limit, Limited};

/// The time limits of one body, and how long it was waited for. Only the side that sends it is waited for here: while it
/// can't be passed on, its clock stands.
#[derive(Default)]
pub(crate) struct ReadTimeout {
    rules: Option<Rules>,
    /// Since nothing comes.
    since: Option<Instant>,
    waited: Duration,
    came: u64,
}

struct Rules {
    side: Side,
    /// For the next piece.
    next: Option<Duration>,
    pace: Option<Pace>,
    limited: Arc<Limited>,
}

/// How slow a body may be.
struct Pace {
    grace: Duration,
    /// Bytes a second.
    rate: u64,
}

impl ReadTimeout {
    /// For a body that `side` sends, whose length `is_known` or not. Only a client's body of known length must keep a
    /// pace: any other may be a stream with pauses.
    pub(super) fn new(
        (timeouts, limits): (&Timeouts, &Limits),
        side: Side,
        is_known: bool,
        limited: &Arc<Limited>,
    ) -> Self {
        let next = if is_known { timeouts.body } else { timeouts.body_of_streams };
        let has_pace = is_known && side == Side::Client && limits.body_rate > 0;
        let pace = has_pace.then_some(Pace { grace: timeouts.body_grace, rate: limits.body_rate });
        let is_limited = next.is_some() || pace.is_some();
        let rules = is_limited.then(|| Rules { side, next, pace, limited: Arc::clone(limited) });
        Self { rules, ..Self::default() }
    }

    /// Bytes of it came.
    pub(crate) fn came(&mut self, bytes: usize) {
        if let Some(since) = self.since.take() {
            self.waited += since.elapsed();
        }
        self.came += bytes as u64;
    }

    /// Waits for more; ready when it did not come in time. `deadline` is this body's alone while it is waited for.
    pub(crate) fn poll(&mut self, deadline: &mut Deadline, cx: &mut Context<'_>) -> Poll<Failure> {
        let Some(rules) = &self.rules else { return Poll::Pending };
        let slow_in = rules.pace.as_ref().map(|pace| pace.left(self.came, self.waited));
        if self.since.is_none() {
            self.since = Some(Instant::now());
            deadline.set(slow_in.into_iter().chain(rules.next).min().unwrap_or(Duration::MAX));
        }
        ready!(deadline.poll(cx));
        let is_slow = slow_in.is_some_and(|slow_in| rules.next.is_none_or(|next| slow_in <= next));
        Poll::Ready(if is_slow { self.too_slow(rules) } else { rules.silent() })
    }

    fn too_slow(&self, rules: &Rules) -> Failure {
        rules.limited.count(Limit::BodyRate);
        let waited = self.waited + self.since.map_or(Duration::ZERO, |since| since.elapsed());
        let Pace { grace, rate } = rules.pace.as_ref().unwrap_or(&Pace { grace: Duration::ZERO, rate: 0 });
        let message = format!(
            "The client sent {} bytes of the request's body while it was waited for {:.1} s: after {} s, {rate} bytes a second are the least (limits.body_rate, timeouts.body_grace).",
            self.came,
            waited.as_secs_f64(),
            grace.as_secs_f64(),
        );
        Failure::new(Side::Client, Stage::RequestBody, message)
    }
}

impl Pace {
    /// How much longer it may be waited for, with so many bytes come within `waited`.
    fn left(&self, came: u64, waited: Duration) -> Duration {
        let earned = Duration::try_from_secs_f64(came as f64 / self.rate as f64).unwrap_or(Duration::MAX);
        self.grace.saturating_add(earned).saturating_sub(waited)
    }
}

impl Rules {
    fn silent(&self) -> Failure {
        self.limited.count(Limit::BodyTime);
        let (stage, who) = match self.side {
            Side::Client => (Stage::RequestBody, "client sent nothing more of the request"),
            Side::Upstream | Side::Proxy => {
                (Stage::ResponseBody, "upstream sent nothing more of the response")
            }
        };
        let limit = self.next.unwrap_or_default().as_secs_f64();
        Failure::new(self.side, stage, format!("The {who} for {limit} s (timeouts.body)."))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::time::sleep;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn waiting(side: Side, is_known: bool) -> ReadTimeout {
        let timeouts = Timeouts {
            body: Some(600 * SECOND),
            body_of_streams: None,
            body_grace: 60 * SECOND,
            ..Timeouts::default()
        };
        let limits = Limits { body_rate: 500, ..Limits::default() };
        ReadTimeout::new((&timeouts, &limits), side, is_known, &Arc::default())
    }

    /// When a body of which `bytes` come every `every` fails, and why; `None` if it lives for a day.
    async fn fails(mut waiting: ReadTimeout, bytes: usize, every: Duration) -> Option<(u64, Failure)> {
        let (start, mut deadline) = (Instant::now(), Deadline::default());
        while start.elapsed() < 86_400 * SECOND {
            tokio::select! {
                biased;
                failure = poll_fn(|cx| waiting.poll(&mut deadline, cx)) => {
                    return Some((start.elapsed().as_secs(), failure));
                }
                () = sleep(every) => waiting.came(bytes),
            }
        }
        None
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_has_its_time() {
        use Side::{Client, Upstream};
        let never = 100_000 * SECOND;
        for (side, is_known, bytes, every, expect) in [
            (Client, true, 0, never, Some((60, Stage::RequestBody))),
            (Client, true, 1, SECOND, Some((60, Stage::RequestBody))),
            (Client, true, 250, SECOND, Some((119, Stage::RequestBody))),
            (Client, true, 500, SECOND, None),
            (Client, true, 60_000, 59 * SECOND, None),
            (Client, false, 0, never, None),
            (Client, false, 1, SECOND, None),
            (Upstream, true, 0, never, Some((600, Stage::ResponseBody))),
            (Upstream, true, 1, 599 * SECOND, None),
            (Upstream, false, 0, never, None),
        ] {
            let found = fails(waiting(side, is_known), bytes, every).await;
            let found = found.map(|(after, failure)| {
                assert_eq!(failure.side, side);
                (after, failure.stage)
            });
            assert_eq!(found, expect, "{side}, known: {is_known}, {bytes} bytes every {every:?}");
        }
    }

    #[test]
    fn bytes_that_came_earn_time() {
        let pace = Pace { grace: 60 * SECOND, rate: 500 };
        for (came, waited, left) in [(0, 0, 60), (0, 60, 0), (1000, 60, 2), (1000, 100, 0), (u64::MAX, 9, 0)]
        {
            let found = pace.left(came, waited * SECOND).as_secs();
            assert!(found == left || came == u64::MAX, "{came} bytes in {waited} s: {found}");
        }
    }
}
