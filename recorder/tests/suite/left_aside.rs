//! Pieces that went ahead, to the store and beside it, of exchanges that are given up or wanted no more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dashcam_exchange::{Direction, GapReason, LastIds, Level, Record};
use dashcam_recorder::{Aside, Limits, Refusal, recorder};
use tokio::time::timeout;

use crate::ruled::{PART, Ruled, answer, begin, head, limits};
use crate::samples::eventually;

const ERRORS: (&str, &str, Level) = ("errors", "status:5xx", Level::Full);

/// The sink may be read once its batch ends; by then the store was asked for that batch.
#[tokio::test]
async fn a_batch_ends_aside_once_the_store_was_asked() {
    let was_asked = Arc::new(AtomicBool::new(false));
    let order = Arc::new(Mutex::new(Vec::new()));
    let (asked, seen) = (Arc::clone(&was_asked), Arc::clone(&order));
    let (recorder, writer) = recorder(Limits::default(), LastIds::default());
    recorder.set_aside(true);
    let writer = writer.with_aside(move |news| {
        if matches!(news, Aside::BatchEnd) {
            seen.lock().unwrap().push(asked.load(Ordering::Relaxed));
        }
    });
    let append = move |_: Vec<Record>| {
        let asked = Arc::clone(&was_asked);
        async move {
            asked.store(true, Ordering::Relaxed);
            // The disk hangs; the sink does not wait for it.
            tokio::time::sleep(Duration::from_millis(300)).await;
            Ok::<_, String>(())
        }
    };
    drop(recorder.begin(crate::samples::begin()));
    recorder.close();
    let run = writer.run(append, |_| Refusal::lost(GapReason::DiskError));
    let early = async {
        eventually("the sink's batch ends", || !order.lock().unwrap().is_empty()).await;
        order.lock().unwrap().clone()
    };
    let ((), ended) = timeout(Duration::from_secs(30), async { tokio::join!(run, early) }).await.unwrap();
    assert_eq!(ended, [true], "asked before");
}

#[tokio::test]
async fn bodies_that_are_still_to_be_taken_back_do_not_stay_behind_an_eviction() {
    let ruled = Ruled::with_limits(
        &[ERRORS],
        Level::Metadata,
        Limits { exchanges: 16, address_share: 90, ..limits() },
    );
    let client = ruled.recorder.client(Some([127, 0, 0, 1].into()));
    let first = ruled.begin(Some(&client));
    let mut tap = first.tap(Direction::Request);
    (0..9).for_each(|_| tap.data(&[7; PART / 4]));
    let stored = Arc::clone(&ruled.stored);
    let is_ahead =
        move || stored.lock().unwrap().iter().any(|record| matches!(record, Record::BodyPart { .. }));
    eventually("a part is ahead", is_ahead).await;
    let other = ruled.recorder.client(Some([127, 0, 0, 2].into()));
    let mut others = Vec::new();
    for client in [&client, &other] {
        let next = || begin(&ruled.control, &ruled.recorder, ("GET", "/"), Some(client));
        others.extend(std::iter::from_fn(next));
    }
    // There is no place for the record that takes the bodies back.
    first.response(head(200));
    let (recorder, id) = (ruled.recorder.clone(), first.id());
    eventually("it is given up", || recorder.find(id).is_none()).await;
    drop((first, tap, others));
    let records = ruled.stop().await;
    let is_discarded =
        |record: &Record| matches!(record, Record::Discarded { exchange, .. } if *exchange == id);
    assert!(records.iter().any(is_discarded), "its bodies stay: {records:?}");
}

/// The rules decide at the response about one of which pieces went aside: at `off` nothing of it may stay there.
#[tokio::test]
async fn the_sink_hears_that_pieces_are_not_wanted() {
    for (level, expect) in [(Level::Off, "discarded"), (Level::Metadata, "finished"), (Level::Full, "stored")]
    {
        let told = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&told);
        let sink = move |news: Aside<'_>| match news {
            Aside::Record(Record::BodyPart { .. }) => seen.lock().unwrap().push("part"),
            Aside::Record(Record::Discarded { .. }) => seen.lock().unwrap().push("discarded"),
            Aside::Record(Record::Finished(_)) => seen.lock().unwrap().push("finished"),
            Aside::Stored(_) => seen.lock().unwrap().push("stored"),
            _ => {}
        };
        let rules = [("fine", "status:2xx", level), ERRORS];
        let ruled = Ruled::with_aside(&rules, Level::Full, sink);
        let open = ruled.begin(None);
        let mut tap = open.tap(Direction::Request);
        (0..9).for_each(|_| tap.data(&[7; PART / 4]));
        tap.end(None);
        drop(tap);
        answer(open, 200, b"fine");
        ruled.stop().await;
        let told = std::mem::take(&mut *told.lock().unwrap());
        assert_eq!((told.first(), told.last()), (Some(&"part"), Some(&expect)), "{level:?}: {told:?}");
    }
}
