//! The record of a client connection: made when its verdict is known, and when it closes.

mod known_facts;
mod refusal;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use dashcam_control::{ClientFacts, ConnectionDecision, ConnectionFacts, Pair};
use dashcam_exchange::{
    Connection, Destination, Detected, Failure, Runtime, Side, TlsFacts, TunnelReason, Verdict,
};
use dashcam_recorder::{Client, HandOver, now};

use crate::config::ListenerConfig;
use crate::exchange::route::{Route, RouteKind};
use crate::exchange::service::Service;
use crate::net::admission::Account;
use crate::net::io::Io;
use crate::net::tcp::is_this_machine;
use crate::net::transit::Room;
use crate::serve::client_record::known_facts::KnownFacts;
use crate::serve::decision::in_force;
use crate::serve::detect::Hello;
use crate::serve::mode::spec;
use crate::serve::rejection::Unused;
use crate::serve::runtime;
use crate::upstream::ParentId;

/// A connection's record in the making; it is handed over, closed, when this is dropped.
pub(crate) struct ClientRecord {
    connection: Connection,
    /// The facts by which is decided about it.
    known: KnownFacts,
    /// The software that the client's CONNECT names.
    user_agent: Option<String>,
    /// Since when a client whose TLS is ended here has said nothing, and the end of such a connection.
    handshake_done: Option<Instant>,
    unused: Option<Unused>,
    /// True once it said something.
    has_spoken: bool,
    /// Its listener's parent proxy.
    parent: Option<ParentId>,
    /// The decision about it, with what was known of it then.
    decision: Option<ConnectionDecision>,
    /// Its account with the recorder.
    account: Client,
    service: Arc<Service>,
    /// The account of the client's source address.
    source: Option<Arc<Account>>,
    /// Room for what the connection holds.
    room: Option<Arc<Room>>,
    /// True once the recorder knows of it: then it is to know of its end as well.
    is_told: bool,
    /// True once its program is looked for.
    is_looked_for: bool,
    /// True while nothing came over it but requests for the site that we are: then it is not on record.
    is_at_setup_site: bool,
    led: Led,
}

/// The firewall's part in a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Led {
    /// None: the client came to us.
    Nowhere,
    /// It is not known yet where the connection was meant to go.
    Unknown,
    /// It led here a connection that was meant for `entrance`, perhaps that of a client on this machine.
    To { is_from_here: bool },
}

impl ClientRecord {
    pub(crate) fn new(service: &Arc<Service>, client: SocketAddr, listener: &ListenerConfig) -> Self {
        let connection = Connection {
            id: service.context.recorder.connection_id(),
            opened_at: now(),
            closed_at: None,
            client: client.to_string(),
            program: None,
            mode: listener.mode.to_string(),
            listener: listener.name.clone(),
            destination: None,
            detected: None,
            verdict: None,
            tunnel_reason: None,
            runtime: None,
            tls: None,
            failure: None,
            bytes_in: 0,
            bytes_out: 0,
        };
        let account = service.context.recorder.client(Some(client.ip()));
        Self {
            known: KnownFacts::new(client, listener, &connection),
            connection,
            user_agent: None,
            handshake_done: None,
            unused: None,
            has_spoken: false,
            parent: service.upstreams.parents.of_listener(&listener.mode),
            decision: None,
            account,
            service: Arc::clone(service),
            source: None,
            room: None,
            is_told: false,
            is_looked_for: false,
            is_at_setup_site: false,
            led: if spec(&listener.mode).foreign { Led::Unknown } else { Led::Nowhere },
        }
    }

    /// The same, of a client whose source address takes what `source` says.
    pub(crate) fn with_source(mut self, source: Arc<Account>) -> Self {
        self.source = Some(source);
        self
    }

    /// A route of the connection's requests.
    pub(crate) fn route(&self, kind: RouteKind) -> Route {
        Route {
            connection: Some(self.connection.id),
            account: Some(self.account.clone()),
            mode: Some(self.known.mode),
            client: Some(self.known.client),
            described: Some(Arc::clone(&self.known.described)),
            source: self.source.clone(),
            room: self.room.clone(),
            entrance: self.known.entrance,
            parent: self.parent,
            hello: self.known.hello,
            runtime: self.connection.runtime,
            ..Route::new(kind)
        }
    }

    /// Where the client is.
    pub(crate) fn client(&self) -> SocketAddr {
        self.known.client
    }

    /// The parent proxy of the client's listener.
    pub(crate) fn parent(&self) -> Option<ParentId> {
        self.parent
    }

    /// The account of the client's source address.
    pub(crate) fn source(&self) -> Option<&Arc<Account>> {
        self.source.as_ref()
    }

    /// Notes where the connection came to, and what it may hold.
    pub(crate) fn accepted(&mut self, io: &Io, room: Arc<Room>) {
        self.known.entrance = io.local();
        self.room = Some(room);
        self.look_for_program_if_wanted();
    }

    /// Lets the program be found of a connection that is recorded, or of which a rule asks for that.
    fn look_for_program_if_wanted(&mut self) {
        let decision = self.decision();
        if decision.record || decision.wants_program {
            self.look_for_program();
        }
    }

    /// Lets the program behind the connection be found, once, if programs are recorded.
    fn look_for_program(&mut self) {
        if let (Some(programs), Some(entrance), false) = (
            &self.service.context.programs,
            self.known.entrance,
            self.is_looked_for || self.led == Led::Unknown,
        ) {
            self.is_looked_for = true;
            let (recorder, account) = (self.service.context.recorder.clone(), self.account.clone());
            let found = move |program| recorder.found(&account, program);
            match self.led {
                Led::To { is_from_here: true } => programs.ask_here(self.known.client, entrance, found),
                Led::To { is_from_here: false } | Led::Unknown => {}
                Led::Nowhere => programs.ask(self.known.client, entrance, found),
            }
        }
    }

    /// Notes the address that the client connected to, where the firewall led it here: the client's program is found by
    /// that, as its socket has it.
    pub(crate) fn meant_for(&mut self, address: SocketAddr) {
        self.known.entrance = Some(address);
        self.led = Led::To { is_from_here: is_this_machine(self.known.client.ip()) };
        self.look_for_program_if_wanted();
    }

    pub(crate) fn room(&self) -> Option<Arc<Room>> {
        self.room.clone()
    }

    /// Notes where the connection goes on to, which may be another place than the site that we are.
    pub(crate) fn destination(&mut self, destination: &Destination) {
        self.is_at_setup_site = false;
        self.known.set_destination(destination);
        self.look_again();
    }

    /// The decision is made again, as more is known.
    fn look_again(&mut self) {
        if self.decision.take().is_some_and(|decision| decision.wants_program) {
            self.known.program = self.account.program();
        }
    }

    /// The decision about the connection. It is made again when more is known, and when the settings have changed.
    pub(crate) fn decision(&mut self) -> ConnectionDecision {
        let decision = in_force(self.decision, &self.service.context.control, || self.facts());
        *self.decision.insert(decision)
    }

    /// Notes what the client's CONNECT says of its software.
    pub(crate) fn user_agent(&mut self, user_agent: Option<&[u8]>) {
        self.user_agent = user_agent.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    }

    /// Notes how the client begins its TLS: it may change the decision.
    pub(crate) fn hello(&mut self, hello: &Hello) {
        let shape = hello.shape;
        self.known.hello = shape.map(|shape| shape.digest);
        let by_hello = shape.and_then(|shape| shape.runtime);
        self.connection.runtime = runtime::guess(by_hello, self.user_agent.as_deref());
        self.known.set_name(hello.sni.as_deref());
        self.look_again();
    }

    /// Notes that a tunnel has HTTP without TLS in it: it may change the decision.
    pub(crate) fn plain_http(&mut self) {
        self.known.set_plain();
        self.look_again();
    }

    /// The connection as rules ask for it.
    pub(crate) fn described(&self) -> Arc<ClientFacts> {
        Arc::clone(&self.known.described)
    }

    /// The client's software, if it is known.
    pub(crate) fn runtime(&self) -> Option<Runtime> {
        self.connection.runtime
    }

    /// True if the connection is to end after what runs: at the shutdown, and if it was decrypted and is not to be any
    /// more.
    pub(crate) fn is_drained(&mut self, route: &Route) -> bool {
        self.is_draining() || (route.ends_when_off() && self.decision().is_off())
    }

    /// True at the shutdown, which also ends what is idle. When recording has gone off, an idle connection stays until
    /// its next request: it may be on its way.
    pub(crate) fn is_draining(&self) -> bool {
        self.service.context.tasks.is_draining()
    }

    pub(crate) fn verdict(&mut self, detected: Option<Detected>, verdict: Verdict) {
        self.decided(detected, verdict, None);
    }

    /// Notes a verdict, which is handed over with what follows from it.
    pub(crate) fn note_verdict(&mut self, detected: Option<Detected>, verdict: Verdict) {
        self.connection.detected = detected.or(self.connection.detected);
        self.connection.verdict = Some(verdict);
    }

    fn decided(&mut self, detected: Option<Detected>, verdict: Verdict, reason: Option<TunnelReason>) {
        self.note_verdict(detected, verdict);
        self.connection.tunnel_reason = reason;
        self.hand_over();
    }

    /// Notes that the client asks for the site that we are. Unless more comes over the connection, it is not on record.
    pub(crate) fn is_at_setup_site(&mut self) {
        self.is_at_setup_site = true;
    }

    /// The stream is relayed unread.
    pub(crate) fn tunnel(&mut self, detected: Option<Detected>, reason: TunnelReason) {
        if matches!(reason, TunnelReason::ClientRejected | TunnelReason::UpstreamRejected)
            && let Some(pair) = Pair::of(&self.facts())
        {
            self.service.context.control.rejected().tunnelled(&pair);
        }
        self.decided(detected, Verdict::Tunnel, Some(reason));
    }

    /// The handshake with the client is done. A client that does not like our certificate may say so only now.
    pub(crate) fn tls(&mut self, facts: TlsFacts) {
        Arc::make_mut(&mut self.known.described).set_tls(&facts);
        self.connection.tls = Some(facts);
        self.handshake_done = Some(Instant::now());
        self.hand_over();
    }

    pub(crate) fn fail(&mut self, failure: Failure) {
        tracing::debug!(connection.id = self.connection.id.0, %failure, "connection failed");
        if failure.side == Side::Client
            && let Some(destination) = &self.known.destination
        {
            let host = self.known.sni.as_ref().unwrap_or(&destination.host);
            let host = format!("{host}:{}", destination.port);
            self.service.context.failures.failed(&failure, &host, Some(&self.known.client.ip()));
        }
        self.connection.failure.get_or_insert(failure);
    }

    pub(crate) fn bytes(&mut self, from_client: u64, to_client: u64) {
        self.connection.bytes_in = from_client;
        self.connection.bytes_out = to_client;
    }

    /// An exchange of it is recorded, or may be, whatever the level is by now: it may have been opened before anything was.
    pub(crate) fn recorded(&mut self) {
        if !self.is_told {
            self.send(HandOver::WithExchange);
        }
    }

    /// An exchange of it begins, which may be recorded.
    pub(crate) fn begins(&mut self) {
        self.is_at_setup_site = false;
        if self.is_told {
            return;
        }
        let decision = self.decision();
        if decision.record {
            self.send(HandOver::Now);
        } else if decision.may_record {
            self.send(HandOver::WithExchange);
        }
    }

    fn facts(&self) -> ConnectionFacts<'_> {
        self.known.facts()
    }

    fn hand_over(&mut self) {
        if self.is_at_setup_site && !self.is_told {
            return;
        }
        if self.decision().record || self.is_recorded_alone() {
            self.send(HandOver::Now);
        } else if self.is_told {
            self.send(HandOver::WithExchange);
        }
    }

    /// True if it is recorded although it has no exchange: one that failed before, or that is relayed unread or refused,
    /// goes by the default level, unless a rule turns its destination off.
    fn is_recorded_alone(&mut self) -> bool {
        let is_unread = matches!(self.connection.verdict, Some(Verdict::Tunnel | Verdict::Refuse));
        let has_no_exchange = is_unread || (self.connection.failure.is_some() && !self.is_told);
        has_no_exchange && self.decision().record_alone
    }

    /// Before the store is open there is nobody to hand it over to: it is handed over later, if it stays that long.
    fn send(&mut self, when: HandOver) {
        if self.service.context.recorder.is_open() {
            self.look_for_program();
            self.is_told = true;
            let destination = self.known.destination.as_ref().map(Destination::host_and_port);
            let connection = Connection { destination, ..self.connection.clone() };
            self.service.context.recorder.connection(&self.account, connection, when);
        }
    }
}

impl Drop for ClientRecord {
    fn drop(&mut self) {
        self.service.upstreams.pool.let_go(self.connection.id);
        if self.has_spoken {
            self.service.context.control.rejected().client_ended(&self.facts());
        }
        let count = self.connection.failure.is_some() && self.decision().count;
        if let Some(failure) = self.connection.failure.as_ref().filter(|_| count) {
            self.service.context.meter.connection_failed(failure);
        }
        self.connection.closed_at = Some(now());
        self.hand_over();
    }
}
