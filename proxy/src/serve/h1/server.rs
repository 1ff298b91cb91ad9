//! HTTP/1 with a client: one request after another, each to the exchange service.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use dashcam_exchange::{Failure, IllegalHead, RequestHead, ResponseHead, Side, Stage, Version};
use tokio::io::AsyncWriteExt;
use tokio::time::timeout;

use crate::body::Body;
use crate::exchange::message::{Request, Response, Upgrade};
use crate::exchange::observed::Observed;
use crate::exchange::respond;
use crate::exchange::respond::Told;
use crate::exchange::route::Route;
use crate::exchange::service;
use crate::h1::encode;
use crate::h1::encode::standard_reason;
use crate::h1::framing;
use crate::h1::framing::Framing;
use crate::h1::parse;
use crate::h1::parse::RawRequest;
use crate::h1::reader::{Reader, SMALL};
use crate::h1::writer::{WriteError, Writer};
use crate::http::interim::Interims;
use crate::http::target;
use crate::http::target::Target;
use crate::net::deadline::Deadline;
use crate::net::halves::split;
use crate::net::io::Io;
use crate::net::stream_end::StreamEnd;
use crate::net::transit::{ALLOWANCE, hold_up_to};
use crate::serve::client_record::ClientRecord;
use crate::serve::h1::client_side::ClientSide;
use crate::serve::h1::persistence::{Asked, keeps_alive, response_framing, set_connection};
use crate::serve::h1::refusal::Refused;
use crate::serve::h1::request_body::RequestBody;
use crate::serve::server::Server;
use crate::serve::upgraded;

/// How a connection's HTTP/1 ended.
pub(crate) enum Served {
    /// It is closed.
    Closed,
    /// The client asks for a tunnel, and may; it has no answer yet.
    Connect { io: Io, head: Box<RequestHead> },
}

struct Connection<'a> {
    client: ClientSide,
    writer: Writer,
    route: &'a Route,
    server: &'a Arc<Server>,
    log: &'a mut ClientRecord,
    /// For what the client is to send next.
    deadline: Deadline,
}

/// The first thing that happens while a request is answered.
enum Event {
    Answered(Response),
    Interim(ResponseHead),
    Gone,
}

/// The connection's next step after a request.
enum Then {
    Next,
    Close,
    /// Close so that the client sees that something is missing.
    Reset,
    Connect(Box<RequestHead>),
    Upgrade(Box<(Upgrade, Observed)>),
}

/// Serves HTTP/1 on `io` until it closes or asks for a tunnel.
pub(crate) async fn serve(io: Io, route: &Route, server: &Arc<Server>, log: &mut ClientRecord) -> Served {
    let (read, write) = split(io);
    let client = ClientSide::new(Reader::new(read), server.context.config.timeouts.half_closed);
    let mut writer = Writer::new(write);
    writer.count_in(route.room.as_ref());
    let mut connection = Connection { client, writer, route, server, log, deadline: Deadline::default() };
    let mut first = true;
    loop {
        let then = match connection.next_request(first).await {
            Some(Ok(request)) => connection.exchange(request).await,
            // Boxed, as all that is rare: an idle connection holds no room for it.
            Some(Err(malformed)) => Box::pin(connection.refuse(malformed)).await,
            None => Then::Close,
        };
        first = false;
        match then {
            Then::Next => {}
            Then::Close => {
                Box::pin(connection.close()).await;
                return Served::Closed;
            }
            Then::Reset => {
                // Also where the body of a request still has the reading half, and closes with it.
                connection.writer.half.set_reset_at_close(true);
                if let Some(io) = connection.into_io() {
                    io.reset();
                }
                return Served::Closed;
            }
            Then::Upgrade(upgrade) => {
                if let Some(io) = connection.into_io() {
                    let (upgrade, observed) = *upgrade;
                    Box::pin(upgraded::relay(io, upgrade, observed, &server.context)).await;
                }
                return Served::Closed;
            }
            Then::Connect(head) => {
                return match connection.into_io() {
                    Some(io) => Served::Connect { io, head },
                    None => Served::Closed,
                };
            }
        }
    }
}

impl Connection<'_> {
    /// The next request's head; `None` when the connection is over, or idle for too long.
    async fn next_request(&mut self, first: bool) -> Option<Result<RawRequest, Refused>> {
        let timeouts = self.server.context.config.timeouts;
        if self.client.reader.as_ref()?.buffer.is_empty() {
            self.deadline.set(if first { timeouts.request_head } else { timeouts.idle });
            // It may be long until the next one.
            self.writer.slim();
            poll_fn(|cx| self.poll_idle(cx)).await?;
        }
        if first {
            self.log.begins_to_speak();
        }
        let limits = self.server.context.config.limits;
        let (mut seen, mut began, mut held) = (0, false, None);
        loop {
            let reader = self.client.reader.as_mut()?;
            if parse::may_end(&reader.buffer, seen) || reader.buffer.len() > limits.head {
                match parse::request(&mut reader.buffer, limits) {
                    Ok(Some(request)) => return Some(Ok(request)),
                    Ok(None) => {}
                    Err(error) => return Some(Err(Refused::malformed(&reader.buffer, &error))),
                }
            }
            // Most heads come whole, and need none.
            if !std::mem::replace(&mut began, true) {
                self.deadline.set(timeouts.request_head);
            }
            seen = reader.buffer.len();
            if seen > ALLOWANCE
                && let Err(no_room) = hold_up_to(self.route.room.as_ref(), &mut held, seen)
            {
                let buffer = &self.client.reader.as_ref()?.buffer;
                return Some(Err(Refused::crowded(buffer, no_room)));
            }
            let filled = poll_fn(|cx| self.poll_fill(cx)).await;
            let buffer = &self.client.reader.as_ref()?.buffer;
            match filled {
                None => return Some(Err(Refused::late(buffer))),
                Some(Ok(0)) if buffer.is_empty() => return None,
                Some(Ok(0) | Err(_)) => return Some(Err(Refused::cut())),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Waits for the first bytes of a request; `None` when the connection is over. Whoever runs the connection's
    /// task wakes it when draining begins.
    fn poll_idle(&mut self, cx: &mut Context<'_>) -> Poll<Option<()>> {
        match self.client.reader.as_mut().map(|reader| reader.poll_fill(cx)) {
            Some(Poll::Ready(Ok(1..))) => return Poll::Ready(Some(())),
            Some(Poll::Pending) => {}
            Some(Poll::Ready(read)) => {
                self.log.left(read.err());
                return Poll::Ready(None);
            }
            None => return Poll::Ready(None),
        }
        // Where recording has gone off, the client is told in its next answer: its request may be on its way.
        if self.log.is_draining() || self.deadline.poll(cx).is_ready() {
            Poll::Ready(None)
        } else {
            Poll::Pending
        }
    }

    /// Reads more of a head; `None` when it is late.
    fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<usize>>> {
        match self.client.reader.as_mut().map(|reader| reader.poll_fill(cx)) {
            Some(Poll::Pending) => self.deadline.poll(cx).map(|()| None),
            Some(Poll::Ready(filled)) => Poll::Ready(Some(filled)),
            None => Poll::Ready(Some(Ok(0))),
        }
    }

    async fn exchange(&mut self, raw: RawRequest) -> Then {
        let mut held = None;
        // In a block, so that nothing of the request takes room beside the answer.
        let (response, asked) = {
            if self.route.destination.is_none() {
                if let Some(denial) = self.denial(&raw).await {
                    return Box::pin(self.refuse(Refused::denied(raw, denial))).await;
                }
                if raw.method == "CONNECT" {
                    return Then::Connect(Box::new(raw.into_head(None, None)));
                }
            }
            let size = raw.footprint();
            // Its answer may take long.
            if let Some(reader) = self.client.reader.as_mut().filter(|_| size > SMALL) {
                reader.slim();
            }
            // As long as the request is under way. Most are small, and the connection has but one.
            if size > ALLOWANCE
                && let Err(no_room) = hold_up_to(self.route.room.as_ref(), &mut held, size)
            {
                return Box::pin(self.refuse(Refused::without_room(raw, no_room))).await;
            }
            let framing = framing::request(raw.version, &raw.headers);
            let target = target::resolve(&raw, self.route.destination.as_ref());
            let (framing, target) = match (framing, target) {
                (Ok(framing), Ok(target)) => (framing, target),
                (Err(error), target) => {
                    return Box::pin(self.refuse(Refused::unsound(raw, target.ok(), &error))).await;
                }
                (Ok(_), Err(error)) => {
                    return Box::pin(self.refuse(Refused::unsound(raw, None, &error))).await;
                }
            };
            let Target { path, authority, destination } = target;
            let head = raw.into_head(path, authority);
            let asked = Asked {
                version: head.version,
                is_head: head.method == "HEAD",
                keep_alive: keeps_alive(head.version, &head.headers),
            };
            let body = self.body(framing);
            if self.server.setup_site.is_asked(self.route, &destination) {
                self.log.is_at_setup_site();
                let mut response = self.server.setup_site.answer(&head, destination.scheme);
                // A body that nobody reads stands between this request and the next one.
                response.close |= self.client.is_lent();
                (response, asked)
            } else {
                let interims = Interims::default();
                let interim = (asked.version == Version::Http11).then_some(&interims);
                self.log.begins();
                let request = Request { head, body, destination, interim };
                let Some(response) = self.call(request, &interims).await else { return Then::Reset };
                (response, asked)
            }
        };
        self.answer(response, asked).await
    }

    /// Why a forward client may not use the proxy, with the status to say so with.
    async fn denial(&self, raw: &RawRequest) -> Option<(u16, Failure)> {
        let (authentication, client) = (self.server.access.authentication.as_ref()?, self.route.client?);
        Box::pin(authentication.check(client.ip(), &raw.headers)).await.err()
    }

    /// The request's body: it takes the reading half along and gives it back.
    fn body(&mut self, framing: Framing) -> Body {
        self.client.clean = true;
        if matches!(framing, Framing::None | Framing::Length(0)) {
            return Body::empty();
        }
        let Some(reader) = self.client.reader.take() else { return Body::empty() };
        let (body, given_back) = RequestBody::new(reader, framing);
        self.client.lend(given_back);
        Body::new(body)
    }

    /// The response, while interim ones are passed on; `None` when the client is gone first.
    async fn call(&mut self, request: Request<'_>, interims: &Interims) -> Option<Response> {
        // Its room is that of an exchange, which an idle connection does not hold.
        let mut call = Box::pin(service::call(&self.server.service, self.route, request));
        let Self { client, writer, .. } = self;
        loop {
            let event = {
                let mut gone = pin!(client.gone(&writer.progress));
                poll_fn(|cx| {
                    if let Poll::Ready(response) = call.as_mut().poll(cx) {
                        return Poll::Ready(Event::Answered(response));
                    }
                    match interims.take() {
                        Some(head) => Poll::Ready(Event::Interim(head)),
                        None => gone.as_mut().poll(cx).map(|()| Event::Gone),
                    }
                })
                .await
            };
            match event {
                Event::Interim(head) => {
                    put_interim(&head, writer);
                    writer.flush().await.ok()?;
                }
                Event::Answered(response) => {
                    // One that came with the response goes before it.
                    while let Some(head) = interims.take() {
                        put_interim(&head, writer);
                    }
                    return Some(response);
                }
                Event::Gone => return None,
            }
        }
    }

    async fn answer(&mut self, mut response: Response, asked: Asked) -> Then {
        if let Some(upgrade) = response.upgrade.take() {
            if let Err(why) = self.encode(&mut response) {
                return Box::pin(self.unwritable(response, &why)).await;
            }
            let written = self.writer.flush().await;
            let observed = std::mem::take(&mut response.observed);
            // Its body may have ended at the same moment.
            self.client.take_back();
            return if written.is_ok() { Then::Upgrade(Box::new((*upgrade, observed))) } else { Then::Close };
        }
        let framing = response_framing(&response, asked);
        // A request that is here already is not left unanswered.
        let drained = self.log.is_drained(self.route) && !self.client.has_sent_more();
        let close = !asked.keep_alive || response.close || drained || framing == Framing::UntilClose;
        if let Err(why) = self.head(&mut response, framing, (asked.version, close)) {
            return Box::pin(self.unwritable(response, &why)).await;
        }
        response.observed = Observed::default();
        let progress = Arc::clone(&self.writer.progress);
        let is_until_close = framing == Framing::UntilClose;
        if is_until_close {
            // Its end looks whole, and this task may be dropped or the program killed before it.
            self.writer.half.set_reset_at_close(true);
        }
        let written = tokio::select! {
            biased;
            written = self.writer.body(&mut response.body, framing) => written,
            () = self.client.gone(&progress) => Err(WriteError::Sink),
        };
        if let Err(WriteError::Stalled(stalled)) = written {
            response.body.break_off(stalled.failure(Side::Client));
        }
        // A client that knows where the body should have ended sees that it did not.
        let end = response.body.connection_end();
        let closes_too = end.is_some() && !is_until_close;
        if is_until_close && written.is_ok() {
            self.writer.half.set_reset_at_close(false);
        }
        if end == Some(StreamEnd::Unannounced) {
            self.writer.half.omit_farewell();
        }
        drop(response);
        self.client.take_back();
        if written.is_ok() && self.client.is_lent() {
            Box::pin(self.rest_of_body(close)).await;
        }
        match written {
            Ok(()) if close || !self.client.clean => Then::Close,
            Ok(()) => Then::Next,
            Err(WriteError::Source(_)) if closes_too => Then::Close,
            Err(WriteError::Sink | WriteError::Stalled(_) | WriteError::Source(_) | WriteError::Length) => {
                Then::Reset
            }
        }
    }

    /// Waits while the rest of a request that was answered early goes to its upstream. Who was told that the
    /// connection closes sees that meanwhile, and then has its time.
    async fn rest_of_body(&mut self, close: bool) {
        if !close {
            return self.client.returned().await;
        }
        // The client may be gone; then the body ends too.
        let _ = self.writer.half.shutdown().await;
        let _ = timeout(self.server.context.config.timeouts.idle, self.client.returned()).await;
    }

    /// Answers what is refused, and closes: nothing that follows can be trusted.
    async fn refuse(&mut self, refused: Refused) -> Then {
        if self.route.destination.as_ref().is_some_and(|to| self.server.setup_site.is_asked(self.route, to)) {
            return self.last_word(&mut refused.unrecorded(self.route)).await;
        }
        if refused.fails_connection() {
            self.log.fail(refused.failure.clone());
        }
        self.log.begins();
        let mut response = refused.response(&self.server.service, self.route);
        self.last_word(&mut response).await
    }

    /// Answers in place of a response that is none in HTTP/1.1. Whatever lets one in is to refuse it: this is the last
    /// line.
    async fn unwritable(&mut self, mut response: Response, why: &IllegalHead) -> Then {
        let message = format!("The response can't be written as HTTP/1.1: {why}.");
        let failure = Failure::new(Side::Upstream, Stage::ResponseHead, message);
        let told = Told::to(self.route, response.observed.id());
        let mut ours = respond::with_status(502, &failure, (false, told));
        response.fail(failure);
        ours.observed = response.observed;
        self.last_word(&mut ours).await
    }

    /// Writes an answer of our own, and closes.
    async fn last_word(&mut self, response: &mut Response) -> Then {
        let framing = Framing::Length(response.body.length().unwrap_or_default());
        if self.head(response, framing, (Version::Http11, true)).is_ok() {
            // The client may be gone; its connection is closed either way.
            let _ = self.writer.body(&mut response.body, framing).await;
        }
        Then::Close
    }

    /// Puts the response's head into the writer, as it is to be for this client.
    fn head(
        &mut self,
        response: &mut Response,
        framing: Framing,
        (asked, close): (Version, bool),
    ) -> Result<(), IllegalHead> {
        let head = &mut response.head;
        encode::set_framing(&mut head.headers, framing);
        set_connection(&mut head.headers, asked, close);
        self.encode(response)
    }

    fn encode(&mut self, response: &mut Response) -> Result<(), IllegalHead> {
        let head = &mut response.head;
        if head.version == Version::Http2 {
            standard_reason(head.status).clone_into(&mut head.reason);
        }
        // Whatever version the upstream spoke, we speak HTTP/1.1 (RFC 9110 §2.5).
        head.version = Version::Http11;
        encode::response(head, &mut self.writer.out)?;
        if let Some(open) = response.observed.record() {
            open.response_sent(head);
        }
        Ok(())
    }

    /// Closes so that the client can still read what was written: our half first (RFC 9112 §9.6).
    async fn close(mut self) {
        let _ = self.writer.half.shutdown().await;
        self.client.linger().await;
    }

    /// The connection as a plain stream again; `None` if a body still has its reading half.
    fn into_io(self) -> Option<Io> {
        let reader = self.client.reader?;
        Some(reader.half.unsplit(self.writer.half).with_ahead(reader.buffer))
    }
}

/// An interim response that is none in HTTP/1.1 is left out: the client goes on waiting for the one that counts.
fn put_interim(head: &ResponseHead, writer: &mut Writer) {
    if let Err(why) = encode::response(head, &mut writer.out) {
        tracing::debug!(%why, "an interim response was not passed on");
    }
}
