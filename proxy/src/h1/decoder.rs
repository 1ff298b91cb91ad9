//! Takes the framing off a body.

use bytes::{Buf, Bytes, BytesMut};
use dashcam_exchange::Headers;

use crate::h1::framing::Framing;
use crate::h1::parse;
use crate::h1::parse::BadHead;

/// The longest line with a chunk's size and its extensions.
const LONGEST_SIZE_LINE: usize = 4096;

/// The result of one step of a decoder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Decoded {
    /// Bytes of the body.
    Data(Bytes),
    /// The end, with trailers if there were any.
    End(Option<Headers>),
    /// Nothing until more is read.
    Starved,
}

/// Bytes that are not what the framing promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadBody {
    #[error("a chunk's size is malformed (RFC 9112 §7.1)")]
    Size,
    #[error("a chunk does not end where its size says (RFC 9112 §7.1)")]
    ChunkEnd,
    #[error("the trailers are malformed: {0}")]
    Trailers(BadHead),
    #[error("the connection ended before the body did")]
    Cut,
}

/// Where in a body we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decoder {
    Length(u64),
    ChunkSize,
    Chunk(u64),
    ChunkEnd,
    Trailers,
    UntilClose,
    Done,
}

impl From<Framing> for Decoder {
    fn from(framing: Framing) -> Self {
        match framing {
            Framing::None => Self::Done,
            Framing::Length(length) => Self::Length(length),
            Framing::Chunked => Self::ChunkSize,
            Framing::UntilClose => Self::UntilClose,
        }
    }
}

impl Decoder {
    /// Returns whether the body's last byte was decoded.
    pub(crate) fn is_done(self) -> bool {
        matches!(self, Self::Done | Self::Length(0))
    }

    /// Decodes the next piece of the body from the front of `buffer`.
    pub(crate) fn decode(&mut self, buffer: &mut BytesMut) -> Result<Decoded, BadBody> {
        loop {
            match *self {
                Self::Done | Self::Length(0) => {
                    *self = Self::Done;
                    return Ok(Decoded::End(None));
                }
                _ if buffer.is_empty() => return Ok(Decoded::Starved),
                Self::UntilClose => return Ok(Decoded::Data(buffer.split().freeze())),
                Self::Length(left) => {
                    let (data, left) = take(buffer, left);
                    *self = Self::Length(left);
                    return Ok(Decoded::Data(data));
                }
                Self::Chunk(left) => {
                    let (data, left) = take(buffer, left);
                    *self = if left == 0 { Self::ChunkEnd } else { Self::Chunk(left) };
                    return Ok(Decoded::Data(data));
                }
                Self::ChunkSize => match chunk_size(buffer)? {
                    None => return Ok(Decoded::Starved),
                    Some(0) => *self = Self::Trailers,
                    Some(size) => *self = Self::Chunk(size),
                },
                Self::ChunkEnd if buffer.len() < 2 => return Ok(Decoded::Starved),
                Self::ChunkEnd if buffer.starts_with(b"\r\n") => {
                    buffer.advance(2);
                    *self = Self::ChunkSize;
                }
                Self::ChunkEnd => return Err(BadBody::ChunkEnd),
                Self::Trailers => {
                    let Some(trailers) = parse::trailers(buffer).map_err(BadBody::Trailers)? else {
                        return Ok(Decoded::Starved);
                    };
                    *self = Self::Done;
                    return Ok(Decoded::End((!trailers.is_empty()).then_some(trailers)));
                }
            }
        }
    }

    /// Decodes the end of the connection: the body's end, or an error inside it.
    pub(crate) fn at_eof(&mut self) -> Result<Decoded, BadBody> {
        match self {
            Self::UntilClose | Self::Done | Self::Length(0) => {
                *self = Self::Done;
                Ok(Decoded::End(None))
            }
            _ => Err(BadBody::Cut),
        }
    }
}

fn take(buffer: &mut BytesMut, left: u64) -> (Bytes, u64) {
    let length = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
    (buffer.split_to(length).freeze(), left - length as u64)
}

/// Takes the line with a chunk's size; its extensions are dropped (RFC 9112 §7.1.1).
fn chunk_size(buffer: &mut BytesMut) -> Result<Option<u64>, BadBody> {
    let Some(end) = buffer.iter().position(|byte| *byte == b'\n') else {
        return if buffer.len() > LONGEST_SIZE_LINE { Err(BadBody::Size) } else { Ok(None) };
    };
    let line = buffer[..end].strip_suffix(b"\r").ok_or(BadBody::Size)?;
    if line.len() > LONGEST_SIZE_LINE || line.contains(&b'\r') {
        return Err(BadBody::Size);
    }
    let digits = line.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    let mut rest = line[digits..].iter().skip_while(|byte| matches!(byte, b' ' | b'\t'));
    let valid = (1..=16).contains(&digits) && matches!(rest.next(), None | Some(b';'));
    let text = std::str::from_utf8(&line[..digits]).ok().filter(|_| valid).ok_or(BadBody::Size)?;
    let size = u64::from_str_radix(text, 16).map_err(|_| BadBody::Size)?;
    buffer.advance(end + 1);
    Ok(Some(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decodes `wire` given in pieces of `step` bytes: the body and its trailers.
    fn decode(wire: &[u8], step: usize) -> Result<(Vec<u8>, Option<Headers>), BadBody> {
        let (mut decoder, mut buffer, mut body) =
            (Decoder::from(Framing::Chunked), BytesMut::new(), Vec::new());
        let mut pieces = wire.chunks(step);
        loop {
            match decoder.decode(&mut buffer)? {
                Decoded::Data(data) => body.extend_from_slice(&data),
                Decoded::End(trailers) => return Ok((body, trailers)),
                Decoded::Starved => match pieces.next() {
                    Some(piece) => buffer.extend_from_slice(piece),
                    None => return decoder.at_eof().map(|_| (body, None)),
                },
            }
        }
    }

    fn check(wire: &str, expect: Result<(&str, usize), BadBody>) {
        for step in [1, 2, 3, 1000] {
            let found = decode(wire.as_bytes(), step);
            let found = found
                .map(|(body, trailers)| (String::from_utf8(body).unwrap(), trailers.map_or(0, |t| t.len())));
            assert_eq!(
                found,
                expect.map(|(body, fields)| (body.to_owned(), fields)),
                "{wire:?} in steps of {step}"
            );
        }
    }

    #[test]
    fn chunks() {
        check("3\r\nabc\r\n0\r\n\r\n", Ok(("abc", 0)));
        check("3;a=b\r\nabc\r\nA ; x\r\n0123456789\r\n0\r\nX: y\r\n\r\n", Ok(("abc0123456789", 1)));
        check("3\r\nabc\r\n", Err(BadBody::Cut));
        check("3\r\nabcd\r\n0\r\n\r\n", Err(BadBody::ChunkEnd));
        for bad in [
            "3\nabc\r\n",
            "g\r\n",
            "\r\n",
            "-1\r\n",
            "+1\r\n",
            "0x3\r\n",
            "3 a\r\n",
            "3\x0c\r\n",
            "11111111111111111\r\n",
        ] {
            check(bad, Err(BadBody::Size));
        }
    }
}
