//! Our own client, for what load generators don't do: one blocking connection at a time, in threads.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use super::Route;
use crate::trusting;

/// Nothing takes as long; a program that hangs must not hang the benchmark.
const PATIENCE: Duration = Duration::from_secs(60);

/// How to connect.
pub(crate) struct Client {
    route: Route,
    config: Arc<ClientConfig>,
}

/// A TLS connection with one request at a time.
pub(crate) struct Connection {
    stream: BufReader<StreamOwned<ClientConnection, TcpStream>>,
    authority: String,
}

impl Client {
    /// With `resume`, later connections resume the session of earlier ones.
    pub(crate) fn new(route: Route, resume: bool) -> Result<Self> {
        Ok(Self { route, config: Arc::new(trusting::client(resume)?) })
    }

    /// Connects to the origin under one of its many addresses; the handshake is over when this returns.
    pub(crate) fn connect(&self, host: Ipv4Addr) -> Result<Connection> {
        let authority = format!("{host}:{}", self.route.port);
        let mut tcp = TcpStream::connect((Ipv4Addr::LOCALHOST, self.route.proxy.unwrap_or(self.route.port)))?;
        tcp.set_nodelay(true)?;
        tcp.set_read_timeout(Some(PATIENCE))?;
        if self.route.proxy.is_some() {
            tcp.write_all(format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n").as_bytes())?;
            accepted(&mut tcp)?;
        }
        let mut tls = ClientConnection::new(self.config.clone(), ServerName::IpAddress(host.into()))?;
        while tls.is_handshaking() {
            tls.complete_io(&mut tcp)?;
        }
        Ok(Connection { stream: BufReader::new(StreamOwned::new(tls, tcp)), authority })
    }
}

/// Reads the answer to CONNECT, and not a byte more.
fn accepted(tcp: &mut TcpStream) -> Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        tcp.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    ensure!(head.get(9..12) == Some(b"200"), "CONNECT: {}", String::from_utf8_lossy(&head));
    Ok(())
}

impl Connection {
    /// Asks for `path`, without its first slash, and reads the response to its end.
    pub(crate) fn get(&mut self, path: &str) -> Result<()> {
        self.ask(path)?;
        self.answer()
    }

    /// The same with further header `fields`, each with its line's end.
    pub(crate) fn get_with(&mut self, path: &str, fields: &str) -> Result<()> {
        let request = format!("GET /{path} HTTP/1.1\r\nHost: {}\r\n{fields}\r\n", self.authority);
        self.write(request.as_bytes())?;
        self.answer()
    }

    /// Sends `body` to `path`, without its first slash, behind a head that was written by itself, and reads the response
    /// to its end. The system holds the body back until the head is acknowledged (Nagle's algorithm).
    pub(crate) fn post_apart(&mut self, path: &str, body: &[u8]) -> Result<()> {
        self.stream.get_ref().sock.set_nodelay(false)?;
        let (authority, length) = (&self.authority, body.len());
        let head = format!("POST /{path} HTTP/1.1\r\nHost: {authority}\r\nContent-Length: {length}\r\n\r\n");
        self.write(head.as_bytes())?;
        self.write(body)?;
        self.answer()
    }

    /// Sends a request and does not wait.
    pub(crate) fn ask(&mut self, path: &str) -> Result<()> {
        let request = format!("GET /{path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.authority);
        Ok(self.write(request.as_bytes())?)
    }

    /// Reads a response to its end.
    pub(crate) fn answer(&mut self) -> Result<()> {
        let head = self.head("HTTP/1.1 200")?;
        let length = head.iter().find_map(|line| line.strip_prefix("content-length:"));
        let length: u64 = length.context("a response without a length")?.trim().parse()?;
        let read = std::io::copy(&mut self.stream.by_ref().take(length), &mut std::io::sink())?;
        ensure!(read == length, "{read} bytes instead of {length}");
        Ok(())
    }

    /// Becomes a WebSocket connection, at that path without its first slash.
    pub(crate) fn upgrade(&mut self, path: &str) -> Result<()> {
        // The key of RFC 6455, so that the origin knows the answer to it.
        let request = format!(
            "GET /{path} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Extensions: permessage-deflate\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            self.authority
        );
        self.write(request.as_bytes())?;
        self.head("HTTP/1.1 101").map(|_| ())
    }

    /// Sends a text message of fewer than 64 KiB and waits for as much to come back.
    pub(crate) fn echo(&mut self, message: &[u8]) -> Result<()> {
        self.send(0x81, message)?;
        let length = u16::try_from(message.len())?;
        let mut start = [0; 4];
        self.stream.read_exact(&mut start)?;
        ensure!(start[..2] == [0x81, 126] && start[2..] == length.to_be_bytes(), "not an echo: {start:x?}");
        let mut echoed = vec![0; message.len()];
        self.stream.read_exact(&mut echoed)?;
        ensure!(echoed == message, "an echo that is none");
        Ok(())
    }

    /// Sends a message of fewer than 64 KiB, whose frame begins with `first`, and does not wait.
    pub(crate) fn send(&mut self, first: u8, message: &[u8]) -> Result<()> {
        let mask = [0x37, 0xfa, 0x21, 0x3d];
        let mut frame = vec![first, 0xfe];
        frame.extend(u16::try_from(message.len())?.to_be_bytes());
        frame.extend(mask);
        frame.extend(message.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
        Ok(self.write(&frame)?)
    }

    /// Ends the connection as TLS wants it ended.
    pub(crate) fn close(mut self) {
        let stream = self.stream.get_mut();
        stream.conn.send_close_notify();
        // The other side may be gone already.
        let _gone = stream.flush();
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.get_mut().write_all(bytes)?;
        self.stream.get_mut().flush()
    }

    /// Fields of a response, in lower case; an error if it does not begin as it should.
    fn head(&mut self, wanted: &str) -> Result<Vec<String>> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            ensure!(self.stream.read_line(&mut line)? > 0, "closed instead of a response");
            if line.trim_end().is_empty() {
                break;
            }
            lines.push(line);
        }
        ensure!(lines.first().is_some_and(|line| line.starts_with(wanted)), "not {wanted}: {lines:?}");
        Ok(lines.iter().map(|line| line.trim_end().to_ascii_lowercase()).collect())
    }
}
