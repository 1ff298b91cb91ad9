//! Exchanges that may have to wait for their records, as a rule's guarantee says.

use dashcam_exchange::{RequestHead, ResponseHead, Stage};
use dashcam_recorder::{Begin, Begun, NotKept};

use crate::exchange::message::{Request, Response};
use crate::exchange::observed::Observed;
use crate::exchange::respond;
use crate::exchange::respond::Told;
use crate::exchange::route::Route;
use crate::exchange::service::{Service, pass_on};
use crate::meter::Count;

/// The beginning of an exchange.
pub(crate) enum Began {
    /// It has begun.
    Now(Observed),
    /// It begins once there is room for its record.
    Waits(Box<Waiting>),
}

/// An exchange that begins once there is room for its record.
pub(crate) struct Waiting {
    pub(crate) begin: Begin,
    pub(crate) count: Option<Count>,
}

impl Began {
    /// The observers of one that can't wait, and goes to no upstream.
    pub(crate) fn now(self, service: &Service) -> Observed {
        match self {
            Self::Now(observed) => observed,
            Self::Waits(waiting) => {
                Observed::recorded(service.context.recorder.begin(waiting.begin), waiting.count)
            }
        }
    }
}

impl Waiting {
    /// Answers `request` once there is room for its record.
    pub(crate) async fn call(self, service: &Service, route: &Route, request: Request<'_>) -> Response {
        match service.context.recorder.begin_waiting(self.begin).await {
            Begun::Open(open) => {
                let observed = Observed::recorded(Some(open), self.count);
                pass_on(service, route, request, observed).await
            }
            Begun::Dropped => pass_on(service, route, request, Observed::recorded(None, self.count)).await,
            Begun::Refused(why) => {
                let observed = Observed::recorded(None, self.count);
                without_record(route, &request.head, observed, (Stage::RequestHead, &why))
            }
        }
    }
}

impl Observed {
    /// Waits until its request is in the store, if it may go to its upstream only then.
    pub(crate) async fn stored(&self) -> Result<(), NotKept> {
        match self.record() {
            Some(open) if open.is_lossless() => open.stored_so_far().await,
            _ => Ok(()),
        }
    }

    /// Waits until there is room for the head of its response, if its rule guarantees anything.
    pub(crate) async fn room_for(&self, head: &ResponseHead) -> Result<(), NotKept> {
        match self.record() {
            Some(open) => open.room_for(head).await,
            None => Ok(()),
        }
    }
}

/// The answer to a request that may pass only if it is recorded, where that can't be: before its upstream has heard of it
/// or, at the stage of the response's head, later.
pub(crate) fn without_record(
    route: &Route,
    head: &RequestHead,
    mut observed: Observed,
    (stage, why): (Stage, &NotKept),
) -> Response {
    let failure = why.failure(stage);
    tracing::debug!(%failure, "not recorded");
    let told = Told::to(route, observed.id());
    let response = respond::with_status(503, &failure, (respond::wants_page(head), told));
    if stage == Stage::RequestHead {
        observed.refuse(failure);
    } else {
        observed.fail(failure);
    }
    Response { observed, ..response }
}
