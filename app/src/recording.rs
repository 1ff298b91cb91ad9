//! The recording: opened at the start, or waited for while traffic passes unrecorded; then written.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use dashcam_changes::InFile;
use dashcam_control::{Control, Epoch, Settings, TunnelRejected};
use dashcam_exchange::{LastIds, Level, Timestamp};
use dashcam_flight::FlightSink;
use dashcam_recorder::{Limits, Recorder, Refusal, Writer, now, recorder, waiting_recorder};
use dashcam_store::{Durability, Packing, Retention, SettingsChange, Sink, Store, StoreError};
use serde_json::Value;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::flight;
use crate::governing::{CpuMeter, metered};
use crate::options::Options;
use crate::predecessor::Predecessor;

/// How long traffic may wait for the database at the start: longer than the database waits for another program's lock.
const READY_WITHIN: Duration = Duration::from_secs(7);

/// A database that is being opened.
type Attempt = JoinHandle<Result<(Settings, LastIds), StoreError>>;

/// A recording that is to be opened, and how.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    store: Store,
    level: Option<Level>,
    in_file: InFile,
    rejected: Option<TunnelRejected>,
    retention: Retention,
    durability: Durability,
    packing: Packing,
    /// Bytes of the database that its writer keeps in memory.
    cache: u64,
    limits: Limits,
    /// Numbers that others have beside those in the database: exchanges in rings that killed runs have left.
    taken: LastIds,
    /// The way into the flight recorder's ring.
    flight: Arc<Mutex<Option<FlightSink>>>,
    /// When dashcam began to record, or to try.
    began_at: Timestamp,
}

/// The outcome of opening the recording.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) store: Store,
    pub(crate) control: Arc<Control>,
    pub(crate) recorder: Recorder,
    /// The recorder's writer, until the recorder is closed and everything is stored.
    pub(crate) writing: JoinHandle<()>,
    /// The CPU time of the writer.
    pub(crate) cpu: CpuMeter,
}

impl Recording {
    /// As `options` say.
    ///
    /// # Errors
    /// When there is no such path.
    pub(crate) fn new(options: &Options) -> Result<Self, StoreError> {
        Ok(Self {
            store: Store::unopened(&options.database)?,
            level: options.level,
            in_file: options.in_file.clone(),
            rejected: options.tunnel_rejected.0,
            retention: options.budget.within(options.retention),
            durability: options.durability,
            packing: options.packing,
            cache: options.container.cache(),
            limits: options.limits,
            taken: LastIds::default(),
            flight: Arc::default(),
            began_at: now(),
        })
    }

    /// The same, with a flight recorder beside it; numbers go on beyond those in rings that runs have left.
    pub(crate) fn with_flight(self, mut flight: flight::Begun) -> (Self, flight::Begun) {
        let (taken, sink) = (flight.last, flight.sink.take());
        (Self { taken, flight: Arc::new(Mutex::new(sink)), ..self }, flight)
    }

    /// The control of `settings`, and the recorder and its writer, which have the flight recorder beside them.
    fn attach(&self, settings: Settings, recorder: &Recorder, writer: Writer) -> (Arc<Control>, Writer) {
        let control = Arc::new(Control::with_rejected(settings, self.rejected));
        let sink = self.flight.lock().unwrap_or_else(PoisonError::into_inner).take();
        control.set_flight(sink.is_some());
        (control, flight::attach(sink, recorder, writer))
    }

    /// Opens it. What may pass is no error where something was recorded before (there is a database, or dashcam's
    /// home `was_used`): traffic must not wait for it. Recording is paused then, and goes on as soon as the database
    /// can be opened. At a first start it is one: whoever typed the path is to be told.
    ///
    /// # Errors
    /// A fault that an operator has to mend before anything is recorded there.
    pub(crate) async fn begin(
        self,
        was_used: bool,
        predecessor: &mut Predecessor,
        tasks: &TaskTracker,
    ) -> Result<Begun> {
        let may_wait = was_used || holds_something(self.store.path());
        self.store.admin().set_retention(self.retention).await?;
        let opened = loop {
            let mut attempt = self.clone().attempt(tasks);
            let opened = match timeout(READY_WITHIN, &mut attempt).await {
                Ok(opened) => opened?,
                Err(_) if may_wait => return Ok(self.wait(&slow(), Some(attempt), tasks).await),
                Err(_) => attempt.await?,
            };
            match opened {
                Err(StoreError::Locked { path }) => {
                    let held = format!("another dashcam records to {}", path.display());
                    if !predecessor.may_end(&held).await {
                        break Err(StoreError::Locked { path });
                    }
                }
                opened => break opened,
            }
        };
        match opened {
            Ok((settings, last)) => {
                let (recorder, writer) = recorder(self.limits, last);
                let cpu = CpuMeter::default();
                let (control, writer) = self.attach(settings, &recorder, writer);
                let writing = write(self.store.sink().clone(), writer);
                let writing = tasks.spawn(metered(cpu.clone(), writing));
                Ok(Begun { store: self.store, control, recorder, writing, cpu })
            }
            Err(error) if error.may_pass() && may_wait => Ok(self.wait(&error, None, tasks).await),
            Err(error) => Err(error.into()),
        }
    }

    fn attempt(self, tasks: &TaskTracker) -> Attempt {
        tasks.spawn(async move { self.open().await })
    }

    /// Begins without the database, and opens it later, beginning with the `attempt` that goes on, if one does.
    async fn wait(self, error: &StoreError, mut attempt: Option<Attempt>, tasks: &TaskTracker) -> Begun {
        let (recorder, writer) = waiting_recorder(self.limits, error.gap_reason(), error.to_string());
        // Where it can be read, an operator's `off` holds from the first request on.
        let stored = match attempt {
            Some(_) => None,
            // The same disk may hang where it is read.
            None => timeout(READY_WITHIN, self.store.reader().settings())
                .await
                .ok()
                .and_then(Result::ok)
                .flatten(),
        };
        let (control, mut writer) = self.attach(self.settings(stored.as_ref()), &recorder, writer);
        let (first, store) = (control.policy().epoch(), self.store.clone());
        let (opened, late) = (Arc::clone(&control), Arc::new(self));
        let open = move || {
            let (recording, control) = (Arc::clone(&late), Arc::clone(&opened));
            let attempt = attempt.take();
            async move { recording.open_late(attempt, &control, first).await }
        };
        let sink = store.sink().clone();
        let writing = async move {
            if writer.open(open, refusal).await {
                write(sink, writer).await;
            }
        };
        let cpu = CpuMeter::default();
        let writing = tasks.spawn(metered(cpu.clone(), writing));
        Begun { store, control, recorder, writing, cpu }
    }

    /// Opens the database, and says which settings and which numbers it goes on with. May be tried again.
    async fn open(&self) -> Result<(Settings, LastIds), StoreError> {
        let store = &self.store;
        store.try_open().await?;
        store.admin().set_durability(self.durability).await?;
        store.admin().set_packing(self.packing).await?;
        store.admin().set_cache(self.cache).await?;
        let stored = store.reader().settings().await?;
        let settings = self.settings(stored.as_ref());
        if stored.as_ref() != Some(&json(&settings)) {
            let why = self.level.map(|level| format!("--record {level}"));
            let is_file_new =
                stored.as_ref().is_some_and(|stored| stored["in_file"] != json(&settings)["in_file"]);
            let why = why.or_else(|| is_file_new.then(|| "config.toml has changed".to_owned()));
            self.note(stored, &settings, why).await?;
        }
        let last = store.reader().last_ids().await?.max(self.taken);
        store.admin().begin_run(env!("CARGO_PKG_VERSION").to_owned(), self.began_at).await?;
        Ok((settings, last))
    }

    /// Opens the database while traffic passes. The settings that are stored come into force, unless somebody has
    /// changed those of the start (in force since `first`) meanwhile: then that change is stored.
    async fn open_late(
        &self,
        attempt: Option<Attempt>,
        control: &Control,
        first: Epoch,
    ) -> Result<LastIds, StoreError> {
        let (settings, last) = match attempt {
            Some(attempt) => attempt.await.unwrap_or(Err(StoreError::Closed))?,
            None => self.open().await?,
        };
        if !control.replace(first, settings.clone()) {
            let why = Some("changed before the database could be opened".to_owned());
            self.note(Some(json(&settings)), &control.settings(), why).await?;
        }
        Ok(last)
    }

    /// The settings to start with: as they were last, with those that `config.toml` names otherwise since, and with the
    /// level that the command line asks for.
    fn settings(&self, stored: Option<&Value>) -> Settings {
        let before = stored.and_then(|json| match serde_json::from_value::<Settings>(json.clone()) {
            Ok(settings) => settings.checked().ok(),
            Err(error) => {
                tracing::warn!(%error, "the stored settings can't be read: starting with the defaults");
                None
            }
        });
        let mut settings = self.in_file.at_start(before);
        settings.level = self.level.unwrap_or(settings.level);
        settings
    }

    /// Keeps in the history what the start changes.
    async fn note(&self, from: Option<Value>, to: &Settings, why: Option<String>) -> Result<(), StoreError> {
        let change = SettingsChange {
            at: now(),
            who: "start".to_owned(),
            why,
            from,
            to: json(to),
            ..SettingsChange::default()
        };
        self.store.admin().append_settings(&change).await
    }
}

/// The error for a database that takes its time.
fn slow() -> StoreError {
    let seconds = READY_WITHIN.as_secs();
    StoreError::NotOpen {
        why: format!(
            "it takes longer than {seconds} s; the disk may hang, or there is much to bring up to date"
        ),
    }
}

/// Returns whether there is a database, or what is left of one. An empty file is none yet.
fn holds_something(database: &Path) -> bool {
    std::fs::metadata(database).is_ok_and(|file| file.len() > 0)
}

/// Stores what the recorder hands over.
async fn write(sink: Sink, writer: Writer) {
    let append = move |records| {
        let sink = sink.clone();
        async move { sink.append(records).await }
    };
    writer.run(append, refusal).await;
}

/// Decides about a batch that the store refused.
fn refusal(error: &StoreError) -> Refusal {
    Refusal { reason: error.gap_reason(), kept: error.keeps_batch() }
}

fn json(settings: &Settings) -> Value {
    serde_json::to_value(settings).expect("settings are strings and numbers")
}
