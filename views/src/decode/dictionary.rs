//! Bodies that are compressed with a dictionary (RFC 9842): the body of an earlier response, which the client had kept.
//!
//! Such a body begins with the SHA-256 of its dictionary. The responses that said that they may be one
//! (`Use-As-Dictionary`) are looked through, those of the same origin before the body's exchange, the newest first.

use std::collections::{HashMap, VecDeque};
use std::io::{self, BufReader, ErrorKind, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dashcam_exchange::{Direction, ExchangeId, Fingerprint};
use dashcam_store::{ReadError, Reader};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use super::body_place::Place;
use super::brotli_end::Brotli;
use super::codings::{self, BUFFER};
use super::layer::Layer;
use super::pace::Pace;
use super::plan::Plan;
use crate::payload::Parts;

/// Responses that are looked through for one dictionary.
const CANDIDATES: u32 = 32;
/// Bytes of a dictionary, at most.
const LARGEST: u64 = 16 << 20;
/// Dictionaries that are held.
const HELD: usize = 2;
/// Hashes that are remembered.
const REMEMBERED: usize = 4096;
/// Dictionaries may be compressed with dictionaries themselves, so deep.
const DEEPEST: usize = 4;
/// Beginnings of bodies, before the hash: of brotli (RFC 9842 §4) and of zstd (§5), which is a skippable frame's.
const DCB: &[u8] = b"\xffDCB";
const DCZ: &[u8] = b"\x5e\x2a\x4d\x18\x20\0\0\0";

/// Dictionaries of a recording, found by their hashes.
#[derive(Debug, Default)]
pub(super) struct Dictionaries {
    /// `None` where there is no recording.
    reader: Option<Reader>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// Hashes of the bodies of exchanges; `None` of those that are none that can be used.
    hashes: HashMap<ExchangeId, Option<Fingerprint>>,
    held: VecDeque<(Fingerprint, Arc<Vec<u8>>)>,
}

/// The way to the dictionaries of one body.
#[derive(Debug, Clone)]
pub(super) struct Lookup {
    dictionaries: Arc<Dictionaries>,
    place: Option<Place>,
    depth: usize,
}

impl Dictionaries {
    pub(super) fn of(reader: &Reader) -> Self {
        Self { reader: Some(reader.clone()), known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    fn held(&self, hash: Fingerprint) -> Option<Arc<Vec<u8>>> {
        self.held.iter().find(|(held, _)| *held == hash).map(|(_, bytes)| Arc::clone(bytes))
    }

    fn remember(&mut self, id: ExchangeId, hash: Option<Fingerprint>) {
        if self.hashes.len() >= REMEMBERED {
            self.hashes.clear();
        }
        self.hashes.insert(id, hash);
    }

    fn hold(&mut self, hash: Fingerprint, bytes: &Arc<Vec<u8>>) {
        self.held.truncate(HELD - 1);
        self.held.push_front((hash, Arc::clone(bytes)));
    }
}

/// Undoes brotli with a dictionary.
pub(super) fn brotli(mut body: Layer, lookup: &Lookup, pace: &Arc<Pace>) -> io::Result<Layer> {
    let dictionary = lookup.named(&mut body, DCB, pace)?;
    Ok(Box::new(Brotli::with_dictionary(body, BUFFER, dictionary.to_vec())))
}

/// Undoes zstd with a dictionary.
pub(super) fn zstd(mut body: Layer, lookup: &Lookup, pace: &Arc<Pace>) -> io::Result<Layer> {
    let dictionary = lookup.named(&mut body, DCZ, pace)?;
    let reader = BufReader::with_capacity(BUFFER, body);
    let mut decoder = zstd::Decoder::with_dictionary(reader, &dictionary)?;
    // The window may be larger than the dictionary by a quarter (RFC 9842 §5).
    let window = (dictionary.len() + dictionary.len() / 4).next_power_of_two().ilog2();
    decoder.window_log_max(window.max(codings::ZSTD_WINDOW_LOG))?;
    Ok(Box::new(decoder))
}

impl Lookup {
    pub(super) fn new(dictionaries: &Arc<Dictionaries>, place: Option<Place>) -> Self {
        Self { dictionaries: Arc::clone(dictionaries), place, depth: 0 }
    }

    /// The dictionary that the beginning of `body`, behind `magic`, names.
    fn named(&self, body: &mut Layer, magic: &[u8], pace: &Arc<Pace>) -> io::Result<Arc<Vec<u8>>> {
        let mut begun = vec![0; magic.len()];
        let mut hash = [0; 32];
        body.read_exact(&mut begun)?;
        if begun != magic {
            return Err(io::Error::new(
                ErrorKind::InvalidData,
                "it does not begin with the name of a dictionary",
            ));
        }
        body.read_exact(&mut hash)?;
        let hash = Fingerprint(hash);
        self.find(hash, pace)?.ok_or_else(|| missing(hash))
    }

    fn find(&self, wanted: Fingerprint, pace: &Arc<Pace>) -> io::Result<Option<Arc<Vec<u8>>>> {
        let held = self.dictionaries.known().held(wanted);
        let (Some(reader), Some(place), None) = (&self.dictionaries.reader, &self.place, &held) else {
            return Ok(held);
        };
        let found = waited(pace, reader.dictionaries(place.exchange, &place.origin, CANDIDATES))?;
        for id in found {
            let known = self.dictionaries.known().hashes.get(&id).copied();
            if known.is_some_and(|known| known != Some(wanted)) {
                continue;
            }
            let bytes = self.body(reader, id, pace)?;
            let hash = bytes.as_ref().map(|bytes| Fingerprint(Sha256::digest(bytes).into()));
            let mut known = self.dictionaries.known();
            known.remember(id, hash);
            if let Some(bytes) = bytes.filter(|_| hash == Some(wanted)) {
                let bytes = Arc::new(bytes);
                known.hold(wanted, &bytes);
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    /// The decoded body of a response, if all of it is stored, it is not too large, and it can be decoded.
    fn body(&self, reader: &Reader, id: ExchangeId, pace: &Arc<Pace>) -> io::Result<Option<Vec<u8>>> {
        let Some(exchange) = waited(pace, reader.exchange(id))? else { return Ok(None) };
        let plan = Plan::of(&exchange, Direction::Response, LARGEST);
        if !plan.is_whole || self.depth >= DEEPEST {
            return Ok(None);
        }
        let parts = Parts::of_body(reader, id, Direction::Response);
        let body = Box::new(parts.blocking(plan.wanted, Arc::clone(pace)));
        let deeper = Self { place: Some(Place::of(&exchange)), depth: self.depth + 1, ..self.clone() };
        let mut bytes = Vec::new();
        let decoded = codings::undo(&plan.codings, DEEPEST, (body, &deeper), pace)
            .and_then(|body| body.take(LARGEST + 1).read_to_end(&mut bytes));
        if decoded.is_err() {
            // A limit on the whole body counts here as well.
            pace.check()?;
        }
        Ok((decoded.is_ok() && bytes.len() as u64 <= LARGEST).then_some(bytes))
    }
}

/// The outcome of reading the store, which takes as long as it takes.
fn waited<T>(pace: &Pace, read: impl Future<Output = Result<T, ReadError>>) -> io::Result<T> {
    pace.check()?;
    let since = std::time::Instant::now();
    let read = Handle::current().block_on(read);
    pace.add(since.elapsed());
    read.map_err(|error| pace.store_failed(error))
}

fn missing(hash: Fingerprint) -> io::Error {
    io::Error::other(format!(
        "its dictionary, a body with the SHA-256 {hash}, is not among the recorded ones"
    ))
}
