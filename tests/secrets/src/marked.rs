//! Bytes in which secrets and look-alikes are marked.

use std::ops::Range;

/// The truth about a part of the traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A secret: it must be in no record.
    Secret,
    /// A text that looks like a secret, or stands where one could: it must stay byte for byte.
    LookAlike,
    /// A text that may go or stay, such as the value of a cookie that is none.
    Neutral,
}

/// A part of some bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Its place.
    pub range: Range<usize>,
    /// The truth about it.
    pub class: Class,
    /// The kind of secret; empty for others.
    pub kind: String,
}

/// Bytes with marks in the order of their places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marked {
    /// The bytes as they are sent, before any content coding.
    pub bytes: Vec<u8>,
    /// The marks.
    pub marks: Vec<Mark>,
}

impl Marked {
    /// Bytes without a mark.
    #[must_use]
    pub fn plain(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), marks: Vec::new() }
    }

    /// Adds bytes without a mark.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Adds bytes with their marks.
    pub fn append(&mut self, other: &Self) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&other.bytes);
        self.marks.extend(
            other
                .marks
                .iter()
                .map(|mark| Mark { range: mark.range.start + start..mark.range.end + start, ..mark.clone() }),
        );
    }

    /// A part, with the marks that lie in it.
    #[must_use]
    pub fn part(&self, range: Range<usize>) -> Self {
        let inside =
            self.marks.iter().filter(|mark| range.start <= mark.range.start && mark.range.end <= range.end);
        let marks = inside.map(|mark| Mark {
            range: mark.range.start - range.start..mark.range.end - range.start,
            ..mark.clone()
        });
        Self { bytes: self.bytes[range.clone()].to_vec(), marks: marks.collect() }
    }

    /// The bytes of a mark.
    #[must_use]
    pub fn of(&self, mark: &Mark) -> &[u8] {
        &self.bytes[mark.range.clone()]
    }

    /// The bytes as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The marks of `class`, with their bytes.
    pub fn marked(&self, class: Class) -> impl Iterator<Item = (&Mark, &[u8])> {
        self.marks.iter().filter(move |mark| mark.class == class).map(|mark| (mark, self.of(mark)))
    }
}
