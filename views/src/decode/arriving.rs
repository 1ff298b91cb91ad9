//! The stored bytes of a body, read in pieces of which each came at once, so that it is known when what they decode to came.
//!
//! A decoder asks for a piece when those before have no more to give. Only where a piece decodes to more than fits into one
//! reading may the end of that count as come with the next piece.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use tokio::runtime::Handle;

use super::layer::Layer;
use super::pace::Pace;
use crate::arrivals::{Arrivals, Together};

/// Stands for a time that nobody knows.
const UNKNOWN: i64 = i64::MIN;

/// When the last bytes came that were read.
#[derive(Debug)]
pub(super) struct Latest(AtomicI64);

/// Decoded bytes that came at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The bytes up to their end.
    pub(crate) end: u64,
    /// When they came, in microseconds after the exchange's start; `None`: nobody knows.
    pub(crate) at_us: Option<i64>,
}

impl Latest {
    fn at_us(&self) -> Option<i64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|at_us| *at_us != UNKNOWN)
    }
}

struct Arriving {
    body: Layer,
    arrivals: Arrivals,
    runtime: Handle,
    pace: Arc<Pace>,
    latest: Arc<Latest>,
    offset: u64,
    piece: Together,
}

/// `body` in pieces of which each came at once, and when the last did that was read.
pub(super) fn arriving(body: Layer, arrivals: Arrivals, pace: &Arc<Pace>) -> (Layer, Arc<Latest>) {
    let latest = Arc::new(Latest(AtomicI64::new(UNKNOWN)));
    let arriving = Arriving {
        body,
        arrivals,
        runtime: Handle::current(),
        pace: Arc::clone(pace),
        latest: Arc::clone(&latest),
        offset: 0,
        piece: Together { end: 0, at_us: None },
    };
    (Box::new(arriving), latest)
}

impl Read for Arriving {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.offset >= self.piece.end {
            let since = Instant::now();
            let piece = self.runtime.block_on(self.arrivals.from(self.offset));
            self.pace.add(since.elapsed());
            self.piece = piece.map_err(|error| self.pace.store_failed(error))?;
        }
        let left = usize::try_from(self.piece.end - self.offset).unwrap_or(usize::MAX);
        let most = buffer.len().min(left);
        let read = self.body.read(&mut buffer[..most])?;
        self.offset += read as u64;
        if read > 0 {
            self.latest.0.store(self.piece.at_us.unwrap_or(UNKNOWN), Ordering::Relaxed);
        }
        Ok(read)
    }
}

/// Reads at most `most` bytes behind those of `bytes`, fewer only at the end, and notes in `marks` when they came. Those
/// before an error stay.
pub(super) fn read_marked(
    reader: &mut Layer,
    latest: &Latest,
    most: usize,
    (bytes, marks): (&mut Vec<u8>, &mut Vec<Mark>),
) -> io::Result<()> {
    bytes.resize(most, 0);
    let mut filled = 0;
    let ended = loop {
        if filled == most {
            break Ok(());
        }
        match reader.read(&mut bytes[filled..]) {
            Ok(0) => break Ok(()),
            Ok(read) => {
                filled += read;
                let mark = Mark { end: filled as u64, at_us: latest.at_us() };
                match marks.last_mut().filter(|last| last.at_us == mark.at_us) {
                    Some(last) => *last = mark,
                    None => marks.push(mark),
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => break Err(error),
        }
    };
    bytes.truncate(filled);
    ended
}
