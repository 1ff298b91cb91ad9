//! The log: lines on stderr.

use std::io::IsTerminal as _;

use anyhow::{Context as _, Result};
use tracing_subscriber::EnvFilter;

/// Starts logging what `$DASHCAM_LOG`, or else `filter`, lets through.
pub(crate) fn start(filter: &str) -> Result<()> {
    let (filter, source) = match std::env::var("DASHCAM_LOG") {
        Ok(filter) if !filter.is_empty() => (filter, "$DASHCAM_LOG"),
        _ => (filter.to_owned(), "`log` in config.toml"),
    };
    let parsed = EnvFilter::try_new(&filter)
        .with_context(|| format!("{source} is no filter: \u{201c}{filter}\u{201d}"))?;
    let colored = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt()
        .with_env_filter(parsed)
        .with_writer(std::io::stderr)
        .with_ansi(colored)
        // A line that the log's disk does not take is lost: to tell of it on stderr panics in whoever logs.
        .log_internal_errors(false)
        .init();
    Ok(())
}
