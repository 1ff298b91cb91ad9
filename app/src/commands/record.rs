//! `dashcam record`: how much the running instance records.

use anyhow::Result;
use dashcam_web_ui::dto::{Settings, SettingsChange, SettingsChanges};
use hyper::Method;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::cli::RecordArgs;
use crate::client::Client;
use crate::row::size;
use crate::terminal::{escaped, print_json, print_line};

/// Shows the level, or changes it first.
pub(crate) async fn record(client: &Client, args: RecordArgs) -> Result<()> {
    let answer = match args.level {
        Some(level) => {
            let change = json!({"level": level, "why": args.why});
            client.call(Method::PATCH, "/settings", Some(change)).await?
        }
        None => client.get("/settings").await?,
    };
    if args.json {
        return print_json(&answer.to_string());
    }
    let settings: Settings = serde_json::from_value(answer)?;
    let history: SettingsChanges = serde_json::from_value(client.get("/settings/history?limit=1").await?)?;
    print_line(&sentence(&settings))?;
    history.changes.first().map_or(Ok(()), |change| print_line(&since(change)))
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
