//! The API's shapes of a running dashcam; [`dashcam_views::dto`] has those of what it recorded.
//!
//! Every field is always there; what may be missing is `null`. `docs/API.md` says it in prose.

mod access;
mod budget;
mod closed;
mod config_file;
mod connection_limits;
mod descriptors;
mod leases;
mod live;
mod losses;
mod outbound;
mod page;
mod redaction;
mod redaction_rules;
mod redactions;
mod rejected;
mod retention;
mod rule_test;
mod rules;
mod settings;
mod snapshots;
mod status;
mod traffic;
mod unseals;

pub use access::{AuditEntry, AuditLog, CallerRole, NewToken, Token, TokenRequest, Tokens};
pub use budget::{Budget, Container, Cost, CostName, Step, StepInForce, StepSeconds};
pub use closed::Closed;
pub use config_file::{ConfigFile, ConfigProblem, ConfigState};
pub use connection_limits::{ConnectionLimits, NearLimit};
pub use descriptors::DescriptorSet;
pub use leases::{Lease, LeaseExtension, LeaseRequest, Leases};
pub use live::{Left, LiveMessage, Missed, Position, Skipped};
pub use losses::Losses;
pub use outbound::{Outbound, ParentRule};
pub use page::{Page, PageRefused};
pub use redaction::{RedactionInForce, RedactionSet, RedactionStatus};
pub use redaction_rules::{RedactionHow, RedactionKeep, RedactionOn, RedactionRule};
pub use redactions::{
    RedactionRequest, RedactionScope, Scrubbed, Seals, SealsForgotten, SealsRemoval, ValueRedaction,
};
pub use rejected::{RejectedPair, RejectedPairs, RejectedRemoved, RejectedRule, RejectedSummary};
pub use retention::Retention;
pub use rule_test::{RuleAnswer, RuleMoment, RuleStep, RuleTest, RuleTested};
pub use rules::{DefaultRule, Rule, RuleAddition, RuleCounts, RulesInForce, RulesReplacement};
pub use settings::{Settings, SettingsChange, SettingsChanges, SettingsInForce, SettingsPatch};
pub use snapshots::{
    Flight, Snapshot, SnapshotDeleted, SnapshotRequest, SnapshotState, SnapshotTaken, Snapshots,
};
pub use status::{
    Backfill, Database, Guarantees, Heavy, Ledger, Listener, Recorder, RecorderState, Recording,
    RecordingState, Status,
};
pub use traffic::{Latency, Outcomes, Traffic};
pub use unseals::UnsealUse;
