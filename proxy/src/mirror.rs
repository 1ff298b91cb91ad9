//! What a client's TLS is answered with, so that the client sees what it would see without us: the protocol that the
//! upstream itself chooses of those that the client offers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::alpn::Alpn;
use crate::detect::Hello;
use crate::engine::Engine;
use crate::message::Route;
use crate::upstream::{self, Key, NoAnswer, Protocol};

/// How long a failure to reach the upstream answers the request that comes after the handshake.
const TOLD: Duration = Duration::from_secs(5);

/// How an upstream could not be reached during a client's handshake: the first request's answer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Unreachable(Arc<Mutex<Option<(Instant, NoAnswer)>>>);

impl Unreachable {
    fn set(&self, no_answer: NoAnswer) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), no_answer));
    }

    /// The failure, once, while it is fresh.
    pub(crate) fn take(&self) -> Option<NoAnswer> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.filter(|(since, _)| since.elapsed() < TOLD).map(|(_, no_answer)| no_answer)
    }
}

/// What to offer the client that sent `hello`. Where it matters, the upstream is connected to beforehand, and the
/// connection kept for the first request. Only clients that offer HTTP/2 have a choice that could differ.
pub(crate) async fn offer(engine: &Arc<Engine>, hello: &Hello, route: &mut Route) -> Alpn {
    let offers = |protocol: &[u8]| hello.alpn.iter().any(|name| name == protocol);
    let Some(destination) = route.destination.clone().filter(|_| offers(b"h2")) else {
        return Alpn::http2_and_http1();
    };
    route.offered = if offers(b"http/1.1") { Protocol::Http2OrHttp1 } else { Protocol::Http2 };
    let key = Key {
        destination,
        sni: route.sni.clone(),
        protocol: route.offered,
        pinned: None,
        own: route.connection,
    };
    match upstream::prepare(engine, &key, route.source.as_ref()).await {
        Ok(chosen) => chosen,
        Err(no_answer) => {
            route.unreachable.set(no_answer);
            Alpn::http2_and_http1()
        }
    }
}
