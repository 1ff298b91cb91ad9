//! The site over HTTP/1, written by hand, so that nothing is tidied up on the way.

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::Stream;
use super::site::{Answer, Body, CUT_SHORT, EVENTS, SHOWN, Seen, Site};
use crate::digest::{self, Digest};
use crate::wire::{Fields, Framing, Head, read_head, read_piece};

/// Answers the requests of one connection.
///
/// A target with `stale` in it closes the connection, without an answer, once it has served another: what a
/// server does whose keep-alive time runs out at that moment.
pub(super) async fn serve(mut io: Stream, site: &Site) -> Result<()> {
    let mut served = 0;
    while let Some(head) = read_head(&mut io).await? {
        let stale = head.word(1).contains("stale") && served > 0;
        if stale {
            site.note(Seen {
                method: "STALE".to_owned(),
                target: head.word(1).to_owned(),
                ..Seen::default()
            });
            return Ok(());
        }
        if head.field("expect").is_some() && !head.word(1).contains("refused") {
            io.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        let seen = if head.word(1).contains("refused") {
            request(&head, String::new())
        } else {
            read_request(&mut io, &head).await?
        };
        let last = head.field("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let method = seen.method.clone();
        let answer = site.answer(seen);
        if !write_answer(&mut io, site, &method, answer).await? || last {
            return Ok(io.shutdown().await?);
        }
        served += 1;
    }
    Ok(())
}

fn request(head: &Head, digest: String) -> Seen {
    Seen {
        method: head.word(0).to_owned(),
        target: head.word(1).to_owned(),
        version: "HTTP/1.1",
        fields: head.fields.clone(),
        digest,
        ..Seen::default()
    }
}

async fn read_request(io: &mut Stream, head: &Head) -> Result<Seen> {
    let (mut framing, mut trailers) = (Framing::of_request(head), Fields::new());
    let (mut digest, mut body) = (Digest::default(), String::new());
    while let Some(piece) = read_piece(io, &mut framing, &mut trailers).await? {
        digest.update(&piece);
        if body.len() < SHOWN {
            body.extend(piece.iter().map(|byte| char::from(*byte)));
        }
    }
    Ok(Seen { body, trailers, ..request(head, digest.finish()) })
}

/// Returns whether the connection lives on.
async fn write_answer(io: &mut Stream, site: &Site, method: &str, answer: Answer) -> Result<bool> {
    if let Body::Silence = answer.body {
        io.read_to_end(&mut Vec::new()).await?;
        return Ok(false);
    }
    if answer.early {
        io.write_all(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n").await?;
    }
    io.write_all(&head_bytes(&answer)).await?;
    if method != "HEAD" {
        write_body(io, site, &answer).await?;
    }
    io.flush().await?;
    Ok(!matches!(answer.body, Body::CutShort))
}

fn head_bytes(answer: &Answer) -> Vec<u8> {
    let framing = match &answer.body {
        Body::None | Body::Silence => None,
        Body::Sized(bytes) => Some(("Content-Length", bytes.len().to_string())),
        Body::Withheld(bytes) => Some(("Content-Length", bytes.len().to_string())),
        Body::Pattern(length) => Some(("Content-Length", length.to_string())),
        Body::CutShort => Some(("Content-Length", "1000".to_owned())),
        Body::Pieces(_) | Body::Events => Some(("Transfer-Encoding", "chunked".to_owned())),
    };
    let reason = if answer.status == 200 { "OK" } else { "As You Like" };
    let mut text = format!("HTTP/1.1 {} {reason}\r\n", answer.status);
    let framing = framing.map(|(name, value)| (name.to_owned(), value));
    for (name, value) in answer.fields.iter().chain(&framing) {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    // Latin-1: a char is a byte.
    text.chars().map(|char| char as u8).collect()
}

async fn write_body(io: &mut Stream, site: &Site, answer: &Answer) -> Result<()> {
    match &answer.body {
        Body::None | Body::Silence => {}
        Body::Sized(bytes) => io.write_all(bytes).await?,
        Body::Withheld(bytes) => io.write_all(bytes).await?,
        Body::CutShort => io.write_all(CUT_SHORT).await?,
        Body::Pattern(length) => {
            for piece in digest::pattern(*length) {
                io.write_all(&piece).await?;
            }
        }
        Body::Pieces(pieces) => {
            for piece in pieces {
                write_chunk(io, piece).await?;
            }
            write_end(io, &answer.trailers).await?;
        }
        Body::Events => {
            write_chunk(io, EVENTS[0]).await?;
            site.gate_opened().await;
            write_chunk(io, EVENTS[1]).await?;
            write_end(io, &answer.trailers).await?;
        }
    }
    Ok(())
}

async fn write_chunk(io: &mut Stream, piece: &str) -> Result<()> {
    io.write_all(format!("{:x}\r\n{piece}\r\n", piece.len()).as_bytes()).await?;
    Ok(io.flush().await?)
}

async fn write_end(io: &mut Stream, trailers: &Fields) -> Result<()> {
    let mut text = "0\r\n".to_owned();
    for (name, value) in trailers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    Ok(io.write_all(text.as_bytes()).await?)
}
