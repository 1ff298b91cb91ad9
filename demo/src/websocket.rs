//! As much of WebSocket (RFC 6455) as a chat needs: the handshake's answer, and short frames.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// A frame with text.
pub(crate) const TEXT: u8 = 1;
/// A frame with bytes.
pub(crate) const BINARY: u8 = 2;
/// The last frame.
pub(crate) const CLOSE: u8 = 8;
/// A frame that asks for a sign of life.
pub(crate) const PING: u8 = 9;
/// The sign of life.
pub(crate) const PONG: u8 = 10;

/// The longest payload of a frame with a length of one byte.
const SHORT: usize = 125;

/// The answer to a client's key (RFC 6455 §4.2.2).
pub(crate) fn accept(key: &[u8]) -> String {
    let digest =
        Sha1::new().chain_update(key).chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11").finalize();
    STANDARD.encode(digest)
}

/// Writes a frame. What clients write is masked by `mask`.
pub(crate) async fn write(
    io: &mut (impl AsyncWrite + Unpin),
    opcode: u8,
    payload: &[u8],
    mask: Option<[u8; 4]>,
) -> io::Result<()> {
    let mut frame = vec![0x80 | opcode];
    let masked = if mask.is_some() { 0x80 } else { 0 };
    match u8::try_from(payload.len()).ok().filter(|length| usize::from(*length) <= SHORT) {
        Some(length) => frame.push(masked | length),
        None => {
            let length = u16::try_from(payload.len()).map_err(io::Error::other)?;
            frame.push(masked | 126);
            frame.extend(length.to_be_bytes());
        }
    }
    frame.extend(mask.iter().flatten());
    let key = mask.unwrap_or_default();
    frame.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key));
    io.write_all(&frame).await?;
    io.flush().await
}

/// Reads a frame: its opcode and its payload.
pub(crate) async fn read(io: &mut (impl AsyncRead + Unpin)) -> io::Result<(u8, Vec<u8>)> {
    let mut head = [0; 2];
    io.read_exact(&mut head).await?;
    let length = match head[1] & 0x7f {
        126 => usize::from(io.read_u16().await?),
        127 => return Err(io::Error::other("a longer frame than a chat has")),
        short => usize::from(short),
    };
    let mut key = [0; 4];
    if head[1] & 0x80 != 0 {
        io.read_exact(&mut key).await?;
    }
    let mut payload = vec![0; length];
    io.read_exact(&mut payload).await?;
    payload.iter_mut().zip(key.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
    Ok((head[0] & 0x0f, payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_rfc_has_its_answer() {
        assert_eq!(accept(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[tokio::test]
    async fn frames_arrive_as_they_were_sent() {
        let (mut near, mut far) = tokio::io::duplex(1 << 12);
        let long = vec![b'x'; 300];
        for (payload, mask) in
            [(&b"hello"[..], None), (b"hello", Some([1, 2, 3, 4])), (&long, Some([9, 8, 7, 6]))]
        {
            write(&mut near, TEXT, payload, mask).await.unwrap();
            assert_eq!(read(&mut far).await.unwrap(), (TEXT, payload.to_vec()));
        }
    }
}
