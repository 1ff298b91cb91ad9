//! Events of `/live` that no call answers with.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use dashcam_views::dto::{Message, Time};

/// A message that passed inside an exchange: the `message` event.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LiveMessage {
    /// The exchange's id.
    pub exchange: i64,
    /// The message.
    pub message: Message,
}

/// The watcher missed events and is to fetch again: the `missed` event.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct Missed {
    /// True if the stream ends here, since the watcher was too slow: it is to be opened again first.
    pub ended: bool,
}

/// Exchanges of which a paced watcher was told nothing, since newer ones took their places: the `skipped` event. Of all
/// with greater ids that match it was told.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct Skipped {
    /// Their number. One that is skipped again when it has come further is not counted again.
    pub exchanges: u64,
    /// The greatest of their ids.
    pub newest: i64,
}

/// A moment of the stream: the `position` event, for those that ask for it. Exchanges that end after it have greater numbers
/// than `last`, or are among `waiting`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Position {
    /// When this dashcam started, as in Status: another time means another dashcam.
    pub started_at: Time,
    /// The first number of an exchange since then. Numbers from it on that an earlier dashcam told of were not stored, and
    /// are given again.
    pub first: i64,
    /// The highest number of an exchange at that moment.
    pub last: i64,
    /// Exchanges that were under way, or had ended and waited to be stored.
    pub waiting: Vec<i64>,
    /// True if another `position` with more of `waiting` follows.
    pub more: bool,
}

/// An exchange that the watcher was told of matches its filter no more, or is not kept by the rules: the events `left`
/// and `discarded`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct Left {
    /// The exchange's id.
    pub id: i64,
}
