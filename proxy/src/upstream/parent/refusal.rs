//! Why a parent proxy gave no connection, for the person who has to mend it.

use std::io;
use std::time::Duration;

use dashcam_exchange::{Destination, Failure, Headers, Side, Stage};

use crate::config::Parent;
use crate::h1::encode::standard_reason;
use crate::upstream::no_answer::{NoAnswer, Unreached};

/// A parent that was asked for a connection, and did not give it.
#[derive(Debug)]
pub(super) enum Refusal {
    /// It answered a CONNECT with this status.
    Status(u16),
    /// It wants a user and a password, or others than it got.
    Password {
        /// True if it got some.
        is_known: bool,
        /// Its answer, in its protocol's words.
        answer: &'static str,
        /// The schemes that it takes, where ours is not among them.
        others: Option<String>,
    },
    /// Its rules don't allow the connection (SOCKS5).
    NotAllowed,
    /// It could not reach the upstream (SOCKS5).
    Reply {
        reply: u8,
        meaning: &'static str,
        unreached: Option<Unreached>,
    },
    NotHttp,
    NotSocks5,
    /// SOCKS5 has no room for the name, or for the user or the password.
    TooLong,
    /// It closed the connection.
    Closed,
    Broken(io::Error),
    /// It did not answer for as long as this.
    Silent(Duration),
}

impl Refusal {
    /// Of an answer to a CONNECT; `showed` says that the request had a user and a password.
    pub(super) fn status(status: u16, headers: &Headers, showed: bool) -> Self {
        if status == 407 { password(headers, showed) } else { Self::Status(status) }
    }

    /// Returns whether another address of the same upstream may do better.
    pub(super) fn is_of_address(&self) -> bool {
        matches!(self, Self::Reply { unreached: Some(_), .. })
    }

    /// The failure, for a connection to `destination`.
    pub(super) fn no_answer(&self, parent: &Parent, destination: &Destination) -> NoAnswer {
        let (status, unreached) = match self {
            Self::Status(504) => (504, Some(Unreached::Silent)),
            Self::Silent(_) => (504, None),
            Self::Reply { unreached: Some(Unreached::Silent), .. } => (504, Some(Unreached::Silent)),
            Self::Reply { unreached, .. } => (502, *unreached),
            _ => (502, None),
        };
        let message = format!("The parent proxy {parent} {}", self.message(destination));
        let failure = Failure::new(Side::Upstream, Stage::Connect, message);
        NoAnswer { unreached, ..(status, failure).into() }
    }

    /// The part of the sentence behind the parent's name.
    fn message(&self, destination: &Destination) -> String {
        let (to, host) = (destination.host_and_port(), &destination.host);
        let other_way = format!("let it go without this proxy (--no-proxy {host})");
        match self {
            Self::Status(403) => format!(
                "refused a connection to {to} (403 Forbidden): its rules don't allow this host or this port. Allow it there, or {other_way}."
            ),
            Self::Status(status @ (502..=504)) => {
                format!("could not reach {to} ({}): its own log says why.", with_reason(*status))
            }
            Self::Status(status) => format!(
                "answered the CONNECT for {to} with {}: it is no proxy, or does not allow this. Check its address, or {other_way}.",
                with_reason(*status)
            ),
            Self::Password { is_known, answer, others } => wants(*is_known, answer, others.as_deref()),
            Self::NotAllowed => format!(
                "refused a connection to {to} (SOCKS5 reply 2, not allowed): its rules don't allow this host or this port. Allow it there, or {other_way}."
            ),
            Self::Reply { reply, meaning, .. } => {
                format!("could not reach {to} (SOCKS5 reply {reply}, {meaning}): its own log may say why.")
            }
            Self::NotHttp => format!(
                "sent something that is no HTTP when it was asked for {to}. Check its address and its scheme: socks5:// for a SOCKS5 proxy, https:// for one that is spoken to in TLS."
            ),
            Self::NotSocks5 => format!(
                "sent something that is no SOCKS5 when it was asked for {to}. Check its address and its scheme: http:// or https:// for an HTTP proxy."
            ),
            Self::TooLong => format!(
                "can't be asked for {to}: SOCKS5 has no room for names, users and passwords of more than 255 bytes. Use an HTTP proxy."
            ),
            Self::Closed => format!(
                "closed the connection when it was asked for {to}. Check its address and its scheme; its own log may say why."
            ),
            Self::Broken(error) => format!("broke off when it was asked for {to}: {error}."),
            Self::Silent(limit) => format!(
                "did not answer within {} s when it was asked for {to} (timeouts.parent).",
                limit.as_secs_f64()
            ),
        }
    }
}

/// The failure of a request that a parent answered with a 407: its client is not to show its own password there.
pub(in crate::upstream) fn wants_password(parent: &str, headers: &Headers, showed: bool) -> Failure {
    let message = match password(headers, showed) {
        Refusal::Password { is_known, answer, others } => wants(is_known, answer, others.as_deref()),
        _ => String::new(),
    };
    Failure::new(Side::Upstream, Stage::Connect, format!("The parent proxy {parent} {message}"))
}

fn password(headers: &Headers, showed: bool) -> Refusal {
    // A list has all of them in one field, or one a field, and parameters behind each.
    let challenges: Vec<_> = headers.all("proxy-authenticate").map(String::from_utf8_lossy).collect();
    let begins = |scheme: &str| {
        challenges.iter().flat_map(|challenge| challenge.split(',')).any(|challenge| {
            let word = challenge.trim().split(' ').next().unwrap_or_default();
            word.eq_ignore_ascii_case(scheme)
        })
    };
    let known: Vec<_> =
        ["Digest", "NTLM", "Negotiate", "Bearer"].into_iter().filter(|one| begins(one)).collect();
    let others = (!begins("Basic") && !known.is_empty()).then(|| known.join(", "));
    Refusal::Password { is_known: showed, answer: "407 Proxy Authentication Required", others }
}

fn wants(is_known: bool, answer: &str, others: Option<&str>) -> String {
    match (others, is_known) {
        (Some(others), _) => format!(
            "takes passwords only as {others} ({answer}), and dashcam knows only Basic. Allow Basic there, or put a proxy that speaks {others} between."
        ),
        (None, false) => format!(
            "wants a user and a password ({answer}), and none is configured. Set --upstream-auth USER:PASSWORD, or put them into the proxy's URL."
        ),
        (None, true) => format!(
            "refused dashcam's user or password ({answer}). Correct --upstream-auth, or the proxy's URL."
        ),
    }
}

fn with_reason(status: u16) -> String {
    format!("{status} {}", standard_reason(status)).trim_end().to_owned()
}
