//! The API's shapes: what clients see, apart from the types the recording is made of, so that either can change alone.
//!
//! Every field is always there; what may be missing is `null`. `docs/API.md` says it in prose.

mod certificate;
mod connection;
mod connection_limits;
mod exchange;
mod gap;
mod live;
mod message;
mod names;
mod page;
mod replay;
mod retention;
mod settings;
mod status;
mod summary;
mod time;
mod traffic;
mod upstream;

pub use certificate::Certificate;
pub use connection::{Connection, Connections, Tls};
pub use connection_limits::{ConnectionLimits, NearLimit};
pub use exchange::{Body, Exchange, Field, Request, Response, Timings};
pub use gap::{Dropped, Gap, Gaps, GapsByHour, LostHour};
pub use live::{LiveMessage, Missed};
pub use message::{Message, Messages};
pub use names::{
    Detected, Direction, GapReason, Level, MessageCoding, MessageKind, Scheme, Side, Stage, State, Verdict,
};
pub use page::{Page, PageRefused};
pub use replay::{ReplayEdits, Replayed};
pub use retention::Retention;
pub use settings::{Settings, SettingsChange, SettingsChanges, SettingsPatch};
pub use status::{
    Database, Heavy, Ledger, Listener, Recorder, RecorderState, Recording, RecordingState, Status,
};
pub use summary::{DeleteRequest, Deleted, Failure, Summaries, Summary};
pub use time::Time;
pub use traffic::{Latency, Outcomes, Traffic};
pub use upstream::{Upstream, UpstreamConnection};

pub(crate) use exchange::{from_fields, latin1};
