//! The rows that records become.

use dashcam_exchange::{Direction, State, Stretch, sample};

use super::*;

const RESPONSE: Direction = Direction::Response;

fn part(seq: u32) -> Record {
    Record::BodyPart { exchange: ExchangeId(1), direction: RESPONSE, seq, data: b"abc".to_vec() }
}

fn arrivals(seq: u32) -> Record {
    let stretch = Arc::new(Stretch::default());
    Record::Arrivals { exchange: ExchangeId(1), direction: RESPONSE, seq, stretch }
}

#[test]
fn one_that_comes_at_once_is_no_orphan() {
    let mut partial = Partial::default();
    let end = || Record::Finished(Arc::new(sample::exchange(1)));
    let batch = partial.sort(vec![arrivals(0), end()]).unwrap();
    assert_eq!((batch.arrivals.len(), batch.orphans, batch.adopted), (1, vec![], vec![]));
    partial.committed();

    let batch = partial.sort(vec![arrivals(0)]).unwrap();
    assert_eq!((batch.orphans, batch.adopted), (vec![1], vec![]));
    partial.committed();
    let batch = partial.sort(vec![arrivals(1), end()]).unwrap();
    assert_eq!((batch.orphans, batch.adopted), (vec![], vec![1]));
}

#[test]
fn a_body_that_goes_on_in_another_file_has_no_arrivals_there() {
    let mut partial = Partial::default();
    let open = Exchange { state: State::Open, ..sample::exchange(1) };
    partial.sort(vec![Record::Opened(Box::new(open)), part(0), arrivals(0)]).unwrap();
    partial.committed();
    let mut batch = partial.sort(vec![part(1), arrivals(1)]).unwrap();
    partial.begin_anew(Some(&mut batch));
    assert_eq!((batch.parts.len(), batch.arrivals.len()), (0, 0));
}
