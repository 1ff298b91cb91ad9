//! Bodies of calls, which must get on.

use std::io;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use futures_util::{StreamExt as _, stream};
use tokio::time::timeout;

/// The middleware: a body of which nothing comes for `limit` is given up.
pub(crate) async fn get_on(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let request = request.map(|body| {
        Body::from_stream(stream::try_unfold(body.into_data_stream(), move |mut pieces| async move {
            match timeout(limit, pieces.next()).await {
                Ok(Some(piece)) => Ok(Some((piece.map_err(io::Error::other)?, pieces))),
                Ok(None) => Ok(None),
                Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "the body does not get on")),
            }
        }))
    });
    next.run(request).await
}
