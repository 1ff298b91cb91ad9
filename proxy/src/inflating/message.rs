//! A compressed message while it passes.

use dashcam_exchange::MessageCoding;
use dashcam_recorder::{MessageBuffer, MessageTap};

use crate::inflating::allowance::Allowance;

/// A compressed message that is not whole yet: its bytes as they come and, while it can be afforded, what they inflate
/// to. One of both is recorded.
#[derive(Debug)]
pub(crate) struct Compressed {
    wire: Part,
    inflated: Option<Part>,
    /// The most bytes that are kept of either.
    limit: u64,
}

#[derive(Debug)]
struct Part {
    size: u64,
    kept: MessageBuffer,
    /// Nothing more of it is kept.
    is_cut: bool,
}

impl Compressed {
    pub(crate) fn new(tap: &MessageTap, limit: u64) -> Self {
        let part = || Part { size: 0, kept: tap.buffer(), is_cut: false };
        Self { wire: part(), inflated: Some(part()), limit }
    }

    /// Keeps bytes as they came.
    pub(crate) fn came(&mut self, bytes: &[u8]) {
        self.wire.size += bytes.len() as u64;
        self.wire.kept.push(bytes, self.limit);
    }

    /// Keeps inflated bytes; `false` if they were more than `allowance` has, or than there is room
    /// for where a rule guarantees that they are recorded. Then the message is kept as it came.
    pub(crate) fn inflate(&mut self, bytes: &[u8], allowance: &mut Allowance) -> bool {
        if self.inflated.is_some() && !allowance.spend(bytes.len()) {
            self.inflated = None;
        }
        let Some(Part { size, kept, is_cut }) = &mut self.inflated else { return false };
        let room = if *is_cut { 0 } else { self.limit.saturating_sub(*size).min(bytes.len() as u64) };
        *size += bytes.len() as u64;
        let room = usize::try_from(allowance.keep(room)).unwrap_or(bytes.len());
        *is_cut |= room < bytes.len();
        kept.push(&bytes[..room], self.limit);
        if kept.is_short() {
            // The bytes that came have room.
            self.inflated = None;
            return false;
        }
        true
    }

    /// Returns whether what it inflates to is kept.
    pub(crate) fn is_inflating(&self) -> bool {
        self.inflated.is_some()
    }

    /// Keeps the message as it comes.
    pub(crate) fn stop_inflating(&mut self) {
        self.inflated = None;
    }

    /// The whole message: how large it was, and what is kept of it.
    pub(crate) fn finish(self, coding: MessageCoding) -> (u64, MessageBuffer) {
        match self.inflated {
            Some(Part { size, kept, .. }) => (size, kept),
            None => (self.wire.size, self.wire.kept.coded(coding)),
        }
    }
}
