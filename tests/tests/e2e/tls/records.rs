//! Heads leave in one TLS record where they fit, and with what is there of the body already: a record each would cost a
//! segment, and a wake-up at the other end.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::origin::{Origin, Stream};
use dashcam_tests::wire::{read_head, read_response};
use dashcam_tests::{raw, test_ca};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Bytes of plain text that a record may have (RFC 8446 §5.1).
const RECORD: usize = 16 << 10;

/// The bytes that came under TLS since somebody counted.
#[derive(Debug, Clone, Default)]
struct Came(Arc<Mutex<Vec<u8>>>);

impl Came {
    /// How many records came since the last time.
    fn records(&self) -> usize {
        let bytes = std::mem::take(&mut *self.0.lock().expect("no panic while locked"));
        let (mut at, mut count) = (0, 0);
        while let Some([_, _, _, high, low]) = bytes.get(at..at + 5) {
            at += 5 + usize::from(u16::from_be_bytes([*high, *low]));
            count += 1;
        }
        assert_eq!(at, bytes.len(), "records came whole");
        count
    }
}

/// A stream that notes what comes over it.
struct Tapped<S> {
    io: S,
    came: Came,
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.io).poll_read(cx, buffer);
        this.came.0.lock().expect("no panic while locked").extend_from_slice(&buffer.filled()[before..]);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapped<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.get_mut().io).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().io).poll_shutdown(cx)
    }
}

/// Fields with so many bytes, that fit into a head.
fn padding(bytes: usize) -> String {
    (0..bytes.div_ceil(1000)).map(|n| format!("X-{n}: {}\r\n", "x".repeat(bytes.min(1000)))).collect()
}

/// Answers each request with a head that has as many bytes more as its target says, and a body as long as the target says
/// behind that: `/HEAD/BODY`. `records` gets how many each request came in.
async fn origin(records: Arc<Mutex<Vec<usize>>>) -> Result<Origin> {
    let tls = TlsAcceptor::from(test_ca::shared()?.server(&["localhost"], &["http/1.1"])?);
    Origin::raw(move |stream: TcpStream| {
        let (tls, records) = (tls.clone(), Arc::clone(&records));
        async move {
            let came = Came::default();
            let io = tls.accept(Tapped { io: stream, came: came.clone() }).await?;
            came.records();
            let mut io: Stream = BufReader::new(Box::new(io));
            while let Some(head) = read_head(&mut io).await? {
                let length = head.field("content-length").map_or(Ok(0), str::parse)?;
                io.read_exact(&mut vec![0; length]).await?;
                records.lock().expect("no panic while locked").push(came.records());
                let target = head.start.split(' ').nth(1).context("a target")?;
                let (head, body) = target[1..].split_once('/').context("two numbers")?;
                let (fields, body) = (padding(head.parse()?), "b".repeat(body.parse()?));
                let answer =
                    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{fields}\r\n{body}", body.len());
                io.write_all(answer.as_bytes()).await?;
                io.flush().await?;
            }
            Ok(())
        }
    })
    .await
}

#[tokio::test]
async fn a_head_and_what_is_there_of_its_body_are_one_record() -> Result<()> {
    let requests = Arc::<Mutex<Vec<usize>>>::default();
    let origin = origin(Arc::clone(&requests)).await?;
    let dashcam = Dashcam::start(&[]).await?;
    let authority = format!("localhost:{}", origin.port());
    let came = Came::default();
    let io = Tapped { io: raw::tunnel(dashcam.proxy(), &authority).await?, came: came.clone() };
    let connector = TlsConnector::from(raw::client_config(&dashcam.ca())?);
    let io = connector.connect(ServerName::try_from("localhost")?, io).await?;
    let mut io: Stream = BufReader::new(Box::new(io));
    // The first answer comes behind tickets for the next connection.
    raw::get(&mut io, "/0/0", &authority).await?;
    came.records();
    requests.lock().expect("no panic while locked").clear();
    for (request, head, body) in [
        ((0, 0), 0, 0),
        ((0, 0), 0, 100),
        ((12_000, 0), 12_000, 0),
        ((12_000, 3000), 12_000, 3000),
        ((30_000, 0), 30_000, 0),
    ] {
        let fields = padding(request.0);
        let length = if request.1 > 0 { format!("Content-Length: {}\r\n", request.1) } else { String::new() };
        let method = if request.1 > 0 { "POST" } else { "GET" };
        let ask = format!(
            "{method} /{head}/{body} HTTP/1.1\r\nHost: {authority}\r\n{length}{fields}\r\n{}",
            "b".repeat(request.1)
        );
        raw::send(&mut io, &ask).await?;
        let answer = within("an answer", read_response(&mut io, method)).await?;
        assert_eq!((answer.head.status()?, answer.body.len()), (200, body));
        let sent = requests.lock().expect("no panic while locked").pop().context("the origin saw it")?;
        let got = came.records();
        let most = |bytes: usize| bytes.div_ceil(RECORD).max(1);
        assert_eq!((sent, got), (most(ask.len()), most(head + body)), "{request:?} {head} {body}");
    }
    Ok(())
}
