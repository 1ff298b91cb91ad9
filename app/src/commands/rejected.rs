//! `dashcam rejected`: what is tunnelled because clients or upstreams refuse dashcam's TLS.

use anyhow::Result;
use dashcam_views::dto::{Side, Time};
use dashcam_web_ui::dto::{RejectedPair, RejectedPairs, RejectedRemoved};
use hyper::Method;
use jiff::tz::TimeZone;

use crate::cli::{RejectedArgs, RejectedChange, RejectedRemoval};
use crate::client::Client;
use crate::terminal::{Color, escaped, escaped_json, is_colored, paint, print, print_line};

const HEADING: &str = "    ID  UNTIL     REFUSED BY  TIMES  TUNNELS  CLIENT                RUNTIME   HOST";

/// Lists the pairs of a client and a host, the latest last, or has connections of some decrypted again.
pub(crate) async fn rejected(client: &Client, args: RejectedArgs) -> Result<()> {
    match args.change {
        Some(RejectedChange::Rm(removal)) => remove(client, removal).await,
        None => list(client, args.json).await,
    }
}

async fn list(client: &Client, json: bool) -> Result<()> {
    let answer: RejectedPairs = serde_json::from_value(client.get("/rejected").await?)?;
    let pairs = answer.pairs.iter().rev();
    if json {
        let lines = pairs.map(|pair| Ok(escaped_json(&serde_json::to_string(pair)?) + "\n"));
        return print(lines.collect::<Result<String>>()?);
    }
    if answer.pairs.is_empty() {
        return print_line("nothing is tunnelled because somebody refuses dashcam's TLS");
    }
    let is_colored = is_colored();
    let rows: String = pairs.map(|pair| row(pair, is_colored)).collect();
    print(paint(HEADING, Color::Dim, is_colored) + "\n" + &rows)
}

async fn remove(client: &Client, removal: RejectedRemoval) -> Result<()> {
    if removal.all {
        let answer = client.call(Method::DELETE, "/rejected", None).await?;
        let RejectedRemoved { removed } = serde_json::from_value(answer)?;
        return print_line(&format!("{removed} removed: their connections are decrypted again"));
    }
    for id in removal.ids {
        client.order(Method::DELETE, &format!("/rejected/{id}")).await?;
    }
    Ok(())
}

/// A pair in a line, and the reason in another.
fn row(pair: &RejectedPair, is_colored: bool) -> String {
    let side = match pair.side {
        Side::Client => "client",
        Side::Upstream => "upstream",
        Side::Proxy => "dashcam",
    };
    let runtime = pair.runtime.map_or("-", |runtime| dashcam_exchange::Runtime::from(runtime).as_str());
    let line = format!(
        "{:>6}  {}  {side:<10}  {:>5}  {:>7}  {:<20}  {runtime:<8}  {}",
        pair.id,
        local(pair.until),
        pair.refusals,
        pair.connections,
        pair.client,
        escaped(&pair.host),
    );
    format!("{line}\n        {}\n", paint(&escaped(&pair.message), Color::Dim, is_colored))
}

fn local(at: Time) -> String {
    at.0.to_zoned(TimeZone::system()).strftime("%H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use dashcam_views::dto::Runtime;

    use super::*;

    #[test]
    fn columns_stand_below_their_names() {
        let at = |text: &str| Time(text.parse().unwrap());
        let pair = RejectedPair {
            id: 3,
            client: "127.0.0.1".to_owned(),
            runtime: Some(Runtime::Python),
            host: "a.test:443".to_owned(),
            side: Side::Upstream,
            message: "It refused.\u{1b}".to_owned(),
            since: at("2026-11-22T15:04:05Z"),
            until: at("2026-11-22T16:04:05Z"),
            refusals: 4,
            connections: 12,
        };
        let row = row(&pair, false);
        for (column, value) in [
            ("UNTIL", local(pair.until).as_str()),
            ("REFUSED BY", "upstream"),
            ("CLIENT", "127.0.0.1"),
            ("RUNTIME", "python"),
            ("HOST", "a.test:443"),
        ] {
            assert_eq!(HEADING.find(column), row.find(value), "{column} in\n{HEADING}\n{row}");
        }
        assert_eq!(HEADING.find("TIMES").map(|at| at + 4), row.find("4  "), "{row}");
        assert!(row.ends_with("\n        It refused.\\u{1b}\n"), "{row}");
    }
}
