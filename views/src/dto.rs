//! The API's shapes of what is recorded: what clients see, apart from the types the recording is made of, so that either
//! can change alone.
//!
//! Every field is always there; what may be missing is `null`. `docs/API.md` says it in prose.

mod boundaries;
mod certificate;
mod connection;
pub(crate) mod conversation;
mod covered;
pub(crate) mod exchange;
mod figures;
mod gap;
mod message;
mod names;
mod note;
mod preset;
mod program;
mod redactions;
mod replay;
mod selection;
pub(crate) mod shown;
mod split;
mod summary;
mod text;
mod time;
mod upstream;
pub(crate) mod viewed;

pub use boundaries::{Boundaries, DeletedCounts, RangeState, RecordedRange};
pub use certificate::Certificate;
pub use connection::{Connection, Connections, Tls};
pub use conversation::{Conversation, TokenCounts, Tool, Turn, TurnPart};
pub use covered::{Covered, Unrecorded};
pub use exchange::{Body, Exchange, Field, Redaction, Request, Response, Timings, latin1};
pub use figures::{
    Bucket, By, ExchangeCount, Facet, FacetValue, Facets, Group, Histogram, PathBranch, PathNode, PathTree,
    Stats,
};
pub use gap::{Dropped, Gap, Gaps, GapsByHour, LostHour};
pub use message::{Message, Messages};
pub use names::{
    ConnectionEnd, Detected, Direction, GapReason, Level, MessageCoding, MessageKind, Runtime, Scheme, Side,
    Stage, State, StoredAs, TunnelReason, Verdict,
};
pub use note::{Note, NoteChange};
pub use preset::{Preset, PresetFilter, Presets};
pub use program::Program;
pub use redactions::{ExchangeFindings, Finding, RedactionPart};
pub use replay::{NewRequest, ReplayEdits, Replayed};
pub use selection::{Pinned, Selected};
pub use shown::{Hex, Language, Node, Section, Sections, Shown, ShownText, Table, Tree};
pub use split::{BodyMessage, BodyMessages};
pub use summary::{
    DeleteRequest, Deleted, Ends, Failure, GraphqlCall, GraphqlCalls, SearchProgress, SortProgress,
    Summaries, Summary,
};
pub use text::Text;
pub use time::Time;
pub use upstream::{Upstream, UpstreamConnection};
pub use viewed::{ViewName, Viewed, Views};

pub(crate) use exchange::from_fields;
