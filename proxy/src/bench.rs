//! Work whose instructions `benches/micro` counts: the whole service between streams in memory, and a head's
//! way to the wire. Built only with the feature `bench`, which no other crate asks for.

use std::sync::Arc;

use bytes::BytesMut;
use dashcam_ca::Authority;
use dashcam_control::Settings;
use dashcam_exchange::RequestHead;
use dashcam_recorder::Recorder;
use tokio::io::DuplexStream;

use crate::body::Body;
use crate::config::ListenerConfig;
use crate::exchange::rewrite;
use crate::exchange::route::{Route, RouteKind};
use crate::h1::encode;
use crate::in_memory;
use crate::net::io::Io;
use crate::serve::client_record::ClientRecord;
use crate::serve::h1::server;
use crate::serve::server::Server;
use crate::upstream::prepare_h1;

/// A reverse listener's.
const KIND: RouteKind = RouteKind::Reverse { keep_host: false, trusts_client: false };

/// A reverse proxy for plain HTTP/1, without its listener.
pub struct Service {
    server: Arc<Server>,
    route: Route,
}

impl Service {
    /// One under `settings`. `origin` takes the far ends of its connections to the upstream; there can be one
    /// such service a thread.
    pub async fn new(
        settings: Settings,
        authority: Authority,
        recorder: Recorder,
        origin: impl FnMut(DuplexStream) + 'static,
    ) -> Self {
        in_memory::set_origin(origin);
        Self { server: in_memory::server(settings, authority, recorder).await, route: route() }
    }

    /// Serves a client on `io`, in a task of its own.
    pub fn serve(&self, io: DuplexStream) {
        let server = Arc::clone(&self.server);
        self.server.context.tasks.spawn(async move {
            let mut log = ClientRecord::new(&server.service, in_memory::CLIENT, &ListenerConfig::default());
            let room = Some(server.context.transit.room(None));
            let route = Route { destination: Some(in_memory::origin()), room, ..log.route(KIND) };
            // Whoever asks for a tunnel is left without.
            let _ = server::serve(Io::from(io), &route, &server, &mut log).await;
        });
    }

    /// Makes `head` the head of a request as it goes to the upstream, and appends it to `out` as it is written.
    pub fn head_to_wire(&self, head: &mut RequestHead, out: &mut BytesMut) {
        rewrite::request(head, &self.route, &in_memory::origin());
        prepare_h1(head, &Body::empty());
        encode::request(head, out).expect("a head that was parsed");
    }
}

fn route() -> Route {
    in_memory::route(Some(in_memory::origin()), KIND)
}
