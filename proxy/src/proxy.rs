//! The proxy as a whole: bound, run, drained.

use std::sync::Arc;
use std::time::Duration;

use dashcam_ca::Authority;
use dashcam_control::Control;
use dashcam_programs::Programs;
use dashcam_recorder::Recorder;
use tokio::time::{MissedTickBehavior, interval};

use crate::config::{Config, ListenerConfig};
use crate::context::Context;
use crate::error::BindError;
use crate::exchange::rewrite::OwnCookies;
use crate::exchange::service::Service;
use crate::key_log::key_log;
use crate::meter::Meter;
use crate::net::admission::Admission;
use crate::net::failure_log::FailureLog;
use crate::net::lag::LagProbe;
use crate::net::limited::Limited;
use crate::net::tasks::Tasks;
use crate::net::transit::Transit;
use crate::net::unread::Unread;
use crate::net::workers::Workers;
use crate::replayer::Replayer;
use crate::serve::access::Access;
use crate::serve::listener::Listener;
use crate::serve::server::Server;
use crate::serve::setup_site::SetupSite;
use crate::serve::shedding::Shedding;
use crate::serve::tls::ServerTls;
use crate::serve::verdict::Rules;
use crate::upstream::{ClientTls, Dialer, Upstreams};

/// How often kept upstream connections are looked through.
const SWEEP: Duration = Duration::from_secs(15);

/// A proxy with its listeners bound.
pub struct Proxy {
    server: Arc<Server>,
    listeners: Vec<Listener>,
    workers: Arc<Workers>,
}

impl Proxy {
    /// Binds all listeners and sets up TLS; nothing is accepted before [`Proxy::run`].
    ///
    /// # Errors
    /// When an address, a certificate or an expression can't be used; the message says what to do.
    pub async fn bind(
        config: Config,
        control: Arc<Control>,
        authority: Authority,
        recorder: Recorder,
    ) -> Result<Self, BindError> {
        Self::build(config, control, authority, recorder, Dialer::default()).await
    }

    /// The same, with `dialer` for connections to upstreams.
    pub(crate) async fn build(
        config: Config,
        control: Arc<Control>,
        authority: Authority,
        recorder: Recorder,
        dialer: Dialer,
    ) -> Result<Self, BindError> {
        let mut listeners = Vec::new();
        for listener in &config.listeners {
            listeners.push(Listener::bind(listener).await?);
        }
        let keys = key_log();
        let rules = Rules::new(&config.ignore_hosts, &config.allow_hosts).map_err(BindError::Hosts)?;
        let rules = rules.within(authority.clone());
        let own_cookies = OwnCookies::new(&config.own_addresses, authority.root_pem());
        let setup_site = SetupSite::new(&authority, config.setup_site);
        let tls = ServerTls::new(&config, authority, &keys)?;
        let client_tls = ClientTls::new(&config.tls, &keys)?;
        let limited = Arc::<Limited>::default();
        let programs = config.programs.map(Programs::start).transpose().map_err(BindError::Threads)?;
        let context = Arc::new(Context {
            meter: Meter::new(config.workers),
            admission: Admission::new(config.connections),
            transit: Transit::new(config.limits.transit, &limited),
            limited,
            unread: Unread::default(),
            programs: programs.flatten(),
            failures: FailureLog::default(),
            config,
            control,
            recorder,
            own_sockets: listeners.iter().any(Listener::is_foreign).then(Arc::default),
            tasks: Tasks::default(),
            listening: listeners.iter().map(|listener| listener.config.address).collect(),
        });
        let upstreams = Upstreams::new(&context, client_tls, dialer);
        if let Some(parent) = upstreams.parents.own(|address| context.own_address(address).is_some()) {
            return Err(BindError::OwnParent(parent.to_string()));
        }
        let service = Service { upstreams: Arc::new(upstreams), own_cookies, context: Arc::clone(&context) };
        let server = Server {
            service: Arc::new(service),
            access: Access::new(&context.config.access),
            rules,
            tls,
            setup_site,
            shedding: Shedding::new(context.config.connections),
            context,
        };
        let Config { workers, waiting_threads, .. } = server.context.config;
        let workers = Workers::start(workers, waiting_threads).map_err(BindError::Threads)?;
        Ok(Self { server: Arc::new(server), listeners, workers: Arc::new(workers) })
    }

    /// The listeners, with the addresses that they got.
    #[must_use]
    pub fn listeners(&self) -> Vec<ListenerConfig> {
        self.listeners.iter().map(|listener| ListenerConfig::clone(&listener.config)).collect()
    }

    /// Sends recorded requests again.
    #[must_use]
    pub fn replayer(&self) -> Replayer {
        Replayer { server: Arc::clone(&self.server) }
    }

    /// Measures how long ready work waits on the threads that carry traffic. It costs them something only when it is asked.
    #[must_use]
    pub fn lag_probe(&self) -> LagProbe {
        self.workers.lag_probe()
    }

    /// Serves until `shutdown`; then accepts no more, lets what runs finish for `grace`, and ends the rest.
    pub async fn run(self, shutdown: impl Future<Output = ()>, grace: Duration) {
        let tasks = self.server.context.tasks.clone();
        for listener in self.listeners {
            tasks.spawn(listener.run(Arc::clone(&self.server), Arc::clone(&self.workers)));
        }
        tasks.spawn(sweep(Arc::clone(&self.server)));
        tasks.spawn(tell_recorder(Arc::clone(&self.server)));
        shutdown.await;
        if !tasks.stop(grace).await {
            tracing::warn!("some connections did not end within {} s and were cut", grace.as_secs());
        }
        // No listener holds them any more.
        if let Some(workers) = Arc::into_inner(self.workers) {
            workers.end().await;
        }
    }
}

/// Tells the recorder when recording goes off or on: what is under way then carries its decision already.
async fn tell_recorder(server: Arc<Server>) {
    let mut policies = server.context.control.subscribe();
    loop {
        let is_off = policies.borrow_and_update().is_off();
        server.context.recorder.set_off(is_off);
        // Connections ask again: those that are decrypted end when it goes off.
        server.context.tasks.wake_all();
        tokio::select! {
            () = server.context.tasks.draining.cancelled() => return,
            changed = policies.changed() => if changed.is_err() { return },
        }
    }
}

async fn sweep(server: Arc<Server>) {
    let mut tick = interval(SWEEP);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = server.context.tasks.draining.cancelled() => return server.service.upstreams.pool.close(),
            _ = tick.tick() => {
                server.service.upstreams.pool.sweep();
                server.context.admission.sweep();
            }
        }
    }
}
