//! HTTP/1 with an upstream.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use dashcam_exchange::{Failure, IllegalHead, RequestHead, ResponseHead, Side, Stage, Version};
use dashcam_recorder::OpenExchange;

use crate::body::Body;
use crate::h1::encode::ProxyForm;
use crate::h1::framing;
use crate::h1::framing::Framing;
use crate::h1::parse;
use crate::h1::reader::Reader;
use crate::h1::writer::WriteError;
use crate::http::hop_by_hop;
use crate::http::interim::Interims;
use crate::net::limited::Limit;
use crate::net::transit::{ALLOWANCE, Room, hold_up_to};
use crate::upstream::answer_timeout::AnswerTimeout;
use crate::upstream::call::{Answer, Call, is_idempotent};
use crate::upstream::connect::connect;
use crate::upstream::group::{OpenGuard, PoolGroup};
use crate::upstream::h1::connection::Connection;
use crate::upstream::h1::no_response::NoResponse;
use crate::upstream::h1::response_body::{Home, ResponseBody};
use crate::upstream::h1::upload::{Uploading, framing_of, prepare, upload};
use crate::upstream::no_answer::NoAnswer;
use crate::upstream::parent::refusal::wants_password;
use crate::upstream::record::UpstreamRecord;
use crate::upstream::upstreams::Upstreams;

/// A head is looked through for faults before it is all there up to this size; beyond it, only once it may be.
const SMALL_HEAD: usize = 16 << 10;

/// Sends `call`, over a kept connection if there is one. If that turns out to have been closed meanwhile,
/// a request that can be repeated (RFC 9110 §9.2.2) and has no body goes over a new one, once.
pub(in crate::upstream) async fn send(
    upstreams: &Arc<Upstreams>,
    call: Call<'_>,
) -> Result<Answer, NoAnswer> {
    let Call { place, head, mut body, interim, open, records, account, room } = call;
    prepare(head, &body);
    let repeatable = body.is_empty() && is_idempotent(&head.method);
    if let Some(mut connection) = upstreams.pool.take(&place, repeatable, account) {
        if let Err(limit) = upstreams.pool.pass_to(account, &mut connection) {
            upstreams.pool.put(&place, connection);
            return Err(NoAnswer::no_room(&upstreams.context.limited, limit));
        }
        connection.facts.note(open);
        let sending = Sending { upstreams, place: &place, head, interim, open, room };
        match sending.send(connection, body).await {
            Err(Broken { stale: true, .. }) if repeatable => body = Body::empty(),
            result => return result.map_err(NoAnswer::from),
        }
    }
    // Boxed: most requests find a connection.
    Box::pin(async {
        let (io, facts) = connect(upstreams, &place.key, account, (open, records)).await?;
        let connection = Connection::new(io, facts, &place);
        let call = Call { place, head, body, interim, open, records, account, room };
        send_over(upstreams, connection, call).await
    })
    .await
}

/// Sends `call` over a new connection.
pub(in crate::upstream) async fn send_over(
    upstreams: &Arc<Upstreams>,
    connection: Connection,
    call: Call<'_>,
) -> Result<Answer, NoAnswer> {
    let Call { place, head, body, interim, open, room, .. } = call;
    prepare(head, &body);
    connection.facts.note(open);
    let sending = Sending { upstreams, place: &place, head, interim, open, room };
    Ok(sending.send(connection, body).await?)
}

/// A request that got no answer.
struct Broken {
    no_answer: NoAnswer,
    /// True if the connection ended before a byte of the answer came.
    stale: bool,
}

impl From<NoAnswer> for Broken {
    fn from(no_answer: NoAnswer) -> Self {
        Self { no_answer, stale: false }
    }
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        NoAnswer::from(failure).into()
    }
}

impl From<Broken> for NoAnswer {
    fn from(broken: Broken) -> Self {
        broken.no_answer
    }
}

struct Sending<'a> {
    upstreams: &'a Arc<Upstreams>,
    place: &'a Arc<PoolGroup>,
    head: &'a RequestHead,
    interim: Option<&'a Interims>,
    open: Option<&'a OpenExchange>,
    room: Option<&'a Arc<Room>>,
}

impl Sending<'_> {
    async fn send(self, connection: Connection, body: Body) -> Result<Answer, Broken> {
        let Connection { mut reader, writer, facts, share } = connection;
        let framing = framing_of(&body);
        let form = self.upstreams.parents.form(&self.place.key);
        let mut upload = upload(writer, (self.head, form), (body, framing), (self.open, self.room))
            .map_err(|why| unwritable(&why))?;
        let mut heard = false;
        let head = loop {
            let head = self.head(&mut reader, &mut upload).await;
            // What has begun to answer is not stale.
            let head = head.map_err(|broken| Broken { stale: broken.stale && !heard, ..broken })?;
            match head.status {
                101 => break head,
                // The parent's own: no client is to take it for ours.
                407 if form.is_some() => return Err(self.wants_password(&head, form).into()),
                100..=199 => self.interim(head).await,
                _ => break head,
            }
            heard = true;
        };
        if head.status == 101 {
            if hop_by_hop::upgrade(self.head).is_none() {
                return Err(broken(format!("{} switched protocols unasked.", self.place.key.destination)));
            }
            return self.upgraded(head, reader, upload, share).await;
        }
        let framing = framing::response(&self.head.method, head.status, head.version, &head.headers)
            .map_err(|error| {
                broken(format!(
                    "{} sent a response that is not safe to pass on: {error}.",
                    self.place.key.destination
                ))
            })?;
        let reusable = keeps_alive(&head)
            && framing != Framing::UntilClose
            && !framing::leaves_doubt(head.status, &head.headers);
        let upload = upload.apart(&self.upstreams.context.tasks);
        let body = self.body((framing, reusable), (reader, upload), (facts, share));
        Ok(Answer { head, body, upgraded: None })
    }

    /// The failure of a request that the parent wants a password for.
    fn wants_password(&self, head: &ResponseHead, form: Option<ProxyForm<'_>>) -> Failure {
        let showed = form.is_some_and(|form| form.authorization.is_some());
        let parent = self.upstreams.parents.shown(self.place.key.via).unwrap_or_default();
        wants_password(&parent, &head.headers, showed)
    }

    /// The body of a response whose head was read.
    fn body(
        &self,
        (framing, reusable): (Framing, bool),
        (mut reader, upload): (Reader, Uploading),
        (facts, share): (UpstreamRecord, OpenGuard),
    ) -> Body {
        let whole = match framing {
            Framing::None | Framing::Length(0) => Some(Body::empty()),
            // It came with its head: the connection is free at once.
            Framing::Length(length) if reader.buffer.len() as u64 == length => {
                Some(Body::from_bytes(reader.buffer.split().freeze()))
            }
            Framing::Length(_) | Framing::Chunked | Framing::UntilClose => None,
        };
        let home = |share| {
            let (upstreams, place) = (Arc::clone(self.upstreams), Arc::clone(self.place));
            Home { upstreams, place, share, reusable }
        };
        match (whole, upload) {
            (Some(body), Uploading::Done(mut writer)) => {
                if reusable && reader.buffer.is_empty() {
                    reader.rest();
                    writer.slim();
                    self.upstreams.pool.put(self.place, Connection { reader, writer, facts, share });
                }
                body
            }
            (Some(body), upload) => {
                ResponseBody::new(reader, Framing::None, upload, facts, home(share)).let_go();
                body
            }
            (None, upload) => {
                let body = ResponseBody::new(reader, framing, upload, facts, home(share));
                Body::new(body)
            }
        }
    }

    /// The next head from the upstream, while the request is written.
    async fn head(&self, reader: &mut Reader, upload: &mut Uploading) -> Result<ResponseHead, Broken> {
        let destination = &self.place.key.destination;
        let limits = self.upstreams.context.config.limits;
        let mut late = AnswerTimeout::new(&self.upstreams.context, self.head);
        let (mut seen, mut held) = (0, None);
        loop {
            let length = reader.buffer.len();
            let may_be_whole = length > 0 && length < SMALL_HEAD;
            if may_be_whole || length > limits.head || parse::may_end(&reader.buffer, seen) {
                match parse::response(&mut reader.buffer, limits) {
                    Ok(Some(head)) => return Ok(head),
                    Ok(None) => {}
                    Err(error) => {
                        if error.is_too_large() {
                            self.upstreams.context.limited.count(Limit::Head);
                        }
                        return Err(broken(format!("{destination} sent a malformed response: {error}.")));
                    }
                }
            }
            seen = length;
            if length > ALLOWANCE {
                hold_up_to(self.room, &mut held, length)
                    .map_err(|no_room| no_room.failure(Stage::ResponseHead))?;
            }
            let filled = poll_fn(|cx| {
                // Written first: no answer is there before.
                while let Poll::Ready(progress) = upload.poll_progress(cx) {
                    match progress {
                        Err(WriteError::Source(failure)) => return Poll::Ready(Err(Broken::from(failure))),
                        Err(WriteError::Stalled(stalled)) => {
                            return Poll::Ready(Err(stalled.failure(Side::Upstream).into()));
                        }
                        // The upstream may have answered before it closed: its answer counts more.
                        Ok(()) | Err(WriteError::Sink | WriteError::Length) => {}
                    }
                }
                match reader.poll_fill(cx) {
                    Poll::Pending if upload.is_done() => {
                        upload.slim();
                        if reader.half.has_refused_renegotiation() {
                            late.hurry(&mut reader.deadline);
                        }
                        late.poll(&mut reader.deadline, cx).map(|no_answer| Err(no_answer.into()))
                    }
                    filled => filled.map(Ok),
                }
            });
            match filled.await? {
                Ok(read) if read > 0 => {}
                ended => {
                    let NoResponse { message, stale } = NoResponse::new(destination, ended, reader);
                    return Err(Broken { stale, ..broken(message) });
                }
            }
        }
    }

    async fn interim(&self, mut head: ResponseHead) {
        if let Some(open) = self.open {
            open.interim(head.clone());
        }
        if let Some(interim) = self.interim {
            hop_by_hop::interim(&mut head);
            interim.put(head).await;
        }
    }

    async fn upgraded(
        &self,
        head: ResponseHead,
        reader: Reader,
        upload: Uploading,
        share: OpenGuard,
    ) -> Result<Answer, Broken> {
        let Some(writer) = upload.done().await else {
            return Err(broken(format!(
                "{} switched protocols inside the request.",
                self.place.key.destination
            )));
        };
        let io = reader.half.unsplit(writer.half).with_ahead(reader.buffer);
        let io = io.with_permit(share.into_permit());
        Ok(Answer { head, body: Body::empty(), upgraded: Some(io) })
    }
}

fn broken(message: String) -> Broken {
    Failure::new(Side::Upstream, Stage::ResponseHead, message).into()
}

/// A request that is none in HTTP/1.1. Whatever lets one in is to refuse it: this is the last line.
fn unwritable(why: &IllegalHead) -> Broken {
    let message = format!("The request can't be written as HTTP/1.1: {why}.");
    Failure::new(Side::Proxy, Stage::RequestHead, message).into()
}

/// Returns whether the upstream keeps the connection after this response (RFC 9112 §9.3).
fn keeps_alive(head: &ResponseHead) -> bool {
    let says = |token| head.headers.has_token("connection", token);
    match head.version {
        Version::Http10 => says("keep-alive") && !says("close"),
        _ => !says("close"),
    }
}
