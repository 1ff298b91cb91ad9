//! One end of an HTTP/2 connection that does what the test says, and of its own accord no more than acknowledge.

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::frame::{self, ACK, END_HEADERS, END_STREAM, kind};
use super::{PREFACE, setting};
use crate::eventually::within;
use crate::origin::Stream;

/// Fields of a head, in order.
pub type Fields = Vec<(String, String)>;

/// An event from the other end.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are named as the RFC names them")]
pub enum Event {
    /// HEADERS with its CONTINUATIONs: a head or trailers.
    Headers { stream: u32, fields: Fields, ends: bool },
    /// DATA.
    Data { stream: u32, bytes: Vec<u8>, ends: bool },
    /// RST_STREAM.
    Reset { stream: u32, code: u32 },
    /// GOAWAY.
    GoAway { last: u32, code: u32 },
    /// SETTINGS; it has been acknowledged.
    Settings(Vec<(u16, u32)>),
    /// An acknowledgement of SETTINGS.
    SettingsAck,
    /// PING; it has been answered.
    Ping,
    /// An answer to PING.
    Pong(Vec<u8>),
    /// WINDOW_UPDATE.
    Window { stream: u32, increment: u32 },
    /// Another frame.
    Other(u8),
    /// The connection is closed.
    Closed,
}

/// The first field of that name.
#[must_use]
pub fn value<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// An end of a connection.
pub struct Peer {
    io: Stream,
    decoder: loona_hpack::Decoder<'static>,
    /// True if windows are given back for DATA that comes.
    pub generous: bool,
    /// The settings that the other end has sent, all of them.
    pub theirs: Vec<(u16, u32)>,
    /// The windows that the other end gives us: initially for a stream, and now for the connection and each stream.
    initial: i64,
    windows: HashMap<u32, i64>,
}

impl Peer {
    /// A client: sends preface and settings, and waits for the server's.
    ///
    /// # Errors
    /// When the server does not answer with SETTINGS.
    pub async fn client(io: Stream, settings: &[(u16, u32)]) -> Result<Self> {
        let mut peer = Self::new(io);
        peer.write(&[PREFACE, &frame::settings(settings)].concat()).await?;
        peer.settings().await?;
        Ok(peer)
    }

    /// A server: reads the preface, and sends settings.
    ///
    /// # Errors
    /// When there is no preface.
    pub async fn server(io: Stream, settings: &[(u16, u32)]) -> Result<Self> {
        let mut peer = Self::new(io);
        let mut preface = [0; PREFACE.len()];
        peer.io.read_exact(&mut preface).await?;
        ensure!(preface == PREFACE, "no preface");
        peer.write(&frame::settings(settings)).await?;
        Ok(peer)
    }

    /// Neither: nothing has been sent or read.
    #[must_use]
    pub fn new(io: Stream) -> Self {
        Self {
            io,
            decoder: loona_hpack::Decoder::new(),
            generous: true,
            theirs: Vec::new(),
            initial: 65_535,
            windows: HashMap::from([(0, 65_535)]),
        }
    }

    /// Waits for SETTINGS.
    ///
    /// # Errors
    /// When something ends the connection before.
    pub async fn settings(&mut self) -> Result<Vec<(u16, u32)>> {
        self.wait("SETTINGS", |event| match event {
            Event::Settings(settings) => Some(settings.clone()),
            _ => None,
        })
        .await
    }

    /// Writes bytes as they are.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.io.write_all(bytes).await?;
        Ok(self.io.flush().await?)
    }

    /// The next frame, or the end of the connection; waits for it without a deadline.
    ///
    /// # Errors
    /// When a frame can't be understood.
    pub async fn next(&mut self) -> Result<Event> {
        let Some((mut kind, mut flags, stream, mut payload)) = self.frame().await else {
            return Ok(Event::Closed);
        };
        while matches!(kind, kind::HEADERS | kind::CONTINUATION) && flags & END_HEADERS == 0 {
            let (next, more, _, rest) = self.frame().await.context("a field block is cut")?;
            ensure!(next == kind::CONTINUATION, "a field block is interrupted");
            flags |= more & END_HEADERS;
            payload.extend(rest);
            kind = kind::HEADERS;
        }
        self.event(kind, flags, stream, payload).await
    }

    /// Skips what comes until `wanted` finds it.
    ///
    /// # Errors
    /// When it does not come in time or the connection closes.
    pub async fn wait<T>(&mut self, what: &str, wanted: impl Fn(&Event) -> Option<T>) -> Result<T> {
        let mut skipped = Vec::new();
        let found = async {
            loop {
                let event = self.next().await?;
                if let Some(found) = wanted(&event) {
                    return Ok(found);
                }
                ensure!(event != Event::Closed, "the connection closed");
                skipped.push(format!("{event:?}").chars().take(200).collect::<String>());
            }
        };
        within(what, found).await.with_context(|| format!("waiting for {what}, after {skipped:?}"))
    }

    /// For a client: the error that a stream is reset with.
    ///
    /// # Errors
    /// When it is not.
    pub async fn reset(&mut self, id: u32) -> Result<u32> {
        self.wait("a reset", |event| match event {
            Event::Reset { stream, code } if *stream == id => Some(*code),
            _ => None,
        })
        .await
    }

    /// For a server: the next request's stream and fields; `None` when the connection has closed. Waits without a
    /// deadline.
    ///
    /// # Errors
    /// When a frame can't be understood.
    pub async fn accept(&mut self) -> Result<Option<(u32, Fields)>> {
        loop {
            match self.next().await? {
                Event::Headers { stream, fields, .. } => return Ok(Some((stream, fields))),
                Event::Closed => return Ok(None),
                _ => {}
            }
        }
    }

    /// For a server: a whole response.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn answer(&mut self, stream: u32, fields: &[(&str, &str)], body: &[u8]) -> Result<()> {
        self.write(&frame::headers(stream, fields, body.is_empty())).await?;
        if !body.is_empty() {
            self.write(&frame::data(stream, body, true)).await?;
        }
        Ok(())
    }

    /// Sends DATA of zeros as far as the windows allow: how many bytes.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn pour(&mut self, stream: u32, most: usize) -> Result<usize> {
        let window = self.window(stream).min(self.window(0)).clamp(0, 16_384);
        let length = usize::try_from(window)?.min(most);
        if length > 0 {
            self.write(&frame::data(stream, &vec![0; length], false)).await?;
            for id in [0, stream] {
                let window = self.window(id);
                self.windows.insert(id, window - i64::try_from(length)?);
            }
        }
        Ok(length)
    }

    fn window(&self, stream: u32) -> i64 {
        self.windows.get(&stream).copied().unwrap_or(self.initial)
    }

    async fn frame(&mut self) -> Option<(u8, u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        self.io.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length.try_into().ok()?];
        self.io.read_exact(&mut payload).await.ok()?;
        let stream = u32::from_be_bytes([head[5] & 127, head[6], head[7], head[8]]);
        Some((head[3], head[4], stream, payload))
    }

    async fn event(&mut self, kind: u8, flags: u8, stream: u32, payload: Vec<u8>) -> Result<Event> {
        let ends = flags & END_STREAM != 0;
        Ok(match kind {
            kind::HEADERS => Event::Headers { stream, fields: self.fields(&payload)?, ends },
            kind::DATA => {
                let length = u32::try_from(payload.len())?;
                if self.generous && length > 0 {
                    let both = [frame::window_update(0, length), frame::window_update(stream, length)];
                    // Who has said everything may be gone.
                    let _gone = self.write(&both[..if ends { 1 } else { 2 }].concat()).await;
                }
                Event::Data { stream, bytes: payload, ends }
            }
            kind::RST_STREAM => Event::Reset { stream, code: number(&payload, 0)? },
            kind::GOAWAY => Event::GoAway { last: number(&payload, 0)?, code: number(&payload, 4)? },
            kind::SETTINGS if flags & ACK != 0 => Event::SettingsAck,
            kind::SETTINGS => self.take_settings(&payload).await?,
            kind::PING if flags & ACK != 0 => Event::Pong(payload),
            kind::PING => {
                let _gone = self.write(&frame::ping(&payload, true)).await;
                Event::Ping
            }
            kind::WINDOW_UPDATE => {
                let increment = number(&payload, 0)?;
                let window = self.window(stream);
                self.windows.insert(stream, window + i64::from(increment));
                Event::Window { stream, increment }
            }
            other => Event::Other(other),
        })
    }

    async fn take_settings(&mut self, payload: &[u8]) -> Result<Event> {
        let pair = |pair: &[u8]| Ok((u16::from_be_bytes([pair[0], pair[1]]), number(pair, 2)?));
        let settings: Vec<(u16, u32)> = payload.chunks_exact(6).map(pair).collect::<Result<_>>()?;
        for (_, value) in settings.iter().filter(|(id, _)| *id == setting::INITIAL_WINDOW_SIZE) {
            let change = i64::from(*value) - self.initial;
            self.initial += change;
            self.windows.iter_mut().filter(|(id, _)| **id != 0).for_each(|(_, window)| *window += change);
        }
        self.theirs.extend(&settings);
        let _gone = self.write(&frame::frame(kind::SETTINGS, ACK, 0, &[])).await;
        Ok(Event::Settings(settings))
    }

    fn fields(&mut self, block: &[u8]) -> Result<Fields> {
        let text = |bytes: Vec<u8>| bytes.into_iter().map(char::from).collect();
        match self.decoder.decode(block) {
            Ok(fields) => Ok(fields.into_iter().map(|(name, value)| (text(name), text(value))).collect()),
            Err(error) => bail!("a field block can't be decoded: {error:?}"),
        }
    }
}

fn number(payload: &[u8], at: usize) -> Result<u32> {
    let bytes = payload.get(at..at + 4).context("a frame is too short")?;
    Ok(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
}
