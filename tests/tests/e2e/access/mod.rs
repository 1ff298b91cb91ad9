//! Access to the proxy, and the limits of strangers.

mod clients;
mod destinations;
mod forwarded;
mod passwords;
mod secrets;
mod strangers;

use std::net::SocketAddr;

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::h2::frame::headers;
use dashcam_tests::h2::peer::Peer;
use dashcam_tests::h2::{self, Whole};
use dashcam_tests::origin::{Origin, Stream};
use dashcam_tests::raw;
use dashcam_tests::wire::{Message, read_response};
use tokio::io::BufReader;
use tokio::net::TcpSocket;

/// A reverse proxy for `upstream`.
async fn reverse(upstream: &str, arguments: &[&str]) -> Result<Dashcam> {
    let mode = format!("reverse:{upstream}@127.0.0.1:0");
    Dashcam::start(&[&["-m", &mode], arguments].concat()).await
}

/// A connection from `source` to `to`.
async fn open_from(source: &str, to: SocketAddr) -> Result<Stream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(format!("{source}:0").parse()?)?;
    Ok(BufReader::new(Box::new(socket.connect(to).await?)))
}

/// The answer to a GET for `target` with further `fields`, each with its line's end.
async fn get(io: &mut Stream, target: &str, fields: &str) -> Result<Message> {
    raw::send(io, &format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n")).await?;
    within(&format!("an answer to {target}"), read_response(io, "GET")).await
}

/// The answer to a GET for an origin's `path`, asked of `dashcam` in absolute form.
async fn get_through(dashcam: &Dashcam, origin: &Origin, path: &str, fields: &str) -> Result<Message> {
    get(&mut raw::open(dashcam.proxy()).await?, &origin.url(path), fields).await
}

/// The answer to a CONNECT to `authority` with further `fields`.
async fn connect(dashcam: &Dashcam, authority: &str, fields: &str) -> Result<Message> {
    let mut io = raw::open(dashcam.proxy()).await?;
    raw::send(&mut io, &format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{fields}\r\n")).await?;
    within(&format!("an answer to CONNECT {authority}"), read_response(&mut io, "HEAD")).await
}

/// The answer to an HTTP/2 client's GET for `path` with further `fields`.
async fn get_h2(dashcam: &Dashcam, path: &str, fields: &[(&str, &str)]) -> Result<Whole> {
    let mut peer = client_h2(dashcam).await?;
    let pseudo = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", path)];
    peer.write(&headers(1, &[&pseudo[..], fields].concat(), true)).await?;
    peer.response(1).await
}

/// An HTTP/2 client. With TLS: without it the upstream would have to speak HTTP/2 too.
async fn client_h2(dashcam: &Dashcam) -> Result<Peer> {
    Peer::client(h2::tls(raw::open(dashcam.proxy()).await?, &dashcam.ca()).await?, &[]).await
}

fn text(message: &Message) -> String {
    String::from_utf8_lossy(&message.body).into_owned()
}
