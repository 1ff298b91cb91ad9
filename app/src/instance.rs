//! A running dashcam: its parts wired in order, and stopped in reverse.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use dashcam_ca::{Authority, KeySource};
use dashcam_governor::{Board, Governed};
use dashcam_proxy::{ListenerConfig, Proxy};
use dashcam_recorder::{Ledger, Recorder, now};
use dashcam_store::{Store, StoreError};
use dashcam_web_ui::{Access, Audit, PagePlace};
use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::error::Elapsed;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::backfilling;
use crate::ca_key;
use crate::config;
use crate::config_watch::Beside;
use crate::control_socket::{self, SocketFile};
use crate::exposure;
use crate::flight::FlightTasks;
use crate::free_space;
use crate::governing::{Governing, Meters, Obstacles};
use crate::home::Home;
use crate::idle_memory;
use crate::indexing;
use crate::open_files;
use crate::options::Options;
use crate::outbound;
use crate::page::{self, BoundPage};
use crate::page_threads::PageThreads;
use crate::predecessor::Predecessor;
use crate::recording::{Begun, Recording};
use crate::redaction::Redacting;
use crate::signals::Toggle;
use crate::switching::Switching;

/// How long the page may take to end its calls.
const PAGE_GRACE: Duration = Duration::from_secs(6);
/// How long the last entries of the audit log may take to be written.
const AUDITED: Duration = Duration::from_secs(3);
/// How often what is too old is looked for.
const RETAIN: Duration = Duration::from_secs(10);
/// How long a batch of the rest of the recording may take to be written.
const FLUSH: Duration = Duration::from_secs(8);
/// How long the disk may take to say how much room there is, or to remove a file.
const LOOK: Duration = Duration::from_secs(1);
/// How long closing the database may take.
const CLOSE: Duration = Duration::from_secs(10);

/// The parts, each in a task of its own.
pub(crate) struct Instance {
    /// Where traffic is taken.
    pub(crate) listeners: Vec<ListenerConfig>,
    /// Where the page is.
    pub(crate) page: PagePlace,
    /// The secret that the page's callers must know.
    pub(crate) token: String,
    pub(crate) authority: Authority,
    /// True if forward listeners ask for a password.
    pub(crate) asks_password: bool,
    store: Store,
    recorder: Recorder,
    writing: JoinHandle<()>,
    proxying: JoinHandle<()>,
    paging: JoinHandle<std::io::Result<()>>,
    auditing: JoinHandle<()>,
    _page_threads: PageThreads,
    retaining: JoinHandle<()>,
    indexing: JoinHandle<()>,
    backfilling: JoinHandle<()>,
    looking: JoinHandle<()>,
    switching: Switching,
    flight: FlightTasks,
    governing: JoinHandle<()>,
    stop_proxy: CancellationToken,
    stop_page: CancellationToken,
    /// Of the control socket, and of the page's.
    socket_files: [Option<SocketFile>; 2],
}

impl Instance {
    /// Starts everything; when it returns, traffic is taken.
    ///
    /// # Errors
    /// What the operator has to mend first: a port in use, a database that another one writes, … A disk that fails
    /// is none of that where dashcam ran before.
    pub(crate) async fn start(options: Options) -> Result<Self> {
        if let Some(shortage) = options.container.shortage() {
            bail!("{shortage}");
        }
        let tasks = TaskTracker::new();
        // Neither signal ends a dashcam whose start takes a while.
        let toggle = Toggle::new()?;
        let asks_snapshot = signal(SignalKind::user_defined2())?;
        let home = &options.home;
        home.create()?;
        home.refuse_exposed()?;
        let was_used = home.was_used();
        let mut predecessor = Predecessor::default();
        control_socket::wait_for_end(&home.control_socket(), &mut predecessor).await?;
        // Nobody needs it to start.
        if let Err(error) = home.write_changed("config.toml.example", config::EXAMPLE.as_bytes()) {
            tracing::warn!("the example of a configuration could not be written: {error:#}");
        }
        let token = home.token()?;
        let key = ca_key::source(home, &options.ca)?;

        let flight = options.flight.begin(home.path(), &options.database, &mut predecessor).await?;
        let (recording, flight) = Recording::new(&options)?.with_flight(flight);
        let Begun { store, control, recorder, writing, cpu } =
            recording.begin(was_used, &mut predecessor, &tasks).await?;
        let flight = flight.write((&store, &control, &recorder), asks_snapshot, &tasks);
        recorder.hide(&token);
        let redacting = Redacting::start((home, was_used), (&control, &recorder), options.redaction.clone())?;
        let beside = Beside::new(&options, store.clone(), flight.controls.clone(), redacting.clone());
        let parts = (Arc::clone(&control), store.clone(), beside);
        let switching = Switching::start(parts, toggle, &options, &tasks);
        switching.restore_leases().await;
        let authority = authority(home, key).await?;
        let look = free_space::look(&options.database, options.min_free, &recorder, false);
        // A disk that hangs is waited for by the looks that follow.
        let paused = timeout(LOOK, look).await.unwrap_or(false);

        let BoundPage { page, place, address, socket_file: page_file } = page::bind(&options.page).await?;
        let config = dashcam_proxy::Config { own_addresses: Vec::from_iter(address), ..options.proxy };
        let outbound = outbound::shown(&config.outbound);
        let setup_site = config.setup_site;
        let (access, certificate) = (config.access.clone(), config.client_ca.is_some());
        let proxy = Proxy::bind(config, Arc::clone(&control), authority.clone(), recorder.clone()).await?;
        let listeners = proxy.listeners();
        let governed = Governed {
            board: Arc::new(Board::new(now())),
            cgroups: options.container.cgroups.clone(),
            cpus: options.container.cpus(),
            workers: options.container.thread_plan().workers,
            recorder_memory: options.limits.memory,
            open_files: open_files::limit(),
        };
        for warning in exposure::of_listeners(&listeners, &access, certificate) {
            tracing::warn!("{warning}");
        }
        for warning in exposure::without_effect(&listeners, &access) {
            tracing::warn!("{warning}");
        }

        let (audit, auditing) = Audit::new(store.clone(), options.audit);
        let auditing = tasks.spawn(auditing.run());
        let parts = dashcam_web_ui::Parts {
            store: store.clone(),
            control: Arc::clone(&control),
            changes: switching.changes.clone(),
            config: Some(switching.config.clone()),
            redaction: Some(redacting.shown()),
            redaction_keys: Some(redacting.keys()),
            redaction_definitions: Some(redacting.definitions()),
            recorder: recorder.clone(),
            flight: Some(flight.parts.clone()),
            replayer: Some(proxy.replayer()),
            access: Access::new(&token, Some(home.sessions_path()), &options.page.limits),
            audit,
            new_token: Some(Arc::new({
                let (home, recorder) = (home.clone(), recorder.clone());
                move || home.renew_token().inspect(|token| recorder.hide(token))
            })),
            page: place.clone(),
            decoding: options.decoding,
            root_pem: authority.root_pem().to_owned(),
            home: home.path().to_owned(),
            listeners: listeners.clone(),
            setup_site,
            outbound,
            governed: Some(governed.clone()),
            version: env!("CARGO_PKG_VERSION"),
            started_at: now(),
        };
        let (socket, socket_file) = control_socket(home, was_used).await?;
        let (stop_proxy, stop_page) = (CancellationToken::new(), CancellationToken::new());
        let stopped = stop_page.clone().cancelled_owned();
        let page_threads = PageThreads::start(options.container.thread_plan().waiting_of_page)?;
        let serving = dashcam_web_ui::serve(parts, page, socket, stopped);
        let paging = tasks.spawn_on(serving, page_threads.handle());
        let retaining = tasks.spawn(retain(store.clone(), stop_page.clone()));
        tasks.spawn(idle_memory::give_back(stop_page.clone()));
        let obstacles = Obstacles { recorder: recorder.clone(), board: Arc::clone(&governed.board) };
        let indexing = tasks.spawn(indexing::index(store.clone(), obstacles.clone(), stop_page.clone()));
        let backfilling = backfilling::backfill(store.clone(), obstacles, stop_page.clone());
        let backfilling = tasks.spawn(backfilling);
        let (database, stopped) = (store.path().to_owned(), stop_page.clone());
        let looking = free_space::watch(database, options.min_free, recorder.clone(), paused, stopped);
        let looking = tasks.spawn(looking);
        let governing = Governing {
            probe: proxy.lag_probe(),
            options: switching.budgets.clone(),
            meters: Meters::new(store.clone(), recorder.clone(), cpu, options.container.clone()),
            control,
            board: governed.board,
            changes: switching.changes.clone(),
        };
        let governing = tasks.spawn(governing.run(stop_page.clone()));
        let proxying = tasks.spawn(proxy.run(stop_proxy.clone().cancelled_owned(), options.grace));
        Ok(Self {
            listeners,
            page: place,
            token,
            authority,
            asks_password: !access.credentials.is_empty(),
            store,
            recorder,
            writing,
            proxying,
            paging,
            auditing,
            _page_threads: page_threads,
            retaining,
            indexing,
            backfilling,
            looking,
            switching,
            flight,
            governing,
            stop_proxy,
            stop_page,
            socket_files: [socket_file, page_file],
        })
    }

    /// Waits for a part to end on its own, which none should.
    pub(crate) async fn failed(&mut self) -> anyhow::Error {
        tokio::select! {
            ended = &mut self.proxying => anyhow!("the proxy ended: {}", reason(ended.map(|()| Ok(())))),
            ended = &mut self.paging => anyhow!("the page ended: {}", reason(ended)),
            ended = &mut self.writing => anyhow!("the recording ended: {}", reason(ended.map(|()| Ok(())))),
        }
    }

    /// Takes no more traffic, lets what is under way end, writes what is recorded, and closes the database.
    /// The page shows it until the proxy has ended.
    pub(crate) async fn stop(self) -> Result<()> {
        self.stop_proxy.cancel();
        ended(self.proxying).await;
        self.stop_page.cancel();
        if timeout(PAGE_GRACE, ended(self.paging)).await.is_err() {
            tracing::warn!("the page did not end in time");
        }
        if timeout(AUDITED, ended(self.auditing)).await.is_err() {
            tracing::warn!("the last entries of the audit log could not be written in time");
        }
        ended(self.retaining).await;
        ended(self.indexing).await;
        ended(self.backfilling).await;
        // Its last step is in the history as well.
        ended(self.governing).await;
        self.switching.stop().await;
        drop(self.looking);
        self.recorder.close();
        let flushed = flushed(&self.recorder, ended(self.writing)).await;
        self.flight.stop().await;
        let patience = if flushed.is_ok() { CLOSE } else { Duration::from_secs(1) };
        let close = async {
            // Without it, the time since something was stored last is unknown.
            if let Err(error) = self.store.admin().end_run(now()).await {
                tracing::debug!(%error, "the end of the run could not be noted");
            }
            self.store.close().await;
        };
        let closed = timeout(patience, close).await;
        // The disk may hang.
        let _ = timeout(LOOK, spawn_blocking(move || drop(self.socket_files))).await;
        let Ledger { pending, .. } = self.recorder.ledger();
        if flushed.is_err() || closed.is_err() {
            bail!("the disk did not answer in time: the last {pending} exchanges are not stored");
        }
        Ok(())
    }
}

/// The authority that issues clients' certificates; says so if it may not do it for all hosts.
async fn authority(home: &Home, key: KeySource) -> Result<Authority> {
    let place = home.path().to_owned();
    // A passphrase takes a moment to be made a key, and a program that signs as well.
    let opened = spawn_blocking(move || Authority::open_or_create_with(&place, &key)).await?;
    let (authority, _) = opened?;
    if let Some(permitted) = authority.certificate().permitted() {
        tracing::info!(
            "the root may issue certificates only for {permitted}: connections to other hosts are tunnelled unread"
        );
    }
    Ok(authority)
}

/// Waits for `writing` to end, as long as it gets on.
async fn flushed(recorder: &Recorder, writing: impl Future<Output = ()>) -> Result<(), Elapsed> {
    let mut writing = std::pin::pin!(writing);
    loop {
        let before = recorder.ledger().pending;
        match timeout(FLUSH, &mut writing).await {
            Err(_) if recorder.ledger().pending < before => {}
            ended => return ended,
        }
    }
}

/// The control socket; none where a home that was used before takes none now, as on a full disk.
async fn control_socket(home: &Home, was_used: bool) -> Result<(Option<UnixListener>, Option<SocketFile>)> {
    match control_socket::bind(&home.control_socket()).await {
        Ok((socket, file)) => Ok((Some(socket), Some(file))),
        Err(error) if was_used && error.is::<std::io::Error>() => {
            tracing::warn!(
                "the control socket can't be made ({error:#}): the command line does not reach this dashcam until it \
                is started again; its page answers"
            );
            Ok((None, None))
        }
        Err(error) => Err(error),
    }
}

/// Deletes what is too old also while nothing passes, or nothing is stored. That it fails is told once.
async fn retain(store: Store, stop: CancellationToken) {
    let (mut told, mut failing) = (0, false);
    while stop.run_until_cancelled(tokio::time::sleep(RETAIN)).await.is_some() {
        let Some(retained) = stop.run_until_cancelled(store.admin().retain()).await else { return };
        let failed_before = std::mem::replace(&mut failing, retained.is_err());
        match retained {
            Ok(deleted) => {
                if deleted > told {
                    tracing::debug!(deleted = deleted - told, "old exchanges were deleted");
                }
                told = deleted;
            }
            // Why is told already, by the pause.
            Err(StoreError::NotOpen { .. }) => {}
            Err(error) if !failed_before => tracing::warn!(%error, "old exchanges could not be deleted"),
            Err(_) => {}
        }
    }
}

/// Waits for a task's end; one that ended before (and told why) is as good.
async fn ended<T>(task: JoinHandle<T>) {
    if !task.is_finished()
        && let Err(error) = task.await
    {
        tracing::error!(%error, "a part failed at the end");
    }
}

fn reason(ended: Result<std::io::Result<()>, tokio::task::JoinError>) -> String {
    match ended {
        Ok(Ok(())) => "it stopped by itself".to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(error) => error.to_string(),
    }
}
