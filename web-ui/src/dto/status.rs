//! How dashcam itself is doing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::{Retention, Settings, Time, Traffic};

/// A bound address.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Listener {
    /// The mode as on the command line.
    pub mode: String,
    /// `ADDRESS:PORT`.
    pub address: String,
}

/// The store.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Database {
    /// Where it is.
    pub path: String,
    /// Bytes on disk.
    pub size: u64,
    /// How many exchanges are stored.
    pub exchanges: u64,
}

/// Whether what passes is being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecorderState {
    /// It is.
    Running,
    /// The last attempt to write failed.
    Failing,
}

/// The recorder's health.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Recorder {
    /// Whether what passes is being written.
    pub state: RecorderState,
    /// Why writing fails, and what to do.
    #[schema(required)]
    pub error: Option<String>,
    /// Bytes waiting to be written.
    pub queued_bytes: u64,
}

/// Exchanges that were seen but not stored, by reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Dropped {
    /// More were under way than there are places in the queue.
    pub queue_full: u64,
    /// The disk was full.
    pub disk_full: u64,
    /// The database could not be written.
    pub disk_error: u64,
    /// A fault in the recorder.
    pub recorder_fault: u64,
}

/// Where every exchange since the start went: `seen = stored + open + pending + dropped`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ledger {
    /// All that the recorder was told of.
    pub seen: u64,
    /// Stored.
    pub stored: u64,
    /// Of the stored, those without bodies because the level was `metadata`.
    pub metadata_only: u64,
    /// Under way.
    pub open: u64,
    /// Not stored.
    pub dropped: Dropped,
    /// Of the stored, those with a body that was cut.
    pub truncated: u64,
    /// Passed while the level was `off` or `metrics`.
    pub not_recorded: u64,
    /// Ended, about to be stored.
    pub pending: u64,
}

/// How dashcam is doing.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Status {
    /// dashcam's version.
    pub version: String,
    /// When it started.
    pub started_at: Time,
    /// Since when, in microseconds.
    pub uptime_us: i64,
    /// Whether the recording is only read here: calls that would change something answer 403 `read_only`.
    pub read_only: bool,
    /// Its home: `ca.pem` and `token` are there.
    pub home: String,
    /// Where it takes traffic.
    pub listeners: Vec<Listener>,
    /// The store.
    pub database: Database,
    /// The bounds of the recording.
    pub retention: Retention,
    /// The settings in force.
    pub settings: Settings,
    /// Where every exchange went.
    pub ledger: Ledger,
    /// What was counted of the traffic.
    pub traffic: Traffic,
    /// Client connections that are open.
    pub connections_open: u64,
    /// The recorder's health.
    pub recorder: Recorder,
}
