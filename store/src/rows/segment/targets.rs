//! The targets of a segment: one text, and where each ends.

use super::integers;

/// Paths and queries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Targets {
    text: String,
    ends: Vec<usize>,
}

impl Targets {
    /// Adds the next one.
    pub(crate) fn push(&mut self, target: &str) {
        self.text.push_str(target);
        self.ends.push(self.text.len());
    }

    /// Returns whether they were not wanted.
    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The target of the exchange at `row`.
    pub(crate) fn of(&self, row: usize) -> &str {
        let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[row]]
    }

    /// Bytes of all.
    pub(super) fn bytes(&self) -> usize {
        self.text.len()
    }

    /// As bytes.
    pub(super) fn pack(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.text.len() + 2 * self.ends.len());
        let lengths = (0..self.ends.len()).map(|row| self.of(row).len() as i64);
        integers::pack(&lengths.collect::<Vec<_>>(), &mut bytes);
        bytes.extend_from_slice(self.text.as_bytes());
        bytes
    }

    /// Reads what [`Targets::pack`] wrote of `rows` exchanges; `None` if it is damaged.
    pub(super) fn unpack(mut bytes: &[u8], rows: usize) -> Option<Self> {
        let lengths = integers::unpack(&mut bytes, rows)?;
        let text = String::from_utf8(bytes.to_vec()).ok()?;
        let (mut ends, mut end) = (Vec::with_capacity(rows), 0_usize);
        for length in lengths {
            end = end.checked_add(usize::try_from(length).ok()?)?;
            if !text.is_char_boundary(end) {
                return None;
            }
            ends.push(end);
        }
        (end == text.len()).then_some(Self { text, ends })
    }
}
