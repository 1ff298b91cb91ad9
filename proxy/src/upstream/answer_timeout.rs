//! How long an upstream may take to answer a request that it has.

use std::task::{Context, Poll, ready};

use dashcam_exchange::{Failure, RequestHead, Side, Stage};

use crate::context;
use crate::h2::extended_connect;
use crate::net::deadline::Deadline;
use crate::net::limited::Limit;
use crate::upstream::no_answer::NoAnswer;

/// The time limit of one request's answer.
pub(super) struct AnswerTimeout<'a> {
    context: &'a context::Context,
    head: &'a RequestHead,
    state: State,
}

enum State {
    New,
    ReadTimeout,
    /// There is no limit.
    Off,
}

impl<'a> AnswerTimeout<'a> {
    pub(super) fn new(context: &'a context::Context, head: &'a RequestHead) -> Self {
        Self { context, head, state: State::New }
    }

    /// Waits, from the first call on; ready when the answer is late. `deadline` serves nothing else meanwhile.
    pub(super) fn poll(&mut self, deadline: &mut Deadline, cx: &mut Context<'_>) -> Poll<NoAnswer> {
        let timeouts = &self.context.config.timeouts;
        match (&self.state, timeouts.response_head) {
            (State::Off, _) | (_, None) => return Poll::Pending,
            (State::ReadTimeout, _) => {}
            (State::New, Some(limit)) => {
                deadline.set(limit);
                self.state = State::ReadTimeout;
            }
        }
        ready!(deadline.poll(cx));
        // Asked only now: nearly all answers come before.
        if timeouts.response_head_of_streams.is_none() && may_stream(self.head) {
            self.state = State::Off;
            return Poll::Pending;
        }
        self.context.limited.count(Limit::ResponseHeadTime);
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
    use dashcam_exchange::{Headers, Version};

    use super::*;

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
            let head = RequestHead {
                method: method.to_owned(),
                target: "/".to_owned(),
                authority: None,
                version: Version::Http11,
                headers: [(name, value)].into_iter().collect::<Headers>(),
            };
            assert_eq!(may_stream(&head), expect, "{method} {name}: {value}");
        }
    }
}
