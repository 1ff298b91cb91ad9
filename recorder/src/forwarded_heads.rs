//! Heads as they were sent on, kept where that is not as they were received.

use std::borrow::Cow;

use dashcam_exchange::{RequestHead, ResponseHead, Version};

use crate::OpenExchange;
use crate::intake::Part;
use crate::lock::lock;

impl OpenExchange {
    /// Notes the request's head as it is written to the upstream, in the version spoken there: that is the
    /// request's end if it has no body. A copy is kept only if it is not what was received; without room for it the
    /// exchange is lost. If the request is sent again, the last one counts.
    pub fn request_sent(&self, head: &RequestHead) {
        let at = self.open.elapsed_us();
        let mut state = lock(&self.open.state);
        if !state.is_kept() {
            return;
        }
        if state.exchange.request_body.complete {
            state.exchange.timings.request_end_us = Some(at);
        }
        let mut head = Cow::Borrowed(head);
        self.open.recorder.shared.intake.take(Part::RequestSent(&mut head), &mut state.hid);
        let received = &state.exchange.request;
        // HTTP/1 names the authority in its `Host` field alone.
        let authority = head.authority.as_ref().filter(|_| head.version == Version::Http2);
        let same = head.version == received.version
            && head.headers == received.headers
            && (head.version != Version::Http2 || head.authority == received.authority);
        let copy =
            (!same).then(|| RequestHead { authority: authority.cloned(), ..RequestHead::clone(&head) });
        let before = state.exchange.request_sent.take();
        state.release(before.as_ref().map_or(0, RequestHead::footprint));
        if state.hold(copy.as_ref().map_or(0, RequestHead::footprint)) {
            state.exchange.request_sent = copy;
        }
    }

    /// Notes the response's head as it was written to the client, in the version spoken there: after
    /// [`OpenExchange::response`], or without it for an answer of our own. A copy is kept only if it is not
    /// what was received; without room for it the exchange is lost.
    pub fn response_sent(&self, head: &ResponseHead) {
        let mut state = lock(&self.open.state);
        let mut head = Cow::Borrowed(head);
        self.open.recorder.shared.intake.take(Part::ResponseSent(&mut head), &mut state.hid);
        if state.exchange.response_sent.is_some() || state.exchange.response.as_ref() == Some(&*head) {
            return;
        }
        let copy = ResponseHead::clone(&head);
        if state.hold(copy.footprint()) {
            state.exchange.response_sent = Some(copy);
        }
    }
}
