//! The keywords of all probes, found in one pass over a text.

mod buckets;

use self::buckets::{BUCKETS, Buckets, Four};
use super::{KEYS, Probe, WORDS};

/// Bytes that are passed at once, and those with the two behind them that their last four bytes have.
const BLOCK: usize = 16;
const WITH_NEXT: usize = BLOCK + 2;
/// Lists of keywords.
const LISTS: usize = 512;

/// The keywords by four bytes of each, at every second byte of a text: most are passed with one look at a table.
///
/// Of each keyword there are two such fours, as it may begin at an even place or at an odd one. They are spread over
/// [`BUCKETS`] buckets; a text has a keyword only where one of them has two bytes of it, and the next two.
pub(super) struct Keywords {
    /// For each two bytes, the buckets that have them as the first of four, and, eight bits higher, as the last.
    buckets: Box<[u16; 1 << 16]>,
    /// The keywords by the two bytes in the middle of their fours.
    lists: Vec<Vec<Keyword>>,
}

#[derive(Clone, Copy)]
struct Keyword {
    text: &'static [u8],
    /// Its first eight bytes, and which bits of them count.
    first: u64,
    mask: u64,
    /// How far it begins before the second of its four bytes.
    before: usize,
    probe: Probe,
}

impl Keywords {
    pub(super) fn new() -> Self {
        let keys = KEYS.iter().zip(0..).map(|(key, index)| (key.prefix, Probe::Key(index)));
        let mut lists = vec![Vec::new(); LISTS];
        let mut buckets = Buckets::default();
        for (text, probe) in keys.chain(WORDS) {
            let text = text.as_bytes();
            for parity in 0..2 {
                let all = (parity..text.len() - 1).step_by(2).map(|before| (before, Four::of(text, before)));
                let rarest = all.min_by_key(|(_, four)| buckets.weight(four));
                let (before, four) = rarest.expect("three bytes at least");
                lists[list(four.middle())].push(Keyword::new(text, before, probe));
                buckets.push(four);
            }
        }
        Self { buckets: buckets.table(), lists }
    }

    /// Calls `each` with the place of every keyword, and its probe.
    pub(super) fn find(&self, text: &[u8], mut each: impl FnMut(usize, Probe)) {
        let mut at = 0;
        while let Some(block) = text[at..].first_chunk::<WITH_NEXT>() {
            if self.any(block) {
                self.look(text, at, block, &mut each);
            }
            at += BLOCK;
        }
        let rest = &text[at..];
        let mut block = [0; WITH_NEXT];
        block[..rest.len()].copy_from_slice(rest);
        if self.any(&block) {
            self.look(text, at, &block, &mut each);
        }
    }

    /// Returns whether a bucket has two bytes of `block` and the next two.
    #[inline]
    fn any(&self, block: &[u8; WITH_NEXT]) -> bool {
        let (twos, _) = block.as_chunks::<2>();
        let (mut any, mut last) = (0, self.of(twos[0]));
        for two in &twos[1..] {
            let next = self.of(*two);
            any |= last & next >> BUCKETS;
            last = next;
        }
        any != 0
    }

    #[inline]
    fn of(&self, two: [u8; 2]) -> u16 {
        self.buckets[usize::from(u16::from_le_bytes(two))]
    }

    /// Looks for keywords in a block of `text` that begins at `from`.
    #[inline(never)]
    fn look(&self, text: &[u8], from: usize, block: &[u8; WITH_NEXT], each: &mut impl FnMut(usize, Probe)) {
        let (twos, _) = block.as_chunks::<2>();
        let mut last = self.of(twos[0]);
        for (index, [first, second]) in twos.array_windows().enumerate() {
            let next = self.of(*second);
            if last & next >> BUCKETS != 0 {
                for keyword in &self.lists[list([first[1], second[0]])] {
                    if let Some(start) = (from + index * 2 + 1).checked_sub(keyword.before)
                        && keyword.begins(&text[start..])
                    {
                        each(start, keyword.probe);
                    }
                }
            }
            last = next;
        }
    }
}

impl Keyword {
    fn new(text: &'static [u8], before: usize, probe: Probe) -> Self {
        let (mut first, mut mask) = ([0; 8], [0; 8]);
        for (at, byte) in text.iter().take(8).enumerate() {
            (first[at], mask[at]) = (*byte, 0xff);
        }
        Self { text, first: u64::from_le_bytes(first), mask: u64::from_le_bytes(mask), before, probe }
    }

    #[inline]
    fn begins(&self, text: &[u8]) -> bool {
        match text.first_chunk() {
            Some(eight) => {
                (u64::from_le_bytes(*eight) ^ self.first) & self.mask == 0
                    && (self.text.len() <= 8 || text.starts_with(self.text))
            }
            None => text.starts_with(self.text),
        }
    }
}

/// The list of the keywords with these two bytes in the middle.
#[inline]
fn list(two: [u8; 2]) -> usize {
    usize::from(u16::from_le_bytes(two).wrapping_mul(0x9e37) >> 7) % LISTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_found_wherever_they_stand() {
        let keywords = Keywords::new();
        let keys = KEYS.iter().map(|key| key.prefix);
        for keyword in keys.chain(WORDS.map(|(word, _)| word)) {
            for before in 0..20 {
                for after in [0, 1, 7, 8, 9] {
                    let text = format!("{}{keyword}{}", "~".repeat(before), "~".repeat(after));
                    let mut found = false;
                    keywords.find(text.as_bytes(), |at, _| found |= at == before);
                    assert!(found, "{text}");
                }
            }
        }
    }
}
