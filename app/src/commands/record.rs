//! `dashcam record`: how much the running instance records.

use anyhow::Result;
use dashcam_web_ui::dto::{Closed, Leases, Settings, SettingsChange, SettingsChanges, SettingsInForce};
use hyper::Method;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::cli::RecordArgs;
use crate::client::Client;
use crate::commands::lease;
use crate::row::size;
use crate::terminal::{escaped, print, print_json, print_line};

/// Shows the level, or changes it first.
pub(crate) async fn record(client: &Client, args: RecordArgs) -> Result<()> {
    if args.lasting.is_some() || args.max.is_some() || args.count.is_some() {
        return begin_lease(client, &args).await;
    }
    let answer = match args.level {
        Some(level) => {
            let change = json!({"level": level, "why": args.why});
            client.call(Method::PATCH, "/settings", Some(change)).await?
        }
        None => client.get("/settings").await?,
    };
    let closed = if args.close_tunnels { Some(close_tunnels(client).await?) } else { None };
    if args.json {
        return print_json(&answer.to_string());
    }
    let SettingsInForce { settings, unread_connections } = serde_json::from_value(answer)?;
    let history: SettingsChanges = serde_json::from_value(client.get("/settings/history?limit=100").await?)?;
    print_line(&sentence(&settings))?;
    let of_level = history.changes.iter().find(|change| change.kind == "settings");
    of_level.map_or(Ok(()), |change| print_line(&since(change)))?;
    print(before_the_level(client, settings.rules.len()).await?)?;
    let about_unread = match closed {
        Some(closed) => Some(format!("closing {}", opened_before(closed))),
        None => unread(&settings, unread_connections),
    };
    about_unread.map_or(Ok(()), |about| print_line(&about))
}

/// The leases and rules that are asked before the level, in lines of their own.
async fn before_the_level(client: &Client, rules: usize) -> Result<String> {
    let Leases { leases } = serde_json::from_value(client.get("/leases").await?)?;
    let mut lines: Vec<String> = leases.iter().map(lease::sentence).collect();
    match rules {
        0 => {}
        1 => lines.push("a rule is asked before that level: `dashcam rule ls` shows it".to_owned()),
        more => lines.push(format!("{more} rules are asked before that level: `dashcam rule ls` lists them")),
    }
    Ok(lines.into_iter().map(|line| line + "\n").collect())
}

/// Begins a lease, and shows it.
async fn begin_lease(client: &Client, args: &RecordArgs) -> Result<()> {
    let begun = lease::begin(client, args).await?;
    let closed = if args.close_tunnels { Some(close_tunnels(client).await?) } else { None };
    if args.json {
        return print_json(&begun.to_string());
    }
    print_line(&lease::sentence(&serde_json::from_value(begun)?))?;
    closed.map_or(Ok(()), |closed| print_line(&format!("closing {}", opened_before(closed))))
}

/// Closes the connections that were opened while nothing was recorded; how many those are.
async fn close_tunnels(client: &Client) -> Result<u64> {
    let answer = client.call(Method::POST, "/connections/unread/close", None).await?;
    Ok(serde_json::from_value::<Closed>(answer)?.connections)
}

/// The connections that are not recorded though the level says so, if there are any, and the command that closes them.
pub(crate) fn unread(settings: &Settings, connections: u64) -> Option<String> {
    let are_missed = connections > 0 && dashcam_exchange::Level::from(settings.level).records();
    let verb = if connections == 1 { "is" } else { "are" };
    let cure = "`dashcam record --close-tunnels` closes them, so that clients open others";
    are_missed.then(|| format!("{} {verb} not recorded: {cure}", opened_before(connections)))
}

fn opened_before(connections: u64) -> String {
    let noun = if connections == 1 { "connection" } else { "connections" };
    format!("{connections} {noun} opened before")
}

fn sentence(settings: &Settings) -> String {
    use dashcam_views::dto::Level;
    match settings.level {
        Level::Off => "off: traffic passes unread and nothing of it is recorded".to_owned(),
        Level::Metrics => "metrics: requests are counted and timed, nothing of them is recorded".to_owned(),
        Level::Metadata => "metadata: heads, sizes and timings are recorded, bodies are not".to_owned(),
        Level::Full => {
            format!("full: everything is recorded, of each body up to {}", size(settings.body_limit))
        }
    }
}

fn since(change: &SettingsChange) -> String {
    let at = change.at.0.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S");
    let why = change.why.as_ref().map(|why| format!(": {}", escaped(why))).unwrap_or_default();
    format!("since {at}, by {}{why}", escaped(&change.who))
}
