//! The log: lines on stderr.

use std::fmt;
use std::io::{self, IsTerminal as _, Write};
use std::str::FromStr;

use anyhow::{Result, anyhow};
use tracing::field::Field;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::fmt::SubscriberBuilder;
use tracing_subscriber::fmt::format::{DefaultFields, Format, Json, JsonFields, Writer, debug_fn};

use crate::terminal::{escaped, escaped_json};

/// The form of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl FromStr for LogFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("unknown form of the log \u{201c}{text}\u{201d}; expected text or json")),
        }
    }
}

/// Starts logging what `$DASHCAM_LOG`, or else `filter`, lets through.
pub(crate) fn start(filter: &str, format: LogFormat) -> Result<()> {
    let (filter, source) = match std::env::var("DASHCAM_LOG") {
        Ok(filter) if !filter.is_empty() => (filter, "$DASHCAM_LOG"),
        _ => (filter.to_owned(), "`log` in config.toml"),
    };
    // Strangers make them warn as often as they like. What h2 warns of is counted (`http2_flood`); failures of TLS are
    // logged and recorded in words of ours.
    let parsed = EnvFilter::try_new(format!("h2=error,rustls=off,{filter}"))
        .map_err(|_| anyhow!("invalid log filter \u{201c}{filter}\u{201d} in {source}; expected error, warn, info, debug or trace"))?;
    // A line that the log's disk does not take is lost: to tell of it on stderr panics in whoever logs.
    let layers = tracing_subscriber::fmt().with_env_filter(parsed).log_internal_errors(false);
    if format == LogFormat::Json {
        json(layers).with_writer(|| Escaped(io::stderr())).init();
        return Ok(());
    }
    let colored = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    layers.with_writer(io::stderr).with_ansi(colored).fmt_fields(debug_fn(field).delimited(" ")).init();
    Ok(())
}

/// The form for programs: the fields of an event stand beside its message.
fn json<F>(
    layers: SubscriberBuilder<DefaultFields, Format, F>,
) -> SubscriberBuilder<JsonFields, Format<Json>, F> {
    layers.json().flatten_event(true).with_current_span(false).with_span_list(false)
}

/// Escapes in a line of JSON what a terminal would obey: strangers choose hosts and paths.
struct Escaped<W>(W);

impl<W: Write> Write for Escaped<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.write_all(escaped_json(&String::from_utf8_lossy(line)).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
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
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::MakeWriter;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
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
    fn json_is_an_object_a_line_with_the_fields_beside_the_message() {
        let lines = Lines::default();
        let out = lines.clone();
        let subscriber = json(tracing_subscriber::fmt()).with_writer(move || Escaped(out.clone())).finish();
        let host = "a\n\x1b[2J\u{9b}\u{202e}";
        tracing::subscriber::with_default(subscriber, || {
            tracing::info!(destination = host, times = 3_u64, failure.side = "client", "no {host}");
            tracing::warn!("more");
        });
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        let objects: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(objects.len(), 2, "{text}");
        let first = &objects[0];
        assert_eq!((&first["level"], &first["times"]), (&"INFO".into(), &3.into()), "{first}");
        assert_eq!((&first["destination"], &first["failure.side"]), (&host.into(), &"client".into()));
        assert_eq!(first["message"], format!("no {host}"));
        assert!(first["timestamp"].as_str().unwrap().ends_with('Z') && first["target"].is_string());
        assert!(!text.trim_end().lines().any(|line| line.chars().any(dashcam_exchange::is_unsafe_to_show)));
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
