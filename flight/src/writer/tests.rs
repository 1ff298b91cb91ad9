//! The ring in its file: connections that go along, bytes and age, readers behind it, full disks and damaged files.

use std::time::Duration;

use dashcam_exchange::{Certificate, Record, TlsFacts, Upstream, UpstreamConnectionId, sample};
use proptest::prelude::*;

use super::*;
use crate::{Piece, Reading, SMALLEST};

const SECOND: i64 = 1_000_000;

fn size(age: u64, bytes: u64) -> Size {
    Size { age: Duration::from_secs(age), bytes }
}

fn writer(size: Size) -> (File, RingWriter) {
    let file = tempfile::tempfile().unwrap();
    let writer = RingWriter::begin(file.try_clone().unwrap(), size, Timestamp(1)).unwrap();
    (file, writer)
}

/// An exchange of a client's connection and one to an upstream, with a response of so many bytes.
fn exchange(id: i64, bytes: usize) -> Exchange {
    let mut exchange = sample::exchange(id);
    exchange.connection = Some(ConnectionId(1));
    exchange.upstream = Some(Upstream {
        address: "a:1".to_owned(),
        reused: true,
        tls_version: None,
        connection: Some(UpstreamConnectionId(1)),
    });
    exchange.response = Some(sample::ok(&[("A", "b")]));
    exchange.response_body = sample::body(&vec![id as u8; bytes]);
    exchange
}

fn connection(closed_at: Option<Timestamp>) -> Box<Connection> {
    Box::new(Connection { closed_at, ..sample::connection(1) })
}

fn upstream_connection() -> Box<UpstreamConnection> {
    let tls = TlsFacts { certificates: vec![Certificate::new(b"der")], ..TlsFacts::default() };
    Box::new(UpstreamConnection {
        id: UpstreamConnectionId(1),
        opened_at: Timestamp(1),
        destination: "a:1".to_owned(),
        address: "a:1".to_owned(),
        local_address: None,
        dns_us: None,
        connect_us: None,
        tls_us: None,
        tls: Some(tls),
        client_certificate: None,
        parent: None,
        tried: None,
    })
}

/// The records in what a run has left, in a few letters.
fn read(mut reading: Reading) -> Vec<String> {
    let mut shown = Vec::new();
    while let Some(pieces) = reading.pieces().unwrap() {
        shown.extend(pieces.iter().map(show));
    }
    shown
}

fn left(file: File) -> Vec<String> {
    read(Reading::left(file).unwrap())
}

fn show(piece: &Piece) -> String {
    match piece {
        Piece::Record(Record::Connection(connection)) if connection.closed_at.is_some() => {
            "closed".to_owned()
        }
        Piece::Record(Record::Connection(_)) => "client".to_owned(),
        Piece::Record(Record::UpstreamConnection(_)) => "upstream".to_owned(),
        Piece::Record(Record::Certificate { .. }) => "certificate".to_owned(),
        Piece::Record(Record::Finished(exchange)) => exchange.id.to_string(),
        Piece::Record(Record::BodyPart { exchange, seq, .. }) => format!("{exchange}.{seq}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn exchanges_bring_the_connections_that_they_name_once_a_segment() {
    let (file, mut writer) = writer(size(60, SMALLEST));
    writer.connection(connection(None), Timestamp(1));
    writer.upstream_connection(upstream_connection());
    writer.flush(Timestamp(1));
    assert_eq!(left(file.try_clone().unwrap()), [""; 0], "nobody names them yet");
    for id in 1..=2 {
        writer.finished(&exchange(id, 10), Timestamp(id));
        writer.flush(Timestamp(id));
    }
    writer.connection(connection(Some(Timestamp(3))), Timestamp(3));
    writer.flush(Timestamp(3));
    assert_eq!(left(file.try_clone().unwrap()), ["client", "certificate", "upstream", "1", "2", "closed"]);
    // The first segments are overwritten, and with them the first copies.
    for id in 3..100 {
        writer.finished(&exchange(id, 100_000), Timestamp(id));
        writer.flush(Timestamp(id));
    }
    let found = left(file);
    assert_eq!(found[..3], ["closed", "certificate", "upstream"], "{found:?}");
    assert!(found[3].parse::<i64>().unwrap() > 60 && found.last().unwrap() == "99", "{found:?}");
}

#[test]
fn bytes_win_over_age_and_the_ring_says_so() {
    let (file, mut writer) = writer(size(3600, SMALLEST));
    let view = writer.view().unwrap();
    for id in 1..=100 {
        writer.finished(&exchange(id, 50_000), Timestamp(id * SECOND));
        writer.flush(Timestamp(id * SECOND));
    }
    let coverage = view.coverage();
    assert_eq!((view.counts().written, coverage.until), (100, Some(Timestamp(100 * SECOND))));
    assert!(view.counts().squeezed > 0 && coverage.from.unwrap() > Timestamp(50 * SECOND), "{coverage:?}");
    assert!(coverage.bytes <= SMALLEST && file.metadata().unwrap().len() <= SMALLEST);
    let found = read(view.read().unwrap());
    assert_eq!(found.len() as u64, coverage.exchanges, "{found:?}");
    assert_eq!(found, left(file));
}

#[test]
fn entries_that_are_old_enough_make_room_before_the_file_grows() {
    let (file, mut writer) = writer(size(10, SMALLEST));
    let view = writer.view().unwrap();
    for id in 1..=200 {
        writer.finished(&exchange(id, 40_000), Timestamp(id * SECOND));
        writer.flush(Timestamp(id * SECOND));
        let from = view.coverage().from.unwrap();
        assert!(id < 12 || id * SECOND - from.0 >= 10 * SECOND, "{id}: at least ten seconds");
    }
    assert_eq!(view.counts().squeezed, 0);
    assert!(
        file.metadata().unwrap().len() < SMALLEST - 2 * (256 << 10),
        "{}",
        file.metadata().unwrap().len()
    );
}

#[test]
fn large_bodies_are_written_in_pieces_and_what_is_too_large_is_counted() {
    let (file, mut writer) = writer(size(60, SMALLEST));
    let view = writer.view().unwrap();
    writer.finished(&exchange(1, 400_000), Timestamp(1));
    let mut huge = exchange(2, 0);
    huge.request.headers.push("A", vec![b'a'; 300_000]);
    writer.finished(&huge, Timestamp(1));
    writer.finished(&exchange(3, 0), Timestamp(1));
    writer.flush(Timestamp(1));
    assert_eq!(left(file), ["1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1", "3"]);
    assert_eq!((view.counts().written, view.counts().lost), (2, 1));
}

#[test]
fn a_reader_follows_the_writer_and_knows_what_it_missed() {
    let (_file, mut writer) = writer(size(60, SMALLEST));
    let view = writer.view().unwrap();
    let mut reading = view.read().unwrap();
    assert!(reading.pieces().unwrap().is_none());
    let mut follow = |from: i64, until: i64| {
        for id in from..=until {
            writer.finished(&exchange(id, 50_000), Timestamp(id));
            writer.flush(Timestamp(id));
        }
        let mut found = Vec::new();
        while let Some(pieces) = reading.pieces().unwrap() {
            found.extend(pieces.iter().map(show));
        }
        (found, reading.missed())
    };
    assert_eq!(follow(1, 3).0, ["1", "2", "3"]);
    assert_eq!(follow(4, 9), ((4..=9).map(|id| id.to_string()).collect(), 0));
    let (found, missed) = follow(10, 100);
    assert!(missed > 0 && found.last().unwrap() == "100", "{missed} {found:?}");
}

#[test]
fn a_full_disk_loses_entries_and_nothing_else() {
    // No more can be written to a file that is open to be read.
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ring");
    let whole = File::create_new(&path).unwrap();
    let mut writer = RingWriter::begin(whole, size(60, SMALLEST), Timestamp(1)).unwrap();
    let view = writer.view().unwrap();
    writer.finished(&exchange(1, 10), Timestamp(1));
    writer.flush(Timestamp(1));
    assert_eq!(left(File::open(&path).unwrap()), ["1"]);
    let mut writer = RingWriter { ring: writer.ring.over(File::open(&path).unwrap()), ..writer };
    writer.finished(&exchange(2, 10), Timestamp(2));
    writer.flush(Timestamp(2));
    assert_eq!(read(view.read().unwrap()), ["1"]);
    assert!(writer.failing);
}

#[test]
fn a_file_that_could_not_grow_at_first_has_one_segment() {
    // No room can be reserved there, and all writing goes well.
    let device = File::options().write(true).open("/dev/null").unwrap();
    let (file, writer) = writer(size(60, SMALLEST));
    let mut writer = RingWriter { ring: writer.ring.over(device), ..writer };
    let slots = |ids: std::ops::RangeInclusive<i64>, writer: &mut RingWriter| {
        for id in ids {
            writer.finished(&exchange(id, 50_000), Timestamp(id));
            writer.flush(Timestamp(id));
        }
        writer.ring.index().lock().iter().map(|segment| segment.slot).collect::<Vec<_>>()
    };
    assert_eq!(slots(1..=1, &mut writer), [0]);
    // Now there is room, and the place that is in use is not given away again.
    let mut writer = RingWriter { ring: writer.ring.over(file.try_clone().unwrap()), ..writer };
    assert_eq!(slots(2..=20, &mut writer), [0]);
    assert_eq!(left(file).last().unwrap(), "20");
}

#[test]
fn the_survey_of_a_ring_says_what_it_has() {
    let (file, mut writer) = writer(size(60, SMALLEST));
    assert_eq!(Reading::left(file.try_clone().unwrap()).unwrap().survey().unwrap(), None);
    writer.opened(&sample::exchange(9), Timestamp(5));
    writer.finished(&exchange(4, 10), Timestamp(6));
    writer.flush(Timestamp(7));
    let found = Reading::left(file).unwrap().survey().unwrap().unwrap();
    assert_eq!((found.exchanges, found.bytes, found.last.exchange), (2, 10, ExchangeId(9)));
    assert_eq!(found.last.upstream_connection, UpstreamConnectionId(1));
    assert_eq!((found.from, found.until, found.started_at), (Timestamp(7), Timestamp(7), Timestamp(1)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Files are cut, overwritten and made of nothing: of what is read all is as it was written, or is left out.
    #[test]
    fn damaged_files_are_read_without_harm(
        cut in proptest::option::of(0_u64..3 << 20),
        changes in proptest::collection::vec((0_u64..1 << 20, proptest::collection::vec(any::<u8>(), 1..64)), 0..8),
    ) {
        let (file, mut writer) = writer(size(60, SMALLEST));
        for id in 1..=30 {
            writer.finished(&exchange(id, 30_000), Timestamp(id));
            writer.flush(Timestamp(id));
        }
        if let Some(cut) = cut {
            file.set_len(cut).unwrap();
        }
        for (at, bytes) in changes {
            std::os::unix::fs::FileExt::write_all_at(&file, &bytes, at).unwrap();
        }
        if let Ok(mut reading) = Reading::left(file) {
            while let Some(pieces) = reading.pieces().unwrap() {
                for piece in pieces {
                    if let Piece::Record(Record::Finished(found)) = piece {
                        prop_assert_eq!(&*found, &exchange(found.id.0, 30_000));
                    }
                }
            }
        }
    }

    #[test]
    fn any_file_is_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..6000)) {
        let file = tempfile::tempfile().unwrap();
        std::os::unix::fs::FileExt::write_all_at(&file, &bytes, 0).unwrap();
        prop_assert!(Reading::left(file).is_err());
    }
}
