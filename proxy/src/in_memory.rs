//! The service without sockets, for fuzz targets and for `benches/micro`: an server, the route of a client of a
//! reverse listener, and upstream connections that end in memory.

use std::cell::RefCell;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use dashcam_ca::Authority;
use dashcam_control::{Control, Settings};
use dashcam_exchange::{Destination, Scheme};
use dashcam_recorder::Recorder;
use tokio::io::DuplexStream;

use crate::config::{Config, Timeouts, UpstreamTls};
use crate::exchange::route::{Route, RouteKind};
use crate::net::io::Io;
use crate::proxy::Proxy;
use crate::serve::server::Server;
use crate::upstream::Dialer;

type Origin = Box<dyn FnMut(DuplexStream)>;

thread_local! {
    /// Takes the far end of each new connection to an upstream.
    static ORIGIN: RefCell<Option<Origin>> = const { RefCell::new(None) };
}

/// A connection to the origin in memory, if there is one: what the dialer gives.
pub(crate) fn connection() -> Option<Io> {
    ORIGIN.with_borrow_mut(|origin| {
        let origin = origin.as_mut()?;
        let (near, far) = tokio::io::duplex(16 << 10);
        origin(far);
        Some(near.into())
    })
}

/// Lets `origin` take the far ends of this thread's connections to upstreams from now on.
pub(crate) fn set_origin(origin: impl FnMut(DuplexStream) + 'static) {
    ORIGIN.set(Some(Box::new(origin)));
}

/// Lets connections to upstreams be real ones again.
#[cfg(any(test, fuzzing))]
pub(crate) fn unset_origin() {
    ORIGIN.set(None);
}

/// An server that has no listeners.
pub(crate) async fn server(settings: Settings, authority: Authority, recorder: Recorder) -> Arc<Server> {
    let config = Config {
        timeouts: Timeouts::default(),
        tls: UpstreamTls { insecure: true, ..UpstreamTls::default() },
        ..Config::default()
    };
    let control = Arc::new(Control::new(settings));
    let proxy = Proxy::build(config, control, authority, recorder, Dialer::Given(connection))
        .await
        .expect("no listener");
    proxy.replayer().server
}

/// Where the client in memory is thought to be.
pub(crate) const CLIENT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 1);

/// The route of a client without TLS whose requests go to `destination`, or each where it says.
pub(crate) fn route(destination: Option<Destination>, kind: RouteKind) -> Route {
    Route { client: Some(CLIENT), destination, ..Route::new(kind) }
}

/// Where the origin in memory is thought to be.
pub(crate) fn origin() -> Destination {
    Destination { scheme: Scheme::Http, host: "origin".to_owned(), port: 80 }
}
