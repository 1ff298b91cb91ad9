//! Exchanges of which something left before their end, as redaction remembers them until then.

use dashcam_exchange::{Direction, Headers, StoredAs};

use crate::budget::{Full, Held};
use crate::redaction::counts::Counts;
use crate::redaction::in_force::Under;
use crate::redaction::streams::{Stream, Streams, place};

/// So many bytes of a body may wait for what follows them where memory is used up.
const LITTLE: usize = 4 << 10;

/// How much of a body has left, as redaction lets it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Passed {
    /// In so many parts.
    pub(crate) parts: u32,
    /// So many bytes.
    pub(crate) stored: u64,
    /// How they relate to those that passed.
    pub(crate) stored_as: StoredAs,
}

/// The rules that an exchange is under, which stay the same to its end.
#[derive(Debug, Clone)]
pub(crate) enum Rules {
    /// None: redaction was off when the first of it left.
    Off,
    /// These sets.
    Under(Under),
    /// Nobody knows any more: it was given up before. Nothing of it leaves.
    Unknown,
}

/// An exchange of which something left.
#[derive(Debug)]
pub(crate) struct UnderWay {
    pub(crate) rules: Rules,
    pub(crate) host: String,
    pub(crate) streams: Streams,
    /// The codings that its heads name for messages.
    pub(crate) encodings: [Option<Vec<u8>>; 2],
    /// Values that were replaced in parts and messages.
    pub(crate) replaced: u32,
    /// How the store was told last that its bodies are stored.
    pub(crate) told: [StoredAs; 2],
    /// The memory that the streams hold.
    held: Held,
}

impl UnderWay {
    pub(crate) fn new(rules: Rules, host: String, held: Held) -> Self {
        Self {
            rules,
            host,
            streams: [None, None],
            encodings: [None, None],
            replaced: 0,
            told: Default::default(),
            held,
        }
    }

    /// Begins the stream of a body with this head, unless it was begun.
    pub(crate) fn stream(&mut self, direction: Direction, headers: Option<&Headers>) {
        let stream = &mut self.streams[place(direction)];
        if stream.is_none() {
            let encoding = headers.and_then(|headers| headers.first("grpc-encoding"));
            self.encodings[place(direction)] = encoding.map(<[u8]>::to_vec);
            *stream = Some(match (&self.rules, headers) {
                (Rules::Under(under), Some(headers)) => Stream::new(under, direction, headers),
                _ => Stream::withheld(),
            });
        }
    }

    /// Holds as much memory as the streams do. Where there is no room, nothing more of the body leaves, but for one that
    /// keeps little: a lossless exchange shall not miss a part because others wait for a slow disk.
    pub(crate) fn account(&mut self, direction: Direction, counts: &Counts) {
        let needed = |streams: &Streams| streams.iter().flatten().map(Stream::footprint).sum();
        let kept = self.streams[place(direction)].as_ref().map_or(0, Stream::kept);
        if self.hold(needed(&self.streams)).is_err() && kept > LITTLE {
            self.streams[place(direction)].iter_mut().for_each(|stream| stream.withhold(counts));
            let less = needed(&self.streams);
            self.held.give_back(self.held.amount().saturating_sub(less));
        }
    }

    fn hold(&mut self, needed: usize) -> Result<(), Full> {
        match needed.checked_sub(self.held.amount()) {
            Some(more) => self.held.take(more),
            None => {
                self.held.give_back(self.held.amount() - needed);
                Ok(())
            }
        }
    }

    /// How much of a body has left.
    pub(crate) fn passed(&self, direction: Direction) -> Passed {
        self.streams[place(direction)].as_ref().map_or(Passed::default(), |stream| Passed {
            parts: stream.parts,
            stored: stream.stored,
            stored_as: stream.stored_as(),
        })
    }
}
