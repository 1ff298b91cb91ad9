//! Content codings, undone as a chain of readers: what is in between is never held whole, and is bounded.

use std::io::{self, BufReader, Cursor, Read};
use std::sync::Arc;

use super::aws_chunked::AwsChunked;
use super::brotli_end::Brotli;
use super::dictionary::{self, Lookup};
use super::gzip::Gzip;
use super::layer::Layer;
use super::pace::{BETWEEN, Cut, Pace, Watched};

/// Bytes that are read at once.
pub(super) const BUFFER: usize = 16 << 10;

/// The largest window that a zstd frame may ask for, 8 MiB, as RFC 9659 has it for content codings: it is memory that is
/// taken before the first byte is decoded.
pub(super) const ZSTD_WINDOW_LOG: u32 = 23;

/// The bytes of `body` once `codings`, in the order in which they were applied, are undone. At most `most` of them are.
/// Dictionaries are found by `lookup`.
pub(super) fn undo(
    codings: &[String],
    most: usize,
    (body, lookup): (Layer, &Lookup),
    pace: &Arc<Pace>,
) -> io::Result<Layer> {
    if codings.len() > most {
        return Err(pace.stop(Cut::Codings(codings.len(), most)));
    }
    let mut reader = body;
    for (undone, coding) in codings.iter().rev().enumerate() {
        reader = undo_one(coding, (reader, lookup), pace)?;
        let is_last = undone + 1 == codings.len();
        reader = Box::new(Watched::new(reader, if is_last { u64::MAX } else { BETWEEN }, pace));
    }
    Ok(reader)
}

fn undo_one(coding: &str, (reader, lookup): (Layer, &Lookup), pace: &Arc<Pace>) -> io::Result<Layer> {
    Ok(match coding {
        "gzip" | "x-gzip" => Box::new(Gzip::new(reader, pace)),
        "deflate" => inflate(reader)?,
        "aws-chunked" => Box::new(AwsChunked::new(reader)),
        "dcb" => dictionary::brotli(reader, lookup, pace)?,
        "dcz" => dictionary::zstd(reader, lookup, pace)?,
        "br" => Box::new(Brotli::new(reader, BUFFER)),
        "zstd" => {
            let mut decoder = zstd::Decoder::with_buffer(BufReader::with_capacity(BUFFER, reader))?;
            decoder.window_log_max(ZSTD_WINDOW_LOG)?;
            Box::new(decoder)
        }
        other => {
            return Err(io::Error::other(format!(
                "dashcam does not know the coding \u{201c}{other}\u{201d}"
            )));
        }
    })
}

/// "deflate" is zlib (RFC 9110 §8.4.1.2), but some servers send the bare stream, and browsers take both.
fn inflate(mut reader: Layer) -> io::Result<Layer> {
    let mut head = Vec::new();
    reader.by_ref().take(2).read_to_end(&mut head)?;
    let zlib = matches!(head[..], [method, flags] if method & 0x0f == 8 && u16::from_be_bytes([method, flags]) % 31 == 0);
    let all = Cursor::new(head).chain(reader);
    Ok(if zlib {
        Box::new(flate2::read::ZlibDecoder::new(all))
    } else {
        Box::new(flate2::read::DeflateDecoder::new(all))
    })
}
