//! The traffic as the origin saw it and as the record has it: the two must be equal.

use std::fmt::Debug;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::dashcam::Dashcam;
use crate::digest;
use crate::eventually::eventually;
use crate::origin::{Origin, Seen};
use crate::same::{end_to_end, fields};
use crate::wire::Fields;

/// A request and its response, as far as origin and record both know them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Passed {
    target: String,
    method: String,
    status: u64,
    request: Fields,
    request_body: String,
    request_trailers: Fields,
    response: Fields,
    response_body: String,
}

/// The newest exchange so far; 0 when there is none.
///
/// # Errors
/// When the API fails.
pub async fn newest(dashcam: &Dashcam) -> Result<u64> {
    let page = dashcam.api().get("/exchanges?limit=1").await?;
    Ok(page["exchanges"][0]["id"].as_u64().unwrap_or(0))
}

/// Checks that the exchanges with `origin` after the exchange `after` are those that it saw: heads, bodies and trailers.
///
/// # Errors
/// When they are not.
pub async fn recorded(dashcam: &Dashcam, origin: &Origin, after: u64, seen: &[Seen]) -> Result<()> {
    let mut expected: Vec<Passed> = seen.iter().map(of_origin).collect();
    let mut got = Vec::new();
    for id in ended(dashcam, origin, after, seen.len()).await? {
        got.push(of_record(dashcam, id).await.with_context(|| format!("exchange {id}"))?);
    }
    expected.sort();
    got.sort();
    ensure!(expected == got, "the origin saw (-) and the record has (+):\n{}", difference(&expected, &got));
    Ok(())
}

/// The difference between two values as they are shown for debugging: the lines from the first that differs to the
/// last.
#[must_use]
pub fn difference<T: Debug>(one: &T, other: &T) -> String {
    const AROUND: usize = 12;
    let (one, other) = (format!("{one:#?}"), format!("{other:#?}"));
    let (one, other): (Vec<&str>, Vec<&str>) = (one.lines().collect(), other.lines().collect());
    let shorter = one.len().min(other.len());
    let start = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let end = one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count();
    let end = end.min(shorter - start);
    let part = |lines: &[&str], sign: &str| -> Vec<String> {
        lines[start..lines.len() - end].iter().take(60).map(|line| format!("{sign}{line}")).collect()
    };
    let before = one[start.saturating_sub(AROUND)..start].iter().map(|line| format!(" {line}"));
    let after = one[one.len() - end..].iter().take(AROUND).map(|line| format!(" {line}"));
    let lines: Vec<String> = before.chain(part(&one, "-")).chain(part(&other, "+")).chain(after).collect();
    lines.join("\n")
}

/// Waits until `count` exchanges have ended, and none is open.
async fn ended(dashcam: &Dashcam, origin: &Origin, after: u64, count: usize) -> Result<Vec<u64>> {
    let port = origin.address().port();
    let what = format!("{count} ended exchanges with port {port} after {after}");
    eventually(&what, async || {
        let page = dashcam.api().get("/exchanges?limit=1000").await?;
        let all = page["exchanges"].as_array().context("no exchanges")?;
        let ours = |row: &&Value| row["port"] == port && row["id"].as_u64().is_some_and(|id| id > after);
        let all: Vec<&Value> = all.iter().filter(ours).collect();
        ensure!(all.len() <= count, "more exchanges than requests: {all:?}");
        let ended = all.iter().filter(|row| row["state"] != "open");
        let ended: Vec<u64> = ended.filter_map(|row| row["id"].as_u64()).collect();
        Ok((ended.len() == count).then_some(ended))
    })
    .await
}

fn of_origin(seen: &Seen) -> Passed {
    Passed {
        target: seen.target.clone(),
        method: seen.method.clone(),
        status: u64::from(seen.status),
        request: request_fields(&seen.fields),
        request_body: seen.digest.clone(),
        request_trailers: end_to_end(&seen.trailers),
        response: response_fields(&seen.sent_fields),
        response_body: if may_be_left(seen.status.into()) { String::new() } else { seen.sent.clone() },
    }
}

/// Browsers that are sent elsewhere do not wait for the body that comes with it, nor does `curl --fail` for that of a
/// 404: over HTTP/2 they may give up its stream.
fn may_be_left(status: u64) -> bool {
    (301..=308).contains(&status) && status != 304 || status == 404
}

async fn of_record(dashcam: &Dashcam, id: u64) -> Result<Passed> {
    let exchange = dashcam.api().get(&format!("/exchanges/{id}")).await?;
    let status = exchange["status"].as_u64().unwrap_or(0);
    let given_up = may_be_left(status) && exchange["state"] == "aborted";
    ensure!(exchange["state"] == "complete" || given_up, "it is not complete: {exchange}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let trailers = &exchange["request_body"]["trailers"];
    Ok(Passed {
        target: text(&exchange["target"]),
        method: text(&exchange["method"]),
        status,
        request: request_fields(&fields(&exchange["request"]["headers"])?),
        request_body: body(dashcam, &exchange, "request").await?,
        request_trailers: if trailers.is_null() { Fields::new() } else { end_to_end(&fields(trailers)?) },
        response: response_fields(&fields(&exchange["response"]["headers"])?),
        response_body: if may_be_left(status) {
            String::new()
        } else {
            body(dashcam, &exchange, "response").await?
        },
    })
}

async fn body(dashcam: &Dashcam, exchange: &Value, side: &str) -> Result<String> {
    let about = &exchange[format!("{side}_body")];
    ensure!(about["complete"] == true, "the {side}'s body is not complete: {exchange}");
    ensure!(about["size"] == about["stored"], "the {side}'s body is not stored: {exchange}");
    if about["size"] == 0 {
        return Ok(digest::of(&[]));
    }
    let bytes = dashcam.api().bytes(&format!("/exchanges/{}/{side}/body", exchange["id"])).await?;
    ensure!(about["size"] == bytes.len(), "the {side}'s body has another size: {exchange}");
    Ok(digest::of(&bytes))
}

/// `Host` is what HTTP/2 says otherwise, so an origin may see it where the client sent none.
fn request_fields(fields: &Fields) -> Fields {
    end_to_end(fields).into_iter().filter(|(name, _)| name != "host").collect()
}

/// In the order of their names: over HTTP/2, only those of the same name are sure to keep theirs.
fn response_fields(fields: &Fields) -> Fields {
    let mut fields = end_to_end(fields);
    // The origin's answers get their length where they are written.
    fields.retain(|(name, _)| name != "content-length");
    fields.sort_by(|one, other| one.0.cmp(&other.0));
    fields
}
