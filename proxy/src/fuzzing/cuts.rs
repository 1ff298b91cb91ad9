//! Bytes in pieces: the same input is always cut at the same places.

/// Cuts bytes where a seed says.
pub(super) struct Cuts(u64);

impl Cuts {
    pub(super) fn new(seed: u8) -> Self {
        Self(u64::from(seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next of the pieces' lengths.
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let bits = (self.0 >> 32) as usize;
        if bits & 3 == 0 { 1 + (bits >> 2) % 3 } else { 1 + (bits >> 2) % 200 }
    }

    /// `bytes` in at most `most` pieces, none of them empty.
    pub(super) fn of(mut self, bytes: &[u8], most: usize) -> Vec<&[u8]> {
        let (mut rest, mut pieces) = (bytes, Vec::new());
        while !rest.is_empty() {
            let length = if pieces.len() + 1 < most { self.next().min(rest.len()) } else { rest.len() };
            let (piece, behind) = rest.split_at(length);
            pieces.push(piece);
            rest = behind;
        }
        pieces
    }
}

/// The first two bytes of an input, and the rest: what the case is like, and where the rest is cut.
pub(super) fn header(input: &[u8]) -> Option<(u8, Cuts, &[u8])> {
    let [flags, seed, rest @ ..] = input else { return None };
    Some((*flags, Cuts::new(*seed), rest))
}
