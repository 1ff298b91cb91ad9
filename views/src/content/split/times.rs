//! When the bytes of a decoded body came, for as long as no message was found in them.

use std::collections::VecDeque;

use dashcam_exchange::Timestamp;

use super::unarmoured::Unarmoured;
use crate::decode::Mark;

/// The most times that are held. Of more, each second one goes.
const MOST: usize = 1 << 16;

/// The times, in the order of the bytes.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// When the exchange began.
    pub(super) started_at: Timestamp,
    marks: VecDeque<Mark>,
}

impl Times {
    /// Of a body whose exchange began then.
    pub(super) fn new(started_at: Timestamp) -> Self {
        Self { started_at, marks: VecDeque::new() }
    }

    /// Notes when bytes came that follow those before.
    pub(super) fn add(&mut self, marks: impl IntoIterator<Item = Mark>) {
        self.marks.extend(marks);
        if self.marks.len() > MOST {
            let mut at = self.marks.len();
            self.marks.retain(|_| {
                at -= 1;
                at.is_multiple_of(2)
            });
        }
    }

    /// When the last of the bytes up to `end` came, if that is known. Ends are to ascend from call to call.
    pub(super) fn of(&mut self, end: u64) -> Option<Timestamp> {
        while self.marks.front().is_some_and(|mark| mark.end < end) {
            self.marks.pop_front();
        }
        let at_us = self.marks.front()?.at_us?;
        Some(Timestamp(self.started_at.0.saturating_add(at_us)))
    }
}

/// The bytes that `text` stands for, which begins at byte `from` of the decoded body, and `marks` as those of these bytes,
/// of which the first is byte `at`.
pub(super) fn unarmoured(
    armour: &mut Unarmoured,
    (text, from): (&[u8], u64),
    marks: Vec<Mark>,
    at: u64,
) -> (Vec<u8>, Vec<Mark>) {
    let (mut bytes, mut rest, mut before) = (Vec::new(), text, from);
    let mut of_bytes = Vec::with_capacity(marks.len());
    for Mark { end, at_us } in marks {
        let (piece, others) = rest.split_at((end.saturating_sub(before) as usize).min(rest.len()));
        bytes.extend(armour.push(piece));
        of_bytes.push(Mark { end: at + bytes.len() as u64, at_us });
        (rest, before) = (others, end);
    }
    bytes.extend(armour.push(rest));
    (bytes, of_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(all: &[(u64, Option<i64>)]) -> Vec<Mark> {
        all.iter().map(|(end, at_us)| Mark { end: *end, at_us: *at_us }).collect()
    }

    #[test]
    fn a_message_came_with_its_last_byte() {
        let mut times = Times::new(Timestamp(1000));
        times.add(marks(&[(10, Some(1)), (20, None), (30, Some(3))]));
        for (end, expect) in
            [(5, Some(1001)), (10, Some(1001)), (11, None), (20, None), (21, Some(1003)), (31, None)]
        {
            assert_eq!(times.of(end), expect.map(Timestamp), "{end}");
        }
        times.add(marks(&[(40, Some(4))]));
        assert_eq!(times.of(40), Some(Timestamp(1004)));
    }

    #[test]
    fn of_very_many_the_last_stays() {
        let mut times = Times::new(Timestamp(0));
        times.add((1..=MOST as u64 + 1).map(|end| Mark { end, at_us: Some(end as i64) }));
        assert!(times.marks.len() <= MOST / 2 + 1, "{}", times.marks.len());
        assert_eq!(times.of(MOST as u64 + 1), Some(Timestamp(MOST as i64 + 1)));
    }

    #[test]
    fn times_of_text_are_those_of_its_bytes() {
        let mut armour = Unarmoured::default();
        let found = unarmoured(
            &mut armour,
            (b"YWJjZGVm", 8),
            marks(&[(10, Some(1)), (15, Some(2)), (16, Some(3))]),
            6,
        );
        let expect = marks(&[(6, Some(1)), (9, Some(2)), (12, Some(3))]);
        assert_eq!(found, (b"abcdef".to_vec(), expect));
    }
}
