//! CONNECT, asked of an HTTP parent (RFC 9110 §9.3.6).

use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::config::Limits;
use crate::h1::parse;
use crate::net::io::Io;
use crate::upstream::parent::refusal::Refusal;

/// Asks for a tunnel to `authority`. On success nothing behind the parent's answer is consumed.
pub(super) async fn ask(
    io: &mut Io,
    authority: &str,
    authorization: Option<&str>,
    limits: Limits,
) -> Result<(), Refusal> {
    let mut request = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n");
    if let Some(authorization) = authorization {
        request.push_str(&format!("Proxy-Authorization: {authorization}\r\n"));
    }
    request.push_str("\r\n");
    // A parent that refuses may have answered before it closed.
    let written = io.write_all(request.as_bytes()).await;
    let flushed = io.flush().await;
    loop {
        let mut bytes = BytesMut::from(io.ahead());
        match parse::response(&mut bytes, limits) {
            Ok(Some(head)) => {
                let mut consumed = vec![0; io.ahead().len() - bytes.len()];
                io.read_exact(&mut consumed).await.map_err(Refusal::Broken)?;
                match head.status {
                    // Nothing that it says of a body counts: the tunnel begins here.
                    200..=299 => return Ok(()),
                    100..=199 => continue,
                    status => return Err(Refusal::status(status, &head.headers, authorization.is_some())),
                }
            }
            Ok(None) => {}
            Err(_) => return Err(Refusal::NotHttp),
        }
        match io.look_further().await {
            Ok(0) if io.ahead().is_empty() => return Err(Refusal::Closed),
            Ok(0) => return Err(Refusal::NotHttp),
            Ok(_) => {}
            Err(error) => {
                let first = written.err().or(flushed.err()).unwrap_or(error);
                return Err(Refusal::Broken(first));
            }
        }
    }
}
