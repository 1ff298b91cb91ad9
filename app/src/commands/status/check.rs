//! `dashcam status --check`: one line and an exit code for monitoring.
//!
//! The moment of a check is kept in the home; the next one reports what was dropped since. The database knows the gaps of
//! earlier dashcams, so a restart in between hides nothing.

use std::time::Duration;

use anyhow::{Result, bail};
use dashcam_views::dto::{Dropped, Time};
use dashcam_web_ui::dto::{Losses, Recording, RecordingState, Status, Step};
use jiff::tz::TimeZone;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Serialize, Serializer};
use tokio::time::timeout;

use crate::client::Client;
use crate::home::Home;
use crate::terminal::{escaped, print_json, print_line};

/// The file in the home with the moment of the last check.
const LAST: &str = "last-check";

/// How long dashcam may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// The outcome of a check. The exit codes are those of monitoring plugins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    /// Recording goes on, and nothing was dropped.
    Ok = 0,
    /// Something was dropped.
    Dropped = 1,
    /// Recording is paused.
    Paused = 2,
    /// No dashcam answers, or not as it should.
    Unknown = 3,
}

/// Everything that a check finds.
#[derive(Debug, Serialize)]
struct Report {
    state: Outcome,
    #[serde(serialize_with = "code")]
    code: Outcome,
    /// Since when exchanges are looked for that were dropped; `None` if no dashcam answers.
    since: Option<Time>,
    dropped: Option<Dropped>,
    /// When the first of them was dropped, and the last.
    from: Option<Time>,
    until: Option<Time>,
    /// False if the database did not answer.
    complete: bool,
    /// Why recording is paused.
    paused: Option<Recording>,
    /// The step to which a budget holds recording.
    step: Option<Step>,
    /// The reason why nothing is known.
    error: Option<String>,
}

fn code<S: Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(*outcome as u8)
}

/// Checks; the exit code. `since` is a moment instead of the last check, of which nothing is kept then.
pub(super) async fn check(
    home: &Home,
    client: &Client,
    since: Option<jiff::Timestamp>,
    as_json: bool,
) -> Result<u8> {
    let last = || std::fs::read_to_string(home.path().join(LAST)).ok()?.trim().parse().ok();
    let report = match look_within(PATIENCE, client, since.or_else(last)).await {
        Ok((status, losses)) => {
            if since.is_none()
                && let Err(error) = home.write(LAST, format!("{}\n", losses.at.0).as_bytes())
            {
                tracing::warn!("the next check will report the same again: {error:#}");
            }
            report(&status, &losses)
        }
        Err(error) => unknown(&error),
    };
    if as_json {
        print_json(&serde_json::to_string(&report)?)?;
    } else {
        print_line(&escaped(&line(&report)))?;
    }
    Ok(report.state as u8)
}

async fn look_within(
    patience: Duration,
    client: &Client,
    since: Option<jiff::Timestamp>,
) -> Result<(Status, Losses)> {
    let looked = timeout(patience, look(client, since)).await;
    looked.unwrap_or_else(|_| {
        bail!("dashcam has not answered for {} s: look into its log", patience.as_secs_f32())
    })
}

async fn look(client: &Client, since: Option<jiff::Timestamp>) -> Result<(Status, Losses)> {
    let status = serde_json::from_value(client.get("/status").await?)?;
    let path = since.map_or("/gaps/since".to_owned(), |since| {
        format!("/gaps/since?since={}", utf8_percent_encode(&since.to_string(), NON_ALPHANUMERIC))
    });
    Ok((status, serde_json::from_value(client.get(&path).await?)?))
}

fn report(status: &Status, losses: &Losses) -> Report {
    let is_paused = status.recording.state == RecordingState::Paused;
    let state = match (is_paused, losses.dropped == Dropped::default()) {
        (true, _) => Outcome::Paused,
        (false, false) => Outcome::Dropped,
        (false, true) => Outcome::Ok,
    };
    Report {
        state,
        code: state,
        since: Some(losses.since),
        dropped: Some(losses.dropped),
        from: losses.from,
        until: losses.until,
        complete: losses.complete,
        paused: is_paused.then(|| status.recording.clone()),
        step: status.budget.as_ref().map(|budget| budget.in_force.step),
        error: None,
    }
}

fn unknown(error: &anyhow::Error) -> Report {
    Report {
        state: Outcome::Unknown,
        code: Outcome::Unknown,
        since: None,
        dropped: None,
        from: None,
        until: None,
        complete: false,
        paused: None,
        step: None,
        error: Some(format!("{error:#}")),
    }
}

/// One line, as monitoring plugins write it: the state, what was found, and figures behind a bar.
fn line(report: &Report) -> String {
    let local = |at: Time| at.0.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let (Some(dropped), Some(since)) = (report.dropped, report.since) else {
        return format!("DASHCAM UNKNOWN - {}", report.error.as_deref().unwrap_or_default());
    };
    let reasons = reasons(&dropped);
    let all: u64 = reasons.iter().map(|(_, count)| count).sum();
    let by_reason: Vec<_> = reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    let span = match (report.from, report.until) {
        (Some(from), Some(until)) if all > 0 => format!(", from {} to {}", local(from), local(until)),
        _ => String::new(),
    };
    let losses = match all {
        0 => format!("nothing dropped since {}", local(since)),
        _ => format!("{all} exchanges dropped ({}) since {}{span}", by_reason.join(", "), local(since)),
    };
    let unsure = if report.complete { "" } else { "; the database does not answer" };
    let step = match report.step {
        Some(step) if step != Step::Full => format!("; at step {}", step.as_str()),
        _ => String::new(),
    };
    let state = match (&report.paused, report.state) {
        (Some(paused), _) => {
            let message = paused.message.as_deref().unwrap_or("the disk can't be written");
            format!("CRITICAL - recording is paused: {message}; {losses}")
        }
        (None, Outcome::Dropped) => format!("WARNING - {losses}"),
        (None, _) => format!("OK - {losses}"),
    };
    format!("DASHCAM {state}{unsure}{step} | dropped={all}")
}

/// The reasons that there are.
fn reasons(dropped: &Dropped) -> Vec<(&'static str, u64)> {
    let all = [
        ("queue_full", dropped.queue_full),
        ("client_share", dropped.client_share),
        ("disk_full", dropped.disk_full),
        ("disk_error", dropped.disk_error),
        ("recorder_fault", dropped.recorder_fault),
    ];
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::UnixListener;

    use super::*;

    fn found(state: Outcome, dropped: Dropped) -> Report {
        let at = |text: &str| Some(Time(text.parse().unwrap()));
        Report {
            state,
            code: state,
            since: at("2026-11-22T15:00:00Z"),
            dropped: Some(dropped),
            from: at("2026-11-22T15:04:05Z"),
            until: at("2026-11-22T15:04:06Z"),
            complete: true,
            paused: None,
            step: Some(Step::Full),
            error: None,
        }
    }

    #[test]
    fn a_line_begins_with_the_state_and_ends_with_the_figure() {
        let ok = line(&found(Outcome::Ok, Dropped::default()));
        assert!(ok.starts_with("DASHCAM OK - nothing dropped since 2026-11-2"), "{ok}");
        assert!(ok.ends_with(" | dropped=0") && !ok.contains("from"), "{ok}");

        let dropped = Dropped { queue_full: 3, disk_full: 2, ..Dropped::default() };
        let warning = line(&found(Outcome::Dropped, dropped));
        assert!(
            warning.starts_with("DASHCAM WARNING - 5 exchanges dropped (3 queue_full, 2 disk_full) since")
        );
        assert!(warning.contains(", from 2026-11-2") && warning.ends_with(" | dropped=5"), "{warning}");

        let mut paused = found(Outcome::Paused, Dropped::default());
        let message = Some("the disk is full".to_owned());
        paused.paused = Some(Recording { state: RecordingState::Paused, since: None, reason: None, message });
        (paused.step, paused.complete) = (Some(Step::Metrics), false);
        let paused = line(&paused);
        assert!(paused.starts_with("DASHCAM CRITICAL - recording is paused: the disk is full; nothing"));
        assert!(paused.ends_with("; the database does not answer; at step metrics | dropped=0"), "{paused}");

        let away = unknown(&anyhow::anyhow!("no dashcam is running"));
        assert_eq!(line(&away), "DASHCAM UNKNOWN - no dashcam is running");
    }

    /// Answers connections with `answer` until the test ends.
    async fn answer(listener: UnixListener, answer: &str) {
        let mut silent = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            if answer.is_empty() {
                silent.push(stream);
                continue;
            }
            let mut asked = [0; 4096];
            let _ = stream.read(&mut asked).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_check_that_fails_is_unknown() {
        for (text, expect) in [
            ("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n", "500"),
            ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", "404"),
            ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi", "not JSON"),
            ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", "missing field"),
            ("nonsense\r\n\r\n", "did not answer"),
            ("", "has not answered for 0.5 s"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let home = Home::new(Some(folder.path().into())).unwrap();
            let client = Client::of(&home);
            let answering = answer(UnixListener::bind(home.control_socket()).unwrap(), text);
            let looks = look_within(Duration::from_millis(500), &client, None);
            let error = tokio::select! {
                found = looks => found.unwrap_err(),
                () = answering => unreachable!("it goes on"),
            };
            let line = line(&unknown(&error));
            assert!(line.starts_with("DASHCAM UNKNOWN - ") && line.contains(expect), "{text:?}: {line}");
            if !text.is_empty() {
                let answering = answer(another_socket(&home), text);
                let code = tokio::select! {
                    code = check(&home, &client, None, true) => code.unwrap(),
                    () = answering => unreachable!("it goes on"),
                };
                assert_eq!(code, 3, "{text:?}");
            }
        }
    }

    fn another_socket(home: &Home) -> UnixListener {
        std::fs::remove_file(home.control_socket()).unwrap();
        UnixListener::bind(home.control_socket()).unwrap()
    }

    #[test]
    fn the_code_is_a_number() {
        let json = serde_json::to_value(found(Outcome::Dropped, Dropped::default())).unwrap();
        assert_eq!((&json["state"], &json["code"]), (&"dropped".into(), &1.into()));
    }
}
