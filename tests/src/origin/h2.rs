//! The site over HTTP/2.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::task::JoinSet;

use super::Io;
use super::site::{Answer, Body, CUT_SHORT, EVENTS, SHOWN, Seen, Site};
use crate::digest::{self, Digest};
use crate::frames::{Frames, Gone, Sender};
use crate::wire::Fields;

/// The tasks that write a connection's bodies; they end with it.
type Writing = Mutex<JoinSet<()>>;

/// Answers the requests of one connection.
pub(super) async fn serve(io: impl Io + 'static, site: Arc<Site>) -> Result<()> {
    let writing = Arc::new(Writing::default());
    let service = service_fn(|request| {
        let (site, writing) = (Arc::clone(&site), Arc::clone(&writing));
        async move { respond(request, site, &writing).await }
    });
    Ok(hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .auto_date_header(false)
        .initial_stream_window_size(1 << 20)
        .initial_connection_window_size(1 << 22)
        .max_header_list_size(1 << 20)
        .serve_connection(TokioIo::new(io), service)
        .await?)
}

async fn respond(request: Request<Incoming>, site: Arc<Site>, writing: &Writing) -> Result<Response<Frames>> {
    let seen = read_request(request).await?;
    let head_only = seen.method == "HEAD";
    let answer = site.answer(seen);
    if let Body::Silence = answer.body {
        std::future::pending::<()>().await;
    }
    let (sender, body) = Frames::new();
    let mut response = Response::new(body);
    *response.status_mut() = answer.status.try_into()?;
    *response.headers_mut() = header_map(&answer.fields);
    if let Some(length) = length(&answer.body) {
        response.headers_mut().insert("content-length", length.into());
    }
    if !head_only {
        writing.lock().unwrap_or_else(PoisonError::into_inner).spawn(write_body(sender, site, answer));
    }
    Ok(response)
}

async fn read_request(request: Request<Incoming>) -> Result<Seen> {
    let (head, mut incoming) = request.into_parts();
    let (mut digest, mut body, mut trailers) = (Digest::default(), String::new(), Fields::new());
    while let Some(frame) = incoming.frame().await {
        match frame?.into_data() {
            Ok(piece) => {
                digest.update(&piece);
                if body.len() < SHOWN {
                    body.extend(piece.iter().map(|byte| char::from(*byte)));
                }
            }
            Err(frame) => trailers = frame.trailers_ref().map(fields).unwrap_or_default(),
        }
    }
    let target = head.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    let (method, fields) = (head.method.to_string(), fields(&head.headers));
    Ok(Seen {
        method,
        target,
        version: "HTTP/2",
        fields,
        digest: digest.finish(),
        body,
        trailers,
        ..Seen::default()
    })
}

async fn write_body(sender: Sender, site: Arc<Site>, answer: Answer) {
    // A client that has gone away ends the writing.
    let _gone = async {
        match answer.body {
            Body::None | Body::Silence => {}
            Body::Sized(bytes) => sender.data(bytes.into()).await?,
            Body::Withheld(bytes) => {
                sender.data(Bytes::from_static(bytes)).await?;
                site.gate_opened().await;
            }
            Body::CutShort => sender.data(Bytes::from_static(CUT_SHORT)).await?,
            Body::Pattern(length) => {
                for piece in digest::pattern(length) {
                    sender.data(piece.into()).await?;
                }
            }
            Body::Pieces(pieces) => {
                for piece in pieces {
                    sender.data(Bytes::from_static(piece.as_bytes())).await?;
                }
            }
            Body::Events => {
                sender.data(Bytes::from_static(EVENTS[0].as_bytes())).await?;
                site.gate_opened().await;
                sender.data(Bytes::from_static(EVENTS[1].as_bytes())).await?;
            }
        }
        if !answer.trailers.is_empty() {
            sender.trailers(header_map(&answer.trailers)).await?;
        }
        Ok::<_, Gone>(())
    }
    .await;
}

fn length(body: &Body) -> Option<u64> {
    match body {
        Body::Sized(bytes) => Some(bytes.len() as u64),
        Body::Pattern(length) => Some(*length),
        Body::Withheld(bytes) => Some(bytes.len() as u64),
        Body::CutShort => Some(1000),
        Body::None | Body::Silence | Body::Pieces(_) | Body::Events => None,
    }
}

fn fields(headers: &HeaderMap) -> Fields {
    let text = |value: &HeaderValue| value.as_bytes().iter().map(|byte| char::from(*byte)).collect();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

fn header_map(fields: &Fields) -> HeaderMap {
    let valid = fields.iter().filter_map(|(name, value)| {
        let value: Vec<u8> = value.chars().map(|char| char as u8).collect();
        Some((HeaderName::try_from(name.as_str()).ok()?, HeaderValue::from_bytes(&value).ok()?))
    });
    let mut map = HeaderMap::new();
    valid.for_each(|(name, value)| {
        map.append(name, value);
    });
    map
}
