//! Content codings, undone as a chain of readers: what is in between is never held whole.

use std::io::{self, BufReader, Cursor, Read};

/// More codings than this on one body are an attack or a joke.
const MOST: usize = 5;

const BUFFER: usize = 16 << 10;

/// What comes out of `bytes` once `codings`, in the order in which they were applied, are undone.
pub(super) fn undo<'a>(codings: &[String], bytes: &'a [u8]) -> io::Result<Box<dyn Read + 'a>> {
    if codings.len() > MOST {
        return Err(io::Error::other(format!("{} codings on one body are too many", codings.len())));
    }
    let mut reader: Box<dyn Read + 'a> = Box::new(bytes);
    for coding in codings.iter().rev() {
        reader = undo_one(coding, reader)?;
    }
    Ok(reader)
}

fn undo_one<'a>(coding: &str, reader: Box<dyn Read + 'a>) -> io::Result<Box<dyn Read + 'a>> {
    Ok(match coding {
        "gzip" | "x-gzip" => Box::new(flate2::read::MultiGzDecoder::new(reader)),
        "deflate" => inflate(reader)?,
        "br" => Box::new(brotli::Decompressor::new(reader, BUFFER)),
        "zstd" => Box::new(zstd::Decoder::with_buffer(BufReader::with_capacity(BUFFER, reader))?),
        other => {
            return Err(io::Error::other(format!(
                "dashcam does not know the coding \u{201c}{other}\u{201d}"
            )));
        }
    })
}

/// "deflate" is zlib (RFC 9110 §8.4.1.2), but some servers send the bare stream, and browsers take both.
fn inflate<'a>(mut reader: Box<dyn Read + 'a>) -> io::Result<Box<dyn Read + 'a>> {
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
