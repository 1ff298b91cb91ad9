//! The server of the whole corpus: a parent proxy that is every host itself, and an origin for a reverse proxy.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use bytes::Bytes;
use dashcam_secrets::case::{Case, End, Protocol};
use dashcam_tests::frames::{Frames, Gone, Sender};
use dashcam_tests::origin::{Io, Origin, Stream};
use dashcam_tests::test_ca;
use dashcam_tests::wire::{Fields, Framing, Head, read_head, read_piece};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::client::header_map;
use crate::forms::{self, NUMBER, PAUSE};
use crate::socket;

/// The exchanges by their numbers.
pub(crate) type Cases = Arc<Vec<Case>>;

/// Starts it.
pub(crate) async fn start(cases: Cases) -> Result<Origin> {
    let hosts: std::collections::BTreeSet<String> = cases.iter().filter_map(Case::authority).collect();
    let mut names: Vec<&str> = hosts.iter().filter_map(|host| host.split(':').next()).collect();
    names.push("localhost");
    names.sort_unstable();
    names.dedup();
    let tls = TlsAcceptor::from(test_ca::shared()?.server(&names, &["h2", "http/1.1"])?);
    Origin::raw(move |stream| {
        let (cases, tls) = (Arc::clone(&cases), tls.clone());
        async move { accept(BufReader::new(Box::new(stream)), &tls, cases).await }
    })
    .await
}

/// A connection that may begin with TLS, with a CONNECT, or with a request.
async fn accept(mut io: Stream, tls: &TlsAcceptor, cases: Cases) -> Result<()> {
    if io.fill_buf().await?.first() == Some(&0x16) {
        return secure(io, tls, cases).await;
    }
    let Some(head) = read_head(&mut io).await? else { return Ok(()) };
    if head.word(0) != "CONNECT" {
        return http1(io, Some(head), &cases).await;
    }
    io.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    io.flush().await?;
    match io.fill_buf().await?.first() {
        Some(0x16) => secure(io, tls, cases).await,
        _ => http1(io, None, &cases).await,
    }
}

async fn secure(io: Stream, tls: &TlsAcceptor, cases: Cases) -> Result<()> {
    let io = tls.accept(io).await?;
    match io.get_ref().1.alpn_protocol() {
        Some(b"h2") => http2(io, cases).await,
        _ => http1(BufReader::new(Box::new(io)), None, &cases).await,
    }
}

fn number(value: Option<&str>) -> Result<usize> {
    value.context("a request without a number")?.trim().parse().context("no number")
}

async fn http1(mut io: Stream, first: Option<Head>, cases: &Cases) -> Result<()> {
    let mut next = first;
    loop {
        let head = match next.take() {
            Some(head) => head,
            None => match read_head(&mut io).await? {
                Some(head) => head,
                None => return Ok(()),
            },
        };
        let case = cases.get(number(head.field(NUMBER))?).context("no such case")?;
        if case.protocol == Protocol::WebSocket {
            return socket::answer(io, &head, case).await;
        }
        let (mut framing, mut trailers) = (Framing::of_request(&head), Fields::new());
        while read_piece(&mut io, &mut framing, &mut trailers).await?.is_some() {}
        if case.end == End::Unanswered {
            return Ok(());
        }
        write_response(&mut io, case).await?;
        if case.end != End::Complete {
            return Ok(());
        }
    }
}

async fn write_response(io: &mut Stream, case: &Case) -> Result<()> {
    for (status, fields) in &case.interim {
        write_head(io, *status, forms::plain(fields)).await?;
    }
    let side = &case.response;
    let mut fields = forms::fields(side);
    let parts = forms::parts(side)?;
    let length: usize = parts.iter().map(Vec::len).sum();
    let chunked = side.chunked || !side.trailers.is_empty();
    let empty = matches!(case.status, 204 | 304);
    match (chunked, case.end) {
        (true, _) => fields.push(("Transfer-Encoding".to_owned(), b"chunked".to_vec())),
        (false, End::Complete) if !empty => {
            fields.push(("Content-Length".to_owned(), length.to_string().into_bytes()));
        }
        // More is announced than comes.
        (false, End::Cut | End::Aborted) => {
            fields.push(("Content-Length".to_owned(), (length + 500).to_string().into_bytes()));
        }
        _ => {}
    }
    write_head(io, case.status, fields).await?;
    if !empty {
        forms::write_body(io, &parts, chunked, &side.trailers, case.end == End::Complete).await?;
    }
    if case.end == End::Aborted {
        // It is the client that leaves.
        while !io.fill_buf().await?.is_empty() {
            let read = io.buffer().len();
            io.consume(read);
        }
    }
    Ok(())
}

async fn write_head(io: &mut Stream, status: u16, fields: Vec<(String, Vec<u8>)>) -> Result<()> {
    let mut head = format!("HTTP/1.1 {status} As You Like\r\n").into_bytes();
    forms::push_fields(&mut head, &fields);
    io.write_all(&head).await?;
    Ok(io.flush().await?)
}

async fn http2(io: impl Io + 'static, cases: Cases) -> Result<()> {
    let writing = Arc::new(std::sync::Mutex::new(JoinSet::new()));
    let service = service_fn(|request: Request<Incoming>| {
        let (cases, writing) = (Arc::clone(&cases), Arc::clone(&writing));
        async move {
            let number = number(request.headers().get(NUMBER).and_then(|value| value.to_str().ok()))?;
            let case = cases.get(number).context("no such case")?;
            let mut body = request.into_body();
            while let Some(frame) = body.frame().await {
                frame?;
            }
            let (sender, body) = Frames::new();
            let mut response = Response::new(body);
            *response.status_mut() = case.status.try_into()?;
            *response.headers_mut() = header_map(&forms::fields(&case.response));
            if !matches!(case.status, 204 | 304) {
                let (parts, trailers) =
                    (forms::parts(&case.response)?, forms::plain(&case.response.trailers));
                let mut writing = writing.lock().expect("nobody panics with it");
                writing.spawn(write_body(sender, parts, trailers));
            }
            anyhow::Ok(response)
        }
    });
    let served = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .max_header_list_size(1 << 20)
        .serve_connection(TokioIo::new(io), service);
    Ok(served.await?)
}

async fn write_body(sender: Sender, parts: Vec<Vec<u8>>, trailers: Vec<(String, Vec<u8>)>) {
    let _gone = async {
        for (number, part) in parts.into_iter().enumerate() {
            if number > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            for piece in part.chunks(16 * 1024) {
                sender.data(Bytes::copy_from_slice(piece)).await?;
            }
        }
        if !trailers.is_empty() {
            sender.trailers(header_map(&trailers)).await?;
        }
        Ok::<_, Gone>(())
    }
    .await;
}
