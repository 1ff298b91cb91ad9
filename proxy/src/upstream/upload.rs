//! A request on its way to an HTTP/1 upstream.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use dashcam_exchange::{RequestHead, Version};
use dashcam_recorder::OpenExchange;
use tokio::sync::oneshot;

use crate::body::Body;
use crate::http::h1::encode;
use crate::http::h1::framing::Framing;
use crate::http::h1::writer::{WriteError, Writer};
use crate::rewrite;
use crate::tasks::Tasks;

/// The request on its way out: gives the writing half back when it is all written.
pub(super) type Upload = Pin<Box<dyn Future<Output = Result<Writer, WriteError>> + Send>>;

/// Writes the whole request.
pub(super) fn upload(
    mut writer: Writer,
    head: &RequestHead,
    mut body: Body,
    open: Option<&OpenExchange>,
) -> Upload {
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
    pub(super) async fn done(self) -> Option<Writer> {
        match self {
            Self::Running(upload) => upload.await.ok(),
            Self::Apart(told) => told.await.ok()?.ok(),
            Self::Done(writer) => Some(writer),
            Self::Broken => None,
        }
    }
}
