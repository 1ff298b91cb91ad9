//! Parts of bodies that have become larger: a compressed one is stored without its coding. They are split, as those who
//! take them know how large parts are.

use dashcam_exchange::{BodyRecord, Direction, ExchangeId, Record};

/// How many parts of about `part` bytes `length` bytes are: what is a little more is not split.
pub(crate) fn parts(length: usize, part: usize) -> u32 {
    let count =
        if length <= part.saturating_add(part / 2) { usize::from(length > 0) } else { length.div_ceil(part) };
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// The parts that `record` is, in order; itself, if it is none of a body or small enough.
pub(crate) fn split(record: Record, part: usize) -> impl Iterator<Item = Record> {
    let count = match &record {
        Record::BodyPart { data, .. } => parts(data.len(), part),
        _ => 1,
    };
    let (mut record, mut number) = (Some(record), 0);
    std::iter::from_fn(move || {
        let Some(Record::BodyPart { exchange, direction, seq, data }) = record.as_ref().filter(|_| count > 1)
        else {
            return record.take();
        };
        let ends_at = |number: u32| data.len() * number as usize / count as usize;
        let data = data.get(ends_at(number)..ends_at(number + 1)).filter(|_| number < count)?.to_vec();
        number += 1;
        Some(Record::BodyPart { exchange: *exchange, direction: *direction, seq: seq + number - 1, data })
    })
}

/// Takes out of the rest of a body of which parts have left what is too much for one, as parts.
pub(crate) fn split_rest(
    id: ExchangeId,
    (direction, body): (Direction, &mut BodyRecord),
    part: usize,
) -> Vec<Record> {
    if body.parts == 0 || parts(body.rest.len(), part) < 2 {
        return Vec::new();
    }
    let data = std::mem::take(&mut body.rest);
    let record = Record::BodyPart { exchange: id, direction, seq: body.parts, data };
    let mut records: Vec<Record> = split(record, part).collect();
    if let Some(Record::BodyPart { seq, data, .. }) = records.pop() {
        (body.parts, body.rest) = (seq, data);
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(records: &[Record]) -> Vec<(u32, usize)> {
        records
            .iter()
            .map(|record| match record {
                Record::BodyPart { seq, data, .. } => (*seq, data.len()),
                _ => panic!(),
            })
            .collect()
    }

    #[test]
    fn parts_follow_each_other() {
        for (length, expect) in [
            (1, vec![(3, 1)]),
            (15, vec![(3, 15)]),
            (16, vec![(3, 8), (4, 8)]),
            (25, vec![(3, 8), (4, 8), (5, 9)]),
        ] {
            let data: Vec<u8> = (0..length).collect();
            let part = |data| Record::BodyPart {
                exchange: ExchangeId(1),
                direction: Direction::Response,
                seq: 3,
                data,
            };
            let found: Vec<Record> = split(part(data.clone()), 10).collect();
            assert_eq!(sizes(&found), expect);
            assert_eq!(found.len(), parts(data.len(), 10) as usize);
            let mut body = BodyRecord { parts: 3, rest: data.clone(), ..BodyRecord::default() };
            let before = split_rest(ExchangeId(1), (Direction::Response, &mut body), 10);
            assert_eq!(sizes(&before), expect[..expect.len() - 1]);
            assert_eq!((body.parts, body.rest.len()), expect[expect.len() - 1]);
            body = BodyRecord { rest: data, ..BodyRecord::default() };
            assert!(split_rest(ExchangeId(1), (Direction::Response, &mut body), 10).is_empty());
        }
        assert_eq!(parts(0, 10), 0);
    }
}
