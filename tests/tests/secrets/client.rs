//! The client of the corpus: it sends exchanges on several ways, and reads what comes.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use bytes::Bytes;
use dashcam_secrets::case::{Case, End, Protocol};
use dashcam_tests::frames::Frames;
use dashcam_tests::origin::Stream;
use dashcam_tests::raw;
use dashcam_tests::wire::{Fields, Framing, read_head, read_piece};
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use http_body_util::BodyExt as _;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::task::JoinSet;
use tokio_rustls::TlsConnector;

use crate::forms::{self, NUMBER};
use crate::socket;

/// The way on which an exchange passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// To a forward proxy, in clear text.
    Plain,
    /// In a tunnel, with TLS and HTTP/1.
    Tls,
    /// In a tunnel, with TLS and HTTP/2.
    Http2,
    /// By a reverse proxy.
    Reverse,
}

impl Way {
    /// All of them.
    pub(crate) const ALL: [Self; 4] = [Self::Plain, Self::Tls, Self::Http2, Self::Reverse];

    /// Returns whether `case` can pass on it.
    pub(crate) fn suits(self, case: &Case) -> bool {
        match self {
            Self::Plain => case.protocol != Protocol::Grpc,
            // Browsers and libraries send no credentials of a URL to an origin.
            _ if has_credentials(case) => false,
            Self::Tls | Self::Reverse => case.protocol != Protocol::Grpc,
            Self::Http2 => {
                matches!(case.protocol, Protocol::Http | Protocol::Grpc)
                    && case.end == End::Complete
                    && case.target().text().parse::<http::uri::PathAndQuery>().is_ok()
            }
        }
    }
}

/// Returns whether there are credentials in the URL.
fn has_credentials(case: &Case) -> bool {
    let url = case.url.text();
    let authority = url.split_once("://").and_then(|(_, rest)| rest.split('/').next());
    authority.is_some_and(|authority| authority.contains('@'))
}

/// Where the proxies listen, and the root to trust.
#[derive(Debug, Clone)]
pub(crate) struct Proxies {
    /// The forward proxy.
    pub(crate) forward: std::net::SocketAddr,
    /// The reverse proxy.
    pub(crate) reverse: std::net::SocketAddr,
    /// dashcam's root.
    pub(crate) ca: PathBuf,
}

/// Sends `case`, the one with that number, and reads the response to its end.
///
/// # Errors
/// When it does not pass as it should.
pub(crate) async fn send(proxies: &Proxies, way: Way, number: usize, case: &Case) -> Result<()> {
    let authority = case.authority().context("a URL without a host")?;
    let host = authority.split(':').next().unwrap_or_default();
    let port = authority.split_once(':').map_or("443", |(_, port)| port);
    match way {
        Way::Plain => http1(raw::open(proxies.forward).await?, true, number, case).await,
        Way::Reverse => http1(raw::open(proxies.reverse).await?, false, number, case).await,
        Way::Tls => {
            let io = raw::tunnel(proxies.forward, &format!("{host}:{port}")).await?;
            http1(raw::tls(io, &proxies.ca, host).await?, false, number, case).await
        }
        Way::Http2 => {
            let io = raw::tunnel(proxies.forward, &format!("{host}:{port}")).await?;
            http2(io, proxies, host, number, case).await
        }
    }
}

async fn http1(mut io: Stream, absolute: bool, number: usize, case: &Case) -> Result<()> {
    let (side, authority) = (&case.request, case.authority().unwrap_or_default());
    let target = match absolute {
        true => case.url.text().replacen("https://", "http://", 1),
        false => case.target().text(),
    };
    let mut fields = vec![
        ("Host".to_owned(), authority.into_bytes()),
        (NUMBER.to_owned(), number.to_string().into_bytes()),
    ];
    fields.extend(forms::fields(side));
    let parts = forms::parts(side)?;
    let length: usize = parts.iter().map(Vec::len).sum();
    let chunked = side.chunked || !side.trailers.is_empty();
    match (chunked, length) {
        (true, _) => fields.push(("Transfer-Encoding".to_owned(), b"chunked".to_vec())),
        (false, 0) => {}
        (false, length) => fields.push(("Content-Length".to_owned(), length.to_string().into_bytes())),
    }
    if case.protocol == Protocol::WebSocket {
        return socket::ask(io, &target, fields, case).await;
    }
    let mut head = format!("{} {target} HTTP/1.1\r\n", case.method).into_bytes();
    forms::push_fields(&mut head, &fields);
    io.write_all(&head).await?;
    if chunked || length > 0 {
        forms::write_body(&mut io, &parts, chunked, &side.trailers, true).await?;
    }
    io.flush().await?;
    read(&mut io, case).await.with_context(|| format!("the answer to {}", case.name))
}

/// Reads the response, as much of it as there is to be.
async fn read(io: &mut Stream, case: &Case) -> Result<()> {
    let head = loop {
        let head = read_head(io).await?.context("no response")?;
        if head.status()? >= 200 {
            break head;
        }
    };
    if head.status()? == 400 && has_credentials(case) {
        // A URL with credentials is refused, and on record.
        return Ok(());
    }
    let expected = if case.end == End::Unanswered { 502 } else { case.status };
    ensure!(head.status()? == expected, "{} instead of {expected}", head.start);
    let (mut framing, mut trailers, mut got) = (Framing::of_response(&head, &case.method), Fields::new(), 0);
    let whole = forms::parts(&case.response)?.iter().map(Vec::len).sum::<usize>();
    loop {
        match read_piece(io, &mut framing, &mut trailers).await {
            Ok(Some(piece)) => got += piece.len(),
            Ok(None) => return Ok(()),
            Err(_) if case.end == End::Cut => return Ok(()),
            Err(error) => return Err(error),
        }
        if case.end == End::Aborted && got >= whole {
            return Ok(());
        }
    }
}

async fn http2(io: Stream, proxies: &Proxies, host: &str, number: usize, case: &Case) -> Result<()> {
    let mut config = Arc::unwrap_or_clone(raw::client_config(&proxies.ca)?);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let tls =
        TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(host.to_owned())?, io).await?;
    let builder = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
    let (mut client, connection) = builder.handshake(TokioIo::new(BufReader::new(tls))).await?;
    let mut driving = JoinSet::new();
    driving.spawn(connection);
    let side = &case.request;
    let (sender, body) = Frames::new();
    let uri = format!("https://{}{}", case.authority().unwrap_or_default(), case.target().text());
    let mut request = Request::builder().method(case.method.as_str()).uri(uri).body(body)?;
    *request.headers_mut() = header_map(&forms::fields(side));
    request.headers_mut().insert(NUMBER, number.into());
    let (parts, trailers) = (forms::parts(side)?, header_map(&forms::plain(&side.trailers)));
    let send = async move {
        for (number, part) in parts.iter().enumerate() {
            if number > 0 {
                tokio::time::sleep(forms::PAUSE).await;
            }
            for piece in part.chunks(16 * 1024) {
                sender.data(Bytes::copy_from_slice(piece)).await?;
            }
        }
        if !trailers.is_empty() {
            sender.trailers(trailers).await?;
        }
        anyhow::Ok(())
    };
    let receive = async {
        let response = client.send_request(request).await?;
        ensure!(response.status() == case.status, "{}: {}", case.name, response.status());
        let mut body = response.into_body();
        while let Some(frame) = body.frame().await {
            frame?;
        }
        anyhow::Ok(())
    };
    tokio::try_join!(send, receive).with_context(|| format!("{} over HTTP/2", case.name))?;
    Ok(())
}

/// Fields as HTTP/2 takes them: those of a connection stay away.
pub(crate) fn header_map(fields: &[(String, Vec<u8>)]) -> HeaderMap {
    let of_connection = ["connection", "proxy-connection", "transfer-encoding", "trailer"];
    let mut map = HeaderMap::new();
    for (name, value) in fields {
        let pair = (HeaderName::try_from(name.as_str()), HeaderValue::from_bytes(value));
        if let (Ok(name), Ok(value)) = pair
            && !of_connection.contains(&name.as_str())
        {
            map.append(name, value);
        }
    }
    map
}
