//! A request that is being counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Instant;

use dashcam_exchange::{Failure, Side, Stage};

use crate::meter::counter::add;
use crate::meter::shard::Shard;

/// A request on its way to its one outcome, which is counted when this is dropped: aborted, unless something better is
/// known by then.
#[derive(Debug)]
pub(crate) struct Count {
    shard: Arc<Shard>,
    began: Instant,
    end: End,
    /// The response's status, once its head is here; 0 before.
    status: u16,
    upgraded: bool,
    /// The outcome of the request's body, if it has one.
    upload: Option<Arc<Fault>>,
}

/// How a request ends, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Aborted,
    Complete,
    Failed(Side, Stage),
    Refused(Side, Stage),
}

impl Count {
    pub(super) fn begin(shard: Arc<Shard>) -> Self {
        add(&shard.begun, 1);
        Self { shard, began: Instant::now(), end: End::Aborted, status: 0, upgraded: false, upload: None }
    }

    /// Begins to count the request's body; there is one.
    pub(crate) fn upload(&mut self) -> Upload {
        let fault = Arc::<Fault>::default();
        self.upload = Some(Arc::clone(&fault));
        Upload { shard: Arc::clone(&self.shard), fault }
    }

    /// The head of the upstream's response is here.
    pub(crate) fn answered(&mut self, status: u16, upgraded: bool) {
        self.shard.to_head.record(self.began.elapsed());
        (self.status, self.upgraded) = (status, upgraded);
    }

    /// So many bytes of the response's body have passed.
    pub(crate) fn passed(&self, bytes: u64) {
        if bytes > 0 {
            add(&self.shard.response_bytes, bytes);
        }
    }

    /// The response has passed to its end.
    pub(crate) fn complete(&mut self) {
        if self.end == End::Aborted {
            self.end = End::Complete;
        }
    }

    /// It failed; the first reason stays.
    pub(crate) fn fail(&mut self, failure: &Failure) {
        self.end = self.end_or(End::Failed(failure.side, failure.stage));
    }

    /// We refuse it.
    pub(crate) fn refuse(&mut self, failure: &Failure) {
        self.end = End::Refused(failure.side, failure.stage);
    }

    /// Why it ended badly, if it did: what came first counts, be it with the request's body; else `end`.
    fn end_or(&self, end: End) -> End {
        match self.end {
            End::Failed(..) | End::Refused(..) => self.end,
            End::Aborted | End::Complete => {
                self.upload.as_ref().and_then(|fault| fault.read()).unwrap_or(end)
            }
        }
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        let shard = &self.shard;
        match self.end_or(self.end) {
            End::Complete => {
                add(&shard.complete[class(self.status)], 1);
                if !self.upgraded {
                    shard.to_end.record(self.began.elapsed());
                }
            }
            End::Aborted => add(&shard.aborted, 1),
            End::Failed(side, stage) => {
                shard.failures.add(side, stage);
                add(&shard.failed, 1);
            }
            End::Refused(side, stage) => {
                shard.failures.add(side, stage);
                add(&shard.refused, 1);
            }
        }
    }
}

/// The place of a status: by its first digit.
fn class(status: u16) -> usize {
    match status {
        100..600 => usize::from(status / 100) - 1,
        _ => 5,
    }
}

/// Counts a request's body, which may go its own way: it can break before the response, and end after it.
#[derive(Debug)]
pub(crate) struct Upload {
    shard: Arc<Shard>,
    fault: Arc<Fault>,
}

impl Upload {
    /// It failed: the client sent what can't be passed on.
    pub(crate) fn fail(&self, failure: &Failure) {
        self.fault.set(End::Failed(failure.side, failure.stage));
    }

    /// The client went away inside it.
    pub(crate) fn abort(&self) {
        self.fault.set(End::Aborted);
    }

    /// So many bytes of it have passed.
    pub(crate) fn passed(&self, bytes: u64) {
        if bytes > 0 {
            add(&self.shard.request_bytes, bytes);
        }
    }
}

/// The fault in a request's body: 0 for none, 1 for one that was cut, and from 2 on side and stage.
#[derive(Debug, Default)]
struct Fault(AtomicU8);

impl Fault {
    fn set(&self, end: End) {
        let fault = match end {
            End::Failed(side, stage) => 2 + side as u8 * Stage::ALL.len() as u8 + stage as u8,
            _ => 1,
        };
        self.0.store(fault, Ordering::Relaxed);
    }

    fn read(&self) -> Option<End> {
        match usize::from(self.0.load(Ordering::Relaxed)) {
            0 => None,
            1 => Some(End::Aborted),
            fault => {
                let (side, stage) = ((fault - 2) / Stage::ALL.len(), (fault - 2) % Stage::ALL.len());
                Some(End::Failed(Side::ALL[side], Stage::ALL[stage]))
            }
        }
    }
}
