//! `dashcam snapshot`: what the flight recorder holds, stored under a name.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use dashcam_views::dto::Time;
use dashcam_web_ui::dto::{Flight, Snapshot, SnapshotDeleted, SnapshotState, SnapshotTaken, Snapshots};
use hyper::Method;
use jiff::tz::TimeZone;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::cli::{ExportArgs, SnapshotArgs, SnapshotCommand};
use crate::client::Client;
use crate::commands::export;
use crate::confirmation::confirm;
use crate::home::Home;
use crate::row;
use crate::terminal::{Color, escaped, is_colored, paint, print, print_json, print_line};

const HEADING: &str = "TAKEN                DURATION  EXCHANGES      SIZE  NAME";
/// How often is looked whether a ring is saved.
const LOOK: Duration = Duration::from_millis(200);

/// Takes a snapshot, or does what `args` say.
pub(crate) async fn snapshot(home: &Home, db: Option<PathBuf>, args: SnapshotArgs) -> Result<()> {
    let client = Client::of(home);
    match args.command {
        None => take(&client, &args).await,
        Some(SnapshotCommand::Ls { json }) => list(&client, json).await,
        Some(SnapshotCommand::Show { name, json }) => show(&client, &name, json).await,
        Some(SnapshotCommand::Save { name }) => save(&client, &name).await,
        Some(SnapshotCommand::Export { name, export }) => {
            // A name that there is not would make an empty file.
            one(&client, &name).await?;
            export::export(home, db, ExportArgs::of_snapshot(&name, export)).await
        }
        Some(SnapshotCommand::Rm { name, yes }) => remove(&client, &name, yes).await,
    }
}

async fn take(client: &Client, args: &SnapshotArgs) -> Result<()> {
    let after = args.after.map(|after| format!("{}ms", after.0.as_millis()));
    let body = json!({"reason": args.reason, "after": after});
    let answer = client.call(Method::POST, "/snapshots", Some(body)).await?;
    if args.json {
        return print_json(&answer.to_string());
    }
    let SnapshotTaken { name, joined, until } = serde_json::from_value(answer)?;
    let (name, until) = (escaped(&name), local(until, "%H:%M:%S"));
    let joined = if joined { "joined" } else { "takes" };
    print_line(&format!("{joined} {name}, which goes on until {until}: `dashcam snapshot show {name}`"))
}

async fn list(client: &Client, json: bool) -> Result<()> {
    let answer = client.get("/snapshots").await?;
    if json {
        return print_json(&answer.to_string());
    }
    let Snapshots { snapshots, flight } = serde_json::from_value(answer)?;
    let is_colored = is_colored();
    let mut lines = String::new();
    if !snapshots.is_empty() {
        lines += &(paint(HEADING, Color::Dim, is_colored) + "\n");
    }
    for snapshot in &snapshots {
        lines += &line(snapshot, is_colored);
    }
    if snapshots.is_empty() {
        lines += "no snapshot is stored\n";
    }
    lines += &match &flight {
        Some(flight) => format!("the flight recorder has {}\n", ring(flight)),
        None => "there is no flight recorder: start dashcam with --flight 60s,256MB\n".to_owned(),
    };
    print(lines)
}

fn line(snapshot: &Snapshot, is_colored: bool) -> String {
    let Snapshot { name, state, exchanges, bytes, complete, note, .. } = snapshot;
    let taken = local(snapshot.created_at, "%Y-%m-%d %H:%M:%S");
    let (name, size, covers) = (escaped(name), row::size(*bytes), row::duration(covered_us(snapshot)));
    let line = format!("{taken}  {covers:>8}  {exchanges:>9}  {size:>8}  {name}");
    let about = match state {
        SnapshotState::Writing => Some("being written".to_owned()),
        SnapshotState::Recovered => Some(format!("recovered run, not saved: `dashcam snapshot save {name}`")),
        SnapshotState::Stored if *complete => None,
        SnapshotState::Stored => Some(format!("not complete: {}", escaped(note.as_deref().unwrap_or("-")))),
    };
    let about = about.map(|about| format!("    {}\n", paint(&about, Color::Dim, is_colored)));
    line + "\n" + &about.unwrap_or_default()
}

/// The flight recorder in a sentence: what it has, and its last snapshot.
pub(crate) fn ring(flight: &Flight) -> String {
    let since = local(flight.covers_from, "%H:%M:%S");
    let mut text = format!("{} exchanges, {}, since {since}", flight.exchanges, row::size(flight.bytes));
    if flight.squeezed > 0 {
        text += "; the ring is too small for the time asked for";
    }
    if flight.lost > 0 {
        text += &format!("; {} lost", flight.lost);
    }
    if let (Some(at), Some(trigger)) = (flight.last_at, &flight.last_trigger) {
        text += &format!("; last snapshot at {}: {}", local(at, "%H:%M:%S"), escaped(trigger));
    }
    if flight.suppressed > 0 {
        text += &format!(" ({} more came too soon after one)", flight.suppressed);
    }
    text
}

async fn show(client: &Client, name: &str, json: bool) -> Result<()> {
    let answer = client.get(&path(name)).await?;
    if json {
        return print_json(&answer.to_string());
    }
    print(shown(&serde_json::from_value(answer)?))
}

fn shown(snapshot: &Snapshot) -> String {
    let Snapshot { name, trigger, reason, who, exchanges, bytes, complete, note, .. } = snapshot;
    let state = match snapshot.state {
        SnapshotState::Writing => "being written",
        SnapshotState::Recovered => "recovered from a killed run, not saved",
        SnapshotState::Stored => "stored",
    };
    let time = |at| local(at, "%Y-%m-%d %H:%M:%S%.3f");
    let covers = format!("{} to {}", time(snapshot.covers_from), time(snapshot.covers_until));
    let mut facts = vec![
        ("name", escaped(name)),
        ("state", state.to_owned()),
        ("trigger", escaped(trigger)),
        ("taken", time(snapshot.created_at)),
        ("covers", covers),
        ("exchanges", format!("{exchanges}, {} of bodies", row::size(*bytes))),
        ("complete", if *complete { "yes" } else { "no" }.to_owned()),
    ];
    let more = [("reason", reason), ("by", who), ("missing", note)];
    facts.extend(more.iter().filter_map(|(what, text)| Some((*what, escaped(text.as_deref()?)))));
    facts.iter().map(|(what, text)| format!("{what:>10}  {text}\n")).collect()
}

/// Has a ring stored that a killed run has left, and waits for that.
async fn save(client: &Client, name: &str) -> Result<()> {
    client.order(Method::POST, &format!("{}/save", path(name))).await?;
    loop {
        let snapshot = one(client, name).await?;
        match snapshot.state {
            SnapshotState::Writing => tokio::time::sleep(LOOK).await,
            SnapshotState::Stored => return print(shown(&snapshot)),
            SnapshotState::Recovered => bail!("{name} could not be stored: dashcam's log has the reason"),
        }
    }
}

async fn remove(client: &Client, name: &str, yes: bool) -> Result<()> {
    let snapshot = one(client, name).await?;
    let facts = format!("{name} has {} exchanges\n", snapshot.exchanges);
    if !yes && !confirm(&facts, "Delete it?").await? {
        return print_line("nothing was deleted");
    }
    let answer = client.call(Method::DELETE, &path(name), None).await?;
    let SnapshotDeleted { exchanges } = serde_json::from_value(answer)?;
    print_line(&format!("{} is gone, and {exchanges} stored exchanges with it", escaped(name)))
}

async fn one(client: &Client, name: &str) -> Result<Snapshot> {
    Ok(serde_json::from_value(client.get(&path(name)).await?)?)
}

fn path(name: &str) -> String {
    format!("/snapshots/{}", utf8_percent_encode(name, NON_ALPHANUMERIC))
}

fn covered_us(snapshot: &Snapshot) -> i64 {
    let covered = snapshot.covers_until.0.duration_since(snapshot.covers_from.0);
    i64::try_from(covered.as_micros()).unwrap_or(i64::MAX)
}

fn local(at: Time, form: &str) -> String {
    at.0.to_zoned(TimeZone::system()).strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(state: SnapshotState, complete: bool) -> Snapshot {
        let at = |second| Time(jiff::Timestamp::from_second(second).unwrap());
        Snapshot {
            name: "crash-\u{1b}[1m".to_owned(),
            state,
            trigger: "status:5xx".to_owned(),
            reason: None,
            who: Some("cli".to_owned()),
            created_at: at(70),
            covers_from: at(10),
            covers_until: at(80),
            exchanges: 12,
            bytes: 3 << 20,
            complete,
            note: (!complete).then(|| "the ring was too small".to_owned()),
        }
    }

    #[test]
    fn lists_say_what_is_not_saved_or_not_complete() {
        for (state, complete, expect) in [
            (SnapshotState::Stored, true, ""),
            (SnapshotState::Stored, false, "not complete: the ring was too small"),
            (SnapshotState::Writing, false, "being written"),
            (SnapshotState::Recovered, false, "recovered run, not saved: `dashcam snapshot save crash-"),
        ] {
            let text = line(&snapshot(state, complete), false);
            let (first, about) = text.split_once('\n').unwrap();
            assert!(first.contains("1m10s         12") || first.contains("       12"), "{first}");
            assert!(!text.contains('\u{1b}') && about.trim_start().starts_with(expect), "{text}");
            assert_eq!(about.is_empty(), expect.is_empty());
        }
    }

    #[test]
    fn one_is_shown_with_what_is_missing() {
        let text = shown(&snapshot(SnapshotState::Stored, false));
        for expect in
            ["trigger  status:5xx\n", "complete  no\n", "missing  the ring was too small\n", "by  cli\n"]
        {
            assert!(text.contains(expect), "{text}");
        }
    }
}
