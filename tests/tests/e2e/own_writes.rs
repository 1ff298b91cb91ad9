//! Read your own writes: somebody who has got a response finds its exchange in the API at once, and lists have neither
//! holes nor doubles while exchanges come to be stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::api::Api;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::Origin;
use dashcam_tests::wire::{Message, read_response};
use serde_json::Value;
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// A client with one connection to the proxy.
struct Client(BufReader<TcpStream>);

impl Client {
    async fn connect(dashcam: &Dashcam) -> Result<Self> {
        Ok(Self(BufReader::new(TcpStream::connect(dashcam.proxy()).await?)))
    }

    async fn get(&mut self, url: &str) -> Result<Message> {
        let host = url.split('/').nth(2).context("a host")?;
        self.0.write_all(format!("GET {url} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await?;
        let answer = read_response(&mut self.0, "GET").await?;
        ensure!(answer.head.status()? == 200, "{}", answer.head.start);
        Ok(answer)
    }
}

/// The numbers in the list of exchanges, which is to have all from the newest to the first.
async fn ids(api: &Api) -> Result<Vec<i64>> {
    let mut ids = Vec::new();
    let mut query = String::new();
    loop {
        let page = api.get(&format!("/exchanges?limit=300{query}")).await?;
        let rows = page["exchanges"].as_array().context("a list")?;
        ids.extend(rows.iter().filter_map(|row| row["id"].as_i64()));
        let Some(before) = page["next_before"].as_i64() else { break };
        query = format!("&before={before}");
    }
    let expect: Vec<_> = (1..=ids.first().copied().unwrap_or(0)).rev().collect();
    ensure!(ids == expect, "a hole or a double: {ids:?}");
    Ok(ids)
}

#[tokio::test]
async fn it_is_there_at_once() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let api = dashcam.api();
    let mut client = Client::connect(&dashcam).await?;
    for number in 0..500 {
        let url = origin.url(&format!("/digest?own={number}"));
        let answer = client.get(&url).await?;
        let list = api.get(&format!("/exchanges?limit=1&filter=own={number}")).await?;
        let row = &list["exchanges"][0];
        ensure!(row["url"] == url.as_str() && row["status"] == 200, "{number} is not in the list: {list}");
        let id = row["id"].to_string();
        let detail = api.get(&format!("/exchanges/{id}")).await?;
        ensure!(detail["response"]["status"] == 200 && detail["upstream"] != Value::Null, "{detail}");
        let body = api.bytes(&format!("/exchanges/{id}/response/body")).await?;
        ensure!(body == answer.body, "{number}: another body: {body:?}");
        ensure!(api.get(&format!("/exchanges/{id}/response/text")).await?["size"] == body.len());
        if number % 10 == 0 {
            let har = api.get(&format!("/exchanges/{id}/har")).await?;
            ensure!(har["log"]["entries"][0]["request"]["url"] == url.as_str(), "{har}");
            let deleted = api.call("DELETE", &format!("/exchanges/{id}"), &Value::Null).await?;
            ensure!(deleted.head.status()? == 204, "{number} can't be deleted: {}", deleted.head.start);
        }
    }
    Ok(())
}

#[tokio::test]
async fn lists_have_no_holes_and_no_doubles() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let (api, over) = (dashcam.api(), Arc::new(AtomicBool::new(false)));
    let mut readers = JoinSet::new();
    for _ in 0..2 {
        let (api, over) = (api.clone(), Arc::clone(&over));
        readers.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                for id in ids(&api).await?.iter().take(5) {
                    api.get(&format!("/exchanges/{id}")).await?;
                }
            }
            anyhow::Ok(())
        });
    }
    let mut clients = JoinSet::new();
    for name in 0..3 {
        let (mut client, url) = (Client::connect(&dashcam).await?, origin.url(&format!("/digest?{name}")));
        clients.spawn(async move {
            for number in 0..400 {
                client.get(&format!("{url}-{number}")).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(client) = clients.join_next().await {
        client??;
    }
    ensure!(ids(&api).await?.len() == 1200);
    over.store(true, Ordering::Relaxed);
    while let Some(reader) = readers.join_next().await {
        reader??;
    }
    Ok(())
}
