//! Decides whether a client's connection goes on after a response, and how that response is framed.

use dashcam_exchange::{Headers, Version};

use crate::exchange::message::Response;
use crate::h1::framing;
use crate::h1::framing::Framing;

/// The facts of a request that decide how it is answered.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) version: Version,
    pub(super) is_head: bool,
    pub(super) keep_alive: bool,
}

/// Returns whether the client wants to go on after this request (RFC 9112 §9.3).
pub(super) fn keeps_alive(version: Version, headers: &Headers) -> bool {
    let says = |token| headers.has_token("connection", token) || headers.has_token("proxy-connection", token);
    match version {
        Version::Http10 => says("keep-alive") && !says("close"),
        _ => !says("close"),
    }
}

pub(super) fn response_framing(response: &Response, asked: Asked) -> Framing {
    if asked.is_head || framing::never_has_body(response.head.status) {
        return Framing::None;
    }
    match response.body.length() {
        Some(length) => Framing::Length(length),
        // As it came: the client can judge by itself whether the connection ended as it should.
        None if response.body.is_until_close() => Framing::UntilClose,
        None if asked.version == Version::Http11 => Framing::Chunked,
        None => Framing::UntilClose,
    }
}

/// Says whether the connection goes on, where the version does not say it by itself.
pub(super) fn set_connection(headers: &mut Headers, version: Version, close: bool) {
    match (version, close) {
        (_, true) => headers.set("Connection", "close"),
        (Version::Http10, false) if !headers.has_token("connection", "keep-alive") => {
            headers.set("Connection", "keep-alive");
        }
        _ => {}
    }
}
