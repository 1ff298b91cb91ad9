//! The sink of the ring: exchanges that set off a snapshot, batches that can be read, pieces that are discarded.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::sample;
use dashcam_filter::Context;
use tokio::sync::mpsc;

use super::*;
use crate::{Order, Pace, Piece, SMALLEST, Size, Triggers, orders};

const PACE: Pace = Pace { after: Duration::from_secs(10), cooldown: Duration::from_secs(60) };

fn sink(filters: &[&str]) -> (FlightSink, FlightRecorder, mpsc::Receiver<Order>) {
    let size = Size { age: Duration::from_secs(60), bytes: SMALLEST };
    let file = tempfile::tempfile().unwrap();
    let writer = RingWriter::begin(file, size, Timestamp(1)).unwrap();
    let filters: Vec<_> = filters.iter().map(ToString::to_string).collect();
    let context = Context { now: &jiff::Zoned::default(), presets: &BTreeMap::new() };
    let triggers = Triggers::new(&filters, None, &context).unwrap();
    let (sender, orders) = orders();
    let recorder = FlightRecorder::new(writer.view().unwrap(), size, PACE, triggers, sender);
    (FlightSink::new(writer, recorder.clone()), recorder, orders)
}

fn ended(id: i64, status: u16) -> Exchange {
    let mut exchange = sample::exchange(id);
    exchange.response = Some(sample::ok(&[]));
    exchange.response.as_mut().unwrap().status = status;
    exchange
}

#[test]
fn exchanges_set_off_a_snapshot_whether_they_are_stored_or_not() {
    let (mut sink, recorder, mut orders) = sink(&["status:5xx"]);
    sink.record(&Record::Finished(Arc::new(ended(1, 200))), Timestamp(1));
    sink.stored(&ended(2, 204), Timestamp(2));
    assert!(orders.try_recv().is_err());
    sink.stored(&ended(3, 500), Timestamp(3));
    sink.record(&Record::Finished(Arc::new(ended(4, 503))), Timestamp(4));
    let Order::Take { running, .. } = orders.try_recv().unwrap() else { panic!("another order") };
    assert_eq!((running.name.as_str(), running.at), ("1970-01-01T00-00-00-status-5xx", Timestamp(3)));
    assert!(orders.try_recv().is_err(), "the other one joined");
    assert_eq!(recorder.running().unwrap().joined, 1);
    assert!(!recorder.end(Timestamp(5)), "it goes on");
    assert!(recorder.end(Timestamp(4).after(PACE.after)) && recorder.running().is_none());
    sink.stored(&ended(5, 500), Timestamp(20_000_000));
    let status = recorder.status();
    assert_eq!((status.taken, status.suppressed), (1, 1));
}

#[test]
fn a_batch_can_be_read_once_it_is_flushed() {
    let (mut sink, recorder, _orders) = sink(&[]);
    let mut reading = recorder.ring().read().unwrap();
    sink.record(&Record::Finished(Arc::new(ended(1, 500))), Timestamp(1));
    sink.stored(&ended(2, 500), Timestamp(2));
    assert!(reading.pieces().unwrap().is_none());
    sink.flush(Timestamp(3));
    let pieces = reading.pieces().unwrap().unwrap();
    assert!(
        matches!(&*pieces, [Piece::Record(Record::Finished(one)), Piece::Kept(two)] if one.id.0 == 1 && two.0 == 2),
        "{pieces:?}"
    );
    assert_eq!(recorder.status().coverage.exchanges, 2);
}

#[test]
fn pieces_of_a_discarded_exchange_do_not_come_back() {
    let (mut sink, recorder, _orders) = sink(&[]);
    let mut reading = recorder.ring().read().unwrap();
    for id in [1, 2] {
        sink.record(&Record::Opened(Box::new(sample::exchange(id))), Timestamp(1));
    }
    sink.record(&Record::Discarded { exchange: ExchangeId(1), bodies_only: false }, Timestamp(2));
    sink.flush(Timestamp(3));
    while reading.pieces().unwrap().is_some() {}
    assert_eq!(reading.open(), 1);
    let left = reading.end();
    assert!(
        matches!(&*left, [Piece::Record(Record::Opened(open)), Piece::Record(Record::Interrupted(_))] if open.id.0 == 2),
        "{left:?}"
    );
}
