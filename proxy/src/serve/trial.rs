//! A tunnel of a client that left our certificate without a word: whether it leaves the upstream's own likewise, as far as
//! the kinds and lengths of TLS records tell without a key.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use dashcam_exchange::Side;

use crate::serve::record_heads::RecordHeads;

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// Lengths of a Finished in TLS 1.3, with SHA-256 and SHA-384: a head of four bytes, a hash, the kind and a tag.
const FINISHED: [u16; 2] = [4 + 32 + 1 + 16, 4 + 48 + 1 + 16];
/// The longest Finished in TLS 1.2 (with AES-CBC and SHA-384); a ClientHello that is sent again is longer.
const LONGEST_FINISHED_12: u16 = 96;
/// The longest alert under encryption in TLS 1.3, with some padding. No request is as short.
const LONGEST_ALERT: u16 = 24;

/// The two directions of such a tunnel, which are read at once.
#[derive(Debug, Default)]
pub(crate) struct Trial(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    client: RecordHeads,
    upstream: RecordHeads,
    told: Told,
}

/// The story so far.
#[derive(Debug, Default)]
struct Told {
    has_changed_cipher: bool,
    /// When the handshake was done: at the client's Finished, in TLS 1.2 at the upstream's if that comes after it.
    done: Option<Instant>,
    /// True if something came before the Finished that can be a certificate of the client's, or a request.
    is_doubtful: bool,
    /// True once the client sent something after the handshake.
    has_spoken: bool,
    /// The side that first sent an alert after the handshake, and when.
    farewell: Option<(Side, Instant)>,
}

impl Trial {
    /// Reads what the client sends. Returns whether it speaks for the first time.
    pub(crate) fn client_sends(&self, bytes: &[u8], now: Instant) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Seen { client, told, .. } = &mut *seen;
        let had_spoken = told.has_spoken;
        if !had_spoken {
            client.read(bytes, |kind, length| told.client_sends(kind, length, now));
        }
        told.has_spoken && !had_spoken
    }

    /// Reads what the upstream sends.
    pub(crate) fn upstream_sends(&self, bytes: &[u8], now: Instant) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Seen { upstream, told, .. } = &mut *seen;
        if !told.has_spoken {
            upstream.read(bytes, |kind, length| told.upstream_sends(kind, length, now));
        }
    }

    /// Returns whether the client ended the connection at most `limit` after the handshake, and sent nothing in between.
    /// `first` is the side that closed or broke first, and when it did.
    pub(crate) fn is_left(&self, first: (Side, Instant), limit: Duration) -> bool {
        let told = &self.0.lock().unwrap_or_else(PoisonError::into_inner).told;
        let (side, at) = told.farewell.filter(|(_, at)| *at <= first.1).unwrap_or(first);
        let is_at_once = told.done.is_some_and(|done| at.saturating_duration_since(done) < limit);
        side == Side::Client && is_at_once && !told.is_doubtful && !told.has_spoken
    }
}

impl Told {
    fn client_sends(&mut self, kind: u8, length: u16, now: Instant) {
        let is_done = self.done.is_some();
        match kind {
            CHANGE_CIPHER_SPEC => self.has_changed_cipher = true,
            // TLS 1.2: an encrypted Finished.
            HANDSHAKE if self.has_changed_cipher && length <= LONGEST_FINISHED_12 => self.done = Some(now),
            APPLICATION_DATA if !is_done && FINISHED.contains(&length) => self.done = Some(now),
            APPLICATION_DATA if !is_done => self.is_doubtful |= length > LONGEST_ALERT,
            APPLICATION_DATA if length > LONGEST_ALERT => self.has_spoken = true,
            APPLICATION_DATA | ALERT if is_done => self.ends(Side::Client, now),
            _ => {}
        }
    }

    fn upstream_sends(&mut self, kind: u8, length: u16, now: Instant) {
        let is_done = self.done.is_some();
        match kind {
            // TLS 1.2: its Finished.
            HANDSHAKE if is_done => self.done = Some(now),
            ALERT if is_done => self.ends(Side::Upstream, now),
            APPLICATION_DATA if is_done && length <= LONGEST_ALERT => self.ends(Side::Upstream, now),
            _ => {}
        }
    }

    fn ends(&mut self, side: Side, now: Instant) {
        self.farewell.get_or_insert((side, now));
    }
}

#[cfg(test)]
mod tests;
