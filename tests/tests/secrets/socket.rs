//! Both ends of the corpus's WebSockets. Every other one speaks permessage-deflate, and sends long messages in two frames.

use anyhow::{Context as _, Result, ensure};
use dashcam_secrets::case::{Case, Message};
use dashcam_tests::origin::Stream;
use dashcam_tests::websocket::frame;
use dashcam_tests::wire::{Head, read_head};
use flate2::{Compress, Compression, FlushCompress};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::forms;

const EXTENSION: &str = "permessage-deflate; client_no_context_takeover; server_no_context_takeover";
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const FINAL: u8 = 0x80;
const COMPRESSED: u8 = 0x40;

/// The client's end, from its handshake to its close.
pub(crate) async fn ask(
    mut io: Stream,
    target: &str,
    fields: Vec<(String, Vec<u8>)>,
    case: &Case,
) -> Result<()> {
    let mut head = format!(
        "GET {target} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
    .into_bytes();
    let deflates = case.messages.len().is_multiple_of(2);
    if deflates {
        head.extend(format!("Sec-WebSocket-Extensions: {EXTENSION}\r\n").bytes());
    }
    forms::push_fields(&mut head, &fields);
    io.write_all(&head).await?;
    io.flush().await?;
    let answered = read_head(&mut io).await?.context("no answer")?;
    ensure!(answered.status()? == 101, "{}: {}", case.name, answered.start);
    speak(&mut io, true, deflates, &case.messages).await.with_context(|| case.name.clone())?;
    io.write_all(&frame(FINAL | CLOSE, Some([1, 2, 3, 4]), &[3, 0xe8])).await?;
    io.flush().await?;
    read_message(&mut io).await
}

/// The server's end.
pub(crate) async fn answer(mut io: Stream, asked: &Head, case: &Case) -> Result<()> {
    let mut fields = forms::fields(&case.response);
    let mut add = |name: &str, value: &str| fields.push((name.to_owned(), value.as_bytes().to_vec()));
    add("Connection", "Upgrade");
    add("Upgrade", "websocket");
    add("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    let deflates = asked.field("sec-websocket-extensions").is_some();
    if deflates {
        add("Sec-WebSocket-Extensions", EXTENSION);
    }
    let mut head = b"HTTP/1.1 101 Switching Protocols\r\n".to_vec();
    forms::push_fields(&mut head, &fields);
    io.write_all(&head).await?;
    io.flush().await?;
    speak(&mut io, false, deflates, &case.messages).await?;
    read_message(&mut io).await?;
    io.write_all(&frame(FINAL | CLOSE, None, &[3, 0xe8])).await?;
    Ok(io.flush().await?)
}

/// Sends this end's messages and reads the other's, in their order.
async fn speak(io: &mut Stream, is_client: bool, deflates: bool, messages: &[Message]) -> Result<()> {
    let mask = is_client.then_some([0x5a, 0x17, 0xc3, 0x88]);
    for message in messages {
        if message.from_client != is_client {
            read_message(io).await?;
            continue;
        }
        let mut payload = message.payload.bytes.clone();
        let mut kind = if message.text { TEXT } else { BINARY };
        if deflates {
            payload = deflated(&payload)?;
            kind |= COMPRESSED;
        }
        let middle = if payload.len() > 60 && !deflates { payload.len() / 2 } else { 0 };
        if middle > 0 {
            io.write_all(&frame(kind, mask, &payload[..middle])).await?;
            kind = 0;
        }
        io.write_all(&frame(FINAL | kind, mask, &payload[middle..])).await?;
        io.flush().await?;
    }
    Ok(())
}

/// Reads the frames of a message.
async fn read_message(io: &mut Stream) -> Result<()> {
    loop {
        let (first, second) = (io.read_u8().await?, io.read_u8().await?);
        let length = match second & 0x7f {
            126 => u64::from(io.read_u16().await?),
            127 => io.read_u64().await?,
            short => u64::from(short),
        };
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        let mut rest = vec![0; length as usize + mask];
        io.read_exact(&mut rest).await?;
        if first & FINAL != 0 {
            return Ok(());
        }
    }
}

fn deflated(payload: &[u8]) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(payload.len() + 64);
    Compress::new(Compression::default(), false).compress_vec(payload, &mut out, FlushCompress::Sync)?;
    // A message's last four bytes, 00 00 ff ff, are not sent (RFC 7692 §7.2.1).
    out.truncate(out.len().saturating_sub(4));
    Ok(out)
}
