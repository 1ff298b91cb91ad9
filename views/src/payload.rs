//! Payloads (bodies, messages), read from the store in parts: none is held whole, and no read lasts while a caller waits for
//! its client.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::Instant;

use dashcam_exchange::{Direction, ExchangeId};
use dashcam_store::{ReadError, Reader};
use tokio::runtime::Handle;

use crate::arrivals::Arrivals;
use crate::decode::pace::Pace;
use crate::unseal::{Pieces, Unsealer};

/// A payload, part by part from its first byte on. Clones begin where this one stands.
#[derive(Debug, Clone)]
pub struct Parts {
    from: From,
    /// Where its sealed secrets are put back.
    pieces: Option<Pieces>,
    /// When its bytes came, where somebody asks for that.
    arrivals: Option<Arrivals>,
}

#[derive(Debug, Clone)]
enum From {
    Body { reader: Reader, id: ExchangeId, direction: Direction, seq: u32 },
    UnderWay { reader: Reader, id: ExchangeId, direction: Direction, seq: u32, tail: (u32, Option<Vec<u8>>) },
    Message { reader: Reader, id: ExchangeId, seq: u32, at: u64 },
    Held(Option<Vec<u8>>),
}

impl Parts {
    fn new(from: From) -> Self {
        Self { from, pieces: None, arrivals: None }
    }

    /// The same with its sealed secrets, where there is somebody who puts them back.
    #[must_use]
    pub fn unsealed(self, unsealer: Option<&Unsealer>) -> Self {
        Self { pieces: unsealer.cloned().map(Pieces::new), ..self }
    }

    /// The same with when its bytes came. To be said before anything of it is read.
    #[must_use]
    pub fn with_arrivals(self, arrivals: Arrivals) -> Self {
        Self { arrivals: Some(arrivals), ..self }
    }

    /// When its bytes came, from the first on, where that was given: not of those in which secrets are put back.
    pub(crate) fn arrivals(&self) -> Option<Arrivals> {
        self.arrivals.clone().filter(|_| !self.is_unsealed())
    }

    /// Returns whether sealed secrets are put back.
    pub(crate) fn is_unsealed(&self) -> bool {
        self.pieces.is_some()
    }

    /// The stored bytes of one of an exchange's bodies.
    #[must_use]
    pub fn of_body(reader: &Reader, id: ExchangeId, direction: Direction) -> Self {
        Self::new(From::Body { reader: reader.clone(), id, direction, seq: 0 })
    }

    /// The bytes of a body that goes on: `after` pieces from the store, and `tail` behind them. If a piece is missing it
    /// ends there.
    #[must_use]
    pub fn of_body_under_way(
        reader: &Reader,
        (id, direction): (ExchangeId, Direction),
        (after, tail): (u32, Vec<u8>),
    ) -> Self {
        let tail = (after, Some(tail));
        Self::new(From::UnderWay { reader: reader.clone(), id, direction, seq: 0, tail })
    }

    /// The stored bytes of message `seq` of an exchange.
    #[must_use]
    pub fn of_message(reader: &Reader, id: ExchangeId, seq: u32) -> Self {
        Self::new(From::Message { reader: reader.clone(), id, seq, at: 0 })
    }

    /// Bytes that are in memory already.
    #[must_use]
    pub fn held(bytes: Vec<u8>) -> Self {
        Self::new(From::Held(Some(bytes)))
    }

    /// The next part, never empty; `None` behind the last.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        if self.pieces.is_none() {
            return self.stored().await;
        }
        loop {
            let part = self.stored().await?;
            let is_end = part.is_none();
            let Some(pieces) = &mut self.pieces else { return Ok(part) };
            let bytes = match part {
                Some(part) => pieces.push(part).await?,
                None => pieces.end().await?,
            };
            if is_end || !bytes.is_empty() {
                return Ok(Some(bytes).filter(|bytes| !bytes.is_empty()));
            }
        }
    }

    /// The next part as it is stored.
    async fn stored(&mut self) -> Result<Option<Vec<u8>>, ReadError> {
        match &mut self.from {
            From::Body { reader, id, direction, seq } => {
                let part = reader.body_part(*id, *direction, *seq).await?;
                *seq += 1;
                Ok(part)
            }
            From::UnderWay { seq, tail: (after, tail), .. } if seq == after => {
                Ok(tail.take().filter(|bytes| !bytes.is_empty()))
            }
            From::UnderWay { reader, id, direction, seq, tail: (_, tail) } => {
                let part = reader.body_part(*id, *direction, *seq).await?;
                match &part {
                    Some(_) => *seq += 1,
                    None => *tail = None,
                }
                Ok(part)
            }
            From::Message { reader, id, seq, at } => {
                let part = reader.message_part(*id, *seq, *at).await?;
                *at += part.as_ref().map_or(0, |part| part.len() as u64);
                Ok(part)
            }
            From::Held(bytes) => Ok(bytes.take().filter(|bytes| !bytes.is_empty())),
        }
    }

    /// All of it, up to `limit` bytes.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn gathered(mut self, limit: Option<u64>) -> Result<Vec<u8>, ReadError> {
        let limit = limit.map_or(usize::MAX, |limit| usize::try_from(limit).unwrap_or(usize::MAX));
        let mut whole = Vec::new();
        while whole.len() < limit
            && let Some(part) = self.next().await?
        {
            whole.extend_from_slice(&part);
        }
        whole.truncate(limit);
        Ok(whole)
    }

    /// To be read on a thread that may block, at most `limit` bytes. The time that the store takes is not on `pace`.
    pub(crate) fn blocking(self, limit: u64, pace: Arc<Pace>) -> impl Read + Send {
        Blocking { parts: self, runtime: Handle::current(), part: io::Cursor::default(), pace }.take(limit)
    }
}

struct Blocking {
    parts: Parts,
    runtime: Handle,
    part: io::Cursor<Vec<u8>>,
    pace: Arc<Pace>,
}

impl Read for Blocking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.pace.check()?;
        let read = self.part.read(buffer)?;
        if read > 0 || buffer.is_empty() {
            return Ok(read);
        }
        let since = Instant::now();
        let part = self.runtime.block_on(self.parts.next());
        self.pace.add(since.elapsed());
        match part {
            Ok(None) => Ok(0),
            Ok(Some(part)) => {
                self.part = io::Cursor::new(part);
                self.part.read(buffer)
            }
            Err(error) => Err(self.pace.store_failed(error)),
        }
    }
}
