//! A recorder before a disk that hangs, is full, loses what comes or is sound, as the test says.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use dashcam_control::{CaptureDecision, Guarantee};
use dashcam_exchange::{
    Direction, Exchange, GapReason, Headers, LastIds, Level, Record, ResponseHead, Version,
};
use dashcam_recorder::{
    Begin, Begun, BodyTap, Limits, NotKept, Offered, OpenExchange, Recorder, Refusal, recorder,
};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::samples;

pub(crate) const MS: Duration = Duration::from_millis(1);
/// How long a lossless exchange waits in these tests.
pub(crate) const LONGEST: Duration = Duration::from_secs(30);

const LOST: &str = "the batch is lost";

/// The state of a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Condition {
    Sound,
    Frozen,
    Full,
    /// It loses all that comes.
    Losing,
}

/// A store on a disk that hangs or is full when the test says so.
pub(crate) struct Disk {
    state: watch::Sender<Condition>,
    stored: Arc<Mutex<Vec<Record>>>,
    pub(crate) recorder: Recorder,
    writing: JoinHandle<()>,
}

#[expect(clippy::disallowed_methods, reason = "the test awaits the task itself")]
pub(crate) fn start(limits: Limits) -> Disk {
    let (recorder, writer) = recorder(limits, LastIds::default());
    let (state, watched) = watch::channel(Condition::Sound);
    let stored = Arc::<Mutex<Vec<Record>>>::default();
    let (kept, waiting) = (Arc::clone(&stored), Arc::<Mutex<Vec<Record>>>::default());
    let append = move |records: Vec<Record>| {
        let (kept, waiting, mut watched) = (Arc::clone(&kept), Arc::clone(&waiting), watched.clone());
        async move {
            waiting.lock().unwrap().extend(records);
            let _ = watched.wait_for(|state| *state != Condition::Frozen).await;
            if *watched.borrow() == Condition::Full {
                return Err("the disk is full");
            }
            if *watched.borrow() == Condition::Losing {
                waiting.lock().unwrap().clear();
                return Err(LOST);
            }
            kept.lock().unwrap().append(&mut waiting.lock().unwrap());
            Ok(())
        }
    };
    let refusal = |why: &&str| Refusal { reason: GapReason::DiskFull, kept: *why != LOST };
    let writing = tokio::spawn(writer.run(append, refusal));
    Disk { state, stored, recorder, writing }
}

impl Disk {
    pub(crate) fn becomes(&self, state: Condition) {
        self.state.send_replace(state);
    }

    pub(crate) fn has(&self, wanted: impl Fn(&Record) -> bool) -> bool {
        self.stored.lock().unwrap().iter().any(wanted)
    }

    pub(crate) fn finished(&self) -> Vec<Arc<Exchange>> {
        let finished = |record: &Record| match record {
            Record::Finished(exchange) => Some(Arc::clone(exchange)),
            _ => None,
        };
        self.stored.lock().unwrap().iter().filter_map(finished).collect()
    }

    pub(crate) async fn open(&self, guarantee: Guarantee) -> OpenExchange {
        match self.recorder.begin_waiting(begin(guarantee)).await {
            Begun::Open(open) => open,
            other => panic!("{other:?}"),
        }
    }

    /// Ends it all; everything balances, and nothing is held.
    pub(crate) async fn stop(self) -> Vec<Record> {
        self.becomes(Condition::Sound);
        self.recorder.close();
        timeout(Duration::from_secs(60), self.writing).await.expect("the writer ends").unwrap();
        let ledger = self.recorder.ledger();
        let dropped: u64 = ledger.dropped.iter().map(|(_, count)| count).sum();
        let accounted = ledger.stored + ledger.not_kept + ledger.sampled_out + dropped;
        assert_eq!((ledger.seen, ledger.open, ledger.pending), (accounted, 0, 0), "{ledger:?}");
        assert_eq!(self.recorder.health().queued_bytes, 0);
        assert_eq!(self.recorder.health().guarantees.waiting, 0);
        std::mem::take(&mut self.stored.lock().unwrap())
    }
}

pub(crate) fn begin(guarantee: Guarantee) -> Begin {
    let decision = CaptureDecision { guarantee, ..CaptureDecision::certain(Level::Full, 1 << 20) };
    Begin { decision, ..samples::begin() }
}

pub(crate) fn ok() -> ResponseHead {
    ResponseHead { version: Version::Http11, status: 200, reason: "OK".into(), headers: Headers::default() }
}

pub(crate) fn limits() -> Limits {
    Limits { address_share: 100, part: 1000, lossless_wait: LONGEST, ..Limits::default() }
}

/// Offers `bytes` until they are taken, or given up.
pub(crate) async fn offer(tap: &mut BodyTap, bytes: &[u8]) -> Result<(), NotKept> {
    loop {
        match tap.offer(bytes) {
            Offered::Taken => return Ok(()),
            Offered::Wait(wait) => wait.await,
            Offered::GivenUp(why) => return Err(why),
        }
    }
}

pub(crate) fn respond(open: &OpenExchange, body: &[u8]) {
    open.response(ok());
    let mut tap = open.tap(Direction::Response);
    tap.data(body);
    tap.end(None);
}

/// Runs them at the same time.
pub(crate) async fn at_once<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|cx| {
        let mut is_done = true;
        for (future, result) in &mut futures {
            if result.is_none() {
                match future.as_mut().poll(cx) {
                    std::task::Poll::Ready(ready) => *result = Some(ready),
                    std::task::Poll::Pending => is_done = false,
                }
            }
        }
        if is_done { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    futures.into_iter().filter_map(|(_, result)| result).collect()
}

/// Waits until recording is paused.
pub(crate) async fn until_paused(disk: &Disk) {
    until_pause_is(disk, true).await;
}

/// Waits until recording goes on.
pub(crate) async fn until_resumed(disk: &Disk) {
    until_pause_is(disk, false).await;
}

async fn until_pause_is(disk: &Disk, paused: bool) {
    let waiting = async {
        while disk.recorder.health().pause.is_some() != paused {
            tokio::time::sleep(MS).await;
        }
    };
    timeout(LONGEST, waiting).await.unwrap_or_else(|_| panic!("recording is paused: {}", !paused));
}
