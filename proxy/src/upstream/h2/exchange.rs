//! HTTP/2 with an upstream, on the h2 crate.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Poll, ready};

use bytes::Bytes;
use dashcam_exchange::{Failure, Headers, RequestHead, ResponseHead, Scheme, Side, Stage, Version};
use dashcam_recorder::OpenExchange;
use h2::client::ResponseFuture;
use h2::{Reason, RecvStream, SendStream};
use tokio::sync::oneshot;

use crate::body::Body;
use crate::h1::framing;
use crate::h1::framing::BadFraming;
use crate::h2::body::H2Body;
use crate::h2::extended_connect;
use crate::h2::extended_connect::PROTOCOL;
use crate::h2::fields::{from_map, length, to_map};
use crate::h2::in_flight::{InFlight, OpenStream};
use crate::h2::io::H2Io;
use crate::h2::send::{Taker, Unsent, send as send_body};
use crate::http::interim::Interims;
use crate::net::deadline::Deadline;
use crate::net::io::Io;
use crate::net::transit::Room;
use crate::upstream::answer_timeout::AnswerTimeout;
use crate::upstream::call::{Answer, Call, is_idempotent};
use crate::upstream::h1;
use crate::upstream::h2::connections::{alone, way};
use crate::upstream::h2::ended::{failure, is_connections_fault, is_unprocessed, reset_of};
use crate::upstream::h2::over_h1::{chose_h1, over_h1};
use crate::upstream::h2::sender::Sender;
use crate::upstream::h2::slot::{Acquired, Slot};
use crate::upstream::key::Key;
use crate::upstream::no_answer::NoAnswer;
use crate::upstream::upstreams::Upstreams;

/// Sends `call` over an HTTP/2 connection to the destination, or over HTTP/1.1 if that is what it chose.
/// A request that the upstream surely did not process goes over another connection, once; one that can be repeated and
/// whose connection ended for a fault in any of its responses, over a connection of its own.
pub(in crate::upstream) async fn send(
    upstreams: &Arc<Upstreams>,
    call: Call<'_>,
) -> Result<Answer, NoAnswer> {
    let Call { place, head, mut body, interim, open, records, account, room } = call;
    let key = &place.key;
    let (mut repeated, mut is_alone) = (false, false);
    loop {
        let acquired = if is_alone {
            alone(upstreams, key, account, (open, records)).await?
        } else {
            way(upstreams, key, account, (open, records)).await?
        };
        let (sender, stream) = match acquired {
            Acquired::Http1New(connection) => {
                let call = Call { place, head, body, interim, open, records, account, room };
                // One that is alone says nothing of the others: some of a destination's servers may be older.
                let call = if is_alone { over_h1(upstreams, call) } else { chose_h1(upstreams, call) };
                return h1::exchange::send_over(upstreams, connection, call).await;
            }
            Acquired::Http1 => {
                let call = Call { place, head, body, interim, open, records, account, room };
                return h1::exchange::send(upstreams, chose_h1(upstreams, call)).await;
            }
            Acquired::Http2 { sender, stream } => (sender, stream),
        };
        if extended_connect::protocol(head).is_some() && !sender.extends_connect().await {
            // Browsers open a connection of their own then, with HTTP/1.1 (RFC 8441 §3).
            return h1::exchange::send(
                upstreams,
                over_h1(upstreams, Call { place, head, body, interim, open, records, account, room }),
            )
            .await;
        }
        sender.facts().note(open);
        let head = &*head;
        let exchange = Exchange { upstreams, sender: &sender, key, is_alone, head, interim, open, room };
        match exchange.run(body, stream).await {
            Ok(answer) => return Ok(answer),
            Err(Unanswered { again: Some(again), .. }) if !repeated => {
                (body, is_alone) = (again.body, again.alone);
            }
            Err(Unanswered { no_answer, .. }) => return Err(no_answer),
        }
        let slot: Arc<Slot> = upstreams.pool.slot(key);
        slot.forget(&sender).await;
        repeated = true;
    }
}

/// Why there is no response.
struct Unanswered {
    no_answer: NoAnswer,
    /// How to send the request again, where that does no harm.
    again: Option<Again>,
}

/// Another attempt.
struct Again {
    body: Body,
    /// True for a connection that no other request has: any of them may be what ended the last one.
    alone: bool,
}

impl From<NoAnswer> for Unanswered {
    fn from(no_answer: NoAnswer) -> Self {
        Self { no_answer, again: None }
    }
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        NoAnswer::from(failure).into()
    }
}

struct Exchange<'a> {
    upstreams: &'a Arc<Upstreams>,
    sender: &'a Sender,
    key: &'a Key,
    /// True if no other request has the connection.
    is_alone: bool,
    head: &'a RequestHead,
    interim: Option<&'a Interims>,
    open: Option<&'a OpenExchange>,
    room: Option<&'a Arc<Room>>,
}

impl Exchange<'_> {
    async fn run(&self, mut body: Body, stream: OpenStream) -> Result<Answer, Unanswered> {
        let request = request(self.key, self.head)?;
        if let Some(open) = self.open {
            open.request_sent(&as_sent(self.head, &request));
        }
        let switches = extended_connect::protocol(self.head).is_some();
        let had_body = !body.is_empty();
        let opened = self.sender.open(request, !had_body && !switches).await;
        let (mut response, to) = match opened {
            Ok(opened) => opened,
            // Nothing of it was sent.
            Err(error) => {
                let no_answer = self.failed(&error).into();
                return Err(Unanswered { no_answer, again: Some(Again { body, alone: false }) });
            }
        };
        let mut request = InFlight::new(stream);
        let whole = had_body.then(|| body.when_whole());
        let to = if had_body {
            self.upload(&mut request, body, to);
            None
        } else {
            Some(to)
        };
        let response = self.in_time(self.response(&mut response), whole).await?;
        match response {
            Ok(response) => self.answer(response, request, to.filter(|_| switches)),
            Err(error) => {
                let alone = is_connections_fault(&error) && is_idempotent(&self.head.method);
                let again = !had_body && (alone || is_unprocessed(&error));
                let again = again.then(|| Again { body: Body::empty(), alone });
                let failure = request.failure().unwrap_or_else(|| self.failed(&error));
                let no_answer = NoAnswer { reset: reset_of(&error), ..failure.into() };
                Err(Unanswered { no_answer, again })
            }
        }
    }

    /// The response, unless it is late: `whole` tells when the client has sent its whole request.
    async fn in_time<T>(
        &self,
        response: impl Future<Output = T>,
        mut whole: Option<oneshot::Receiver<()>>,
    ) -> Result<T, NoAnswer> {
        let mut response = pin!(response);
        let (mut late, mut deadline) =
            (AnswerTimeout::new(&self.upstreams.context, self.head), Deadline::default());
        let mut is_whole = true;
        poll_fn(|cx| {
            if let Poll::Ready(response) = response.as_mut().poll(cx) {
                return Poll::Ready(Ok(response));
            }
            if let Some(told) = &mut whole {
                // One that broke off tells so by itself.
                is_whole = ready!(Pin::new(told).poll(cx)).is_ok();
                whole = None;
            }
            if is_whole { late.poll(&mut deadline, cx).map(Err) } else { Poll::Pending }
        })
        .await
    }

    /// Sends the body at its own pace: the response may come before its end, and go on.
    fn upload(&self, request: &mut InFlight, mut body: Body, mut to: SendStream<Bytes>) {
        let (wanted, broken, stream) = request.upload();
        let (upstreams, room) = (Arc::clone(self.upstreams), self.room.cloned());
        self.upstreams.context.tasks.spawn(async move {
            let taker = Taker { context: &upstreams.context, side: Side::Upstream, room: room.as_ref() };
            tokio::select! {
                sent = send_body(&mut body, &mut to, taker) => {
                    if let Err(Unsent::Source { failure, reason }) = sent {
                        // Before the reset, whose other half asks for it. Nobody else sets it.
                        let _ = broken.set(failure);
                        to.send_reset(reason);
                    }
                }
                () = wanted.cancelled() => to.send_reset(Reason::CANCEL),
            }
            drop(stream);
        });
    }

    async fn response(&self, response: &mut ResponseFuture) -> Result<http::Response<RecvStream>, h2::Error> {
        // Errors come again from the response itself.
        while let Some(Ok(interim)) = poll_fn(|cx| response.poll_informational(cx)).await {
            let head = head(&interim.into_parts().0);
            if let Some(open) = self.open {
                open.interim(head.clone());
            }
            if let Some(interim) = self.interim {
                interim.put(head).await;
            }
        }
        response.await
    }

    fn answer(
        &self,
        response: http::Response<RecvStream>,
        request: InFlight,
        to: Option<SendStream<Bytes>>,
    ) -> Result<Answer, Unanswered> {
        let (parts, recv) = response.into_parts();
        let head = head(&parts);
        if let Some(to) = to.filter(|_| parts.status.is_success()) {
            let taker = Taker { context: &self.upstreams.context, side: Side::Upstream, room: None };
            let io = Io::from(H2Io::new(recv, to, Some(request), taker.write_timeout()));
            return Ok(Answer { head, body: Body::empty(), upgraded: Some(io) });
        }
        framing::response(&self.head.method, head.status, head.version, &head.headers)
            .map_err(|error| self.unsafe_to_pass(&error))?;
        let body = if recv.is_end_stream() {
            let mut request = request;
            request.answered();
            Body::empty()
        } else {
            Body::new(H2Body::response(recv, length(&head.headers), request))
        };
        Ok(Answer { head, body, upgraded: None })
    }

    fn unsafe_to_pass(&self, why: &BadFraming) -> Failure {
        let message = format!("{} sent a response that is not safe to pass on: {why}.", self.key.destination);
        Failure::new(Side::Upstream, Stage::ResponseHead, message)
    }

    fn failed(&self, error: &h2::Error) -> Failure {
        failure(self.key, error, self.is_alone)
    }
}

fn head(parts: &http::response::Parts) -> ResponseHead {
    ResponseHead {
        version: Version::Http2,
        status: parts.status.as_u16(),
        reason: String::new(),
        headers: from_map(&parts.headers),
    }
}

fn request(key: &Key, head: &RequestHead) -> Result<http::Request<()>, Failure> {
    let scheme = if key.destination.scheme == Scheme::Https { "https" } else { "http" };
    let authority = head.host().map_or_else(|| key.destination.authority(), str::to_owned);
    let uri =
        http::Uri::builder().scheme(scheme).authority(authority).path_and_query(head.target.as_str()).build();
    let refused = |why: &dyn std::fmt::Display| {
        let message = format!("The request can't be sent over HTTP/2: {why}.");
        Failure::new(Side::Client, Stage::RequestHead, message)
    };
    let uri = uri.map_err(|error| refused(&error))?;
    let method = http::Method::from_bytes(head.method.as_bytes()).map_err(|error| refused(&error))?;
    let mut headers: Headers = head.headers.clone();
    headers.remove("host");
    let mut request = http::Request::new(());
    if let Some(protocol) = extended_connect::protocol(head) {
        request.extensions_mut().insert(h2::ext::Protocol::from(protocol));
        headers.remove(PROTOCOL);
    }
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.version_mut() = http::Version::HTTP_2;
    *request.headers_mut() = to_map(&headers);
    Ok(request)
}

/// The head as it is written.
fn as_sent(head: &RequestHead, request: &http::Request<()>) -> RequestHead {
    RequestHead {
        authority: request.uri().authority().map(ToString::to_string),
        version: Version::Http2,
        headers: extended_connect::with_protocol(
            from_map(request.headers()),
            extended_connect::protocol(head),
        ),
        method: head.method.clone(),
        target: head.target.clone(),
    }
}

#[cfg(test)]
mod tests;
