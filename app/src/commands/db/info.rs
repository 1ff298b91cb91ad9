//! `dashcam db info`: what there is in a recording.

use std::path::Path;

use anyhow::Result;
use dashcam_exchange::Timestamp;
use dashcam_store::maintenance::{self, Info};
use jiff::tz::TimeZone;

use crate::row::size;
use crate::terminal::{print, print_json};

/// Gaps that are listed, the newest.
const GAPS: usize = 10;

/// Shows it, as a table or as one line of JSON.
pub(super) fn info(path: &Path, as_json: bool) -> Result<()> {
    let info = maintenance::info(path)?;
    if as_json {
        return print_json(&serde_json::to_string(&info)?);
    }
    print(table(&info))
}

fn table(info: &Info) -> String {
    let Info { exchanges, pinned, open, connections, upstream_connections, certificates, messages, .. } =
        info;
    let moment = |at: Option<i64>| at.map_or("none".to_owned(), moment);
    let mut rows = vec![
        ("database", info.path.display().to_string()),
        ("schema", format!("version {}, pages of {}", info.schema, size(info.page_size))),
        (
            "file",
            format!(
                "{}, of which {} are free; write-ahead log {}",
                size(info.file),
                size(info.free),
                size(info.wal)
            ),
        ),
        ("exchanges", format!("{exchanges}, {pinned} of them pinned, {open} under way or not ended")),
        ("oldest", moment(info.oldest_at)),
        ("newest", moment(info.newest_at)),
        ("bodies", size(info.bodies)),
        ("messages", messages.to_string()),
        (
            "connections",
            format!(
                "{connections} of clients, {upstream_connections} to upstreams, {certificates} certificates"
            ),
        ),
        ("gaps", info.gaps.len().to_string()),
    ];
    for gap in info.gaps.iter().rev().take(GAPS).rev() {
        let (from, until) = (self::moment(gap.from), self::moment(gap.until));
        let what = match gap.exchanges {
            0 => "parts of exchanges".to_owned(),
            number => format!("{number} exchanges"),
        };
        rows.push(("", format!("{from} to {until}: {what} missing ({})", gap.reason.replace('_', " "))));
    }
    rows.into_iter().map(|(name, value)| format!("{name:<12} {value}\n")).collect()
}

fn moment(at: i64) -> String {
    let at = dashcam_views::dto::Time::from(Timestamp(at));
    at.0.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}
