//! Fields' names, marked by one bit each: most that are asked for are surely not there.

/// Names to look for together. A constant, so that their marks cost nothing.
#[derive(Debug)]
pub struct Names {
    names: &'static [&'static str],
    pub(super) marks: u64,
}

impl Names {
    /// `names`, whatever their case.
    #[must_use]
    pub const fn new(names: &'static [&'static str]) -> Self {
        let (mut marks, mut index) = (0, 0);
        while index < names.len() {
            marks |= Mark::of(names[index].as_bytes()).bit();
            index += 1;
        }
        Self { names, marks }
    }

    /// Returns whether `name` is one of them, whatever its case.
    #[must_use]
    pub fn contains(&self, name: &[u8]) -> bool {
        self.marks & Mark::of(name).bit() != 0
            && self.names.iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes()))
    }
}

/// The mark of a name: the number of its bit. It is the same whatever the name's case. Names share marks; those that are
/// asked for share few with those that are common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark(u8);

impl Mark {
    /// The mark of `name`.
    #[must_use]
    #[inline]
    pub const fn of(name: &[u8]) -> Self {
        let [first, .., last] = name else { return Self(0) };
        let sum = name.len() * 2 + (*first | 0x20) as usize * 14 + (*last | 0x20) as usize * 21;
        Self((sum % 64) as u8)
    }

    #[inline]
    pub(super) const fn bit(self) -> u64 {
        1 << (self.0 % 64)
    }
}
