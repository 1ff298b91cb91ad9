//! The observers of an exchange: its record and its count. Each outcome is reported here, to both at once.

use dashcam_exchange::{Direction, ExchangeId, Failure, ResponseHead};
use dashcam_recorder::OpenExchange;

use crate::body::{Body, Metered};
use crate::exchange::message::Response;
use crate::meter::Count;

/// The observers of an exchange while it passes.
#[derive(Default)]
pub(crate) struct Observed {
    open: Option<OpenExchange>,
    to_be_recorded: bool,
    /// `None` at the level `off`, and once the response's body has it or the outcome is counted.
    count: Option<Count>,
}

impl Observed {
    /// Observers of an exchange that is not to be recorded: its count, unless the level is `off`.
    pub(crate) fn unrecorded(count: Option<Count>) -> Self {
        Self { open: None, to_be_recorded: false, count }
    }

    /// Observers of an exchange that is to be recorded: its record, unless there is no room for it, and its count, unless
    /// it is a replay.
    pub(crate) fn recorded(open: Option<OpenExchange>, count: Option<Count>) -> Self {
        Self { open, to_be_recorded: true, count }
    }

    /// True if connections that are opened for it are recorded at once: no rule may turn out not to keep it.
    pub(crate) fn records_connections(&self) -> bool {
        self.to_be_recorded && self.open.as_ref().is_none_or(OpenExchange::is_certain)
    }

    /// True if it is to be recorded, or may be.
    pub(crate) fn is_to_be_recorded(&self) -> bool {
        self.to_be_recorded
    }

    /// Its record, if it is recorded.
    pub(crate) fn record(&self) -> Option<&OpenExchange> {
        self.open.as_ref()
    }

    /// Its number, if it is recorded.
    pub(crate) fn id(&self) -> Option<ExchangeId> {
        self.open.as_ref().map(OpenExchange::id)
    }

    /// The request's `body`, observed.
    pub(crate) fn request_body(&mut self, body: Body) -> Body {
        let count = self.count.as_mut().filter(|_| !body.is_empty());
        let upload = count.map(|count| Metered::Request(count.upload()));
        let body = body.metered(upload).tapped(self.open.as_ref().map(|open| open.tap(Direction::Request)));
        if self.waits() { body.guaranteed(None) } else { body }
    }

    /// Returns whether it may have to wait for its record.
    pub(crate) fn waits(&self) -> bool {
        self.open.as_ref().is_some_and(OpenExchange::waits)
    }

    /// The upstream's response is here.
    pub(crate) fn answered(&mut self, head: &ResponseHead, upgraded: bool) {
        if let Some(count) = &mut self.count {
            count.answered(head.status, upgraded);
        }
        if let Some(open) = &self.open {
            open.response(head.clone());
        }
    }

    /// The response's `body`, observed: the exchange ends with it.
    pub(crate) fn response_body(&mut self, body: Body) -> Body {
        let tap = self.open.as_ref().map(|open| open.tap(Direction::Response));
        let body = body.tapped(tap).metered(self.count.take().map(Metered::Response));
        if self.waits() { self.withheld(body) } else { body }
    }

    /// The response's `body`, whose end waits until the exchange is stored, if that must be recorded.
    pub(crate) fn withheld(&self, body: Body) -> Body {
        match &self.open {
            Some(open) if open.waits() => body.guaranteed(open.end()),
            _ => body,
        }
    }

    /// Both directions of an upgraded connection passed to their ends.
    pub(crate) fn complete(&mut self) {
        if let Some(mut count) = self.count.take() {
            count.complete();
        }
        if let Some(open) = &self.open {
            for direction in [Direction::Request, Direction::Response] {
                open.tap(direction).end(None);
            }
        }
    }

    /// It failed.
    pub(crate) fn fail(&mut self, failure: Failure) {
        if let Some(mut count) = self.count.take() {
            count.fail(&failure);
        }
        if let Some(open) = &self.open {
            open.fail(failure);
        }
    }

    /// We refuse it: no upstream hears of it.
    pub(crate) fn refuse(&mut self, failure: Failure) {
        if let Some(mut count) = self.count.take() {
            count.refuse(&failure);
        }
        if let Some(open) = &self.open {
            open.refuse(failure);
        }
    }

    /// The client went away. A count that is told of nothing else counts that.
    pub(crate) fn abort(&mut self, failure: Failure) {
        self.count = None;
        if let Some(open) = &self.open {
            open.abort(failure);
        }
    }
}

impl Response {
    /// The exchange failed, though the upstream has answered.
    pub(crate) fn fail(&mut self, failure: Failure) {
        if let Some(count) = self.body.count() {
            count.fail(&failure);
        }
        self.observed.fail(failure);
    }
}
