//! A request's fields from HTTP/2 to HTTP/1.

use dashcam_exchange::Headers;

/// The fields of an HTTP/2 client's request for an HTTP/1 upstream: the connection says what the request does (RFC 9110
/// §10.1.4), and pieces of a cookie become one field (RFC 9113 §8.2.3).
pub(crate) fn from_h2_to_h1(headers: &mut Headers) {
    if headers.contains("te") {
        headers.set("Connection", "TE");
    }
    join_cookies(headers);
}

/// Joins the pieces of a cookie. Empty ones are left out: a value can't end in a blank.
pub(crate) fn join_cookies(headers: &mut Headers) {
    if headers.all("cookie").count() > 1 {
        let pieces: Vec<&[u8]> = headers.all("cookie").filter(|piece| !piece.is_empty()).collect();
        let joined = pieces.join(&b"; "[..]);
        headers.set("cookie", joined);
    }
}
