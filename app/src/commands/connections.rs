//! `dashcam connections`: client connections, from the database itself.

use std::path::PathBuf;

use anyhow::Result;
use dashcam_exchange::{Connection, ConnectionId, Runtime, TunnelReason, Verdict};
use dashcam_store::Reader;
use dashcam_views::dto;
use jiff::tz::TimeZone;

use crate::cli::ConnectionsArgs;
use crate::database;
use crate::home::Home;
use crate::terminal::{Color, escaped, escaped_json, is_colored, paint, print};

/// How many rows are read at once.
const PAGE: u32 = 1000;

const HEADING: &str =
    "    ID  TIME          CLIENT                 MODE      VERDICT            RUNTIME   HOST";

/// Lists the newest, the last one at the end where the eye is.
pub(crate) async fn connections(home: &Home, db: Option<PathBuf>, args: &ConnectionsArgs) -> Result<()> {
    let reader = database::open(home, db).await?;
    let newest = newest(&reader, args.failed, args.number).await?;
    let is_colored = is_colored();
    let mut text = String::new();
    if !args.json {
        text = paint(HEADING, Color::Dim, is_colored) + "\n";
    }
    for connection in newest.into_iter().rev() {
        if args.json {
            text.push_str(&escaped_json(&serde_json::to_string(&dto::Connection::from(connection))?));
            text.push('\n');
        } else {
            text.push_str(&row(&connection, is_colored));
        }
    }
    print(text)
}

async fn newest(reader: &Reader, failed: bool, number: u32) -> Result<Vec<Connection>> {
    let mut rows: Vec<Connection> = Vec::new();
    let mut missing = number;
    while missing > 0 {
        let before: Option<ConnectionId> = rows.last().map(|row| row.id);
        let page = reader.connections(failed, before, missing.min(PAGE)).await?;
        if page.is_empty() {
            break;
        }
        missing = missing.saturating_sub(u32::try_from(page.len()).unwrap_or(u32::MAX));
        rows.extend(page);
    }
    Ok(rows)
}

/// A connection in a line, and its failure in another.
fn row(connection: &Connection, is_colored: bool) -> String {
    let time = timestamp(connection).strftime("%H:%M:%S%.3f").to_string();
    // A reverse listener's mode has an address in it, which is the host anyway.
    let mode = connection.mode.split(['@', ':']).next().unwrap_or_default();
    // A listener with a name is known by that.
    let mode = connection.listener.as_deref().unwrap_or(mode);
    let asked = connection.tls.as_ref().and_then(|tls| tls.sni.as_deref());
    let host = connection.destination.as_deref().or(asked).unwrap_or("-");
    let (verdict, color) = verdict(connection);
    let line = format!(
        "{:>6}  {time:<12}  {:<21}  {mode:<8}  {}  {:<8}  {}",
        connection.id.0,
        connection.client,
        paint(&format!("{verdict:<17}"), color, is_colored),
        connection.runtime.map_or("-", Runtime::as_str),
        escaped(host),
    );
    let failure = connection.failure.as_ref().map_or(String::new(), |failure| {
        let text = format!("{} {}: {}", failure.side, failure.stage, escaped(&failure.message));
        format!("        {}\n", paint(&text, Color::Red, is_colored))
    });
    line + "\n" + &failure
}

fn timestamp(connection: &Connection) -> jiff::Zoned {
    let at = jiff::Timestamp::from_microsecond(connection.opened_at.0).unwrap_or_default();
    at.to_zoned(TimeZone::system())
}

/// The verdict, and for a tunnel the reason.
fn verdict(connection: &Connection) -> (String, Color) {
    match (connection.verdict, connection.tunnel_reason) {
        (_, Some(TunnelReason::ClientRejected)) => ("tunnel: rejected".to_owned(), Color::Yellow),
        (_, Some(TunnelReason::UpstreamRejected)) => ("tunnel: upstream".to_owned(), Color::Yellow),
        (_, Some(reason)) => (format!("tunnel: {}", reason.as_str().replace('_', " ")), Color::Dim),
        (Some(Verdict::Refuse), _) => ("refuse".to_owned(), Color::Red),
        (Some(verdict), _) => (verdict.to_string(), Color::Green),
        (None, _) => ("-".to_owned(), Color::Dim),
    }
}

#[cfg(test)]
mod tests {
    use dashcam_exchange::{Detected, Failure, Side, Stage, Timestamp, sample};

    use super::*;

    fn connection() -> Connection {
        Connection {
            opened_at: Timestamp(1_700_000_000_123_456),
            destination: Some("a.test:443".to_owned()),
            detected: Some(Detected::Tls),
            verdict: Some(Verdict::Decrypt),
            runtime: Some(Runtime::Node),
            failure: Some(Failure::new(Side::Client, Stage::TlsHandshake, "It refused.\u{1b}")),
            ..sample::connection(12)
        }
    }

    #[test]
    fn columns_stand_below_their_names() {
        let row = row(&connection(), false);
        for (column, value) in [
            ("CLIENT", "127.0.0.1:50000"),
            ("MODE", "forward"),
            ("VERDICT", "decrypt"),
            ("RUNTIME", "node"),
            ("HOST", "a.test:443"),
        ] {
            assert_eq!(HEADING.find(column), row.find(value), "{column} in\n{HEADING}\n{row}");
        }
        assert!(row.ends_with("\n        client tls_handshake: It refused.\\u{1b}\n"), "{row}");
    }

    #[test]
    fn a_tunnel_says_why() {
        let verdict = |reason| {
            let tunnel =
                Connection { verdict: Some(Verdict::Tunnel), tunnel_reason: Some(reason), ..connection() };
            verdict(&tunnel).0
        };
        assert_eq!(verdict(TunnelReason::ClientRejected), "tunnel: rejected");
        assert_eq!(verdict(TunnelReason::NotHttp), "tunnel: not http");
        for reason in TunnelReason::ALL {
            assert!(verdict(*reason).len() <= 19, "{reason}");
        }
    }
}
