//! A request on its way to an HTTP/1 upstream.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use dashcam_exchange::{Headers, IllegalHead, RequestHead, Version};
use dashcam_recorder::OpenExchange;
use tokio::sync::oneshot;

use crate::body::Body;
use crate::h1::encode;
use crate::h1::encode::ProxyForm;
use crate::h1::framing;
use crate::h1::framing::Framing;
use crate::h1::writer::{WriteError, Writer};
use crate::http::h2_to_h1::from_h2_to_h1;
use crate::net::tasks::Tasks;
use crate::net::transit::Room;

/// The request on its way out: gives the writing half back when it is all written.
pub(in crate::upstream) type Upload = Pin<Box<dyn Future<Output = Result<Writer, WriteError>> + Send>>;

/// How `body` is framed to an HTTP/1 upstream.
pub(in crate::upstream) fn framing_of(body: &Body) -> Framing {
    match body.length() {
        Some(0) if body.is_empty() => Framing::None,
        Some(length) => Framing::Length(length),
        None => Framing::Chunked,
    }
}

/// Makes `head` what is written of it to an HTTP/1 upstream before `body`. To do it again changes nothing.
pub(crate) fn prepare(head: &mut RequestHead, body: &Body) {
    if head.version == Version::Http2 {
        from_h2_to_h1(&mut head.headers);
    }
    head.version = Version::Http11;
    let framing = framing_of(body);
    encode::set_framing(&mut head.headers, framing);
    if framing == Framing::None {
        without_promise(&mut head.headers);
    }
}

/// Takes out what promises a body that does not come: who waits for it would take the next request for it.
fn without_promise(headers: &mut Headers) {
    headers.remove("transfer-encoding");
    if headers.all("content-length").any(|value| framing::length(value) != Some(0)) {
        headers.remove("content-length");
    }
}

/// Begins to write the whole request; `head` is prepared, and written in `form` if its reader is a proxy. A head that is not legal is not begun.
pub(in crate::upstream) fn upload(
    mut writer: Writer,
    (head, form): (&RequestHead, Option<ProxyForm<'_>>),
    (mut body, framing): (Body, Framing),
    (open, room): (Option<&OpenExchange>, Option<&Arc<Room>>),
) -> Result<Uploading, IllegalHead> {
    match form {
        None => encode::request(head, &mut writer.out)?,
        Some(form) => encode::request_to_proxy(head, form, &mut writer.out)?,
    }
    if let Some(open) = open {
        open.request_sent(head);
    }
    if framing == Framing::None {
        return Ok(Uploading::Head(Some(writer)));
    }
    writer.count_in(room);
    Ok(Uploading::Running(Box::pin(async move {
        writer.body(&mut body, framing).await?;
        writer.count_in(None);
        Ok(writer)
    })))
}

/// How far the request is.
pub(in crate::upstream) enum Uploading {
    /// A head that has no body; `None` only for a moment.
    Head(Option<Writer>),
    Running(Upload),
    /// In a task of its own, which ends when it is not waited for any more.
    Apart(oneshot::Receiver<Result<Writer, WriteError>>),
    Done(Writer),
    Broken,
}

impl Uploading {
    /// Goes on writing; never ends once there is nothing more to write.
    pub(in crate::upstream) async fn progress(&mut self) -> Result<(), WriteError> {
        std::future::poll_fn(|cx| self.poll_progress(cx)).await
    }

    /// Returns whether all is written.
    pub(in crate::upstream) fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    /// Keeps no room for what was written: its answer may take long.
    pub(in crate::upstream) fn slim(&mut self) {
        if let Self::Done(writer) = self {
            writer.slim();
        }
    }

    /// Lets what is left go on by itself: a response that its client does not read yet must not hold up the
    /// request that it answers.
    pub(in crate::upstream) fn apart(mut self, tasks: &Tasks) -> Self {
        // Most often all is written, and was not asked since.
        let polled = self.poll_progress(&mut Context::from_waker(Waker::noop()));
        let mut upload: Upload = match self {
            Self::Running(upload) => upload,
            Self::Head(Some(mut writer)) => Box::pin(async move {
                writer.flush().await?;
                Ok(writer)
            }),
            other => {
                return match polled {
                    Poll::Ready(Err(error)) => Self::told(error),
                    _ => other,
                };
            }
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

    pub(in crate::upstream) fn poll_progress(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), WriteError>> {
        let polled = match self {
            Self::Head(head) => match head.as_mut().map(|writer| writer.poll_flush(cx)) {
                Some(Poll::Ready(flushed)) => {
                    let writer = head.take();
                    Poll::Ready(
                        flushed.map_err(WriteError::from).and_then(|()| writer.ok_or(WriteError::Sink)),
                    )
                }
                Some(Poll::Pending) | None => Poll::Pending,
            },
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
    pub(in crate::upstream) async fn done(self) -> Option<Writer> {
        match self {
            Self::Head(writer) => {
                let mut writer = writer?;
                writer.flush().await.ok()?;
                Some(writer)
            }
            Self::Running(upload) => upload.await.ok(),
            Self::Apart(told) => told.await.ok()?.ok(),
            Self::Done(writer) => Some(writer),
            Self::Broken => None,
        }
    }
}
