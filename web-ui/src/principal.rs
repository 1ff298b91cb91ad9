//! The one who calls, and over which way.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::http::request::Parts;
use axum::serve::IncomingStream;
use dashcam_changes::Author;
use nix::unistd::{Uid, User};
use tokio::net::UnixListener;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::access::{Holder, SessionId};
use crate::page::admission::Peer;
use crate::role::Role;

/// How long the system may take to tell a user's name: it may ask a directory over the network.
const NAME_WITHIN: Duration = Duration::from_secs(1);
/// The digits of a session's name that the history has: enough to tell two sessions apart.
const OF_SESSION: usize = 12;

/// The way over which a call came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Principal {
    /// A browser, with a session.
    Page,
    /// A program, with the token as bearer.
    Api,
    /// A program of the same user, over the control socket.
    Cli,
}

impl Principal {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Api => "api",
            Self::Cli => "cli",
        }
    }
}

/// The user at the other end of the control socket, as the kernel says (`SO_PEERCRED`); `None` if it does not.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SocketUser(Option<u32>);

impl Connected<IncomingStream<'_, UnixListener>> for SocketUser {
    fn connect_info(stream: IncomingStream<'_, UnixListener>) -> Self {
        Self(stream.io().peer_cred().ok().map(|credentials| credentials.uid()))
    }
}

/// The session that a call came with.
#[derive(Debug, Clone)]
pub(crate) struct OfSession(pub(crate) SessionId);

/// The right with which a caller was let in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(crate) struct Granted {
    pub(crate) role: Role,
    /// The token with a role; `None`: the home's token, or the control socket.
    pub(crate) token: Option<Arc<Holder>>,
}

impl Granted {
    /// The right of the one who owns the home.
    pub(crate) fn owner() -> Self {
        Self { role: Role::Admin, token: None }
    }
}

/// The one who calls, for the history and the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Caller {
    principal: Principal,
    pub(crate) role: Role,
    pub(crate) token: Option<Arc<Holder>>,
    address: Option<IpAddr>,
    session: Option<String>,
    uid: Option<u32>,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        let extensions = &parts.extensions;
        let user = extensions.get::<ConnectInfo<SocketUser>>();
        // A call that nobody granted anything may least.
        let Granted { role, token } = extensions.get().cloned().unwrap_or_default();
        Ok(Self {
            role,
            token,
            // A call that the guard let in has one.
            principal: extensions.get().copied().unwrap_or(Principal::Api),
            address: extensions.get::<Arc<Peer>>().and_then(|peer| peer.address),
            session: extensions.get::<OfSession>().map(|session| session.0.clone()),
            uid: user.and_then(|ConnectInfo(user)| user.0),
        })
    }
}

impl Caller {
    /// The way over which it came.
    pub(crate) fn principal(&self) -> Principal {
        self.principal
    }

    /// As the history and the audit log name it.
    pub(crate) async fn author(self) -> Author {
        let who = match (self.principal, self.uid, &self.token) {
            (Principal::Cli, Some(uid), _) => user(uid).await,
            (principal, _, Some(token)) => format!("{} ({})", token.name, principal.as_str()),
            (principal, _, None) => principal.as_str().to_owned(),
        };
        let session = self.session.map(|id| id.chars().take(OF_SESSION).collect());
        Author { who, address: self.address.map(|address| address.to_canonical().to_string()), session }
    }
}

#[cfg(test)]
impl Caller {
    /// The owner in a session of the page.
    pub(crate) fn of_page(session: &str) -> Self {
        let (principal, session) = (Principal::Page, Some(session.to_owned()));
        Self { principal, role: Role::Admin, token: None, address: None, session, uid: None }
    }
}

/// A user with its name, if the system knows one.
async fn user(uid: u32) -> String {
    let named = spawn_blocking(move || User::from_uid(Uid::from_raw(uid)));
    let name = match timeout(NAME_WITHIN, named).await {
        Ok(Ok(Ok(Some(user)))) => Some(user.name),
        _ => None,
    };
    name.map_or_else(|| format!("uid {uid}"), |name| format!("{name} (uid {uid})"))
}
