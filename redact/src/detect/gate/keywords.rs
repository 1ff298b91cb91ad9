//! The keywords of all probes, found in one pass over a text.

use super::{KEYS, Probe, WORDS};

/// Pairs of bytes that are frequent in JSON, documents and URLs, the most frequent first.
const FREQUENT: &[u8] =
    b"threatesineroronsthaitedseteamascoleenr nttineeaecarhocageetoudaotshvetounalli--riacioomfi\
    uswhtrnafobekeceiepauricuthccrsslapsagxcttlssa- _apts/oo01rtape.sixaryoptuigckd_ldwescbas.";

/// The keywords by two bytes of each that are rare in texts: most places are passed with one look at a table.
pub(super) struct Keywords {
    /// For each two bytes, the number of the list of keywords that have them; 0 where there are none.
    numbers: Box<[u8; 1 << 16]>,
    lists: Vec<Vec<Keyword>>,
}

struct Keyword {
    text: &'static [u8],
    /// Its first eight bytes, and which bits of them count.
    first: u64,
    mask: u64,
    /// Where its two bytes are in it.
    pair: usize,
    probe: Probe,
}

impl Keywords {
    pub(super) fn new() -> Self {
        let keys = KEYS.iter().zip(0..).map(|(key, index)| (key.prefix, Probe::Key(index)));
        let mut keywords = Self { numbers: Box::new([0; 1 << 16]), lists: vec![Vec::new()] };
        for (text, probe) in keys.chain(WORDS) {
            let keyword = Keyword::new(text.as_bytes(), probe);
            let pair = pair([keyword.text[keyword.pair], keyword.text[keyword.pair + 1]]);
            if keywords.numbers[pair] == 0 {
                let number = u8::try_from(keywords.lists.len());
                keywords.numbers[pair] = number.expect("fewer than 256 different pairs");
                keywords.lists.push(Vec::new());
            }
            keywords.lists[usize::from(keywords.numbers[pair])].push(keyword);
        }
        keywords
    }

    /// Calls `each` with the place of every keyword, and its probe.
    pub(super) fn find(&self, text: &[u8], mut each: impl FnMut(usize, Probe)) {
        let mut at = 0;
        while let Some(nine) = text[at..].first_chunk::<9>() {
            if self.any(nine) {
                self.look(text, at, nine, &mut each);
            }
            at += 8;
        }
        if text.last_chunk::<9>().is_none_or(|nine| self.any(nine)) {
            self.look(text, at, &text[at..], &mut each);
        }
    }

    /// Returns whether two bytes of `nine` are those of a keyword.
    #[inline]
    fn any(&self, nine: &[u8; 9]) -> bool {
        nine.array_windows().fold(0, |any, two| any | self.numbers[pair(*two)]) != 0
    }

    /// The same for a piece of `text` that begins at `from`.
    #[inline(never)]
    fn look(&self, text: &[u8], from: usize, piece: &[u8], each: &mut impl FnMut(usize, Probe)) {
        for (index, two) in piece.array_windows().enumerate() {
            let number = self.numbers[pair(*two)];
            if number == 0 {
                continue;
            }
            for keyword in &self.lists[usize::from(number)] {
                if let Some(start) = (from + index).checked_sub(keyword.pair)
                    && keyword.begins(&text[start..])
                {
                    each(start, keyword.probe);
                }
            }
        }
    }
}

impl Keyword {
    fn new(text: &'static [u8], probe: Probe) -> Self {
        let weight = |at: &usize| {
            let two = &text[*at..*at + 2];
            let rank = FREQUENT.chunks(2).rev().position(|frequent| frequent == two);
            (rank.map_or(0, |rank| rank + 1), usual(two[0]) * usual(two[1]))
        };
        let pair = (0..text.len() - 1).min_by_key(weight).expect("two bytes at least");
        let (mut first, mut mask) = ([0; 8], [0; 8]);
        for (at, byte) in text.iter().take(8).enumerate() {
            (first[at], mask[at]) = (*byte, 0xff);
        }
        Self { text, first: u64::from_le_bytes(first), mask: u64::from_le_bytes(mask), pair, probe }
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

#[inline]
fn pair(two: [u8; 2]) -> usize {
    usize::from(u16::from_le_bytes(two))
}

/// How usual a byte is in texts, roughly.
fn usual(byte: u8) -> u32 {
    match byte {
        b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 30,
        b'a'..=b'z' => 12,
        b'_' | b'0'..=b'9' | b' ' | b':' | b'/' | b'-' | b'.' => 10,
        b'A'..=b'Z' => 4,
        _ => 3,
    }
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
