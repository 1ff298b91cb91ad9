//! Requests that are not passed on: answered, recorded, and the end of their connection.

use dashcam_exchange::{Destination, Failure, RequestHead, Scheme, Side, Stage};

use crate::exchange::message::Response;
use crate::exchange::respond;
use crate::exchange::respond::Told;
use crate::exchange::route::Route;
use crate::exchange::service;
use crate::exchange::service::Service;
use crate::h1::parse::{BadHead, RawRequest};
use crate::http::target;
use crate::http::target::Target;
use crate::net::limited::Limit;
use crate::net::transit::NoRoom;
use crate::serve::h1::best_effort;

/// A request that is refused.
pub(super) struct Refused {
    pub(super) failure: Failure,
    status: u16,
    /// As much as could be read of its head; `None` if it never was a request.
    head: Option<RequestHead>,
    destination: Option<Destination>,
}

impl Refused {
    /// `bytes` are no head, or too large a one (RFC 6585 §5).
    pub(super) fn malformed(bytes: &[u8], why: &BadHead) -> Self {
        let head = Some(best_effort::request(bytes));
        let status = if why.is_too_large() { 431 } else { 400 };
        Self { failure: failure(&why.to_string()), status, head, destination: None }
    }

    /// There is no room for a head that begins with `bytes`.
    pub(super) fn crowded(bytes: &[u8], why: NoRoom) -> Self {
        Self { head: Some(best_effort::request(bytes)), ..Self::no_room(why) }
    }

    /// There is no room for a head that was read.
    pub(super) fn without_room(raw: RawRequest, why: NoRoom) -> Self {
        Self { head: Some(raw.into_head(None, None)), ..Self::no_room(why) }
    }

    fn no_room(why: NoRoom) -> Self {
        let failure = why.failure(Stage::RequestHead);
        Self { failure, status: 503, head: None, destination: None }
    }

    /// A head that is read and can't be passed on, though it may tell where it was to go.
    pub(super) fn unsound(raw: RawRequest, target: Option<Target>, why: &impl ToString) -> Self {
        let (path, authority, destination) = match target {
            Some(Target { path, authority, destination }) => (path, authority, Some(destination)),
            None => (None, None, None),
        };
        let head = Some(raw.into_head(path, authority));
        Self { failure: failure(&why.to_string()), status: 400, head, destination }
    }

    /// A request that its client may not send; `failure` and `status` say why.
    pub(super) fn denied(raw: RawRequest, (status, failure): (u16, Failure)) -> Self {
        let (target, destination) = match target::resolve(&raw, None) {
            Ok(Target { path, authority, destination }) => ((path, authority), Some(destination)),
            Err(_) => ((None, None), Destination::parse(Scheme::Https, &raw.target).ok()),
        };
        Self { failure, status, head: Some(raw.into_head(target.0, target.1)), destination }
    }

    /// Returns whether its connection has failed with it. A client without a password is only asked for one.
    pub(super) fn fails_connection(&self) -> bool {
        self.status != 407
    }

    /// The connection ended inside a head.
    pub(super) fn cut() -> Self {
        Self {
            failure: failure("the connection ended inside it"),
            status: 400,
            head: None,
            destination: None,
        }
    }

    /// A head that took too long (RFC 9110 §15.5.9).
    pub(super) fn late(bytes: &[u8]) -> Self {
        let head = Some(best_effort::request(bytes));
        Self {
            failure: failure("its head was not complete in time (timeouts.request_head)"),
            status: 408,
            head,
            destination: None,
        }
    }

    /// Our answer, without a record.
    pub(super) fn unrecorded(self, route: &Route) -> Response {
        respond::with_status(self.status, &self.failure, (false, Told::to(route, None)))
    }

    /// Our answer, with the record that it belongs to.
    pub(super) fn response(self, service: &Service, route: &Route) -> Response {
        let Self { failure, status, head, destination } = self;
        match status {
            431 => service.context.limited.count(Limit::Head),
            408 => service.context.limited.count(Limit::RequestHeadTime),
            _ => {}
        }
        match head {
            Some(head) => service::refuse(service, route, (head, destination), (status, failure)),
            None => respond::with_status(status, &failure, (false, Told::to(route, None))),
        }
    }
}

fn failure(why: &str) -> Failure {
    Failure::new(Side::Client, Stage::RequestHead, format!("The request was refused: {why}."))
}
