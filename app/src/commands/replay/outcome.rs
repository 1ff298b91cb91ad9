//! The outcome of a replay, as the live events tell it.

use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context as _, Result};
use hyper::Method;
use serde_json::Value;
use tokio::sync::Notify;

use crate::client::Client;
use crate::commands::events::{Event, Events};

/// The news of the stream so far.
#[derive(Default)]
pub(super) struct News {
    changed: Notify,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    is_open: bool,
    /// Exchanges that ended, and whether some may be missing.
    finished: Vec<Value>,
    missed: bool,
}

impl News {
    fn tell(&self, change: impl FnOnce(&mut Told)) {
        change(&mut self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        self.changed.notify_one();
    }

    /// Waits until `ready` finds something.
    async fn wait<T>(&self, ready: impl Fn(&mut Told) -> Option<T>) -> T {
        loop {
            let found = ready(&mut self.told.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
            match found {
                Some(found) => return found,
                None => self.changed.notified().await,
            }
        }
    }
}

/// Follows the live events until dashcam stops.
pub(super) async fn follow(client: &Client, news: &News) -> Result<()> {
    let mut is_cut_off = true;
    while std::mem::take(&mut is_cut_off) {
        let mut events = Events::default();
        let opened = || {
            news.tell(|told| {
                told.missed |= told.is_open;
                told.is_open = true;
            });
        };
        client
            .stream("/live", opened, async |piece| {
                for event in events.push(piece) {
                    is_cut_off |= event.is_cut_off();
                    hear(news, &event)?;
                }
                Ok(false)
            })
            .await?;
    }
    Ok(())
}

fn hear(news: &News, event: &Event) -> Result<()> {
    match event.name.as_str() {
        "finished" => {
            let summary: Value = serde_json::from_str(&event.data)?;
            // Only what was sent again can be what we wait for.
            if !summary["replay_of"].is_null() {
                news.tell(|told| told.finished.push(summary));
            }
        }
        "missed" => news.tell(|told| told.missed = true),
        _ => {}
    }
    Ok(())
}

/// Sends exchange `of` again with edits, and waits for the outcome, at most `timeout`.
pub(super) async fn send(
    client: &Client,
    news: &News,
    (of, edits): (i64, Option<&Value>),
    timeout: Duration,
) -> Result<Value> {
    // The stream has to be there before the replay is, or its end may pass unseen.
    news.wait(|told| told.is_open.then_some(())).await;
    news.tell(|told| told.finished.clear());
    let answer = client.call(Method::POST, &format!("/exchanges/{of}/replay"), edits.cloned()).await?;
    let id = answer["id"].as_i64().context("dashcam's answer names no exchange")?;
    let outcome = async {
        loop {
            let told = news.wait(|told| {
                let missed = std::mem::take(&mut told.missed);
                let found = told.finished.iter().find(|summary| summary["id"] == id).cloned();
                (found.is_some() || missed).then_some(found)
            });
            if let Some(found) = told.await {
                return Ok(found);
            }
            // The end may be among the events that were missed: then it is stored.
            if let Ok(stored) = client.get(&format!("/exchanges/{id}")).await
                && stored["state"] != "open"
            {
                return Ok(stored);
            }
        }
    };
    tokio::time::timeout(timeout, outcome).await.with_context(|| {
        format!(
            "exchange {id} has not ended after {} s: `dashcam show {id}` shows its progress",
            timeout.as_secs()
        )
    })?
}
