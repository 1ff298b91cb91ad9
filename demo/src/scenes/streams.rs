//! Streams: events, a chat, a language model's reply, and gRPC.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt as _;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::time::sleep;

use crate::chance::Chance;
use crate::client::Fault;
use crate::origin::grpc;
use crate::places::{API, CHAT, GRPC, LLM};
use crate::traffic::World;
use crate::websocket::{self, CLOSE, PING, TEXT};

/// How far apart a person types.
const TYPING: Duration = Duration::from_millis(700);
const SAID: [&str; 4] = ["Hello!", "Is the Coast Tent in stock?", "When would it arrive?", "Thank you."];

/// The stock as it changes, as server-sent events.
pub(super) async fn events(world: Arc<World>, mut chance: Chance) -> Result<(), Fault> {
    let mut connection = world.client.https((API, world.places.https)).await?;
    let from = 1 + chance.below(1000);
    let url = format!("https://{API}:{}/v1/stock/events?from={from}", world.places.https);
    let request = world.client.request("GET", &url).header("accept", "text/event-stream");
    connection.ask(request.body(Bytes::new())?).await?;
    connection.close().await;
    Ok(())
}

/// A language model's reply, token by token.
pub(super) async fn language_model(world: Arc<World>, mut chance: Chance) -> Result<(), Fault> {
    let client = world.client.named("assistant/0.4");
    let mut connection = client.https((LLM, world.places.https)).await?;
    let url = format!("https://{LLM}:{}/v1/chat/completions", world.places.https);
    // One in four is told to wait.
    let streams = chance.below(4) != 0;
    let asked = json!({
        "model": "demo-large",
        "stream": streams,
        "messages": [
            {"role": "system", "content": "You help customers of an outdoor shop. Answer in two sentences and a list."},
            {"role": "user", "content": "What do I take for two nights on the coast, in the rain?"},
        ],
        "temperature": 0.2,
        "max_tokens": 200,
    });
    let request = client
        .request("POST", &url)
        .header("content-type", "application/json")
        .header("authorization", "Bearer sk-demo-Zt4vQ9mXc2LpR7sKd8WbY6nH3jFg5aEu1oTi0yPq");
    connection.ask(request.body(asked.to_string())?).await?;
    connection.close().await;
    Ok(())
}

/// A chat over WebSocket.
pub(super) async fn chat(world: Arc<World>, mut chance: Chance) -> Result<(), Fault> {
    let mut connection = world.client.https((CHAT, world.places.https)).await?;
    let url = format!("https://{CHAT}:{}/socket", world.places.https);
    let request = world
        .client
        .request("GET", &url)
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "ZGFzaGNhbSBzYXlzIGhpIQ==");
    let answer = connection.open(request.body(Bytes::new())?).await?;
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err("no WebSocket".into());
    }
    let mut io = TokioIo::new(hyper::upgrade::on(answer).await?);
    let mut mask = || Some(u32::to_be_bytes(u32::try_from(chance.below(1 << 32)).unwrap_or_default()));
    websocket::write(&mut io, PING, b"", mask()).await?;
    for text in SAID {
        let said = json!({"from": "customer-17", "text": text}).to_string();
        websocket::write(&mut io, TEXT, said.as_bytes(), mask()).await?;
        while websocket::read(&mut io).await?.0 != TEXT {}
        sleep(TYPING).await;
    }
    websocket::write(&mut io, CLOSE, &1000_u16.to_be_bytes(), mask()).await?;
    while websocket::read(&mut io).await?.0 != CLOSE {}
    Ok(())
}

/// A gRPC call that is answered by three messages, and one that no server has.
pub(super) async fn grpc(world: Arc<World>, _: Chance) -> Result<(), Fault> {
    let client = world.client.named("grpc-rust/0.14");
    let mut connection = client.h2((GRPC, world.places.https)).await?;
    for method in ["Watch", "Reserve"] {
        let url = format!("https://{GRPC}:{}/stock.v1.Stock/{method}", world.places.https);
        let request =
            client.request("POST", &url).header("content-type", "application/grpc").header("te", "trailers");
        let answer = connection.open(request.body(grpc::message(b"\x0a\x06berlin"))?).await?;
        answer.into_body().collect().await?;
    }
    connection.close().await;
    Ok(())
}
