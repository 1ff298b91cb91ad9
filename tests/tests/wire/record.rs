//! Holds the record against what passed.

use std::collections::HashMap;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::eventually;
use dashcam_tests::wire::{Fields, Framing, Head, read_head, read_piece};
use serde_json::Value;

use crate::play::Passed;
use crate::script::{Party, Record, Script};
use crate::way::ScriptedOrigin;

/// A message as one side sent it.
struct Sent {
    head: Head,
    body: Vec<u8>,
}

/// Checks the exchanges with `origin` that have an id above `after`: an earlier origin may have had its port.
pub(crate) async fn check(
    script: &Script,
    dashcam: &Dashcam,
    origin: &ScriptedOrigin,
    passed: &HashMap<Party, Passed>,
    after: u64,
) -> Result<()> {
    match &script.record {
        Record::Unchecked => Ok(()),
        Record::State(state) => {
            let rows = ended(dashcam, origin, after, 1).await?;
            let last = &rows.last().context("no exchange")?["state"];
            ensure!(last == state.as_str(), "the record has the state {last}, not {state}");
            Ok(())
        }
        Record::Complete => complete(dashcam, origin, passed, after).await,
    }
}

/// The highest id on record.
pub(crate) async fn newest(dashcam: &Dashcam) -> Result<u64> {
    let page = dashcam.api().get("/exchanges?limit=1").await?;
    Ok(page["exchanges"][0]["id"].as_u64().unwrap_or(0))
}

async fn complete(
    dashcam: &Dashcam,
    origin: &ScriptedOrigin,
    passed: &HashMap<Party, Passed>,
    after: u64,
) -> Result<()> {
    let requests = messages(passed, true, &[]).await?;
    let methods: Vec<_> = requests.iter().map(|request| request.head.word(0).to_owned()).collect();
    let responses = messages(passed, false, &methods).await?;
    let rows = ended(dashcam, origin, after, requests.len()).await?;
    ensure!(
        rows.len() == requests.len(),
        "{} exchanges for {} requests: {rows:?}",
        rows.len(),
        requests.len()
    );
    for ((row, request), response) in rows.iter().zip(&requests).zip(&responses) {
        let id = &row["id"];
        let exchange = dashcam.api().get(&format!("/exchanges/{id}")).await?;
        ensure!(
            exchange["state"] == "complete",
            "the record says {}: {}",
            exchange["state"],
            exchange["failure"]
        );
        ensure!(
            exchange["method"] == request.head.word(0),
            "the record has the method {}",
            exchange["method"]
        );
        ensure!(
            exchange["status"] == response.head.status()?,
            "the record has the status {}",
            exchange["status"]
        );
        for (message, side) in [(request, "request"), (response, "response")] {
            let recorded = fields(&exchange[side]["headers"])?;
            ensure!(
                recorded == message.head.fields,
                "{side}: recorded {recorded:?}, sent {:?}",
                message.head.fields
            );
            let size = &exchange[format!("{side}_body")]["size"];
            ensure!(
                size.as_u64().unwrap_or(0) == message.body.len() as u64,
                "{side}: {size} bytes of body recorded"
            );
            if !message.body.is_empty() {
                let bytes = dashcam.api().bytes(&format!("/exchanges/{id}/{side}/body")).await?;
                ensure!(bytes == message.body, "{side}: another body is recorded");
            }
        }
    }
    Ok(())
}

/// The exchanges with `origin` after one, oldest first, once there are `count` and all have ended.
async fn ended(dashcam: &Dashcam, origin: &ScriptedOrigin, after: u64, count: usize) -> Result<Vec<Value>> {
    let authority = format!("://{}", origin.host());
    eventually(&format!("{count} ended exchanges with {authority}"), async || {
        let page = dashcam.api().get("/exchanges?limit=1000").await?;
        let mut rows = page["exchanges"].as_array().cloned().unwrap_or_default();
        rows.retain(|row| row["id"].as_u64().is_some_and(|id| id > after));
        rows.retain(|row| row["url"].as_str().is_some_and(|url| url.contains(&authority)));
        rows.sort_by_key(|row| row["id"].as_u64());
        Ok((rows.len() >= count && rows.iter().all(|row| row["state"] != "open")).then_some(rows))
    })
    .await
}

/// All messages that one side sent, in the order of its connections; `methods` are those that are answered.
async fn messages(passed: &HashMap<Party, Passed>, of_client: bool, methods: &[String]) -> Result<Vec<Sent>> {
    let mut parties: Vec<_> = passed.iter().filter(|(party, _)| party.is_client == of_client).collect();
    parties.sort_by_key(|(party, _)| party.number);
    let mut all = Vec::new();
    for (_, passed) in parties {
        let mut rest = passed.sent.as_slice();
        while let Some(head) = read_head(&mut rest).await? {
            let interim = !of_client && head.status()? < 200 && head.status()? != 101;
            if interim {
                continue;
            }
            let mut framing = if of_client {
                Framing::of_request(&head)
            } else {
                let method = methods.get(all.len()).context("a response to nothing")?;
                Framing::of_response(&head, method)
            };
            let (mut body, mut trailers) = (Vec::new(), Fields::new());
            while let Some(piece) = read_piece(&mut rest, &mut framing, &mut trailers).await? {
                body.extend(piece);
            }
            let switched = !of_client && head.status()? == 101;
            all.push(Sent { head, body });
            if switched {
                break;
            }
        }
    }
    Ok(all)
}

fn fields(value: &Value) -> Result<Fields> {
    serde_json::from_value(value.clone()).with_context(|| format!("no fields: {value}"))
}
