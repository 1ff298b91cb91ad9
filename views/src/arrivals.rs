//! When the bytes of a body came, from its first byte on: as the store has it, and behind that as the recorder holds it.

use std::collections::VecDeque;

use dashcam_exchange::{Direction, ExchangeId, Stretch};
use dashcam_store::{ReadError, Reader};

/// The arrivals of one body. Only some of them are held at once.
#[derive(Debug, Clone)]
pub struct Arrivals {
    /// Where the store has more: the next stretch is the one of this number.
    stored: Option<(Reader, ExchangeId, Direction, u32)>,
    /// Those that the store may not have.
    recent: Vec<Stretch>,
    stretches: VecDeque<Stretch>,
    /// The arrival of the first stretch at which it goes on.
    at: usize,
}

/// Bytes of a body that came at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Together {
    /// The bytes of the body up to their end.
    pub(crate) end: u64,
    /// When they came, in microseconds after the exchange's start; `None`: nobody knows.
    pub(crate) at_us: Option<i64>,
}

impl Arrivals {
    /// Those of one of an exchange's bodies; `recent` are those that the store may not have.
    #[must_use]
    pub fn of_body(reader: &Reader, (id, direction): (ExchangeId, Direction), recent: Vec<Stretch>) -> Self {
        let stored = Some((reader.clone(), id, direction, 0));
        Self { stored, recent, stretches: VecDeque::new(), at: 0 }
    }

    /// Those of these stretches alone.
    #[cfg(test)]
    pub(crate) fn held(recent: Vec<Stretch>) -> Self {
        Self { stored: None, recent, stretches: VecDeque::new(), at: 0 }
    }

    /// The bytes from `offset` on that came at once. Offsets are to ascend from call to call.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn from(&mut self, offset: u64) -> Result<Together, ReadError> {
        loop {
            let Some(stretch) = self.stretches.front() else {
                if self.read_more().await? {
                    continue;
                }
                return Ok(Together { end: u64::MAX, at_us: None });
            };
            if offset < stretch.from {
                return Ok(Together { end: stretch.from, at_us: None });
            }
            let next = stretch.arrivals.get(self.at..).and_then(|left| {
                let skipped = left.iter().take_while(|arrival| arrival.end <= offset).count();
                left.get(skipped).map(|arrival| (skipped, *arrival))
            });
            match next {
                Some((skipped, arrival)) => {
                    self.at += skipped;
                    return Ok(Together { end: arrival.end, at_us: Some(arrival.at_us) });
                }
                None => {
                    self.stretches.pop_front();
                    self.at = 0;
                }
            }
        }
    }

    /// Takes in further stretches; false if there are none.
    async fn read_more(&mut self) -> Result<bool, ReadError> {
        if let Some((reader, id, direction, next)) = &mut self.stored {
            if let Some((stretches, after)) = reader.arrivals(*id, *direction, *next).await? {
                (self.stretches, *next) = (stretches.into(), after);
                return Ok(true);
            }
            self.stored = None;
        }
        // Some of them the store had as well: they are skipped as what came before.
        self.stretches = std::mem::take(&mut self.recent).into();
        Ok(!self.stretches.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::Arrival;

    use super::*;

    fn stretch(from: u64, arrivals: &[(u64, i64)]) -> Stretch {
        let arrivals = arrivals.iter().map(|(end, at_us)| Arrival { end: *end, at_us: *at_us }).collect();
        Stretch { from, merged: 1, arrivals }
    }

    #[tokio::test]
    async fn bytes_of_which_nothing_is_known_have_no_time() {
        let recent = vec![
            stretch(0, &[(3, 10), (3, 11), (5, 20)]),
            stretch(0, &[(3, 10), (5, 20)]),
            stretch(8, &[(9, 40)]),
            stretch(9, &[]),
            stretch(9, &[(12, 50)]),
        ];
        let mut arrivals = Arrivals::held(recent);
        for (offset, end, at_us) in [
            (0, 3, Some(10)),
            (2, 3, Some(10)),
            (3, 5, Some(20)),
            (5, 8, None),
            (7, 8, None),
            (8, 9, Some(40)),
            (9, 12, Some(50)),
            (12, u64::MAX, None),
            (13, u64::MAX, None),
        ] {
            assert_eq!(arrivals.from(offset).await.unwrap(), Together { end, at_us }, "{offset}");
        }
    }
}
