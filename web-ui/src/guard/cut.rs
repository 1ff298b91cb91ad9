//! Answers that go on ([`/live`](crate::api), exports, bodies) end with the session or the token that they were asked
//! for with.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody as _};
use axum::extract::Request;
use axum::response::Response;
use http_body::{Frame, SizeHint};

use crate::access::Tenure;

/// A body that breaks off when `over`.
struct Cut {
    body: Body,
    over: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// `response`, whose body breaks off when `tenure` is over. One that is there already passes as it is.
pub(super) fn when_over(response: Response, tenure: Tenure) -> Response {
    if response.body().size_hint().exact().is_some() {
        return response;
    }
    response.map(|body| Body::new(Cut { body, over: Box::pin(tenure.over()) }))
}

/// `request`, whose body breaks off when `tenure` is over: what is asked for slowly is not done once it is.
pub(super) fn request(request: Request, tenure: &Tenure) -> Request {
    if request.body().is_end_stream() {
        return request;
    }
    let over = tenure.clone();
    request.map(|body| Body::new(Cut { body, over: Box::pin(over.over()) }))
}

impl http_body::Body for Cut {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if self.over.as_mut().poll(cx).is_ready() {
            let ended = io::Error::new(io::ErrorKind::ConnectionAborted, "the caller was signed out");
            return Poll::Ready(Some(Err(axum::Error::new(ended))));
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
