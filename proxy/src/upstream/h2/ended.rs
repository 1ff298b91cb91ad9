//! The meaning of an HTTP/2 stream that ended without a response.

use dashcam_exchange::{Failure, Side, Stage};
use h2::{Error, Reason};

use crate::h2::fields::chain;
use crate::upstream::h2::sender::failed;
use crate::upstream::key::Key;

/// Returns whether the upstream said that it did not process the request (RFC 9113 §8.7): it refused the stream,
/// or closes the connection and did not come to the stream any more, as servers do after so many requests.
pub(super) fn is_unprocessed(error: &Error) -> bool {
    let refused = error.is_reset() && error.reason() == Some(Reason::REFUSED_STREAM);
    let closing = error.is_go_away() && error.reason() == Some(Reason::NO_ERROR);
    error.is_remote() && (refused || closing)
}

/// Returns whether the h2 crate gave up the whole connection, as it does for one field that is not legal (RFC 9113
/// §8.2.1) in any of its responses.
pub(super) fn is_connections_fault(error: &Error) -> bool {
    error.is_library() && error.is_go_away()
}

/// The end of the stream as a client would see it without us. One that was not processed is told in the one way that is
/// about a single stream.
pub(super) fn reset_of(error: &Error) -> Option<Reason> {
    if is_unprocessed(error) {
        return Some(Reason::REFUSED_STREAM);
    }
    error.reason().filter(|_| error.is_remote() && error.is_reset())
}

/// The failure of a request for `key`, whose connection it had `alone` or shared.
pub(super) fn failure(key: &Key, error: &Error, alone: bool) -> Failure {
    if !is_connections_fault(error) {
        return failed(key, &chain(error));
    }
    let which = if alone { "this response" } else { "this response, or another one on the connection" };
    let message = format!(
        "{} broke the rules of HTTP/2 in {which}, which ended the connection ({}).",
        key.destination,
        chain(error)
    );
    Failure::new(Side::Upstream, Stage::ResponseHead, message)
}
