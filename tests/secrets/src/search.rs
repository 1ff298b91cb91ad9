//! The search for many byte strings at once.

use std::collections::HashMap;

use crate::spelling;

/// How many first bytes of a needle are looked up.
const START: usize = spelling::LEAST;

/// The spellings of secrets, ready to be looked for.
pub struct Search {
    /// A bit for each three bytes with which a needle begins.
    begins: Vec<u64>,
    /// Needles and the numbers of their secrets, by their first bytes.
    needles: HashMap<[u8; START], Vec<(Vec<u8>, usize)>>,
}

/// A secret that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// Its number.
    pub secret: usize,
    /// The place of a spelling of it.
    pub at: usize,
}

impl Search {
    /// Looks for all spellings of `secrets`, which are numbered in their order.
    pub fn of<'s>(secrets: impl IntoIterator<Item = &'s [u8]>) -> Self {
        let mut search = Self { begins: vec![0; 1 << 18], needles: HashMap::new() };
        for (number, secret) in secrets.into_iter().enumerate() {
            for needle in spelling::all(secret) {
                let Some(start) = needle.first_chunk() else { continue };
                let (word, bit) = place(&needle);
                search.begins[word] |= bit;
                search.needles.entry(*start).or_default().push((needle, number));
            }
        }
        search
    }

    /// The secrets in `bytes`, in the order of their places.
    #[must_use]
    pub fn find(&self, bytes: &[u8]) -> Vec<Found> {
        let mut found = Vec::new();
        for at in 0..bytes.len().saturating_sub(START - 1) {
            let rest = &bytes[at..];
            let (word, bit) = place(rest);
            if self.begins[word] & bit == 0 {
                continue;
            }
            let needles = rest.first_chunk().and_then(|start| self.needles.get(start));
            let here = needles.into_iter().flatten().filter(|(needle, _)| rest.starts_with(needle));
            found.extend(here.map(|(_, secret)| Found { secret: *secret, at }));
        }
        found
    }
}

/// The bit for the first three bytes.
fn place(bytes: &[u8]) -> (usize, u64) {
    let number = usize::from(bytes[0]) << 16 | usize::from(bytes[1]) << 8 | usize::from(bytes[2]);
    (number >> 6, 1 << (number & 63))
}
