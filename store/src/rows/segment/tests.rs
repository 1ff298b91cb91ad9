//! A segment is read as it was written, and damage to it is noticed or harmless.

use dashcam_exchange::{Destination, Failure, Level, Scheme, Side, Stage, State};

use super::integers::{self, Column, Numbers};
use super::layout::{Segment, block_of, ids_of};
use super::names::{Names, Outcome};
use super::targets::Targets;
use super::wanted::Wanted;

fn segment(rows: i64) -> Segment {
    let destination = |host: &str| Destination { scheme: Scheme::Https, host: host.to_owned(), port: 443 };
    let failure = Some(Failure::new(Side::Upstream, Stage::Dns, "no such name"));
    let mut segment = Segment {
        names: Names {
            destinations: vec![destination("a"), destination("::1")],
            methods: vec!["GET".to_owned()],
            statuses: vec![Some(200), None],
            types: vec![None, Some("text/html".to_owned())],
            outcomes: vec![Outcome {
                level: Level::Full,
                state: State::Failed,
                failure,
                rule: Some("pay".to_owned()),
            }],
        },
        ..Segment::default()
    };
    for row in 0..rows {
        let numbers = &mut segment.numbers;
        numbers.push(Column::Id, 1024 + 3 * row);
        numbers
            .push(Column::StartedAt, 1_790_000_000_000_000 + row * row * 1_000_003 - (row % 7) * 5_000_000);
        numbers.push_optional(Column::Connection, (row % 3 > 0).then_some(row / 3));
        numbers.push_optional(Column::ReplayOf, None);
        numbers.push(Column::RequestSize, 0);
        numbers.push(Column::ResponseSize, if row == 5 { i64::MAX } else { row });
        numbers.push_optional(Column::Duration, (row % 2 == 0).then_some(row << 20));
        numbers.push_optional(Column::ResponseStart, Some(row));
        numbers.push(Column::Truncated, row % 2);
        for (column, names) in [
            (Column::Destination, 2),
            (Column::Method, 1),
            (Column::Status, 2),
            (Column::Type, 2),
            (Column::Outcome, 1),
        ] {
            numbers.push(column, row % names);
        }
        segment.targets.push(&"/gr\u{fc}\u{df}e?q=".repeat(row as usize % 4));
    }
    segment
}

#[test]
fn a_segment_is_read_as_it_was_written() {
    for rows in [0, 1, 2, 7, 1024] {
        let segment = segment(rows);
        let rows = segment.len();
        let (packed, names) = (segment.numbers.pack().unwrap(), segment.names.lengths());
        let numbers = Numbers::unpack(&packed, rows, names, Wanted::ALL);
        assert_eq!(numbers.as_ref(), Some(&segment.numbers), "{rows} rows");
        let wanted = Wanted::columns(&[Column::Duration, Column::Status]);
        let some = Numbers::unpack(&packed, rows, names, wanted).unwrap();
        for column in [Column::Duration, Column::Status] {
            assert_eq!(some.of(column), segment.numbers.of(column), "{rows} rows");
        }
        assert!(some.of(Column::Type).is_empty());
        assert_eq!(Targets::unpack(&segment.targets.pack(), rows), Some(segment.targets), "{rows} rows");
        let names = serde_json::to_vec(&segment.names).unwrap();
        assert_eq!(serde_json::from_slice::<Names>(&names).unwrap(), segment.names);
    }
}

#[test]
fn numbers_of_every_width_are_kept() {
    for numbers in [
        vec![],
        vec![i64::MIN],
        vec![7, 7, 7],
        vec![1 << 50, 0, 255],
        vec![0, -1, 65_534],
        vec![5, 1 << 31, 0],
        vec![0, i64::MIN, i64::MAX, -1],
    ] {
        let mut bytes = Vec::new();
        integers::pack(&numbers, &mut bytes);
        let mut rest = bytes.as_slice();
        assert_eq!(integers::unpack(&mut rest, numbers.len()), Some(numbers));
        assert!(rest.is_empty());
    }
}

#[test]
fn damage_is_noticed_or_harmless() {
    let segment = segment(40);
    let (names, numbers, targets) =
        (segment.names.lengths(), segment.numbers.pack().unwrap(), segment.targets.pack());
    for end in 0..numbers.len() {
        assert_eq!(Numbers::unpack(&numbers[..end], 40, names, Wanted::ALL), None, "cut at {end}");
    }
    assert_eq!(Numbers::unpack(&numbers, 40, [1, 1, 1, 1, 1], Wanted::ALL), None, "names that are not there");
    assert_eq!(Numbers::unpack(&numbers, 41, names, Wanted::ALL), None);
    assert_eq!(Targets::unpack(&targets[..targets.len() - 1], 40), None);
    // Any byte may be another: a name that is not there is never read, nor a piece of a character.
    for at in 0..numbers.len() {
        let mut changed = numbers.clone();
        changed[at] ^= 0x81;
        if let Some(read) = Numbers::unpack(&changed, 40, names, Wanted::ALL) {
            assert!(read.of(Column::Destination).iter().all(|name| (0..2).contains(name)));
        }
    }
    for at in 0..targets.len() {
        let mut changed = targets.clone();
        changed[at] ^= 0x81;
        if let Some(read) = Targets::unpack(&changed, 40) {
            (0..40).for_each(|row| drop(read.of(row).to_owned()));
        }
    }
}

#[test]
fn blocks_are_ranges_of_ids() {
    for (id, block, ids) in
        [(0, 0, (0, 1023)), (1023, 0, (0, 1023)), (1024, 1, (1024, 2047)), (-1, -1, (-1024, -1))]
    {
        assert_eq!((block_of(id), ids_of(block)), (block, ids));
    }
}
