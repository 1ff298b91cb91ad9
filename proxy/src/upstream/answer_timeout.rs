//! How long an upstream may take to answer a request that it has.

use std::task::{Context, Poll, ready};

use dashcam_exchange::{Failure, RequestHead, Side, Stage};

use crate::config::Timeouts;
use crate::context;
use crate::h2::extended_connect;
use crate::net::deadline::Deadline;
use crate::net::limited::{Limit, Limited};
use crate::upstream::no_answer::NoAnswer;
use crate::upstream::tls;

/// The time limit of one request's answer.
pub(super) struct AnswerTimeout<'a> {
    timeouts: &'a Timeouts,
    limited: &'a Limited,
    head: &'a RequestHead,
    state: State,
}

enum State {
    New,
    ReadTimeout,
    /// The upstream wanted a new handshake, and may wait for it.
    Refused,
    /// There is no limit.
    Off,
}

impl<'a> AnswerTimeout<'a> {
    pub(super) fn new(context: &'a context::Context, head: &'a RequestHead) -> Self {
        Self { timeouts: &context.config.timeouts, limited: &context.limited, head, state: State::New }
    }

    /// Lets the upstream, which wanted a new handshake and was told that there is none, have as long as for a handshake.
    pub(super) fn hurry(&mut self, deadline: &mut Deadline) {
        if !matches!(self.state, State::Refused) {
            deadline.set(self.timeouts.tls_handshake);
            self.state = State::Refused;
        }
    }

    /// Waits, from the first call on; ready when the answer is late. `deadline` serves nothing else meanwhile.
    pub(super) fn poll(&mut self, deadline: &mut Deadline, cx: &mut Context<'_>) -> Poll<NoAnswer> {
        let timeouts = self.timeouts;
        match (&self.state, timeouts.response_head) {
            (State::ReadTimeout | State::Refused, _) => {}
            (State::Off, _) | (_, None) => return Poll::Pending,
            (State::New, Some(limit)) => {
                deadline.set(limit);
                self.state = State::ReadTimeout;
            }
        }
        ready!(deadline.poll(cx));
        if let State::Refused = self.state {
            let limit = timeouts.tls_handshake.as_secs_f64();
            let then = format!("sent nothing more within {limit} s (timeouts.tls_handshake)");
            let message = tls::refused_renegotiation("The upstream", &then);
            return Poll::Ready(Failure::new(Side::Upstream, Stage::ResponseHead, message).into());
        }
        // Asked only now: nearly all answers come before.
        if timeouts.response_head_of_streams.is_none() && may_stream(self.head) {
            self.state = State::Off;
            return Poll::Pending;
        }
        self.limited.count(Limit::ResponseHeadTime);
        let limit = timeouts.response_head.unwrap_or_default().as_secs_f64();
        let message = format!("The upstream did not answer within {limit} s (timeouts.response_head).");
        let failure = Failure::new(Side::Upstream, Stage::ResponseHead, message);
        Poll::Ready((504, failure).into())
    }
}

/// Returns whether the response to a request may be a stream that begins when there is something to say.
fn may_stream(head: &RequestHead) -> bool {
    let field = |name| head.headers.text(name).unwrap_or_default();
    field("content-type").starts_with("application/grpc")
        || field("accept").contains("text/event-stream")
        || head.headers.contains("upgrade")
        || extended_connect::protocol(head).is_some()
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use dashcam_exchange::{Headers, Version};
    use tokio::time::Instant;

    use super::*;

    fn head(method: &str, name: &str, value: &str) -> RequestHead {
        RequestHead {
            method: method.to_owned(),
            target: "/".to_owned(),
            authority: None,
            version: Version::Http11,
            headers: [(name, value)].into_iter().collect::<Headers>(),
        }
    }

    /// An upstream whose new handshake was refused may wait for it for ever.
    #[tokio::test(start_paused = true)]
    async fn a_refused_handshake_is_waited_for_as_long_as_a_handshake() {
        let (limited, head) = (Limited::default(), head("GET", "Accept", "text/event-stream"));
        for response_head in [None, Some(Duration::from_secs(3600))] {
            let timeouts =
                Timeouts { tls_handshake: Duration::from_secs(10), response_head, ..Timeouts::default() };
            let mut late =
                AnswerTimeout { timeouts: &timeouts, limited: &limited, head: &head, state: State::New };
            let (start, mut deadline) = (Instant::now(), Deadline::default());
            let NoAnswer { failure, status, .. } = poll_fn(|cx| {
                if late.poll(&mut deadline, cx).is_pending() {
                    late.hurry(&mut deadline);
                }
                late.poll(&mut deadline, cx)
            })
            .await;
            assert_eq!((start.elapsed().as_secs(), status), (10, 502));
            assert!(failure.message.contains("(renegotiation)") && failure.message.contains("within 10 s"));
        }
    }

    #[test]
    fn what_may_be_a_stream() {
        for (method, name, value, expect) in [
            ("POST", "Content-Type", "application/grpc+proto", true),
            ("POST", "content-type", "application/json", false),
            ("GET", "Accept", "text/event-stream", true),
            ("GET", "Accept", "*/*", false),
            ("GET", "Upgrade", "websocket", true),
            ("CONNECT", ":protocol", "websocket", true),
            ("GET", "Host", "a", false),
        ] {
            assert_eq!(may_stream(&head(method, name, value)), expect, "{method} {name}: {value}");
        }
    }
}
