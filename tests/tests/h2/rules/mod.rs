//! RFC 9113's rules for a server, each broken or kept by a client: what does dashcam do?
//!
//! A table in parts. A case says what the RFC asks for and what dashcam does; where that differs, it says why.

mod compression;
mod connection;
mod frames;
mod messages;
mod streams;

use anyhow::{Context as _, Result, bail, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::h2::frame::{block, data, frame, headers, kind, ping};
use dashcam_tests::h2::origin::answering;
use dashcam_tests::h2::peer::{Event, Peer};
use dashcam_tests::h2::{self, PREFACE, code};
use dashcam_tests::raw;

/// The RFC's demand.
#[derive(Debug, Clone, Copy)]
enum Asked {
    /// A stream error; it may be treated as a connection error (§5.4.2).
    Stream(u32),
    /// A connection error; the connection may just be closed (§5.4.1).
    Connection(u32),
    /// The request is malformed: a stream error, after a response perhaps (§8.1.1).
    Malformed,
    /// An answer to the request with this status.
    Answer(u16),
    /// Nothing: what comes afterwards is served.
    Nothing,
    /// An acknowledgement.
    Acknowledged,
}

/// The behaviour of dashcam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Does {
    Reset(u32),
    GoAway(u32),
    Close,
    Answer(u16),
    Nothing,
    Acknowledged,
}

/// A case of the table.
struct Case {
    name: &'static str,
    paragraph: &'static str,
    /// The bytes after preface and SETTINGS; everything, if `raw`.
    bytes: Vec<u8>,
    raw: bool,
    asked: Asked,
    does: Does,
    /// Why dashcam does something else than the RFC asks for.
    known: Option<&'static str>,
    /// Bytes at a time; 0: all at once.
    pieces: usize,
}

/// Why an error is right and its code is not.
const ONE_CODE: &str = "the h2 crate says PROTOCOL_ERROR whatever the fault";

/// A case in which dashcam does what is asked for, and how.
fn case(
    paragraph: &'static str,
    name: &'static str,
    bytes: impl Into<Vec<u8>>,
    asked: Asked,
    does: Does,
) -> Case {
    Case { name, paragraph, bytes: bytes.into(), raw: false, asked, does, known: None, pieces: 0 }
}

impl Case {
    /// Preface and all are in the bytes.
    fn raw(self) -> Self {
        Self { raw: true, ..self }
    }

    fn known(self, why: &'static str) -> Self {
        Self { known: Some(why), ..self }
    }

    fn in_pieces_of(self, pieces: usize) -> Self {
        Self { pieces, ..self }
    }

    fn is_as_asked(&self) -> bool {
        match (self.asked, self.does) {
            (Asked::Stream(asked), Does::Reset(does) | Does::GoAway(does))
            | (Asked::Connection(asked), Does::GoAway(does)) => asked == does,
            (Asked::Connection(_), Does::Close)
            | (
                Asked::Malformed,
                Does::Reset(code::PROTOCOL) | Does::Answer(400) | Does::GoAway(code::PROTOCOL),
            )
            | (Asked::Nothing, Does::Nothing)
            | (Asked::Acknowledged, Does::Acknowledged) => true,
            (Asked::Answer(asked), Does::Answer(does)) => asked == does,
            _ => false,
        }
    }

    async fn run(&self, dashcam: &Dashcam, port: u16) -> Result<Does> {
        let io = raw::tunnel(dashcam.proxy(), &format!("127.0.0.1:{port}")).await?;
        let mut peer = if self.raw { Peer::new(io) } else { Peer::client(io, &[]).await? };
        let mut bytes = self.bytes.clone();
        if self.does == Does::Nothing {
            bytes.extend(ping(b"the last", false));
        }
        let pieces = if self.pieces == 0 { bytes.len().max(1) } else { self.pieces };
        for piece in bytes.chunks(pieces) {
            // It may be closed in the middle of it.
            if peer.write(piece).await.is_err() {
                break;
            }
        }
        let mut settings = u32::from(!self.raw);
        within("dashcam's reaction", async {
            loop {
                match peer.next().await? {
                    Event::Reset { code, .. } => return Ok(Does::Reset(code)),
                    Event::GoAway { code, .. } => return Ok(Does::GoAway(code)),
                    Event::Closed => return Ok(Does::Close),
                    Event::Pong(payload) if payload == b"the last" => return Ok(Does::Nothing),
                    Event::Pong(payload) => {
                        ensure!(payload == b"payload.", "a PING is answered with {payload:?}");
                        return Ok(Does::Acknowledged);
                    }
                    // The first is for the client's own first SETTINGS.
                    Event::SettingsAck if settings == 0 && matches!(self.asked, Asked::Acknowledged) => {
                        return Ok(Does::Acknowledged);
                    }
                    Event::SettingsAck => settings = 0,
                    Event::Headers { fields, .. } => {
                        let status = fields.iter().find(|(name, _)| name == ":status");
                        return Ok(Does::Answer(status.context("no status")?.1.parse()?));
                    }
                    Event::Data { .. }
                    | Event::Settings(_)
                    | Event::Ping
                    | Event::Window { .. }
                    | Event::Other(_) => {}
                }
            }
        })
        .await
    }
}

async fn check(cases: Vec<Case>) -> Result<()> {
    let origin = answering().await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut wrong = Vec::new();
    for case in &cases {
        let does = case.run(&dashcam, origin.port()).await.with_context(|| case.name)?;
        if does != case.does {
            wrong.push(format!("§{} {}: {does:?}, expected {:?}", case.paragraph, case.name, case.does));
        }
        if case.is_as_asked() != case.known.is_none() {
            wrong.push(format!(
                "§{} {}: asked for {:?}; known: {:?}",
                case.paragraph, case.name, case.asked, case.known
            ));
        }
    }
    if !wrong.is_empty() {
        bail!("{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    }
    // Whatever one connection did, others are served.
    let mut peer = h2::plain(&dashcam, &format!("127.0.0.1:{}", origin.port())).await?;
    peer.write(&get(1)).await?;
    peer.wait("an answer", |event| matches!(event, Event::Data { ends: true, .. }).then_some(())).await
}

/// The bytes that every case but the raw ones sends first.
fn greeting() -> Vec<u8> {
    [PREFACE, &frame(kind::SETTINGS, 0, 0, &[])].concat()
}

const GET: [(&str, &str); 4] = [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "/")];
const POST: [(&str, &str); 4] =
    [(":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", "/")];
/// The origin does not answer it.
const WAIT: [(&str, &str); 4] =
    [(":method", "GET"), (":scheme", "http"), (":authority", "a"), (":path", "/wait")];

fn get(stream: u32) -> Vec<u8> {
    headers(stream, &GET, true)
}

/// A request whose body is to come.
fn post(stream: u32) -> Vec<u8> {
    headers(stream, &POST, false)
}

/// A whole request that gets no answer.
fn wait(stream: u32) -> Vec<u8> {
    headers(stream, &WAIT, true)
}

/// `GET` with more fields.
fn with(fields: &[(&str, &str)]) -> Vec<u8> {
    headers(1, &[&GET[..], fields].concat(), true)
}

/// `POST` with a content-length, and DATA.
fn sized(length: &str, pieces: &[&[u8]]) -> Vec<u8> {
    let mut bytes = headers(1, &[&POST[..], &[("content-length", length)]].concat(), pieces.is_empty());
    for (index, piece) in pieces.iter().enumerate() {
        bytes.extend(data(1, piece, index + 1 == pieces.len()));
    }
    bytes
}

/// A whole request with this field block.
fn with_block(block: &[u8]) -> Vec<u8> {
    frame(kind::HEADERS, 5, 1, block)
}

fn get_block() -> Vec<u8> {
    block(&GET)
}
