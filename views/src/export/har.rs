//! HAR 1.2 (<http://www.softwareishard.com/blog/har-12-spec/>).
//!
//! Facts for which HAR has no place are in fields that begin with an underscore, as the format allows: `_id`, `_state`,
//! `_level`, `_redaction`, `_connection`, `_replay_of`, `_failure`, `_request_sent` and `_response_sent` (heads as sent,
//! where they are not as received), `_stored_as` and `_redacted` where bodies and messages are not stored as they passed, and
//! `_secrets` of the whole file; `_resourceType`, `_webSocketMessages` and `_eventSourceMessages` as Chrome writes them.

use super::format::{ExportFormat, Source};

mod content;
mod cookie_dates;
mod cookies;
mod entry;
mod events;
mod messages;
mod params;
mod resource;
mod timings;

/// For browsers, and many other tools.
pub(super) const FORMAT: ExportFormat = ExportFormat {
    name: "har",
    about: "HAR 1.2, which browsers and many other tools read",
    media_type: "application/json",
    extension: "har",
    head,
    separator: ",\n",
    entry: |source, exchange, pen| Box::pin(entry::write(source, exchange, pen)),
    tail: "\n]}}\n",
};

fn head(source: &Source) -> String {
    let creator = serde_json::json!({"name": "dashcam", "version": source.version});
    let secrets = source.secrets();
    format!(
        "{{\"log\": {{\"version\": \"1.2\", \"creator\": {creator}, \"_secrets\": \"{secrets}\", \"entries\": [\n"
    )
}
