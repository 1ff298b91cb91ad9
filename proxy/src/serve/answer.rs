//! Answers of our own to clients of whom nothing more is wanted.

use bytes::BytesMut;
use dashcam_exchange::Failure;
use tokio::io::AsyncWriteExt as _;

use crate::body::Frame;
use crate::exchange::message::Response;
use crate::exchange::respond;
use crate::exchange::respond::Told;
use crate::h1::encode;
use crate::h1::framing::Framing;
use crate::net::io::Io;

/// Writes our own answer to a user of the proxy; a client that is gone misses nothing.
pub(crate) async fn answer(io: &mut Io, status: u16, failure: &Failure) {
    write(io, respond::with_status(status, failure, (false, Told::All))).await;
}

/// Writes `response` and closes.
pub(crate) async fn write(io: &mut Io, mut response: Response) {
    response.head.headers.set("Connection", "close");
    let mut out = BytesMut::new();
    encode::set_framing(
        &mut response.head.headers,
        Framing::Length(response.body.length().unwrap_or_default()),
    );
    if encode::response(&response.head, &mut out).is_ok()
        && let Some(Ok(Frame::Data(data))) = response.body.frame().await
    {
        out.extend_from_slice(&data);
    }
    let _ = io.write_all(&out).await;
    let _ = io.shutdown().await;
}
