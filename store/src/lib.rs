//! The recording on disk: the only crate that knows SQL.
//!
//! A [`Store`] is a recording, with three faces: [`Sink`] takes what passed, [`Reader`] is for whoever looks at it, and
//! [`Admin`] for whoever keeps it. One connection writes, on a thread of its own, and a few read, so that readers never
//! wait for the writer nor it for them.
//!
//! A column of floors, each of which knows those below: `file` (what lies on the disk), `rows` (rows in and out, a file
//! for each kind), `database` (connections and the schema), `retention` (what keeps to the bounds), `state` (what the
//! writer knows from one job to the next), `jobs`, `writer` (the thread that does them), `open`, `shared` (what the faces
//! share: a recording that may have to be opened several times), `replaced_file` and `delete`, and the faces. Beside them,
//! with connections of their own, stand [`maintenance`] and [`sql`], which answers people. The schema
//! is in `migrations/sqlite`; `docs/SCHEMA.md` explains it.

mod admin;
mod archive;
mod cpu_time;
mod database;
mod delete;
mod error;
#[cfg(test)]
mod fault_tests;
mod file;
mod jobs;
pub mod maintenance;
mod open;
#[cfg(test)]
mod plan_tests;
mod reader;
#[cfg(test)]
mod refusal_tests;
mod replaced_file;
mod retention;
mod rows;
mod shared;
mod sink;
pub mod sql;
mod state;
mod store;
mod writer;

pub use admin::Admin;
pub use archive::Archive;
pub use database::durability::Durability;
pub use error::StoreError;
pub use file::exposure::{Exposed, refuse_exposed_file, refuse_exposed_folder};
pub use jobs::rewrite::Rewrite;
pub use reader::aggregate::{
    Branch, Bucket, By, Ends, Facet, Figures, Group, Groups, Histogram, Missed, Tallied, Tally, TreeNode,
    bucket_width,
};
pub use reader::backfills::Backfill;
pub use reader::contents::{ContentSearch, Contents, Judge, Judged, Looked, READ, StoredBody};
pub use reader::cost::Cost;
pub use reader::error::ReadError;
pub use reader::gaps::LostHour;
pub use reader::list::{Match, Page, Start};
pub use reader::messages::{MessagePage, MessagePreview};
pub use reader::seals::SealsInfo;
pub use reader::sorted::{Order, Place, SortBy, Sorted};
pub use reader::unread::Unread;
pub use reader::{Reader, Stamp};
pub use retention::{Kept, Retention};
pub use rows::audit::{AuditChange, AuditEntry, AuditFilter};
pub use rows::deletions::{Cause, Deletion};
pub use rows::leases::{Lease, LeaseEnd, LeaseUse};
pub use rows::notes::{MOST_TAGS, Note, NoteChange, Noted};
pub use rows::pack::Packing;
pub use rows::presets::{MOST_PRESETS, Preset};
pub use rows::runs::Run;
pub use rows::seals::Chosen as ChosenSeals;
pub use rows::settings::{ChangeKind, SettingsChange};
pub use rows::snapshots::Snapshot;
pub use rows::tokens::{MOST_TOKENS, Token};
pub use sink::Sink;
pub use store::Store;

/// Headers as they are stored, for benches/micro.
#[cfg(feature = "bench")]
#[doc(hidden)]
#[must_use]
pub fn headers_json(headers: &dashcam_exchange::Headers) -> String {
    rows::headers_json::encode(headers)
}
