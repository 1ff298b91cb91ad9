//! The state that the handlers share.

use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use dashcam_changes::Changes;
use dashcam_control::Control;
use dashcam_exchange::Timestamp;
use dashcam_flight::{Flight, FlightRecorder};
use dashcam_governor::Governed;
use dashcam_proxy::{Connections, Limit, ListenerConfig, ProgramCounts, Replayer, Traffic};
use dashcam_recorder::Recorder;
use dashcam_redact::{Definitions, Keys};
use dashcam_store::Store;
use dashcam_views::decode::{Decoders, Decoding};
use dashcam_views::export;
use dashcam_views::unseal::Unsealer;
use tokio::sync::watch;

use crate::access::{Access, NewToken};
use crate::audit::Audit;
use crate::descriptors::StoredDescriptors;
use crate::dto::{ConfigFile, Outbound, RedactionInForce, RedactionStatus};
use crate::guard::Cookie;
use crate::page::PagePlace;
use crate::page::admission::Admission;
use crate::page::bounds::Bounds;

/// The parts that the page and the API serve.
#[derive(Clone)]
pub struct Parts {
    /// The recording.
    pub store: Store,
    /// The settings.
    pub control: Arc<Control>,
    /// Changes them.
    pub changes: Changes,
    /// `config.toml`, where it is watched.
    pub config: Option<watch::Receiver<ConfigFile>>,
    /// The recorder, with the exchanges under way.
    pub recorder: Recorder,
    /// Redaction in force; `None`: the recording is only read.
    pub redaction: Option<watch::Receiver<RedactionInForce>>,
    /// The keys with which sealed secrets are opened; `None`: they are not here.
    pub redaction_keys: Option<Arc<Keys>>,
    /// Gives what is configured about redaction now, with the rules that were added; `None`: the recording is only read.
    pub redaction_definitions: Option<Arc<dyn Fn() -> Definitions + Send + Sync>>,
    /// The flight recorder, and what killed runs have left of theirs; `None`: the recording is only read.
    pub flight: Option<Flight>,
    /// Sends recorded requests again; `None`: the recording is only read.
    pub replayer: Option<Replayer>,
    /// The token and the sessions of the page's callers.
    pub access: Access,
    /// The audit log.
    pub audit: Audit,
    /// Makes a new token; `None`: not here.
    pub new_token: Option<NewToken>,
    /// Where the page is.
    pub page: PagePlace,
    /// Limits on decoding a body for a reader.
    pub decoding: Decoding,
    /// The root certificate.
    pub root_pem: String,
    /// dashcam's home: its certificate and token are there.
    pub home: PathBuf,
    /// Where traffic is taken.
    pub listeners: Vec<ListenerConfig>,
    /// True if clients of the proxy that open `http://dashcam.test/` get the certificate.
    pub setup_site: bool,
    /// How connections to upstreams leave.
    pub outbound: Outbound,
    /// The budget and the container; `None`: the recording is only read.
    pub governed: Option<Governed>,
    /// dashcam's version.
    pub version: &'static str,
    /// When dashcam started.
    pub started_at: Timestamp,
}

/// The state that the page's listener and the handlers share.
#[derive(Debug)]
pub(crate) struct PageState {
    pub(crate) admission: Arc<Admission>,
    /// Those of the page's callers.
    pub(crate) bounds: Arc<Bounds>,
    pub(crate) cookie: Cookie,
}

/// The handlers' state.
#[derive(Clone)]
pub(crate) struct App(Arc<Shared>);

pub(crate) struct Shared {
    parts: Parts,
    pub(crate) page_state: PageState,
    /// Where bodies are decoded.
    pub(crate) decoders: Decoders,
    /// Types of Protocol Buffers for views.
    pub(crate) descriptors: StoredDescriptors,
    /// True once dashcam stops: streams that have no end of their own end then.
    pub(crate) stopping: watch::Receiver<bool>,
}

impl App {
    pub(crate) fn new(parts: Parts, page_state: PageState, stopping: watch::Receiver<bool>) -> Self {
        let decoders = Decoders::new(parts.decoding).with_recording(parts.store.reader());
        let descriptors = StoredDescriptors::of_home(&parts.home);
        Self(Arc::new(Shared { parts, page_state, decoders, descriptors, stopping }))
    }

    /// The source of exported files, with secrets if somebody puts them back.
    pub(crate) fn export_source(&self, unsealer: Option<Unsealer>) -> export::Source {
        export::Source {
            reader: self.store.reader().clone(),
            decoders: self.decoders.clone(),
            version: self.version,
            unsealer,
        }
    }

    /// Returns whether nothing may be changed.
    pub(crate) fn is_read_only(&self) -> bool {
        self.replayer.is_none()
    }

    /// The flight recorder, if there is one.
    pub(crate) fn flight_recorder(&self) -> Option<&FlightRecorder> {
        self.flight.as_ref()?.recorder.as_ref()
    }

    /// Redaction in brief, and what it has done.
    pub(crate) fn redaction_status(&self) -> Option<RedactionStatus> {
        let counts = self.recorder.redaction().unwrap_or_default();
        self.redaction.as_ref().map(|redaction| redaction.borrow().status(counts))
    }

    /// The counts of the traffic, and how many connections are open.
    pub(crate) fn traffic(&self) -> (Traffic, Connections) {
        let read = |replayer: &Replayer| (replayer.traffic(), replayer.connections());
        self.replayer.as_ref().map(read).unwrap_or_default()
    }

    /// Connections that go on unread because nothing was recorded when they began.
    pub(crate) fn unread_connections(&self) -> u64 {
        self.replayer.as_ref().map_or(0, |replayer| replayer.unread() as u64)
    }

    /// How often each limit was met.
    pub(crate) fn limited(&self) -> Vec<(Limit, u64)> {
        self.replayer.as_ref().map(Replayer::limited).unwrap_or_default()
    }

    /// How often the program behind a connection was looked for, by outcome; `None` if none is.
    pub(crate) fn programs(&self) -> Option<ProgramCounts> {
        self.replayer.as_ref().and_then(Replayer::programs)
    }

    /// Bytes in transit that are held beyond what every connection may.
    pub(crate) fn transit_bytes(&self) -> u64 {
        self.replayer.as_ref().map_or(0, |replayer| replayer.transit_bytes() as u64)
    }
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Deref for Shared {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

/// Returns once dashcam stops.
pub(crate) async fn stopped(stopping: &mut watch::Receiver<bool>) {
    // An error means that the sender is gone, and so is whoever serves.
    let _ = stopping.wait_for(|stopping| *stopping).await;
}
