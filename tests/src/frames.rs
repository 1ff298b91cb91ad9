//! A body whose frames a task hands over.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::HeaderMap;
use hyper::body::{Body, Frame};
use tokio::sync::mpsc::{self, Receiver};

/// The error of a frame that nobody takes any more.
pub type Gone = mpsc::error::SendError<Frame<Bytes>>;

/// A body's frames. It ends behind the last one, whenever the task that writes it ends: the body of
/// http-body-util's channel may end before it, without a word, if that task ends while the body is asked.
pub struct Frames(Receiver<Frame<Bytes>>);

/// The end at which a body is written.
pub struct Sender(mpsc::Sender<Frame<Bytes>>);

impl Frames {
    /// Makes a body, and the end at which it is written; four frames wait at most.
    #[must_use]
    pub fn new() -> (Sender, Self) {
        let (sender, frames) = mpsc::channel(4);
        (Sender(sender), Self(frames))
    }
}

impl Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|frame| frame.map(Ok))
    }
}

impl Sender {
    /// Hands a piece over.
    ///
    /// # Errors
    /// When nobody reads the body any more.
    pub async fn data(&self, bytes: Bytes) -> Result<(), Gone> {
        self.0.send(Frame::data(bytes)).await
    }

    /// Hands the trailers over.
    ///
    /// # Errors
    /// When nobody reads the body any more.
    pub async fn trailers(&self, trailers: HeaderMap) -> Result<(), Gone> {
        self.0.send(Frame::trailers(trailers)).await
    }
}
