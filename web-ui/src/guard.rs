//! Access over the page's listener: every call passes here first.
//!
//! In this order: the `Host` must be ours (else a name that an attacker points at this machine would make their page
//! same-origin with us), a browser must be showing our own page ([`origin`]), and the caller must have a token or a
//! session ([`crate::access`]). What a caller is still being sent ends with the session or the token ([`cut`]).
//! [`crate::permit`] then says whether the role of that suffices.

use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

use crate::access::{Access, Grant, SessionId};
use crate::audit::Audit;
use crate::error::{ApiError, Code};
use crate::page::admission::Peer;
use crate::principal::{Granted, OfSession, Principal};

mod cookie;
mod cut;
mod hosts;
mod origin;
mod sign_in;

pub(crate) use cookie::Cookie;
pub(crate) use hosts::Hosts;
pub(crate) use sign_in::POLICY as SIGN_IN_POLICY;

/// The facts that the guard goes by.
pub(crate) struct Guard {
    access: Access,
    audit: Audit,
    hosts: Hosts,
    cookie: Cookie,
}

/// A caller who is let in.
struct Admitted {
    caller: Principal,
    session: Option<SessionId>,
    grant: Grant,
}

impl Guard {
    /// For callers that `access` knows, who call under one of the names in `hosts`. The use of tokens goes to `audit`.
    pub(crate) fn new((access, audit): (Access, Audit), hosts: Hosts, cookie: Cookie) -> Self {
        Self { access, audit, hosts, cookie }
    }

    fn host(&self, headers: &HeaderMap) -> Result<(), ApiError> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
        if hosts.next().is_none() && self.hosts.allow(host) {
            return Ok(());
        }
        let message = format!(
            "\u{201c}{host}\u{201d} is not a name of this listener: open {}, or start dashcam with --web-name NAME \
             for a name that leads here.",
            self.hosts
        );
        Err(ApiError::new(Code::HostNotAllowed, message))
    }

    async fn admitted(&self, headers: &HeaderMap, source: Option<IpAddr>) -> Option<Admitted> {
        if let Some(token) = bearer(headers) {
            let grant = self.access.admit(token, source).await?;
            return Some(Admitted { caller: Principal::Api, session: None, grant });
        }
        for value in self.cookie.values(headers) {
            if let Some((id, grant)) = self.access.session(value).await {
                return Some(Admitted { caller: Principal::Page, session: Some(id), grant });
            }
        }
        None
    }

    /// The answer to an address with a token in it: a session, if it is right.
    async fn signed_in(&self, token: &str, source: Option<IpAddr>) -> Option<Response> {
        let admitted = self.access.admit(token, source).await?;
        self.note_use(&admitted);
        let value = self.access.begin_session(&admitted).await?;
        Some(sign_in::redirect(&self.cookie.set(&value, self.access.lifetime())))
    }

    fn note_use(&self, grant: &Grant) {
        if let Some(token) = grant.token.as_ref().filter(|_| grant.tell_use) {
            self.audit.used(token.sha256);
        }
    }
}

/// The middleware: refuses, or notes who calls and lets pass.
pub(crate) async fn check(State(guard): State<Arc<Guard>>, mut request: Request, next: Next) -> Response {
    if let Err(refusal) = guard.host(request.headers()).and_then(|()| origin::check(&request)) {
        return refusal.into_response();
    }
    let peer = request.extensions().get::<Arc<Peer>>().cloned();
    let source = peer.as_ref().and_then(|peer| peer.source);
    let signed_in = || {
        if let Some(peer) = &peer {
            peer.signed_in();
        }
    };
    if let Some(token) = sign_in_token(request.method(), request.uri())
        && let Some(response) = guard.signed_in(&token, source).await
    {
        signed_in();
        return response;
    }
    let Some(Admitted { caller, session, grant }) = guard.admitted(request.headers(), source).await else {
        if let Some(peer) = &peer {
            peer.signed_out();
        }
        return sign_in::refusal(request.uri());
    };
    signed_in();
    guard.note_use(&grant);
    request.extensions_mut().insert(caller);
    request.extensions_mut().insert(Granted { role: grant.role(), token: grant.token });
    if let Some(id) = session {
        request.extensions_mut().insert(OfSession(id));
    }
    let request = cut::request(request, &grant.tenure);
    cut::when_over(next.run(request).await, grant.tenure)
}

/// The token in `GET /?token=…`.
fn sign_in_token(method: &Method, uri: &Uri) -> Option<String> {
    if *method != Method::GET || uri.path() != "/" {
        return None;
    }
    let token = uri.query()?.split('&').find_map(|pair| pair.strip_prefix("token="))?;
    Some(percent_decode_str(token).decode_utf8().ok()?.into_owned())
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

pub(crate) fn is_write(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}
