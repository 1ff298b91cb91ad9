//! WebSockets byte by byte: both ends of one through dashcam are in the test's hands.

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use crate::dashcam::Dashcam;
use crate::eventually::within;
use crate::origin::{Origin, Stream};
use crate::wire::{Fields, Head, read_head};
use crate::{raw, test_ca};

/// The target of every handshake.
pub const TARGET: &str = "/socket?room=1";

/// How a client reaches the origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Through a forward proxy, with the whole URL as the target.
    Absolute,
    /// In a CONNECT tunnel, without TLS.
    Connect,
    /// In a CONNECT tunnel, with TLS on both sides.
    ConnectTls,
    /// By a reverse proxy, without TLS.
    Reverse,
    /// By a reverse proxy, with TLS on both sides.
    ReverseTls,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Absolute, Self::Connect, Self::ConnectTls, Self::Reverse, Self::ReverseTls];

    /// Returns whether there is TLS on both sides.
    #[must_use]
    pub fn has_tls(self) -> bool {
        matches!(self, Self::ConnectTls | Self::ReverseTls)
    }
}

/// A WebSocket with dashcam in the middle.
pub struct Pair {
    /// The client's end.
    pub client: Stream,
    /// The origin's end.
    pub origin: Stream,
    /// The request that the origin got.
    pub asked: Head,
    /// The response that the client got.
    pub answered: Head,
    /// The dashcam in between.
    pub dashcam: Dashcam,
    _origin: Origin,
}

/// Fields that both sides add to their handshake.
#[derive(Debug, Clone, Copy, Default)]
pub struct Handshake<'a> {
    /// The client's, each with CR LF.
    pub asks: &'a str,
    /// The origin's, each with CR LF.
    pub answers: &'a str,
    /// Bytes that the client sends right behind its handshake, before it is answered.
    pub early: &'a [u8],
    /// Bytes that the origin sends with its answer.
    pub first: &'a [u8],
    /// An end that is dropped resets its connection, as after a crash with bytes unread.
    pub dies: bool,
}

impl Pair {
    /// Opens a WebSocket on `way`; dashcam is started with `arguments` besides.
    ///
    /// # Errors
    /// When the handshake fails.
    pub async fn open(way: Way, handshake: Handshake<'_>, arguments: &[&str]) -> Result<Self> {
        Self::open_with("", way, handshake, arguments).await
    }

    /// The same, with `config` for dashcam's `config.toml`.
    ///
    /// # Errors
    /// When the handshake fails.
    pub async fn open_with(
        config: &str,
        way: Way,
        handshake: Handshake<'_>,
        arguments: &[&str],
    ) -> Result<Self> {
        let (give, mut taken) = mpsc::channel(1);
        let answer = format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{}\r\n",
            handshake.answers
        );
        let answer: Arc<[u8]> = [answer.as_bytes(), handshake.first].concat().into();
        let tls = match way.has_tls() {
            true => Some(TlsAcceptor::from(test_ca::shared()?.server(&["localhost"], &["http/1.1"])?)),
            false => None,
        };
        let dies = handshake.dies;
        let origin = Origin::raw(move |stream| {
            let (give, answer, tls) = (give.clone(), Arc::clone(&answer), tls.clone());
            async move {
                if dies {
                    stream.set_zero_linger()?;
                }
                let mut io = accept(stream, tls).await?;
                let head = read_head(&mut io).await?.context("no request")?;
                io.write_all(&answer).await?;
                io.flush().await?;
                give.send((head, io)).await.map_err(|_| anyhow::anyhow!("the test has ended"))
            }
        })
        .await?;
        let scheme = if way.has_tls() { "https" } else { "http" };
        let mode = match way {
            Way::Reverse | Way::ReverseTls => {
                format!("reverse:{scheme}://localhost:{}@127.0.0.1:0", origin.port())
            }
            _ => "forward".to_owned(),
        };
        let arguments = [&["-m", mode.as_str()], arguments].concat();
        let dashcam = Dashcam::start_with(config, &arguments).await?;
        let mut client = connect(way, &dashcam, &origin, dies).await?;
        let target =
            if way == Way::Absolute { format!("{}{TARGET}", origin.url("")) } else { TARGET.to_owned() };
        let ask = format!(
            "GET {target} HTTP/1.1\r\nHost: localhost:{}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n",
            origin.port(),
            handshake.asks
        );
        client.write_all(&[ask.as_bytes(), handshake.early].concat()).await?;
        client.flush().await?;
        let answered = within("an answer to the handshake", read_head(&mut client)).await?.context("none")?;
        ensure!(answered.status()? == 101, "{}", answered.start);
        let taken = within("the origin's end", async { taken.recv().await.context("no connection") }).await?;
        Ok(Self { client, origin: taken.1, asked: taken.0, answered, dashcam, _origin: origin })
    }
}

async fn accept(stream: TcpStream, tls: Option<TlsAcceptor>) -> Result<Stream> {
    Ok(match tls {
        None => BufReader::new(Box::new(stream)),
        Some(tls) => BufReader::new(Box::new(tls.accept(stream).await?)),
    })
}

async fn connect(way: Way, dashcam: &Dashcam, origin: &Origin, dies: bool) -> Result<Stream> {
    let stream = TcpStream::connect(dashcam.proxy()).await?;
    stream.set_nodelay(true)?;
    if dies {
        stream.set_zero_linger()?;
    }
    let mut io: Stream = BufReader::new(Box::new(stream));
    if matches!(way, Way::Connect | Way::ConnectTls) {
        let authority = format!("localhost:{}", origin.port());
        raw::send(&mut io, &format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n")).await?;
        let head = within("an answer to CONNECT", read_head(&mut io)).await?.context("none")?;
        ensure!(head.status()? == 200, "CONNECT: {}", head.start);
    }
    if way.has_tls() { raw::tls(io, &dashcam.ca(), "localhost").await } else { Ok(io) }
}

/// A frame: its first byte as it is, a payload masked with `mask` if there is one.
#[must_use]
pub fn frame(first: u8, mask: Option<[u8; 4]>, payload: &[u8]) -> Vec<u8> {
    let mut frame = frame_head(first, mask, payload.len() as u64);
    let mask = mask.unwrap_or_default();
    frame.extend(payload.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]));
    frame
}

/// The head of a frame with a payload of `length` bytes.
#[must_use]
pub fn frame_head(first: u8, mask: Option<[u8; 4]>, length: u64) -> Vec<u8> {
    let masked = if mask.is_some() { 0x80 } else { 0 };
    let mut head = vec![first];
    match length {
        0..126 => head.push(masked | length as u8),
        126..0x1_0000 => {
            head.push(masked | 126);
            head.extend((length as u16).to_be_bytes());
        }
        _ => {
            head.push(masked | 127);
            head.extend(length.to_be_bytes());
        }
    }
    head.extend(mask.iter().flatten());
    head
}

/// Sends `bytes` into `from` in pieces of `step` bytes, and checks that they come out of `to` as they are.
///
/// # Errors
/// When they don't.
pub async fn passes(from: &mut Stream, to: &mut Stream, bytes: &[u8], step: usize) -> Result<()> {
    let send = async {
        for piece in bytes.chunks(step) {
            from.write_all(piece).await?;
            from.flush().await?;
        }
        Ok::<_, anyhow::Error>(())
    };
    let receive = async {
        let mut seen = vec![0; bytes.len()];
        to.read_exact(&mut seen).await?;
        ensure!(seen == bytes, "other bytes came out than went in");
        Ok(())
    };
    within("the bytes at the other end", async { tokio::try_join!(send, receive) }).await?;
    Ok(())
}

/// Checks that nothing more comes out of `io` than a clean end.
///
/// # Errors
/// When something else comes.
pub async fn ends(io: &mut Stream) -> Result<()> {
    let mut rest = Vec::new();
    within("the end", async { Ok(io.read_to_end(&mut rest).await?) }).await?;
    ensure!(rest.is_empty(), "bytes before the end: {rest:x?}");
    Ok(())
}

/// Those of `fields` that are about WebSockets, in order.
#[must_use]
pub fn about_websockets(fields: &Fields) -> Fields {
    let about = |name: &str| name.to_ascii_lowercase().starts_with("sec-websocket-");
    fields.iter().filter(|(name, _)| about(name)).cloned().collect()
}
