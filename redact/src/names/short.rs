//! Short names as one number, which is told from others at once.

/// A name of fifteen bytes or fewer: its bytes, zeros behind them, and its length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Short(u128);

/// The names of members that give no secret away, of which two have the same
/// place, from which the next one there drives the older out.
#[derive(Debug, Default)]
pub(super) struct Silent(Vec<[Short; 2]>);

/// How many places there are.
const PLACES: usize = 256;
/// No name has this length.
const FREE: Short = Short(u128::MAX);

impl Short {
    /// The name of `length` bytes, fifteen or fewer, at the beginning of `sixteen`.
    #[inline]
    pub(super) fn of(sixteen: &[u8; 16], length: usize) -> Self {
        debug_assert!(length < 16);
        let name = u128::from_le_bytes(*sixteen) & !(u128::MAX << (length * 8 % 128));
        Self(name | (length as u128) << 120)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "all bits count")]
    fn place(self) -> usize {
        let mixed =
            (self.0 as u64 ^ ((self.0 >> 64) as u64).rotate_left(23)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 56) as usize % PLACES
    }
}

impl Silent {
    /// Returns whether `name` is remembered.
    #[inline]
    pub(super) fn contains(&self, name: Short) -> bool {
        self.0.get(name.place()).is_some_and(|[first, second]| *first == name || *second == name)
    }

    #[cold]
    pub(super) fn insert(&mut self, name: Short) {
        if self.0.is_empty() {
            self.0 = vec![[FREE; 2]; PLACES];
        }
        let names = &mut self.0[name.place()];
        *names = [name, names[0]];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_are_told_apart() {
        let sixteen = b"id\0name:abcdefgh";
        let mut silent = Silent::default();
        for length in 0..16 {
            let name = Short::of(sixteen, length);
            assert!(!silent.contains(name));
            silent.insert(name);
            assert!(silent.contains(name));
        }
        assert_eq!(Short::of(b"id:0123456789abc", 2), Short::of(sixteen, 2));
    }
}
