//! The flight recorder and its snapshots.

use dashcam_exchange::Timestamp;
use dashcam_flight::{LeftRing, Running};
use dashcam_views::dto::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a snapshot stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotState {
    /// It is being taken, or saved.
    Writing,
    /// It is stored.
    Stored,
    /// A killed run has left it in the ring of its flight recorder; it is not stored yet.
    Recovered,
}

/// A snapshot. The filter `snapshot:NAME` finds its exchanges once they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Snapshot {
    /// Its name.
    pub name: String,
    /// How it stands.
    pub state: SnapshotState,
    /// Its cause: `api`, `signal`, `crash`, `latency`, or a filter.
    pub trigger: String,
    /// The reason that was given; of one that `latency` set off, what was slow.
    #[schema(required)]
    pub reason: Option<String>,
    /// The way over which it was asked for: `page`, `api`, `cli` …; null if traffic set it off.
    #[schema(required)]
    pub who: Option<String>,
    /// When it was set off.
    pub created_at: Time,
    /// The time from which it has what passed …
    pub covers_from: Time,
    /// … and until which.
    pub covers_until: Time,
    /// Exchanges in it.
    pub exchanges: u64,
    /// Stored bytes of their bodies.
    pub bytes: u64,
    /// True if all that passed in that time is in it.
    pub complete: bool,
    /// The missing parts, in words.
    #[schema(required)]
    pub note: Option<String>,
}

/// The state of the flight recorder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Flight {
    /// How long everything is kept at least, unless that takes more than `max_bytes`, in microseconds.
    pub min_age_us: i64,
    /// Bytes of the ring at most.
    pub max_bytes: u64,
    /// How long a snapshot goes on after what set it off, in microseconds.
    pub after_us: i64,
    /// The time since when everything is in the ring.
    pub covers_from: Time,
    /// Exchanges in the ring.
    pub exchanges: u64,
    /// Bytes in the ring.
    pub bytes: u64,
    /// Exchanges that were written to it since the start.
    pub written: u64,
    /// Exchanges that did not fit into it, or could not be written, since the start.
    pub lost: u64,
    /// How often a part of it was overwritten before it was old enough: if that grows, the ring is too small.
    pub squeezed: u64,
    /// Snapshots that were taken since the start.
    pub taken: u64,
    /// How often traffic would have set off a snapshot, so shortly after another that none was taken.
    pub suppressed: u64,
    /// The name of the snapshot that is being taken.
    #[schema(required)]
    pub taking: Option<String>,
    /// When the last snapshot was set off.
    #[schema(required)]
    pub last_at: Option<Time>,
    /// Its cause.
    #[schema(required)]
    pub last_trigger: Option<String>,
}

/// The snapshots, the newest first, and the flight recorder.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Snapshots {
    /// The snapshots.
    pub snapshots: Vec<Snapshot>,
    /// The flight recorder; null without `--flight`.
    #[schema(required)]
    pub flight: Option<Flight>,
}

/// A wish for a snapshot.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRequest {
    /// Why, for those who find it later. It becomes part of the name.
    pub reason: Option<String>,
    /// How long it is to go on from now, such as `30s`: as the flight recorder's `after_us` if absent or null.
    pub after: Option<String>,
}

/// A snapshot that is being taken.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SnapshotTaken {
    /// Its name.
    pub name: String,
    /// True if it was being taken already, for another cause: this one joined.
    pub joined: bool,
    /// Until when it goes on.
    pub until: Time,
}

/// The exchanges that were deleted with a snapshot.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SnapshotDeleted {
    /// Exchanges that were deleted.
    pub exchanges: u64,
}

impl From<dashcam_store::Snapshot> for Snapshot {
    fn from(snapshot: dashcam_store::Snapshot) -> Self {
        Self {
            name: snapshot.name,
            state: SnapshotState::Stored,
            trigger: snapshot.trigger,
            reason: snapshot.reason,
            who: snapshot.who,
            created_at: snapshot.created_at.into(),
            covers_from: snapshot.covers_from.into(),
            covers_until: snapshot.covers_until.into(),
            exchanges: snapshot.exchanges,
            bytes: snapshot.bytes,
            complete: snapshot.complete,
            note: snapshot.note,
        }
    }
}

impl From<LeftRing> for Snapshot {
    fn from(ring: LeftRing) -> Self {
        let LeftRing { name, left, saving, .. } = ring;
        let at = |at: Timestamp| Time::from(at);
        Self {
            name,
            state: if saving { SnapshotState::Writing } else { SnapshotState::Recovered },
            trigger: "crash".to_owned(),
            reason: None,
            who: None,
            created_at: at(left.until),
            covers_from: at(left.from),
            covers_until: at(left.until),
            exchanges: left.exchanges,
            bytes: left.bytes,
            complete: false,
            note: Some(format!("recovered from the run of {}, not saved", at(left.started_at))),
        }
    }
}

impl From<dashcam_flight::Status> for Flight {
    fn from(status: dashcam_flight::Status) -> Self {
        let us = |time: std::time::Duration| i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
        Self {
            min_age_us: us(status.size.age),
            max_bytes: status.size.bytes,
            after_us: us(status.pace.after),
            covers_from: status.reaches_back_to.into(),
            exchanges: status.coverage.exchanges,
            bytes: status.coverage.bytes,
            written: status.counts.written,
            lost: status.counts.lost,
            squeezed: status.counts.squeezed,
            taken: status.taken,
            suppressed: status.suppressed,
            taking: status.running.map(|running| running.name),
            last_at: status.last.as_ref().map(|last| last.at.into()),
            last_trigger: status.last.map(|last| last.cause.as_str().to_owned()),
        }
    }
}

impl SnapshotTaken {
    pub(crate) fn new(running: Running, joined: bool) -> Self {
        Self { name: running.name, joined, until: running.until.into() }
    }
}
