//! One healthy client of each protocol.

use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use bytes::Bytes;
use h2::client::SendRequest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

use super::MARK;
use crate::siege::options::Options;
use crate::siege::wire::{Target, Tls, expect};

/// A client, and how often it asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client {
    protocol: Protocol,
    pub(super) interval: Duration,
}

#[derive(Debug, Clone, Copy)]
enum Protocol {
    Http1,
    Http2,
    WebSocket,
}

/// Its connection, kept for the next question, with the task that drives it.
pub(super) enum Connection {
    Http1(Tls),
    Http2 { client: SendRequest<Bytes>, _driver: JoinSet<()> },
    WebSocket(Tls),
}

impl Client {
    /// Four hundred questions a second.
    pub(super) fn all(options: &Options) -> Vec<Self> {
        let slower = if options.smoke { 4 } else { 1 };
        let of = |protocol, count: usize, interval: u64| {
            let interval = Duration::from_millis(interval * slower);
            std::iter::repeat_n(Self { protocol, interval }, count)
        };
        let all = of(Protocol::Http1, 8, 40).chain(of(Protocol::Http2, 4, 40));
        all.chain(of(Protocol::WebSocket, 8, 80)).collect()
    }

    /// Asks, and waits for the whole answer; how many exchanges began and will be whole.
    pub(super) async fn ask(
        self,
        kept: &mut Option<Connection>,
        target: &Target,
        from: Ipv4Addr,
    ) -> Result<u64> {
        let is_new = kept.is_none();
        if is_new {
            *kept = Some(self.connect(target, from).await.context("connecting")?);
        }
        match kept.as_mut().context("a connection")? {
            Connection::Http1(io) => get(io).await.map(|()| 1),
            Connection::Http2 { client, .. } => get_h2(client).await.map(|()| 1),
            Connection::WebSocket(io) => echo(io).await.map(|()| u64::from(is_new)),
        }
    }

    async fn connect(self, target: &Target, from: Ipv4Addr) -> Result<Connection> {
        match self.protocol {
            Protocol::Http1 => Ok(Connection::Http1(target.h1(from).await?)),
            Protocol::Http2 => {
                let (client, connection) = h2::client::handshake(target.h2_bare(from).await?).await?;
                let mut driver = JoinSet::new();
                // How it ended, the next request tells.
                driver.spawn(async move { drop(connection.await) });
                Ok(Connection::Http2 { client, _driver: driver })
            }
            Protocol::WebSocket => {
                let mut io = target.h1(from).await?;
                let ask = format!(
                    "GET /echo?{MARK} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                     Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                );
                io.write_all(ask.as_bytes()).await?;
                expect(&head(&mut io).await?, "101")?;
                Ok(Connection::WebSocket(io))
            }
        }
    }
}

async fn get(io: &mut Tls) -> Result<()> {
    io.write_all(format!("GET /{MARK} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes()).await?;
    let head = head(io).await?;
    expect(&head, "200")?;
    let text = String::from_utf8_lossy(&head).to_ascii_lowercase();
    let length = text.split("content-length:").nth(1).and_then(|rest| rest.split('\r').next());
    let length: usize = length.context("no length")?.trim().parse()?;
    let mut body = vec![0; length];
    io.read_exact(&mut body).await?;
    Ok(())
}

/// A head up to its end, and not a byte more.
async fn head(io: &mut Tls) -> Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        ensure!(head.len() < 64 << 10, "an endless head");
        head.push(io.read_u8().await?);
    }
    Ok(head)
}

async fn get_h2(client: &mut SendRequest<Bytes>) -> Result<()> {
    let request = http::Request::get(format!("https://localhost/{MARK}")).body(())?;
    let mut ready = client.clone().ready().await?;
    let (response, _) = ready.send_request(request, true)?;
    let response = response.await?;
    if response.status() != 200 {
        bail!("not 200: {}", response.status());
    }
    let mut body = response.into_body();
    while let Some(data) = body.data().await {
        let length = data?.len();
        body.flow_control().release_capacity(length)?;
    }
    Ok(())
}

/// Sends 512 bytes and waits for them to come back.
async fn echo(io: &mut Tls) -> Result<()> {
    let mut frame = vec![0x81, 0xfe, 2, 0, 0, 0, 0, 0];
    frame.extend([b'm'; 512]);
    io.write_all(&frame).await?;
    let mut back = [0; 4 + 512];
    io.read_exact(&mut back).await?;
    ensure!(back[..4] == [0x81, 126, 2, 0] && back[4..] == frame[8..], "not an echo");
    Ok(())
}
