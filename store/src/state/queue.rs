//! Additions that wait to be stored: a batch that the disk refused, and those that came behind it.

use std::collections::VecDeque;

use dashcam_exchange::Record;

use crate::StoreError;
use crate::state::batch::{Batch, Members};

/// One who appends. Each hears only what became of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The recorder.
    Recorder,
    /// Snapshots of the flight recorder.
    Snapshots,
}

/// Records that are to be stored in one transaction.
#[derive(Debug, Default)]
pub(crate) struct Addition {
    pub(crate) records: Vec<Record>,
    /// The snapshot that they are for, and exchanges of it that are stored already.
    pub(crate) members: Option<Members>,
}

/// Additions in their order, and what became of those that are lost.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    /// The first, sorted: the disk refused it.
    pub(crate) first: Option<Batch>,
    behind: VecDeque<Addition>,
    /// Why something was lost, by owner, if that one was not told yet.
    lost: [Option<StoreError>; 2],
}

impl Owner {
    fn of(members: Option<&Members>) -> Self {
        members.map_or(Self::Recorder, |_| Self::Snapshots)
    }
}

impl Addition {
    pub(crate) fn owner(&self) -> Owner {
        Owner::of(self.members.as_ref())
    }

    /// Records, and bytes of their bodies and messages.
    pub(crate) fn size(&self) -> (usize, usize) {
        (self.records.len(), self.records.iter().map(Record::payload).sum())
    }

    fn is_empty(&self) -> bool {
        self.records.is_empty() && self.members.as_ref().is_none_or(|members| members.exchanges.is_empty())
    }
}

impl Queue {
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.behind.is_empty()
    }

    /// Adds one behind all others, unless there is nothing in it.
    pub(crate) fn push(&mut self, addition: Addition) {
        if !addition.is_empty() {
            self.behind.push_back(addition);
        }
    }

    /// The next one that is not sorted.
    pub(crate) fn pop(&mut self) -> Option<Addition> {
        self.behind.pop_front()
    }

    /// The next one was taken too early.
    pub(crate) fn put_back(&mut self, addition: Addition) {
        self.behind.push_front(addition);
    }

    /// The owner of the next one.
    pub(crate) fn next_owner(&self) -> Option<Owner> {
        let first = self.first.as_ref().map(|batch| Owner::of(batch.members.as_ref()));
        first.or_else(|| self.behind.front().map(Addition::owner))
    }

    /// Returns whether something of an owner waits.
    pub(crate) fn holds(&self, owner: Owner) -> bool {
        let first = self.first.as_ref().map(|batch| Owner::of(batch.members.as_ref()));
        first == Some(owner) || self.behind.iter().any(|addition| addition.owner() == owner)
    }

    /// Something of an owner is lost.
    pub(crate) fn lose(&mut self, owner: Owner, error: StoreError) {
        self.lost[owner as usize] = Some(error);
    }

    /// Why something of an owner was lost, if it was not told yet.
    pub(crate) fn take_lost(&mut self, owner: Owner) -> Option<StoreError> {
        self.lost[owner as usize].take()
    }
}
