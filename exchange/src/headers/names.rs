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
            marks |= mark(names[index].as_bytes());
            index += 1;
        }
        Self { names, marks }
    }

    /// Returns whether `name` is one of them, whatever its case.
    #[must_use]
    pub fn contains(&self, name: &[u8]) -> bool {
        self.marks & mark(name) != 0
            && self.names.iter().any(|other| name.eq_ignore_ascii_case(other.as_bytes()))
    }
}

/// The bit of `name`, the same whatever its case. Names share bits; those that are asked for share few with those that
/// are common.
#[inline]
pub(super) const fn mark(name: &[u8]) -> u64 {
    let [first, .., last] = name else { return 1 };
    let sum = name.len() * 2 + (*first | 0x20) as usize * 14 + (*last | 0x20) as usize * 21;
    1 << (sum % 64)
}
