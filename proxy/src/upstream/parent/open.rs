//! Connections through a parent.

use std::net::SocketAddr;
use std::sync::Arc;

use dashcam_exchange::{Destination, Failure, Side, Stage};
use dashcam_recorder::OpenExchange;
use tokio::time::{Instant, timeout};

use crate::config::ParentProtocol;
use crate::net::admission::Account;
use crate::net::alpn::Alpn;
use crate::net::io::Io;
use crate::net::turns;
use crate::upstream::connect::addresses::{Peer, permitted_addresses, refused_name};
use crate::upstream::connect::socket::{Socket, open_socket};
use crate::upstream::key::{ParentId, Via};
use crate::upstream::no_answer::NoAnswer;
use crate::upstream::parent::refusal::Refusal;
use crate::upstream::parent::table::KnownParent;
use crate::upstream::parent::target::Target;
use crate::upstream::parent::{http, socks5};
use crate::upstream::upstreams::Upstreams;

/// Addresses of an upstream that a parent is asked for, one after the other, at most.
const ASKED: usize = 4;

/// Returns whether names of destinations are the business of the parent on the way, and not ours.
pub(in crate::upstream) fn resolves_names(upstreams: &Upstreams, via: Via) -> bool {
    let protocol = via.parent().map(|id| upstreams.parents.parent(id).protocol());
    protocol.is_some_and(|protocol| protocol != ParentProtocol::Socks5)
}

/// A connection through the parent `id` that leads to `destination`, or (with `Via::Requests`) to the parent alone.
/// `named` says that the operator named the destination.
pub(in crate::upstream) async fn open(
    upstreams: &Upstreams,
    (destination, named, via, id): (&Destination, bool, Via, ParentId),
    account: Option<&Arc<Account>>,
    (open, deadline): (Option<&OpenExchange>, Instant),
) -> Result<Socket, NoAnswer> {
    let known = upstreams.parents.parent(id);
    let mut targets = targets(upstreams, (destination, named, via), account, deadline).await?.into_iter();
    let mut refused = None;
    while let Some(target) = targets.next() {
        let mut socket =
            open_socket(upstreams, Peer::Parent(&known.parent), account, (open, deadline)).await?;
        if known.protocol() == ParentProtocol::Https {
            socket.io = secure(upstreams, known, account, socket.io).await?;
        }
        if matches!(via, Via::Requests(_)) {
            return Ok(socket);
        }
        match ask(upstreams, known, &mut socket.io, &target).await {
            Ok(()) => return Ok(socket),
            // The upstream may have other addresses that the parent can reach.
            Err(refusal) if refusal.is_of_address() && targets.len() > 0 => {}
            Err(refusal) => refused = Some(refusal.no_answer(&known.parent, destination)),
        }
        if let Some(refused) = refused {
            return Err(refused);
        }
    }
    let message = format!("{destination} has no address.");
    Err(Failure::new(Side::Upstream, Stage::Dns, message).into())
}

/// The destination, as it is named to the parent: by name, or by each of its addresses.
async fn targets(
    upstreams: &Upstreams,
    (destination, named, via): (&Destination, bool, Via),
    account: Option<&Arc<Account>>,
    deadline: Instant,
) -> Result<Vec<Target>, NoAnswer> {
    let by_name = || Target::Name(destination.host.clone(), destination.port);
    let peer = Peer::Upstream { destination, named };
    if resolves_names(upstreams, via) {
        if let Some(ip) = destination.ip() {
            let address = SocketAddr::new(ip, destination.port);
            permitted_addresses(upstreams, peer, vec![address])?;
            return Ok(vec![Target::Address(address)]);
        }
        if let Some(why) = refused_name(upstreams, peer, account).await {
            return Err(why);
        }
        return Ok(vec![by_name()]);
    }
    let addresses = peer.resolve(upstreams, account, deadline).await?;
    let addresses = permitted_addresses(upstreams, peer, addresses)?;
    Ok(addresses.into_iter().take(ASKED).map(Target::Address).collect())
}

/// TLS with the parent itself.
async fn secure(
    upstreams: &Upstreams,
    known: &KnownParent,
    account: Option<&Arc<Account>>,
    mut io: Io,
) -> Result<Io, NoAnswer> {
    let parent = &known.parent;
    let limit = upstreams.context.config.timeouts.tls_handshake;
    let permit = io.take_permit();
    let alpn = Alpn::http1();
    let handshake = turns::take(account, upstreams.tls.connect(io, &parent.host, &alpn));
    let failed = |message: String| {
        let message = format!("TLS with the parent proxy {parent} failed: {message}");
        NoAnswer::from(Failure::new(Side::Upstream, Stage::TlsHandshake, message))
    };
    match timeout(limit, handshake).await {
        Ok(Ok((io, _))) => Ok(io.with_permit(permit)),
        Ok(Err(no_answer)) => Err(failed(no_answer.failure.message)),
        Err(_) => {
            let message = format!("it did not finish the handshake within {} s.", limit.as_secs_f64());
            Err(NoAnswer { status: 504, ..failed(message) })
        }
    }
}

/// Asks the parent for a connection to `target`.
async fn ask(
    upstreams: &Upstreams,
    known: &KnownParent,
    io: &mut Io,
    target: &Target,
) -> Result<(), Refusal> {
    let config = &upstreams.context.config;
    let asking = async {
        match known.protocol() {
            ParentProtocol::Http | ParentProtocol::Https => {
                http::ask(io, &target.authority(), known.authorization.as_deref(), config.limits).await
            }
            ParentProtocol::Socks5 | ParentProtocol::Socks5h => {
                socks5::ask(io, target, known.credential.as_ref()).await
            }
        }
    };
    match timeout(config.timeouts.parent, asking).await {
        Ok(asked) => asked,
        Err(_) => Err(Refusal::Silent(config.timeouts.parent)),
    }
}
