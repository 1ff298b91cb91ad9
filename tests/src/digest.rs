//! Bodies that can be checked without being kept: a repeating pattern and its hash.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// A running SHA-256 with the count of bytes.
#[derive(Default, Clone)]
pub struct Digest {
    hash: Sha256,
    length: u64,
}

impl Digest {
    /// Takes more bytes in.
    pub fn update(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
    }

    /// `LENGTH HEX`.
    #[must_use]
    pub fn finish(self) -> String {
        let mut text = format!("{} ", self.length);
        for byte in self.hash.finalize() {
            let _infallible = write!(text, "{byte:02x}");
        }
        text
    }
}

/// The digest of `bytes`.
#[must_use]
pub fn of(bytes: &[u8]) -> String {
    let mut digest = Digest::default();
    digest.update(bytes);
    digest.finish()
}

/// The digest of the first `length` bytes of the pattern.
#[must_use]
pub fn of_pattern(length: u64) -> String {
    let mut digest = Digest::default();
    for piece in pattern(length) {
        digest.update(&piece);
    }
    digest.finish()
}

/// The first `length` bytes of a pattern without a short period, in pieces of up to 64 KiB.
pub fn pattern(length: u64) -> impl Iterator<Item = Vec<u8>> {
    const PIECE: u64 = 64 * 1024;
    (0..length.div_ceil(PIECE)).map(move |index| {
        let size = PIECE.min(length - index * PIECE);
        // Each piece differs in every eighth byte, so that a piece lost, doubled or swapped changes the hash.
        (0..size).map(|at| if at % 8 == 0 { index as u8 } else { (at * 31 + at / 256) as u8 }).collect()
    })
}
