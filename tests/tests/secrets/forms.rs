//! Bodies as they are sent: in frames, in a coding, in chunks, and in parts between which the sender waits.

use std::io::Write as _;
use std::time::Duration;

use anyhow::{Result, bail};
use base64::Engine as _;
use dashcam_secrets::case::{Fields, Side};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

/// The header that says which exchange of the corpus a request is.
pub(crate) const NUMBER: &str = "X-Case";

/// How long a sender waits in the middle of a body: longer than the recorder keeps parts of one in memory.
pub(crate) const PAUSE: Duration = Duration::from_millis(6_500);

/// The parts of the body of `side`, as they are sent: the sender waits between them.
///
/// # Errors
/// When it can't be encoded.
pub(crate) fn parts(side: &Side) -> Result<Vec<Vec<u8>>> {
    if !side.frames.is_empty() {
        return Ok(vec![frames(side)?]);
    }
    let ends = side.gates.iter().copied().chain([side.body.bytes.len()]);
    let starts = [0].into_iter().chain(side.gates.iter().copied());
    let plain: Vec<&[u8]> = starts.zip(ends).map(|(start, end)| &side.body.bytes[start..end]).collect();
    match side.coding.as_deref() {
        None => Ok(plain.into_iter().map(<[u8]>::to_vec).collect()),
        Some("gzip") => flushed(&plain),
        Some(coding) => Ok(vec![encoded(coding, &plain.concat())?]),
    }
}

/// The parts of a gzip stream, which holds nothing back between them.
fn flushed(plain: &[&[u8]]) -> Result<Vec<Vec<u8>>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    let mut parts = Vec::new();
    for (number, part) in plain.iter().enumerate() {
        encoder.write_all(part)?;
        if number + 1 < plain.len() {
            encoder.flush()?;
            parts.push(std::mem::take(encoder.get_mut()));
        }
    }
    parts.push(encoder.finish()?);
    Ok(parts)
}

fn encoded(coding: &str, plain: &[u8]) -> Result<Vec<u8>> {
    Ok(match coding {
        "gzip" => flushed(&[plain])?.concat(),
        "deflate" => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(plain)?;
            encoder.finish()?
        }
        "br" => {
            let mut out = Vec::new();
            brotli::CompressorWriter::new(&mut out, 4096, 5, 20).write_all(plain)?;
            out
        }
        "zstd" => zstd::encode_all(plain, 3)?,
        other => bail!("no such coding: {other}"),
    })
}

fn frames(side: &Side) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let is_text = side.coding.as_deref() == Some("base64");
    for frame in &side.frames {
        let payload = &side.body.bytes[frame.payload.clone()];
        let (flags, payload) = match side.coding.as_deref() {
            Some(coding) if !is_text => (frame.flags | 1, encoded(coding, payload)?),
            _ => (frame.flags, payload.to_vec()),
        };
        out.push(flags);
        out.extend((payload.len() as u32).to_be_bytes());
        out.extend(payload);
    }
    Ok(if is_text { base64::engine::general_purpose::STANDARD.encode(out).into_bytes() } else { out })
}

/// The fields of `side` with its content coding, names as they are sent.
pub(crate) fn fields(side: &Side) -> Vec<(String, Vec<u8>)> {
    let mut fields = plain(&side.fields);
    // gRPC says its own codings, and gRPC-Web's text is none of HTTP's.
    if let Some(coding) = side.coding.as_deref().filter(|_| side.frames.is_empty()) {
        fields.push(("Content-Encoding".to_owned(), coding.as_bytes().to_vec()));
    }
    fields
}

/// Fields without their marks.
pub(crate) fn plain(fields: &Fields) -> Vec<(String, Vec<u8>)> {
    fields.iter().map(|(name, value)| (name.clone(), value.bytes.clone())).collect()
}

/// Adds fields and the empty line as HTTP/1 writes them.
pub(crate) fn push_fields(head: &mut Vec<u8>, fields: &[(String, Vec<u8>)]) {
    for (name, value) in fields {
        head.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    head.extend(b"\r\n");
}

/// Writes the parts of a body over HTTP/1, waiting between them; its end only if it is `whole`.
///
/// # Errors
/// When the other side has gone.
pub(crate) async fn write_body(
    io: &mut (impl AsyncWrite + Unpin),
    parts: &[Vec<u8>],
    chunked: bool,
    trailers: &Fields,
    whole: bool,
) -> Result<()> {
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            tokio::time::sleep(PAUSE).await;
        }
        for piece in part.chunks(16 * 1024) {
            let framed = match chunked {
                true => [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat(),
                false => piece.to_vec(),
            };
            io.write_all(&framed).await?;
        }
        io.flush().await?;
    }
    if chunked && whole {
        let mut end = b"0\r\n".to_vec();
        push_fields(&mut end, &plain(trailers));
        io.write_all(&end).await?;
    }
    Ok(io.flush().await?)
}
