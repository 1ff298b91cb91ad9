//! Inputs made from seeds by small changes: the same ones each time, on every machine.

/// A generator of numbers (SplitMix64): what it gives depends on its seed alone.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, or 0.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or_default()
    }

    /// A piece of `bytes`, often a short one.
    fn piece<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let from = self.below(bytes.len());
        let longest = (bytes.len() - from).min(if self.below(2) == 0 { 8 } else { usize::MAX });
        &bytes[from..from + self.below(longest + 1)]
    }
}

/// Calls `each` with `count` inputs: seeds with one to four changes, with `words` among what is put in.
pub(super) fn mutations(seeds: &[Vec<u8>], words: &[Vec<u8>], count: usize, mut each: impl FnMut(&[u8])) {
    const LONGEST: usize = 4096;
    let mut numbers = Numbers(1);
    for index in 0..count {
        let mut input = seeds[index % seeds.len()].clone();
        for _ in 0..=numbers.below(4) {
            let at = numbers.below(input.len() + 1);
            match numbers.below(7) {
                0 => {
                    let end = at + numbers.piece(&input[at..]).len();
                    input.drain(at..end);
                }
                1 => input.insert(at, numbers.next().to_le_bytes()[0]),
                2 => {
                    if let Some(byte) = input.get_mut(at) {
                        *byte ^= 1 << numbers.below(8);
                    }
                }
                3 => drop(input.splice(at..at, words[numbers.below(words.len())].iter().copied())),
                4 => {
                    let again = numbers.piece(&input).to_vec();
                    drop(input.splice(at..at, again));
                }
                5 => {
                    let other = &seeds[numbers.below(seeds.len())];
                    let other = numbers.piece(other).to_vec();
                    drop(input.splice(at..at, other));
                }
                _ => input.truncate(at),
            }
        }
        input.truncate(LONGEST);
        each(&input);
    }
}
