//! Exchanges that readers see in memory: they get copies without secrets.

use std::sync::Arc;

use dashcam_exchange::{BodyRecord, Direction, Headers, State, StoredAs};

use crate::Recorder;
use crate::recording::Recording;
use crate::redaction::apply;
use crate::redaction::in_force::Under;
use crate::redaction::streams::{Ending, place, so_far};
use crate::redaction::under_way::{Passed, Rules};

/// A body of an exchange, with what is needed to judge it.
pub(crate) struct BodyCopy {
    body: BodyRecord,
    direction: Direction,
    /// Of its head; `None` if that has not come.
    headers: Option<Headers>,
    host: String,
    pub(crate) passed: Passed,
    has_ended: bool,
}

/// A body as it may be shown.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// How many parts of it have left, or are about to.
    pub(crate) after: u32,
    /// The bytes behind those.
    pub(crate) bytes: Vec<u8>,
    /// How many bytes that is, with those that have left.
    pub(crate) stored: u64,
    /// How they relate to those that passed.
    pub(crate) stored_as: StoredAs,
}

impl Recorder {
    /// The sets of redaction that are in force for one that names these; `None` if redaction is off.
    pub(crate) fn under(&self, names: &[Option<Arc<str>>]) -> Option<Under> {
        self.shared.redaction.load_full()?.under(names, &self.shared.redacted)
    }

    /// The sets by which a copy of an exchange is to be redacted; `None` if redaction is off, or the writer has done it.
    pub(crate) fn not_yet_under(&self, state: &Recording) -> Option<Under> {
        if !state.exchange.is_own() {
            return None;
        }
        // Of which something has left memory, it stays under the rules of that moment.
        match state.rules.as_deref() {
            Some(Rules::Under(under)) => Some(under.clone()),
            Some(Rules::Off) => None,
            Some(Rules::Unknown) | None => self.under(&state.redactions()),
        }
    }

    /// A copy of one of its bodies, to be judged.
    pub(crate) fn body_copy(state: &Recording, direction: Direction) -> BodyCopy {
        let exchange = &*state.exchange;
        BodyCopy {
            body: exchange.body(direction).clone(),
            direction,
            headers: exchange.headers(direction).cloned(),
            host: exchange.destination.host.clone(),
            passed: state.passed.as_ref().map_or(Passed::default(), |passed| passed[place(direction)]),
            has_ended: exchange.state != State::Open,
        }
    }

    /// As much of a body as may be shown. `None`: only the store has that, or will.
    pub(crate) fn shown(&self, copy: BodyCopy, under: &Under) -> Option<Shown> {
        let BodyCopy { mut body, direction, headers, host, passed, has_ended } = copy;
        if body.parts > 0 {
            // Secrets may stand across parts: the writer alone can judge what is behind those.
            let Passed { parts, stored, stored_as } = passed;
            let has_left = parts > 0 && !has_ended;
            return has_left.then(|| Shown { after: parts, bytes: Vec::new(), stored, stored_as });
        }
        if body.rest.is_empty() {
            return Some(Shown::default());
        }
        let stay = self.shared.intake.release(&mut body, has_ended);
        body.rest.truncate(body.rest.len() - stay);
        let ending = match has_ended {
            false => Ending::GoesOn,
            true if apply::is_cut(&body) => Ending::Cut,
            true => Ending::Whole,
        };
        let (bytes, stored_as) = so_far(under, (direction, &headers?), &host, (body.rest, ending))?;
        Some(Shown { after: 0, stored: bytes.len() as u64, bytes, stored_as })
    }
}
