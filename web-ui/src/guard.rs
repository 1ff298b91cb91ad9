//! Who may call over TCP: every call passes here first.
//!
//! In this order: the `Host` must be ours (else a name that an attacker points at this machine would make
//! their page same-origin with us), the token must be known, and a browser may only write from our own page.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

use crate::caller::Caller;
use crate::error::{ApiError, Code};

mod hosts;
mod sign_in;

use hosts::Hosts;

const COOKIE: &str = "dashcam_token";

pub(crate) struct Guard {
    token: String,
    hosts: Hosts,
}

impl Guard {
    /// For callers with `token` of the listener bound to `address`.
    pub(crate) fn new(token: &str, address: SocketAddr) -> Self {
        Self { token: token.to_owned(), hosts: Hosts::of(address) }
    }

    fn host(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
        if hosts.next().is_none() && self.hosts.allow(host) {
            return Ok(());
        }
        let message = format!("\u{201c}{host}\u{201d} is not a name of this listener: open {}.", self.hosts);
        Err(ApiError::new(Code::HostNotAllowed, message))
    }

    fn caller(&self, headers: &HeaderMap) -> Option<Caller> {
        if bearer(headers).is_some_and(|token| self.knows(token)) {
            return Some(Caller::Api);
        }
        cookies(headers).any(|token| self.knows(token)).then_some(Caller::Page)
    }

    /// In the same time for every wrong token of the right length.
    fn knows(&self, token: &str) -> bool {
        let (known, given) = (self.token.as_bytes(), token.as_bytes());
        let difference = known.iter().zip(given).fold(0, |bits, (a, b)| std::hint::black_box(bits | (a ^ b)));
        known.len() == given.len() && !known.is_empty() && difference == 0
    }

    fn signs_in(&self, method: &Method, uri: &Uri) -> bool {
        let token = || uri.query()?.split('&').find_map(|pair| pair.strip_prefix("token="));
        let given = || percent_decode_str(token()?).decode_utf8().ok();
        *method == Method::GET && uri.path() == "/" && given().is_some_and(|token| self.knows(&token))
    }
}

/// The middleware: refuses, or notes who calls and lets pass.
pub(crate) async fn check(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    if let Err(refusal) = guard.host(request.headers()) {
        return refusal.into_response();
    }
    if guard.signs_in(request.method(), request.uri()) {
        return sign_in::redirect(&guard.token);
    }
    let Some(caller) = guard.caller(request.headers()) else {
        return sign_in::refusal(request.uri());
    };
    if is_write(request.method()) && !is_own(request.headers()) {
        let message = "A page of another site asked for a change: changes come from dashcam's own page only.";
        return ApiError::new(Code::CrossSite, message).into_response();
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn cookies(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let fields = headers.get_all(header::COOKIE).iter().filter_map(|field| field.to_str().ok());
    let pairs = fields.flat_map(|field| field.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

pub(crate) fn is_write(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a browser says that the call comes from our own page; what is no browser says nothing.
/// Browsers of before 2023 send only `Origin`.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => {
            text("host").is_some_and(|host| origin.split_once("://").map(|(_, of)| of) == Some(host))
        }
        (None, None) => true,
    }
}
