//! The log: lines on stderr.

use std::fmt;
use std::io::IsTerminal as _;

use anyhow::{Result, anyhow};
use tracing::field::Field;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::fmt::format::{Writer, debug_fn};

use crate::terminal::escaped;

/// Starts logging what `$DASHCAM_LOG`, or else `filter`, lets through.
pub(crate) fn start(filter: &str) -> Result<()> {
    let (filter, source) = match std::env::var("DASHCAM_LOG") {
        Ok(filter) if !filter.is_empty() => (filter, "$DASHCAM_LOG"),
        _ => (filter.to_owned(), "`log` in config.toml"),
    };
    // Strangers make it warn as often as they like; what it warns of is counted (`http2_flood`).
    let parsed = EnvFilter::try_new(format!("h2=error,{filter}"))
        .map_err(|_| anyhow!("invalid log filter \u{201c}{filter}\u{201d} in {source}; expected error, warn, info, debug or trace"))?;
    let colored = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    tracing_subscriber::fmt()
        .with_env_filter(parsed)
        .with_writer(std::io::stderr)
        .with_ansi(colored)
        .fmt_fields(debug_fn(field).delimited(" "))
        // A line that the log's disk does not take is lost: to tell of it on stderr panics in whoever logs.
        .log_internal_errors(false)
        .init();
    Ok(())
}

/// Writes a field on one line, without what a terminal obeys: strangers choose hosts, paths and what errors quote of them.
fn field(writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    let text = escaped(&format!("{value:?}"));
    match field.name() {
        "message" => writer.write_str(&text),
        name => write!(writer, "{name}={text}"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Lines {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    #[test]
    fn strangers_write_no_lines_and_no_commands() {
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(lines.clone())
            .with_ansi(false)
            .without_time()
            .fmt_fields(debug_fn(field).delimited(" "))
            .finish();
        let host = "a\n\x1b[2J\u{9b}\u{202e}";
        tracing::subscriber::with_default(subscriber, || {
            tracing::warn!(%host, ?host, error = host, "no {host}");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 1, "{text}");
        assert!(!text.trim_end().chars().any(dashcam_exchange::is_unsafe_to_show), "{text:?}");
        assert!(text.contains("no a\\u{a}\\u{1b}[2J") && text.contains("host=a\\u{a}"), "{text}");
    }
}
