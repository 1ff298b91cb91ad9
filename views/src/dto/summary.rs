//! An exchange as a row of a list.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::names::{Level, Scheme, Side, Stage, State};
use super::time::Time;
use crate::search::Progress;

/// The reason why an exchange or a connection failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Failure {
    /// Whose end failed.
    pub side: Side,
    /// How far things had come.
    pub stage: Stage,
    /// A message that says what happened and what to do next.
    pub message: String,
}

impl From<dashcam_exchange::Failure> for Failure {
    fn from(failure: dashcam_exchange::Failure) -> Self {
        Self { side: failure.side.into(), stage: failure.stage.into(), message: failure.message }
    }
}

/// An exchange as a row of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Summary {
    /// Its number.
    pub id: i64,
    /// The client connection; null for a replay.
    #[schema(required)]
    pub connection: Option<i64>,
    /// The exchange that this one repeats.
    #[schema(required)]
    pub replay_of: Option<i64>,
    /// When the request's head was there.
    pub started_at: Time,
    /// How much was recorded at that moment.
    pub level: Level,
    /// The name of the rule or the lease that decided about its recording, `default` if none matched; null if an older
    /// dashcam recorded it.
    #[schema(required)]
    pub rule: Option<String>,
    /// How it stands.
    pub state: State,
    /// The request's method.
    pub method: String,
    /// The destination's scheme.
    pub scheme: Scheme,
    /// The destination's host, an IPv6 address without brackets.
    pub host: String,
    /// The destination's port.
    pub port: u16,
    /// Path and query.
    pub target: String,
    /// Destination and target as one URL.
    pub url: String,
    /// The response's status.
    #[schema(required)]
    pub status: Option<u16>,
    /// The response's Content-Type.
    #[schema(required)]
    pub content_type: Option<String>,
    /// The request body's size in bytes.
    pub request_size: u64,
    /// The response body's size in bytes.
    pub response_size: u64,
    /// From start to end, in microseconds.
    #[schema(required)]
    pub duration_us: Option<i64>,
    /// Why it failed.
    #[schema(required)]
    pub failure: Option<Failure>,
    /// The name of the program that sent it; null if it is not on this machine, was not found, or is not known yet.
    #[schema(required)]
    pub program: Option<String>,
    /// The address of the client that sent it, without its port; null for a replay, or if its connection is not stored.
    #[serde(default)]
    #[schema(required)]
    pub client: Option<String>,
    /// The status of a gRPC call, where the response's head or trailers say it: 0 is success, whatever `status` is.
    #[serde(default)]
    #[schema(required)]
    pub grpc_status: Option<u16>,
    /// Its tags, at most the first twelve of them. Live events do not know: none.
    #[serde(default)]
    #[schema(required)]
    pub tags: Vec<String>,
    /// True if it is pinned: the bounds of the recording leave it alone. Live events do not know: false.
    pub pinned: bool,
    /// True if `target`, `url` or another text is only the beginning of what the exchange itself has.
    pub cut: bool,
}

impl From<dashcam_exchange::Summary> for Summary {
    fn from(summary: dashcam_exchange::Summary) -> Self {
        Self {
            id: summary.id.0,
            connection: summary.connection.map(|id| id.0),
            replay_of: summary.replay_of.map(|id| id.0),
            started_at: summary.started_at.into(),
            level: summary.level.into(),
            rule: summary.rule.as_deref().map(str::to_owned),
            state: summary.state.into(),
            url: summary.url(),
            method: summary.method,
            scheme: summary.destination.scheme.into(),
            host: summary.destination.host,
            port: summary.destination.port,
            target: summary.target,
            status: summary.status,
            content_type: summary.content_type,
            request_size: summary.request_size,
            response_size: summary.response_size,
            duration_us: summary.duration_us,
            failure: summary.failure.map(Failure::from),
            program: summary.program,
            client: summary.client,
            grpc_status: summary.grpc_status,
            tags: summary.tags,
            pinned: summary.pinned,
            cut: summary.is_cut,
        }
    }
}

/// A GraphQL call, as far as its bodies tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GraphqlCall {
    /// The exchange's id.
    pub id: i64,
    /// The name of the operation that the request asks for, of a batch the first one's; null if it names none.
    #[schema(required)]
    pub operation: Option<String>,
    /// How many `errors` the answer has; null if it is no JSON, is longer than 1 MiB, is not recorded or not there yet.
    #[schema(required)]
    pub errors: Option<u64>,
}

/// GraphQL calls.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct GraphqlCalls {
    /// Those of the numbers that were asked for that there are, as many as there was time for.
    pub calls: Vec<GraphqlCall>,
}

/// A page of the list, newest first.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Summaries {
    /// The rows.
    pub exchanges: Vec<Summary>,
    /// The `before` of the next page; null on the last one.
    #[schema(required)]
    pub next_before: Option<i64>,
    /// How far the search through the contents of bodies and messages came; null if the filter does not ask for any.
    #[schema(required)]
    pub search: Option<SearchProgress>,
    /// The `after` of the next page, if this one was asked for with `after`; null on the last one.
    #[serde(default)]
    #[schema(required)]
    pub next_after: Option<i64>,
    /// The first and the last exchange of all, whether they match or not; null if there is none.
    #[serde(default)]
    #[schema(required)]
    pub ends: Option<Ends>,
    /// How much was sorted; null if the list is in the order of the numbers.
    #[serde(default)]
    #[schema(required)]
    pub sorted: Option<SortProgress>,
}

/// The numbers of the first and the last exchange of a recording.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct Ends {
    /// The oldest one's.
    pub first: i64,
    /// The newest one's.
    pub last: i64,
}

/// How much of a recording was sorted.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SortProgress {
    /// Exchanges that were looked at, or that surely do not match by what is known of them.
    pub looked_at: u64,
    /// True if that were all that can match; false if the time was over before, so that others may belong here.
    pub complete: bool,
    /// The `from` of the next page; null on the last one.
    #[schema(required)]
    pub next: Option<String>,
}

/// How far a call looked through the contents of bodies and messages.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SearchProgress {
    /// Stored exchanges that this call looked at, or that surely do not match by what else is known of them.
    pub looked_at: u64,
    /// About how many are left below `next_before`.
    pub left: u64,
    /// Bytes of contents that were looked at, decoded.
    pub bytes: u64,
    /// Exchanges whose contents can't be read, as they are damaged. They are not among those found.
    pub unreadable: u64,
    /// How long it took, in microseconds.
    pub took_us: u64,
}

impl From<Progress> for SearchProgress {
    fn from(progress: Progress) -> Self {
        let Progress { looked_at, left, bytes, unreadable, took } = progress;
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        Self { looked_at, left, bytes, unreadable, took_us }
    }
}

/// Which exchanges are to be deleted.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeleteRequest {
    /// Their ids, at most 1000.
    pub ids: Vec<i64>,
    /// True deletes those that are pinned as well; false by default.
    pub pinned: Option<bool>,
}

/// How many exchanges were deleted.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct Deleted {
    /// How many.
    pub deleted: u64,
    /// The `after` of the next call, where this one took too long to go on; null when all are deleted.
    #[schema(required)]
    pub next_after: Option<i64>,
}
