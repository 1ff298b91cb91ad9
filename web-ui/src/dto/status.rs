//! How dashcam itself is doing.

use std::collections::BTreeMap;

use dashcam_recorder::GuaranteeCounts;
use dashcam_views::dto::Dropped;
use dashcam_views::dto::GapReason;
use dashcam_views::dto::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::budget::{Budget, Container};
use super::config_file::ConfigFile;
use super::connection_limits::ConnectionLimits;
use super::leases::Lease;
use super::outbound::Outbound;
use super::page::Page;
use super::redaction::RedactionStatus;
use super::rejected::RejectedSummary;
use super::retention::Retention;
use super::rules::RuleCounts;
use super::settings::Settings;
use super::snapshots::Flight;
use super::traffic::Traffic;

/// A bound address.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Listener {
    /// Its own name, if it has one.
    #[schema(required)]
    pub name: Option<String>,
    /// The mode as on the command line.
    pub mode: String,
    /// `ADDRESS:PORT`.
    pub address: String,
    /// True if connections begin with a header of the PROXY protocol, which names the client.
    pub proxy_protocol: bool,
    /// True if other programs may listen at the same address.
    pub reuse_port: bool,
}

impl From<&dashcam_proxy::ListenerConfig> for Listener {
    fn from(listener: &dashcam_proxy::ListenerConfig) -> Self {
        Self {
            name: listener.name.clone(),
            mode: listener.mode.to_string(),
            address: listener.address.to_string(),
            proxy_protocol: listener.proxy_protocol.is_some(),
            reuse_port: listener.reuse_port,
        }
    }
}

/// The store.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Database {
    /// Where it is.
    pub path: String,
    /// Bytes on disk; null while the disk does not answer.
    #[schema(required)]
    pub size: Option<u64>,
    /// How many exchanges are stored; null while the disk does not answer.
    #[schema(required)]
    pub exchanges: Option<u64>,
}

/// Tells whether traffic is recorded as the level says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecordingState {
    /// It is.
    Recording,
    /// It is not, but counted as dropped, until the disk can be written again.
    Paused,
}

/// The state of the recording, and if it is paused, why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Recording {
    /// Recording or paused.
    pub state: RecordingState,
    /// Since when it is paused.
    #[schema(required)]
    pub since: Option<Time>,
    /// The reason by which exchanges that pass meanwhile are counted as dropped.
    #[schema(required)]
    pub reason: Option<GapReason>,
    /// A message that says what is wrong, and what to do.
    #[schema(required)]
    pub message: Option<String>,
}

/// Tells whether records are being written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RecorderState {
    /// It is.
    Running,
    /// Recording is paused, or the disk hangs.
    Failing,
}

/// The recorder's health.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Recorder {
    /// Tells whether records are being written.
    pub state: RecorderState,
    /// Why writing fails, and what to do.
    #[schema(required)]
    pub error: Option<String>,
    /// Bytes waiting to be written.
    pub queued_bytes: u64,
    /// Traffic that waited for it.
    pub guarantees: Guarantees,
}

/// Traffic that waited for the recording, as a rule's `guarantee` asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Guarantees {
    /// Exchanges that wait at this moment.
    pub waiting: u64,
    /// How often an exchange had to wait for room, since the start.
    pub waits: u64,
    /// Requests of `lossless` rules that were refused (503) because they could not be recorded.
    pub refused: u64,
    /// Exchanges of `lossless` rules that were broken off because what passed could not be recorded.
    pub broken_off: u64,
}

impl From<GuaranteeCounts> for Guarantees {
    fn from(counts: GuaranteeCounts) -> Self {
        let GuaranteeCounts { waiting, waits, refused, broken_off } = counts;
        Self { waiting: waiting as u64, waits, refused, broken_off }
    }
}

/// A client of which exchanges were dropped as `client_share`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Heavy {
    /// Its address; of IPv6 the network, as in `2001:db8::/64`.
    pub client: String,
    /// How many since the start; with more than 64 such clients, at most so many.
    pub exchanges: u64,
}

/// Where every exchange since the start went: `seen = stored + open + pending +
/// not_kept + sampled_out + dropped`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Ledger {
    /// All that the recorder was told of.
    pub seen: u64,
    /// Stored.
    pub stored: u64,
    /// Of the stored, those without bodies because the level was `metadata`.
    pub metadata_only: u64,
    /// Under way: they are stored when they end, or may be.
    pub open: u64,
    /// Not stored.
    pub dropped: Dropped,
    /// Of the stored, those with a body that was cut.
    pub truncated: u64,
    /// Passed while the level was `off` or `metrics`.
    pub not_recorded: u64,
    /// Not stored because a rule said so once more of them was known.
    pub not_kept: u64,
    /// Not stored because they are not in the sample of their rule.
    pub sampled_out: u64,
    /// Ended, about to be stored.
    pub pending: u64,
    /// The clients of which most were dropped as `client_share`, at most five, the heaviest first.
    pub beyond_share: Vec<Heavy>,
}

/// Work on the rows of a recording that an older dashcam made, which goes on in the background.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Backfill {
    /// `segments` makes lists and counts fast; `holders` counts which client and host holds how much.
    pub name: String,
    /// Exchanges that it has gone through.
    pub done: u64,
    /// Exchanges that it goes through altogether.
    pub total: u64,
    /// Why it waits at the moment; null if it does not.
    #[schema(required)]
    pub held_up: Option<String>,
}

impl From<dashcam_store::Backfill> for Backfill {
    fn from(backfill: dashcam_store::Backfill) -> Self {
        let dashcam_store::Backfill { name, done, total, held_up } = backfill;
        Self { name, done, total, held_up }
    }
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
    /// True if the recording is only read here: calls that would change something answer 403 `read_only`.
    pub read_only: bool,
    /// Its home: `ca.pem` and `token` are there.
    pub home: String,
    /// Where it takes traffic.
    pub listeners: Vec<Listener>,
    /// True if clients of the proxy that open `http://dashcam.test/` get the certificate, and see how to trust it.
    #[serde(default)]
    #[schema(required)]
    pub setup_site: bool,
    /// How connections to upstreams leave.
    pub outbound: Outbound,
    /// Where the page is, and who calls it.
    pub page: Page,
    /// The store.
    pub database: Database,
    /// Work that goes on in the background to bring the recording up to date; empty when nothing is left to do, or while
    /// the disk does not answer.
    pub backfills: Vec<Backfill>,
    /// The bounds of the recording.
    #[schema(required)]
    pub retention: Option<Retention>,
    /// The settings in force.
    pub settings: Settings,
    /// The leases in force, the newest first.
    pub leases: Vec<Lease>,
    /// `config.toml`; null where the recording is only read.
    #[schema(required)]
    pub config: Option<ConfigFile>,
    /// Where every exchange went.
    pub ledger: Ledger,
    /// The exchanges about which each rule decided since the start; empty while there are no rules.
    pub rules: Vec<RuleCounts>,
    /// Counts of the traffic.
    pub traffic: Traffic,
    /// How often each limit refused, cut or closed something, by the limit's name.
    pub limited: BTreeMap<String, u64>,
    /// Bytes in transit that are held, as `limits.transit` counts them.
    pub transit_bytes: u64,
    /// Client connections that are open.
    pub connections_open: u64,
    /// Those of them that are not recorded because nothing was recorded when they began: tunnels that go on unread, and
    /// connections that switched protocols.
    pub unread_connections: u64,
    /// How many connections there may be, and who has most of them.
    pub connection_limits: ConnectionLimits,
    /// Clients and hosts of which one side refuses dashcam's TLS.
    pub rejected: RejectedSummary,
    /// The cost of recording, and the step at which a budget holds it; null if the recording is only read.
    #[schema(required)]
    pub budget: Option<Budget>,
    /// The limits of the container; likewise.
    #[schema(required)]
    pub container: Option<Container>,
    /// The recorder's health.
    pub recorder: Recorder,
    /// Secrets taken out of what is recorded; absent: the recording is only read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redaction: Option<RedactionStatus>,
    /// The state of the recording, and if it is paused, why.
    pub recording: Recording,
    /// The flight recorder; null without `--flight`.
    #[schema(required)]
    pub flight: Option<Flight>,
}
