//! Bytes of a body that came before somebody could take them.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

/// Pieces up to this size are joined: many tiny frames would take far more memory than what is in them.
const SMALL: usize = 1 << 10;
/// How large joined ones become.
const JOINED: usize = 16 << 10;

/// A queue of pieces, none of them empty.
#[derive(Default)]
pub(crate) struct Ahead {
    pieces: VecDeque<Bytes>,
    /// The small pieces behind them.
    small: BytesMut,
    /// Bytes in all.
    length: usize,
}

impl Ahead {
    pub(crate) fn push(&mut self, data: Bytes) {
        self.length += data.len();
        if data.len() <= SMALL {
            self.small.extend_from_slice(&data);
            if self.small.len() >= JOINED {
                self.close();
            }
            return;
        }
        self.close();
        self.pieces.push_back(data);
    }

    pub(crate) fn pop(&mut self) -> Option<Bytes> {
        if self.pieces.is_empty() {
            self.close();
        }
        let piece = self.pieces.pop_front()?;
        self.length -= piece.len();
        Some(piece)
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.length == 0
    }

    fn close(&mut self) {
        if !self.small.is_empty() {
            self.pieces.push_back(std::mem::take(&mut self.small).freeze());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_pushed_comes_in_order_and_in_few_pieces() {
        for lengths in
            [vec![], vec![1], vec![1; 40_000], vec![0, 5000, 0, 3, 4, 5000, 5000, 7], vec![5000; 3]]
        {
            let mut ahead = Ahead::default();
            let mut pushed = Vec::new();
            for (number, length) in lengths.iter().enumerate() {
                let data = vec![u8::try_from(number % 251).unwrap(); *length];
                pushed.extend_from_slice(&data);
                ahead.push(data.into());
            }
            assert_eq!(ahead.len(), pushed.len());
            let (mut popped, mut pieces) = (Vec::new(), 0);
            while !ahead.is_empty() {
                let piece = ahead.pop().unwrap();
                assert!(!piece.is_empty());
                popped.extend_from_slice(&piece);
                pieces += 1;
            }
            assert!(popped == pushed && ahead.pop().is_none());
            assert!(pieces <= 5, "{pieces}");
        }
    }
}
