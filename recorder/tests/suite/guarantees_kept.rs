//! Guarantees where the exchange, its batch or its room is gone before anybody asks.

use dashcam_control::Guarantee;
use dashcam_exchange::{Direction, MessageKind, ResponseHead};
use dashcam_recorder::{Limits, NotKept, Offered};
use tokio::time::timeout;

use crate::guarded_disk::{Condition, LONGEST, MS, at_once, limits, offer, ok, respond, start};

#[tokio::test(start_paused = true)]
async fn an_exchange_that_ends_while_its_end_waits_for_room_is_stored_before_that_is_told() {
    let disk = start(Limits { exchanges: 1, ..limits() });
    let open = disk.open(Guarantee::Lossless).await;
    let request = open.tap(Direction::Request);
    let end = open.end().unwrap();
    respond(&open, b"whole");
    drop(open);
    let mut stored = Box::pin(end.stored());
    assert!(timeout(5 * MS, &mut stored).await.is_err(), "the only place is its own");
    disk.becomes(Condition::Frozen);
    drop(request);
    let early = timeout(LONGEST / 3, &mut stored).await;
    assert!(early.is_err(), "told before it was stored: {early:?}");
    disk.becomes(Condition::Sound);
    stored.await.unwrap();
    assert_eq!(disk.finished().len(), 1);
    disk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_end_of_one_whose_head_found_no_room_is_not_told() {
    for is_over in [false, true] {
        let disk = start(Limits { memory: 60_000, ..limits() });
        let open = disk.open(Guarantee::Lossless).await;
        let request = open.tap(Direction::Request);
        let end = open.end().unwrap();
        let headers = [("x", vec![b'a'; 100_000])].into_iter().collect();
        open.response(ResponseHead { headers, ..ok() });
        drop(open);
        let request = (!is_over).then_some(request);
        assert_eq!(end.stored().await, Err(NotKept::Lost), "is over: {is_over}");
        drop(request);
        disk.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_passes_behind_a_piece_that_is_lost() {
    let disk = start(limits());
    let open = disk.open(Guarantee::Lossless).await;
    open.stored_so_far().await.unwrap();
    open.response(ok());
    let (messages, end) = (open.messages(), open.end().unwrap());
    let (request, mut tap) = (open.tap(Direction::Request), open.tap(Direction::Response));
    disk.becomes(Condition::Losing);
    offer(&mut tap, &[7; 1500]).await.unwrap();
    let lost = async {
        while offer(&mut tap, b"more").await != Err(NotKept::Lost) {
            tokio::time::sleep(MS).await;
        }
    };
    timeout(LONGEST, lost).await.expect("the body stops");
    disk.becomes(Condition::Sound);
    assert!(matches!(messages.offer(10), Offered::GivenUp(NotKept::Lost)));
    drop((tap, open, messages));
    assert_eq!(end.stored().await, Err(NotKept::Lost));
    drop(request);
    disk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn the_end_of_one_that_lost_a_message_is_not_told() {
    let disk = start(limits());
    let open = disk.open(Guarantee::Lossless).await;
    let (messages, end) = (open.messages(), open.end().unwrap());
    disk.becomes(Condition::Losing);
    assert!(matches!(messages.offer(4), Offered::Taken));
    let mut kept = messages.buffer();
    kept.push(b"gone", 100);
    messages.message(Direction::Request, MessageKind::Binary, 4, kept);
    let lost = async {
        while matches!(messages.offer(4), Offered::Taken) {
            tokio::time::sleep(MS).await;
        }
    };
    timeout(LONGEST, lost).await.expect("messages stop");
    disk.becomes(Condition::Sound);
    respond(&open, b"whole");
    drop((open, messages));
    assert_eq!(end.stored().await, Err(NotKept::Lost));
    disk.stop().await;
}

/// Each needs a place for each part, beside the one for its end.
#[tokio::test(start_paused = true)]
async fn those_that_begin_leave_places_for_what_comes_of_them() {
    let disk = start(Limits { exchanges: 8, ..limits() });
    let exchanges = (0..8).map(|_| async {
        let open = disk.open(Guarantee::Lossless).await;
        // All begin that can.
        tokio::time::sleep(10 * MS).await;
        open.stored_so_far().await?;
        open.response(ok());
        let mut tap = open.tap(Direction::Response);
        for _ in 0..10 {
            offer(&mut tap, &[7; 1000]).await?;
        }
        tap.end(None);
        let end = open.end().unwrap();
        drop((tap, open));
        end.stored().await
    });
    let passed = timeout(LONGEST / 2, at_once(exchanges)).await.expect("none waits for another");
    assert!(passed.iter().all(Result::is_ok), "{passed:?}");
    disk.stop().await;
}
