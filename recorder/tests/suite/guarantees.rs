//! Guarantees: who waits for a disk that hangs, is full or is slow, for how long, and what comes of it.

use std::time::Duration;

use dashcam_control::Guarantee;
use dashcam_exchange::{Direction, MessageKind, Record, State};
use dashcam_recorder::{Begin, Begun, Limits, NotKept, Offered};
use tokio::time::{Instant, timeout};

use crate::guarded_disk::{
    Condition, LONGEST, MS, at_once, begin, limits, offer, ok, respond, start, until_paused, until_resumed,
};

const BOUND: Duration = Duration::from_millis(5);

/// How long `future` took, by the test's clock.
async fn timed<T>(future: impl Future<Output = T>) -> (T, Duration) {
    let start = Instant::now();
    (future.await, start.elapsed())
}

#[tokio::test(start_paused = true)]
async fn without_room_each_waits_as_long_as_it_says() {
    let disk = start(Limits { exchanges: 1, lossless_wait: 100 * MS, ..limits() });
    let first = disk.recorder.begin(begin(Guarantee::BestEffort)).unwrap();
    for (guarantee, least, most) in [
        (Guarantee::BestEffort, Duration::ZERO, Duration::ZERO),
        (Guarantee::Bounded(BOUND), BOUND, BOUND + 2 * MS),
        (Guarantee::Lossless, 100 * MS, 130 * MS),
    ] {
        let (begun, took) = timed(disk.recorder.begin_waiting(begin(guarantee))).await;
        assert!((least..=most).contains(&took), "{guarantee}: {took:?}");
        match begun {
            Begun::Refused(why) if guarantee == Guarantee::Lossless => {
                assert_eq!(why, NotKept::Late(100 * MS));
            }
            Begun::Dropped => assert!(guarantee < Guarantee::Lossless),
            other => panic!("{guarantee}: {other:?}"),
        }
    }
    assert_eq!(disk.recorder.health().guarantees.refused, 1);
    drop(first);
    disk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn room_that_comes_in_time_is_taken() {
    for guarantee in [Guarantee::Bounded(500 * MS), Guarantee::Lossless] {
        let disk = start(Limits { exchanges: 1, ..limits() });
        let first = disk.recorder.begin(begin(Guarantee::BestEffort)).unwrap();
        let recorder = disk.recorder.clone();
        let (begun, ()) = tokio::join!(recorder.begin_waiting(begin(guarantee)), async {
            tokio::time::sleep(40 * MS).await;
            drop(first);
        });
        let Begun::Open(open) = begun else { panic!("{guarantee}: {begun:?}") };
        drop(open);
        assert_eq!(disk.stop().await.len(), 2);
    }
}

/// In all, whatever it waits for.
#[tokio::test(start_paused = true)]
async fn a_bounded_exchange_waits_no_longer_for_its_parts_than_for_its_beginning() {
    let disk = start(Limits { memory: 20_000, ..limits() });
    let open = disk.open(Guarantee::Bounded(30 * MS)).await;
    let mut tap = open.tap(Direction::Request);
    disk.becomes(Condition::Frozen);
    let ((), took) = timed(async {
        for _ in 0..100 {
            offer(&mut tap, &[7; 900]).await.unwrap();
        }
    })
    .await;
    assert!((30 * MS..36 * MS).contains(&took), "{took:?}");
    drop((open, tap));
    disk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_lossless_exchange_is_stored_before_it_goes_on_and_before_its_end_is_told() {
    let disk = start(limits());
    let open = disk.open(Guarantee::Lossless).await;
    disk.becomes(Condition::Frozen);
    let is_opened = |record: &Record| matches!(record, Record::Opened(_));
    assert!(timeout(10 * MS, open.stored_so_far()).await.is_err() && !disk.has(is_opened));
    disk.becomes(Condition::Sound);
    open.stored_so_far().await.unwrap();
    assert!(disk.has(is_opened));

    let end = open.end().unwrap();
    respond(&open, b"body");
    drop(open);
    disk.becomes(Condition::Frozen);
    let mut stored = Box::pin(end.stored());
    assert!(timeout(100 * MS, &mut stored).await.is_err());
    disk.becomes(Condition::Sound);
    stored.await.unwrap();
    let finished = disk.finished();
    assert_eq!((finished[0].state, finished[0].response_body.stored), (State::Complete, 4));
    disk.stop().await;
}

/// A batch gathers for 50 ms where nobody waits for it.
#[tokio::test(start_paused = true)]
async fn it_costs_a_commit_and_not_the_age_of_a_batch() {
    let disk = start(limits());
    let others: Vec<_> =
        (0..100).map(|_| disk.recorder.begin(begin(Guarantee::BestEffort)).unwrap()).collect();
    drop(others);
    let ((), took) = timed(async {
        let open = disk.open(Guarantee::Lossless).await;
        open.stored_so_far().await.unwrap();
        let end = open.end().unwrap();
        respond(&open, b"");
        drop(open);
        end.stored().await.unwrap();
    })
    .await;
    assert!(took < 5 * MS, "{took:?}");
    disk.stop().await;
}

/// A client may wait for the end of the response before it ends its request.
#[tokio::test(start_paused = true)]
async fn the_end_of_a_response_does_not_wait_for_its_request() {
    let disk = start(limits());
    let open = disk.open(Guarantee::Lossless).await;
    open.stored_so_far().await.unwrap();
    let mut request = open.tap(Direction::Request);
    offer(&mut request, b"half").await.unwrap();
    let end = open.end().unwrap();
    respond(&open, b"whole");
    drop(open);
    timeout(LONGEST, end.stored()).await.expect("no circle").unwrap();
    let part = |wanted: Direction, bytes: &'static [u8]| move |record: &Record| matches!(record, Record::BodyPart { direction, data, .. } if *direction == wanted && data == bytes);
    assert!(disk.has(part(Direction::Request, b"half")) && disk.has(part(Direction::Response, b"whole")));
    let answered =
        |record: &Record| matches!(record, Record::Opened(exchange) if exchange.response.is_some());
    assert!(disk.has(answered) && disk.finished().is_empty());
    request.end(None);
    drop(request);
    disk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn while_recording_is_paused_new_ones_are_refused_and_so_are_those_that_wait() {
    let disk = start(limits());
    let waiting = disk.open(Guarantee::Lossless).await;
    disk.becomes(Condition::Full);
    let (stored, took) = timed(waiting.stored_so_far()).await;
    assert_eq!(stored, Err(NotKept::Paused("the disk is full".into())));
    assert!(took < 50 * MS, "{took:?}");
    for guarantee in [Guarantee::BestEffort, Guarantee::Bounded(BOUND), Guarantee::Lossless] {
        let (begun, took) = timed(disk.recorder.begin_waiting(begin(guarantee))).await;
        let is_refused = matches!(begun, Begun::Refused(NotKept::Paused(_)));
        assert_eq!(
            (is_refused, took),
            (guarantee == Guarantee::Lossless, Duration::ZERO),
            "{guarantee}: {begun:?}"
        );
    }
    assert_eq!(disk.recorder.health().guarantees.refused, 2);
    drop(waiting);
    disk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_body_under_way_waits_while_recording_is_paused() {
    let disk = start(limits());
    let open = disk.open(Guarantee::Lossless).await;
    let mut tap = open.tap(Direction::Response);
    open.response(ok());
    offer(&mut tap, b"one").await.unwrap();
    disk.becomes(Condition::Full);
    drop(disk.recorder.begin(begin(Guarantee::BestEffort)));
    until_paused(&disk).await;
    assert!(timeout(LONGEST / 3, offer(&mut tap, b"two")).await.is_err(), "it waits");
    disk.becomes(Condition::Sound);
    offer(&mut tap, b"two").await.unwrap();
    tap.end(None);
    drop((tap, open));
    let records = disk.stop().await;
    let whole = |record: &Record| matches!(record, Record::Finished(exchange) if exchange.response_body.stored == 6 && !exchange.response_body.truncated);
    assert!(records.iter().any(whole), "{records:?}");
}

#[tokio::test(start_paused = true)]
async fn in_the_end_it_is_broken_off_and_says_so() {
    let disk = start(Limits { lossless_wait: 200 * MS, ..limits() });
    let open = disk.open(Guarantee::Lossless).await;
    open.response(ok());
    let mut tap = open.tap(Direction::Response);
    disk.becomes(Condition::Full);
    drop(disk.recorder.begin(begin(Guarantee::BestEffort)));
    until_paused(&disk).await;
    let (given_up, took) = timed(offer(&mut tap, b"two")).await;
    assert_eq!(given_up, Err(NotKept::Late(200 * MS)));
    assert!((200 * MS..240 * MS).contains(&took), "{took:?}");
    tap.fail(NotKept::Late(200 * MS).failure(dashcam_exchange::Stage::ResponseBody));
    drop((tap, open));

    // One whose end can't be told of.
    disk.becomes(Condition::Sound);
    until_resumed(&disk).await;
    let open = disk.open(Guarantee::Lossless).await;
    disk.becomes(Condition::Frozen);
    drop(disk.recorder.begin(begin(Guarantee::BestEffort)));
    tokio::time::sleep(100 * MS).await;
    let end = open.end().unwrap();
    respond(&open, b"whole");
    drop(open);
    assert_eq!(end.stored().await, Err(NotKept::Late(200 * MS)));
    assert_eq!(disk.recorder.health().guarantees.broken_off, 2);
    let records = disk.stop().await;
    let states: Vec<_> = records
        .iter()
        .filter_map(|record| match record {
            Record::Finished(exchange) => Some((exchange.state, exchange.failure.is_some())),
            _ => None,
        })
        .filter(|(state, _)| *state != State::Aborted)
        .collect();
    assert_eq!(
        states,
        [(State::Failed, true), (State::Failed, true)],
        "the record says that the end was withheld"
    );
}

#[tokio::test(start_paused = true)]
async fn only_so_many_wait() {
    let disk = start(Limits { exchanges: 1, lossless_waiting: 3, ..limits() });
    let first = disk.recorder.begin(begin(Guarantee::BestEffort)).unwrap();
    let begins = (0..5).map(|_| {
        let recorder = disk.recorder.clone();
        async move { timeout(MS, recorder.begin_waiting(begin(Guarantee::Lossless))).await }
    });
    let begun = at_once(begins).await;
    let crowded =
        begun.iter().filter(|begun| matches!(begun, Ok(Begun::Refused(NotKept::Crowded(3))))).count();
    assert_eq!(crowded, 2, "{begun:?}");
    drop((begun, first));
    disk.stop().await;
}

/// Ten bodies that are larger than the memory pass through it, however little there is.
#[tokio::test(start_paused = true)]
async fn bodies_that_do_not_fit_pass_at_the_pace_of_the_disk() {
    let disk = start(Limits { memory: 160_000, ..limits() });
    let bodies = (0..10).map(|_| async {
        let open = disk.open(Guarantee::Lossless).await;
        open.stored_so_far().await?;
        open.room_for(&ok()).await?;
        open.response(ok());
        let mut tap = open.tap(Direction::Response);
        for _ in 0..300 {
            offer(&mut tap, &[7; 1000]).await?;
        }
        tap.end(None);
        let end = open.end().unwrap();
        drop((tap, open));
        end.stored().await
    });
    let passed = timeout(LONGEST, at_once(bodies)).await.expect("nobody waits for ever");
    assert!(passed.iter().all(Result::is_ok), "{passed:?}");
    let finished = disk.finished();
    assert_eq!(finished.len(), 10);
    assert!(finished.iter().all(|exchange| exchange.response_body.stored == 300_000));
    assert!(finished.iter().all(|exchange| !exchange.response_body.truncated));
    disk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn messages_wait_for_room_and_for_places() {
    let disk = start(Limits { exchanges: 8, memory: 300_000, ..limits() });
    let open = disk.open(Guarantee::Lossless).await;
    let messages = open.messages();
    for number in 0..=200_u32 {
        let bytes = if number == 200 { 0 } else { 400 };
        loop {
            match messages.offer(bytes) {
                Offered::Taken => break,
                Offered::Wait(wait) => wait.await,
                Offered::GivenUp(why) => panic!("{why}"),
            }
        }
        if bytes == 0 {
            break;
        }
        // Many in the bytes of one offer.
        for _ in 0..20 {
            let mut kept = messages.buffer();
            kept.push(&number.to_be_bytes(), 100);
            messages.message(Direction::Request, MessageKind::Binary, 4, kept);
        }
    }
    drop((messages, open));
    let records = disk.stop().await;
    let kept: Vec<_> = records
        .iter()
        .filter_map(|record| match record {
            Record::Message(message) => Some((message.seq, message.data.len())),
            _ => None,
        })
        .collect();
    assert_eq!(kept, (0..4000).map(|seq| (seq, 4)).collect::<Vec<_>>(), "all, whole and in order");
    let truncated =
        |record: &Record| matches!(record, Record::Finished(exchange) if exchange.request_body.truncated);
    assert!(!records.iter().any(truncated));
}

#[tokio::test(start_paused = true)]
async fn what_must_be_recorded_makes_no_room_for_others() {
    let disk = start(Limits { exchanges: 64, address_share: 25, ..Limits::default() });
    let client = disk.recorder.client(Some([127, 0, 0, 1].into()));
    let mut opens = Vec::new();
    for _ in 0..32 {
        let begin = Begin { client: Some(client.clone()), ..begin(Guarantee::Lossless) };
        let Begun::Open(open) = disk.recorder.begin_waiting(begin).await else { panic!("there is room") };
        opens.push(open);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let other = disk.recorder.client(Some([127, 0, 0, 2].into()));
    for _ in 0..40 {
        let begin = Begin { client: Some(other.clone()), ..begin(Guarantee::BestEffort) };
        opens.extend(disk.recorder.begin(begin));
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let lossless = opens.iter().filter(|open| open.is_lossless()).count();
    drop(opens);
    let records = disk.stop().await;
    let stored = records.iter().filter(|record| matches!(record, Record::Finished(_))).count();
    assert!(lossless == 32 && stored >= 32, "{stored}");
}
