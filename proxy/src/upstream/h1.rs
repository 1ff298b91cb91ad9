//! HTTP/1 with an upstream.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use dashcam_exchange::{Failure, RequestHead, ResponseHead, Side, Stage, Version};
use dashcam_recorder::OpenExchange;
use tokio::io::split;
use tokio::sync::{mpsc, oneshot};

use super::connect::{Facts, connect};
use super::h1_response::{Home, ResponseBody};
use super::{Answer, Call, Key, NoAnswer};
use crate::body::{Body, Source};
use crate::engine::Engine;
use crate::http::h1::framing::{self, Framing};
use crate::http::h1::reader::Reader;
use crate::http::h1::writer::{WriteError, Writer};
use crate::http::h1::{encode, parse};
use crate::io::Io;
use crate::rewrite;
use crate::tasks::Tasks;

/// A head is looked through for faults before it is all there up to this size; beyond it, only once it may be.
const SMALL_HEAD: usize = 16 << 10;

/// An HTTP/1 connection between requests.
pub(super) struct Connection {
    pub(super) reader: Reader,
    pub(super) writer: Writer,
    pub(super) facts: Facts,
}

/// The request on its way out: gives the writing half back when it is all written.
pub(super) type Upload = Pin<Box<dyn Future<Output = Result<Writer, WriteError>> + Send>>;

impl Connection {
    pub(super) fn new(io: Io, facts: Facts) -> Self {
        let (read, write) = split(io);
        Self { reader: Reader::new(read), writer: Writer::new(write), facts }
    }

    /// Whether it is quiet: a kept connection on which anything comes, or that ended, is of no use.
    pub(super) fn is_alive(&mut self) -> bool {
        self.reader.buffer.is_empty()
            && self.reader.poll_fill(&mut Context::from_waker(Waker::noop())).is_pending()
    }
}

/// Sends `call`, over a kept connection if there is one. If that turns out to have been closed meanwhile,
/// a request that can be repeated (RFC 9110 §9.2.2) and has no body goes over a new one, once.
pub(super) async fn send(engine: &Arc<Engine>, call: Call<'_>) -> Result<Answer, NoAnswer> {
    let Call { key, head, mut body, interim, open } = call;
    let repeatable = body.is_empty() && is_idempotent(&head.method);
    if let Some(connection) = engine.upstreams.take(&key, repeatable) {
        connection.facts.note(open);
        let sending = Sending { engine, key: &key, head: &head, interim: interim.as_ref(), open };
        match sending.send(connection, body).await {
            Err(Broken { stale: true, .. }) if repeatable => body = Body::empty(),
            result => return result.map_err(|broken| broken.failure.into()),
        }
    }
    let (io, facts) = connect(engine, &key, open).await?;
    let connection = Connection::new(io, facts);
    send_over(engine, connection, Call { key, head, body, interim, open }).await
}

/// Sends `call` over a new connection.
pub(super) async fn send_over(
    engine: &Arc<Engine>,
    connection: Connection,
    call: Call<'_>,
) -> Result<Answer, NoAnswer> {
    let Call { key, head, body, interim, open } = call;
    connection.facts.note(open);
    let sending = Sending { engine, key: &key, head: &head, interim: interim.as_ref(), open };
    sending.send(connection, body).await.map_err(|broken| broken.failure.into())
}

fn is_idempotent(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PUT" | "DELETE")
}

/// A request that got no answer.
struct Broken {
    failure: Failure,
    /// Whether the connection ended before a byte of the answer came.
    stale: bool,
}

struct Sending<'a> {
    engine: &'a Arc<Engine>,
    key: &'a Key,
    head: &'a RequestHead,
    interim: Option<&'a mpsc::Sender<ResponseHead>>,
    open: Option<&'a OpenExchange>,
}

impl Sending<'_> {
    async fn send(self, connection: Connection, body: Body) -> Result<Answer, Broken> {
        let Connection { mut reader, writer, facts } = connection;
        let mut upload = Uploading::Running(upload(writer, self.head, body, self.open));
        let mut heard = false;
        let head = loop {
            let head = self.head(&mut reader, &mut upload).await;
            // What has begun to answer is not stale.
            let head = head.map_err(|broken| Broken { stale: broken.stale && !heard, ..broken })?;
            match head.status {
                101 => break head,
                100..=199 => self.interim(head).await,
                _ => break head,
            }
            heard = true;
        };
        if head.status == 101 {
            if rewrite::upgrade(self.head).is_none() {
                return Err(broken(format!("{} switched protocols unasked.", self.key.destination)));
            }
            return self.upgraded(head, reader, upload).await;
        }
        let framing = framing::response(&self.head.method, head.status, head.version, &head.headers)
            .map_err(|error| {
                broken(format!(
                    "{} sent a response that is not safe to pass on: {error}.",
                    self.key.destination
                ))
            })?;
        let reusable = keeps_alive(&head)
            && framing != Framing::UntilClose
            && !framing::leaves_doubt(head.status, &head.headers);
        let home = Home { engine: Arc::clone(self.engine), key: self.key.clone(), reusable };
        let upload = upload.apart(&self.engine.tasks);
        let body = ResponseBody::new(reader, framing, upload, facts, home);
        let body = if matches!(framing, Framing::None | Framing::Length(0)) {
            body.finish_empty()
        } else {
            Body::new(Source::Response(Box::new(body)))
        };
        Ok(Answer { head, body, upgraded: None })
    }

    /// The next head from the upstream, while the request is written.
    async fn head(&self, reader: &mut Reader, upload: &mut Uploading) -> Result<ResponseHead, Broken> {
        let destination = &self.key.destination;
        let limits = self.engine.config.limits;
        let mut seen = 0;
        loop {
            let length = reader.buffer.len();
            if length < SMALL_HEAD || length > limits.head || parse::may_end(&reader.buffer, seen) {
                match parse::response(&mut reader.buffer, limits) {
                    Ok(Some(head)) => return Ok(head),
                    Ok(None) => {}
                    Err(error) => {
                        return Err(broken(format!("{destination} sent a malformed response: {error}.")));
                    }
                }
            }
            seen = length;
            let filled = tokio::select! {
                filled = reader.fill() => filled,
                result = upload.progress() => {
                    // The upstream may have answered before it closed: its answer counts more.
                    if let Err(WriteError::Source(failure)) = result {
                        return Err(Broken { failure, stale: false });
                    }
                    continue;
                }
            };
            match filled {
                Ok(read) if read > 0 => {}
                ended => {
                    let why = match ended {
                        Err(error) => format!("{error}"),
                        Ok(_) => "it closed the connection".to_owned(),
                    };
                    let stale = reader.buffer.is_empty();
                    let what = if stale { "did not answer" } else { "broke off inside the response's head" };
                    return Err(Broken { stale, ..broken(format!("{destination} {what}: {why}.")) });
                }
            }
        }
    }

    async fn interim(&self, head: ResponseHead) {
        if let Some(open) = self.open {
            open.interim(head.clone());
        }
        if let Some(interim) = self.interim {
            // An error means that the client is gone; the exchange will notice by itself.
            let _ = interim.send(rewrite::interim(&head)).await;
        }
    }

    async fn upgraded(
        &self,
        head: ResponseHead,
        reader: Reader,
        upload: Uploading,
    ) -> Result<Answer, Broken> {
        let Some(writer) = upload.done().await else {
            return Err(broken(format!("{} switched protocols inside the request.", self.key.destination)));
        };
        let io = reader.half.unsplit(writer.half).with_ahead(reader.buffer);
        Ok(Answer { head, body: Body::empty(), upgraded: Some(io) })
    }
}

fn broken(message: String) -> Broken {
    Broken { failure: Failure::new(Side::Upstream, Stage::ResponseHead, message), stale: false }
}

/// Writes the whole request.
fn upload(mut writer: Writer, head: &RequestHead, mut body: Body, open: Option<&OpenExchange>) -> Upload {
    let framing = match body.length() {
        Some(0) if body.is_empty() => Framing::None,
        Some(length) => Framing::Length(length),
        None => Framing::Chunked,
    };
    let from_h2 = head.version == Version::Http2;
    let mut head = RequestHead { version: Version::Http11, ..head.clone() };
    if from_h2 {
        rewrite::from_h2_to_h1(&mut head.headers);
    }
    encode::set_framing(&mut head.headers, framing);
    encode::request(&head, &mut writer.out);
    if let Some(open) = open {
        open.request_sent(&head);
    }
    Box::pin(async move {
        writer.body(&mut body, framing).await?;
        Ok(writer)
    })
}

/// How far the request is.
pub(super) enum Uploading {
    Running(Upload),
    /// In a task of its own, which ends when it is not waited for any more.
    Apart(oneshot::Receiver<Result<Writer, WriteError>>),
    Done(Writer),
    Broken,
}

impl Uploading {
    /// Goes on writing; never ends once there is nothing more to write.
    pub(super) async fn progress(&mut self) -> Result<(), WriteError> {
        std::future::poll_fn(|cx| self.poll_progress(cx)).await
    }

    /// Lets what is left go on by itself: a response that its client does not read yet must not hold up the
    /// request that it answers.
    pub(super) fn apart(mut self, tasks: &Tasks) -> Self {
        // Most often all is written, and was not asked since.
        let polled = self.poll_progress(&mut Context::from_waker(Waker::noop()));
        let Self::Running(mut upload) = self else {
            return match polled {
                Poll::Ready(Err(error)) => Self::told(error),
                _ => self,
            };
        };
        let (mut done, told) = oneshot::channel();
        tasks.spawn(async move {
            let result = tokio::select! {
                result = &mut upload => result,
                () = done.closed() => return,
            };
            // Who does not wait for it any more has no use for the connection.
            let _ = done.send(result);
        });
        Self::Apart(told)
    }

    /// One that has failed, and is still to say so.
    fn told(error: WriteError) -> Self {
        let (done, told) = oneshot::channel();
        let _ = done.send(Err(error));
        Self::Apart(told)
    }

    pub(super) fn poll_progress(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), WriteError>> {
        let polled = match self {
            Self::Running(upload) => upload.as_mut().poll(cx),
            // A task that was ended is as good as a connection that was.
            Self::Apart(told) => Pin::new(told).poll(cx).map(|told| told.unwrap_or(Err(WriteError::Sink))),
            Self::Done(_) | Self::Broken => Poll::Pending,
        };
        let Poll::Ready(result) = polled else { return Poll::Pending };
        match result {
            Ok(writer) => {
                *self = Self::Done(writer);
                Poll::Ready(Ok(()))
            }
            Err(error) => {
                *self = Self::Broken;
                Poll::Ready(Err(error))
            }
        }
    }

    /// The writing half, once all is written.
    async fn done(self) -> Option<Writer> {
        match self {
            Self::Running(upload) => upload.await.ok(),
            Self::Apart(told) => told.await.ok()?.ok(),
            Self::Done(writer) => Some(writer),
            Self::Broken => None,
        }
    }
}

/// Whether the upstream keeps the connection after this response (RFC 9112 §9.3).
fn keeps_alive(head: &ResponseHead) -> bool {
    let says = |token| head.headers.has_token("connection", token);
    match head.version {
        Version::Http10 => says("keep-alive") && !says("close"),
        _ => !says("close"),
    }
}
