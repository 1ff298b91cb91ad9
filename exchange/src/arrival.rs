//! The times at which the bytes of a body came, and the stretches in which they are stored.
//!
//! A stretch is a row of numbers, each in as few bytes as it needs (LEB128): the byte of the body at which it begins; how
//! many arrivals one of it stands for at most; and for each arrival how many bytes came, and how many microseconds after
//! the arrival before, the first after the exchange's start.

/// Bytes of a body that came at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrival {
    /// The bytes of the body up to their end, as they passed.
    pub end: u64,
    /// When they came, in microseconds after the exchange's start.
    pub at_us: i64,
}

/// The arrivals of consecutive bytes of a body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stretch {
    /// The byte at which it begins.
    pub from: u64,
    /// How many arrivals one of these stands for at most, with the time of the last of them: 1 where each is kept.
    pub merged: u64,
    /// The arrivals, in their order.
    pub arrivals: Vec<Arrival>,
}

impl Stretch {
    /// The bytes as which it is stored.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(8 + 4 * self.arrivals.len());
        push(&mut bytes, self.from);
        push(&mut bytes, self.merged);
        let (mut end, mut at_us) = (self.from, 0);
        for arrival in &self.arrivals {
            push(&mut bytes, arrival.end.saturating_sub(end));
            push(&mut bytes, u64::try_from(arrival.at_us.saturating_sub(at_us)).unwrap_or(0));
            (end, at_us) = (arrival.end, arrival.at_us.max(at_us));
        }
        bytes
    }

    /// The stretch that is stored as `bytes`; `None` if they are none.
    #[must_use]
    pub fn decode(mut bytes: &[u8]) -> Option<Self> {
        let (from, merged) = (pull(&mut bytes)?, pull(&mut bytes)?);
        let mut arrivals = Vec::with_capacity(bytes.len() / 2);
        let mut last = Arrival { end: from, at_us: 0 };
        while !bytes.is_empty() {
            let end = last.end.checked_add(pull(&mut bytes)?)?;
            let at_us = last.at_us.checked_add(i64::try_from(pull(&mut bytes)?).ok()?)?;
            last = Arrival { end, at_us };
            arrivals.push(last);
        }
        Some(Self { from, merged, arrivals })
    }
}

fn push(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn pull(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f).checked_mul(1 << shift)?;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_stored_in_few_bytes() {
        let check = |from, merged, arrivals: &[(u64, i64)], bytes: usize| {
            let arrivals = arrivals.iter().map(|(end, at_us)| Arrival { end: *end, at_us: *at_us }).collect();
            let stretch = Stretch { from, merged, arrivals };
            let encoded = stretch.encode();
            assert_eq!(encoded.len(), bytes, "{stretch:?}");
            assert_eq!(Stretch::decode(&encoded), Some(stretch));
        };
        check(0, 1, &[], 2);
        check(0, 1, &[(1, 0)], 4);
        check(127, 1, &[(128, 127), (255, 200)], 6);
        check(1 << 40, 2, &[((1 << 40) + 50, 1_000_000), ((1 << 40) + 50, 1_000_500)], 14);
        check(u64::MAX, u64::MAX, &[(u64::MAX, i64::MAX)], 30);
    }

    #[test]
    fn other_bytes_are_none() {
        assert_eq!(Stretch::decode(b""), None);
        assert_eq!(Stretch::decode(&[0]), None);
        assert_eq!(Stretch::decode(&[0, 1, 0x80]), None, "a number that does not end");
        assert_eq!(Stretch::decode(&[0, 1, 5]), None, "an arrival without its time");
        let (most, ten) = ([0xff; 9], [0xff; 11]);
        assert_eq!(Stretch::decode(&ten), None);
        let overflows = [&[1][..], &[1], &most, &[1], &[0]].concat();
        assert_eq!(Stretch::decode(&overflows), None, "an end behind all that there can be");
    }
}
