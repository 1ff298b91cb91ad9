//! The proxy as a whole: bound, run, drained.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dashcam_ca::Authority;
use dashcam_control::Control;
use dashcam_recorder::Recorder;
use tokio::time::{MissedTickBehavior, interval};

use crate::admission::Admission;
use crate::config::Config;
use crate::decide::Rules;
use crate::engine::Engine;
use crate::key_log::key_log;
use crate::limited::Limited;
use crate::listener::{BindError, Listener};
use crate::meter::Meter;
use crate::replay::Replayer;
use crate::shedding::Shedding;
use crate::tasks::Tasks;
use crate::tls::ServerTls;
use crate::transit::Transit;
use crate::upstream::{ClientTls, Resolver, Upstreams};
use crate::workers::Workers;

/// How often kept upstream connections are looked through.
const SWEEP: Duration = Duration::from_secs(15);

/// A proxy with its listeners bound.
pub struct Proxy {
    engine: Arc<Engine>,
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
        let mut listeners = Vec::new();
        for listener in &config.listeners {
            listeners.push(Listener::bind(listener.mode.clone(), listener.address).await?);
        }
        let listening = listeners.iter().map(|listener| listener.address).collect::<Vec<_>>();
        let keys = key_log();
        let limited = Arc::<Limited>::default();
        let engine = Engine {
            rules: Rules::new(&config.ignore_hosts, &config.allow_hosts)?.within(authority.clone()),
            tls: ServerTls::new(&config, authority, &keys)?,
            upstreams: Upstreams::new(ClientTls::new(&config.tls, &keys)?, config.workers),
            meter: Meter::new(config.workers),
            resolver: Resolver::system(Arc::clone(&limited)),
            admission: Admission::new(config.connections),
            shedding: Shedding::new(config.connections),
            transit: Transit::new(config.limits.transit, &limited),
            limited,
            config,
            control,
            recorder,
            tasks: Tasks::default(),
            listening,
        };
        let workers = Workers::start(engine.config.workers).map_err(BindError::Threads)?;
        Ok(Self { engine: Arc::new(engine), listeners, workers: Arc::new(workers) })
    }

    /// Each listener's mode and the address that it got.
    #[must_use]
    pub fn addresses(&self) -> Vec<(String, SocketAddr)> {
        self.listeners.iter().map(|listener| (listener.mode.to_string(), listener.address)).collect()
    }

    /// Sends recorded requests again.
    #[must_use]
    pub fn replayer(&self) -> Replayer {
        Replayer { engine: Arc::clone(&self.engine) }
    }

    /// Serves until `shutdown`; then accepts no more, lets what runs finish for `grace`, and ends the rest.
    pub async fn run(self, shutdown: impl Future<Output = ()>, grace: Duration) {
        let tasks = self.engine.tasks.clone();
        for listener in self.listeners {
            tasks.spawn(listener.run(Arc::clone(&self.engine), Arc::clone(&self.workers)));
        }
        tasks.spawn(sweep(Arc::clone(&self.engine)));
        tasks.spawn(tell_recorder(Arc::clone(&self.engine)));
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

/// Tells the recorder when recording goes off or on: what is under way then has read its settings already.
async fn tell_recorder(engine: Arc<Engine>) {
    let mut settings = engine.control.subscribe();
    loop {
        let off = !settings.borrow_and_update().level.decrypts();
        engine.recorder.set_off(off);
        // Connections that are decrypted end when it goes off.
        engine.tasks.wake_all();
        tokio::select! {
            () = engine.tasks.draining.cancelled() => return,
            changed = settings.changed() => if changed.is_err() { return },
        }
    }
}

async fn sweep(engine: Arc<Engine>) {
    let mut tick = interval(SWEEP);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = engine.tasks.draining.cancelled() => return engine.upstreams.close(),
            _ = tick.tick() => {
                engine.upstreams.sweep();
                engine.admission.sweep();
            }
        }
    }
}
