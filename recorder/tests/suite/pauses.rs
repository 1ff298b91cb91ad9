//! A disk that refuses: recording is paused, what was handed over is kept, and it goes on by itself.

use std::cell::Cell;
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use dashcam_exchange::{Direction, Gap, GapReason, LastIds, Record};
use dashcam_recorder::{Limits, Recorder, Refusal, Writer, recorder};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tracing::span::{Attributes, Id};
use tracing::{Event, Metadata, Subscriber};

use crate::samples::begin;

/// A store that keeps what it refuses, as the real one does.
#[derive(Debug, Clone, Default)]
struct Disk {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug, Default)]
struct Inner {
    refuses: Option<&'static str>,
    waiting: Vec<Record>,
    stored: Vec<Record>,
    tries: usize,
}

impl Disk {
    fn refuse(&self, why: Option<&'static str>) {
        self.inner.lock().unwrap().refuses = why;
    }

    fn tries(&self) -> usize {
        self.inner.lock().unwrap().tries
    }

    fn append(&self, records: Vec<Record>) -> Result<(), &'static str> {
        let mut inner = self.inner.lock().unwrap();
        inner.tries += 1;
        assert!(inner.waiting.is_empty() || records.is_empty(), "nothing comes before what waits");
        inner.waiting.extend(records);
        if let Some(why) = inner.refuses {
            if why == "faulty" {
                (inner.refuses, inner.waiting) = (None, Vec::new());
            }
            return Err(why);
        }
        let waiting = std::mem::take(&mut inner.waiting);
        inner.stored.extend(waiting);
        Ok(())
    }

    #[expect(clippy::disallowed_methods, reason = "the test awaits the task itself")]
    fn run(&self, writer: Writer) -> JoinHandle<()> {
        let disk = self.clone();
        let refusal = |error: &&'static str| match *error {
            "faulty" => Refusal::lost(GapReason::RecorderFault),
            "full" => Refusal { reason: GapReason::DiskFull, kept: true },
            _ => Refusal { reason: GapReason::DiskError, kept: true },
        };
        tokio::spawn(writer.run(move |records| std::future::ready(disk.append(records)), refusal))
    }

    fn finished(&self) -> usize {
        let inner = self.inner.lock().unwrap();
        inner.stored.iter().filter(|record| matches!(record, Record::Finished(_))).count()
    }

    fn gaps(&self) -> Vec<Gap> {
        let gap = |record: &Record| match record {
            Record::Gap(gap) => Some(gap.clone()),
            _ => None,
        };
        self.inner.lock().unwrap().stored.iter().filter_map(gap).collect()
    }
}

/// Moves the clock, which stands still otherwise, until `condition` is met; 100 seconds at most.
async fn until(what: &str, condition: impl Fn() -> bool) {
    for _ in 0..100_000 {
        if condition() {
            return;
        }
        tokio::time::advance(Duration::from_millis(1)).await;
    }
    panic!("{what}");
}

fn start() -> (Recorder, Disk, JoinHandle<()>) {
    // For all tests: whether anybody listens is asked once for each place that logs.
    LISTENING.call_once(|| tracing::subscriber::set_global_default(Errors).unwrap());
    let (recorder, writer) = recorder(Limits::default(), LastIds::default());
    let disk = Disk::default();
    let writing = disk.run(writer);
    (recorder, disk, writing)
}

fn assert_balanced(recorder: &Recorder) {
    let ledger = recorder.ledger();
    let dropped: u64 = ledger.dropped.iter().map(|(_, count)| count).sum();
    assert_eq!(ledger.seen, ledger.stored + ledger.open + ledger.pending + dropped, "{ledger:?}");
}

async fn stop(recorder: &Recorder, writing: JoinHandle<()>) {
    recorder.close();
    timeout(Duration::from_secs(60), writing).await.expect("the writer ends").unwrap();
    assert_eq!(recorder.health().queued_bytes, 0, "all memory was given back");
    assert_balanced(recorder);
}

#[tokio::test(start_paused = true)]
async fn what_was_handed_over_is_kept_and_the_rest_is_counted() {
    let (recorder, disk, writing) = start();
    disk.refuse(Some("full"));
    let under_way = recorder.begin(begin()).unwrap();
    drop(recorder.begin(begin()).unwrap());
    until("it pauses", || recorder.health().pause.is_some()).await;
    let pause = recorder.health().pause.unwrap();
    assert_eq!((pause.reason, pause.message.as_str()), (GapReason::DiskFull, "full"));
    for _ in 0..5 {
        assert!(recorder.begin(begin()).is_none(), "nothing begins");
    }
    let mut tap = under_way.tap(Direction::Response);
    tap.data(b"not kept");
    assert_balanced(&recorder);
    assert_eq!(recorder.ledger().pending, 1, "what was handed over waits");

    disk.refuse(None);
    until("it goes on", || recorder.health().pause.is_none()).await;
    until("the hole is stored", || !disk.gaps().is_empty()).await;
    assert_eq!(
        (disk.finished(), disk.gaps()[0].exchanges, disk.gaps()[0].reason),
        (1, 5, GapReason::DiskFull)
    );
    drop(tap);
    drop(under_way);
    drop(recorder.begin(begin()).unwrap());
    stop(&recorder, writing).await;
    assert_eq!((recorder.ledger().stored, recorder.ledger().truncated), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn it_is_tried_again_less_and_less_often() {
    let (recorder, disk, writing) = start();
    disk.refuse(Some("full"));
    drop(recorder.begin(begin()).unwrap());
    until("the first try", || disk.tries() == 1).await;
    let started = tokio::time::Instant::now();
    until("the fifth", || disk.tries() == 5).await;
    assert_eq!(started.elapsed().as_millis() / 100, 75, "after 0.5, 1, 2 and 4 s");
    until("many", || disk.tries() == 8).await;
    let started = tokio::time::Instant::now();
    until("one more", || disk.tries() == 9).await;
    assert_eq!(started.elapsed().as_secs(), 10, "10 s at most");
    disk.refuse(None);
    stop(&recorder, writing).await;
    assert_eq!(disk.finished(), 1);
}

#[tokio::test(start_paused = true)]
async fn at_the_end_there_is_one_more_try() {
    let (recorder, disk, writing) = start();
    disk.refuse(Some("broken"));
    drop(recorder.begin(begin()).unwrap());
    let other = recorder.begin(begin()).unwrap();
    until("it pauses", || recorder.health().pause.is_some()).await;
    drop(other);
    let tries = disk.tries();
    stop(&recorder, writing).await;
    assert_eq!(disk.tries(), tries + 1);
    let ledger = recorder.ledger();
    assert_eq!((ledger.stored, ledger.dropped[2]), (0, (GapReason::DiskError, 2)));
}

#[tokio::test(start_paused = true)]
async fn two_may_pause_it_and_it_goes_on_when_both_have_ended() {
    let (recorder, disk, writing) = start();
    recorder.hold(Some((GapReason::DiskFull, "little room".into())));
    assert!(recorder.begin(begin()).is_none());
    disk.refuse(Some("broken"));
    recorder.hold(None);
    drop(recorder.begin(begin()).unwrap());
    until("the writer pauses", || recorder.health().pause.is_some()).await;
    recorder.hold(Some((GapReason::DiskFull, "little room".into())));
    assert_eq!(recorder.health().pause.unwrap().message, "broken");
    disk.refuse(None);
    let held = || recorder.health().pause.is_some_and(|pause| pause.message == "little room");
    until("only the other is left", held).await;
    assert!(recorder.begin(begin()).is_none());
    assert_eq!(disk.finished(), 1, "what was handed over is stored all the same");
    recorder.hold(None);
    drop(recorder.begin(begin()).unwrap());
    stop(&recorder, writing).await;
    let gaps: u64 = disk.gaps().iter().map(|gap| gap.exchanges).sum();
    assert_eq!((disk.finished(), gaps), (2, 2));
}

static LISTENING: Once = Once::new();

thread_local! {
    /// Errors that were logged by this thread, and so by its test.
    static ERRORS: Cell<usize> = const { Cell::new(0) };
}

/// Counts what is logged as an error.
struct Errors;

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == tracing::Level::ERROR
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        ERRORS.set(ERRORS.get() + 1);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_stays_full_is_logged_when_something_is_new() {
    let (recorder, disk, writing) = start();
    disk.refuse(Some("full"));
    drop(recorder.begin(begin()).unwrap());
    until("some tries", || disk.tries() == 4).await;
    assert_eq!(ERRORS.get(), 1);
    disk.refuse(Some("broken"));
    until("some more", || disk.tries() == 7).await;
    assert_eq!(ERRORS.get(), 2);
    disk.refuse(None);
    stop(&recorder, writing).await;
}

#[tokio::test(start_paused = true)]
async fn a_hole_outlives_a_batch_that_is_lost_with_it() {
    let (recorder, disk, writing) = start();
    recorder.hold(Some((GapReason::DiskFull, "little room".into())));
    assert!(recorder.begin(begin()).is_none());
    recorder.hold(None);
    // The next batch is the one with the hole: the writer looks for holes each second.
    disk.refuse(Some("faulty"));
    until("the hole is lost once", || disk.tries() == 1).await;
    drop(recorder.begin(begin()).unwrap());
    until("an exchange is stored", || disk.finished() == 1).await;
    stop(&recorder, writing).await;
    let gaps = disk.gaps();
    let of = |reason| gaps.iter().filter(|gap| gap.reason == reason).map(|gap| gap.exchanges).max();
    assert_eq!(of(GapReason::DiskFull), Some(1), "{gaps:?}");
}
