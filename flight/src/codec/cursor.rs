//! Bytes that are read, with what is left of them.

/// Bytes that are no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// They end too early.
    #[error("the bytes end in the middle of an entry")]
    Ended,
    /// A number is none of the kinds that there are.
    #[error("an entry names a kind that there is not")]
    UnknownKind,
    /// A number or a text is none.
    #[error("an entry has a value that can't be")]
    Value,
}

/// Elements of a list at most: more than any head or chain of certificates has.
pub(crate) const MOST_ELEMENTS: u64 = 65_536;

/// Bytes that are read from their beginning on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'b> {
    left: &'b [u8],
}

impl<'b> Cursor<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { left: bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// The next `length` bytes.
    pub(crate) fn take(&mut self, length: usize) -> Result<&'b [u8], Malformed> {
        let (taken, left) = self.left.split_at_checked(length).ok_or(Malformed::Ended)?;
        self.left = left;
        Ok(taken)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Malformed> {
        self.take(1).map(|bytes| bytes[0])
    }

    /// A number of as many bytes as it takes (LEB128).
    pub(crate) fn number(&mut self) -> Result<u64, Malformed> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(Malformed::Value);
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Malformed::Value)
    }

    /// A length of something that is still to come.
    pub(crate) fn length(&mut self) -> Result<usize, Malformed> {
        let length = usize::try_from(self.number()?).map_err(|_| Malformed::Value)?;
        if length > self.left.len() { Err(Malformed::Ended) } else { Ok(length) }
    }

    /// The number of a list's elements, each of which takes at least one byte.
    pub(crate) fn elements(&mut self) -> Result<usize, Malformed> {
        let length = self.length()?;
        if length as u64 > MOST_ELEMENTS { Err(Malformed::Value) } else { Ok(length) }
    }

    /// Bytes with their length before them.
    pub(crate) fn bytes(&mut self) -> Result<&'b [u8], Malformed> {
        let length = self.length()?;
        self.take(length)
    }
}
