//! One connection to our own origin: a request after the other.

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio_rustls::server::TlsStream;

use super::api;
use super::hold::Holds;

/// The answer to the key that our client sends (RFC 6455).
const UPGRADED: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

/// The same with an extension.
const DEFLATED: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";

static ZEROS: [u8; 16 << 10] = [0; 16 << 10];

const DONE: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 13\r\n\r\n{\"done\":true}";

pub(super) struct Connection {
    stream: BufReader<TlsStream<TcpStream>>,
}

/// The parts of interest in a request's head.
#[derive(Debug, Default, PartialEq, Eq)]
struct Head {
    path: String,
    length: u64,
    chunked: bool,
}

impl Connection {
    pub(super) fn new(stream: TlsStream<TcpStream>) -> Self {
        Self { stream: BufReader::with_capacity(16 << 10, stream) }
    }

    /// Answers until the other side is gone; downloads on a thread of their own, so that nobody who asks for little waits for them.
    pub(super) async fn serve(mut self, holds: &Holds, downloads: &Handle) -> Result<()> {
        while let Some(head) = self.head().await? {
            self.swallow(&head).await?;
            if head.path.starts_with("/echo") {
                self.reply(UPGRADED.as_bytes()).await?;
                return self.echo().await;
            }
            if head.path == "/deflated" {
                self.reply(DEFLATED.as_bytes()).await?;
                return self.skip(u64::MAX).await;
            }
            if let Some(size) = head.path.strip_prefix("/large/").and_then(|size| size.parse().ok()) {
                self = downloads.spawn(self.large(size)).await.map_err(Error::other)??;
                continue;
            }
            // /api/SIZE/ANYTHING
            let size = head.path.strip_prefix("/api/").and_then(|rest| rest.split('/').next()?.parse().ok());
            if let Some(size) = size {
                self.reply(&api::response(size)).await?;
                continue;
            }
            // /hold/COUNT/ANYTHING
            let count =
                head.path.strip_prefix("/hold/").and_then(|rest| rest.split('/').next()?.parse().ok());
            if let Some(count) = count {
                holds.wait(&head.path, count).await;
            }
            self.reply(DONE.as_bytes()).await?;
        }
        Ok(())
    }

    /// The next head; none at the end.
    async fn head(&mut self) -> Result<Option<Head>> {
        let mut text = String::new();
        while !text.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut text).await? == 0 {
                return Ok(None);
            }
        }
        Ok(Some(read(&text)))
    }

    /// Reads the body to its end and keeps nothing.
    async fn swallow(&mut self, head: &Head) -> Result<()> {
        if !head.chunked {
            return self.skip(head.length).await;
        }
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).await?;
            let size =
                u64::from_str_radix(line.trim(), 16).map_err(|_| Error::from(ErrorKind::InvalidData))?;
            // And the line's end behind the data.
            self.skip(size + 2).await?;
            if size == 0 {
                return Ok(());
            }
        }
    }

    async fn skip(&mut self, mut left: u64) -> Result<()> {
        while left > 0 {
            let there = self.stream.fill_buf().await?.len() as u64;
            if there == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let taken = there.min(left);
            self.stream.consume(taken as usize);
            left -= taken;
        }
        Ok(())
    }

    /// Sends back what comes: text frames of 126 bytes to 64 KiB, as our client sends them, and the end.
    async fn echo(&mut self) -> Result<()> {
        loop {
            let mut start = [0; 2];
            self.stream.read_exact(&mut start).await?;
            let length = match start[1] & 0x7f {
                126 => self.stream.read_u16().await?,
                short => u16::from(short),
            };
            let mut mask = [0; 4];
            self.stream.read_exact(&mut mask).await?;
            let mut frame = vec![start[0], 126];
            frame.extend(length.to_be_bytes());
            let mut message = vec![0; length.into()];
            self.stream.read_exact(&mut message).await?;
            frame.extend(message.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
            self.reply(&frame).await?;
        }
    }

    /// Zeros.
    async fn large(mut self, mut left: usize) -> Result<Self> {
        self.reply(format!("HTTP/1.1 200 OK\r\nContent-Length: {left}\r\n\r\n").as_bytes()).await?;
        while left > 0 {
            let piece = left.min(ZEROS.len());
            self.reply(&ZEROS[..piece]).await?;
            left -= piece;
        }
        Ok(self)
    }

    async fn reply(&mut self, bytes: &[u8]) -> Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }
}

fn read(text: &str) -> Head {
    let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
    let mut head = Head { path, ..Head::default() };
    for (name, value) in text.lines().filter_map(|line| line.split_once(':')) {
        match name.to_ascii_lowercase().as_str() {
            "content-length" => head.length = value.trim().parse().unwrap_or(0),
            "transfer-encoding" => head.chunked = true,
            _ => {}
        }
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_paths_are_read() {
        let head = read("PUT /upload HTTP/1.1\r\nHost: a\r\ncontent-length: 12\r\n\r\n");
        assert_eq!(head, Head { path: "/upload".to_owned(), length: 12, chunked: false });
        assert!(read("PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").chunked);
    }
}
