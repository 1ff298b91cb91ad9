//! WebSockets pass untouched, with their subprotocol and extension, and every message is on record, inflated.

use anyhow::{Context as _, Result};
use base64::Engine as _;
use dashcam_tests::clients::{Server, node_script, python_script, run, serve};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::eventually;
use dashcam_tests::test_ca;
use serde_json::{Value, json};

use crate::same::{direct, through};

async fn server(tls: bool) -> Result<(Server, String)> {
    let mut command = python_script("websocket.py")?;
    command.arg("serve");
    if tls {
        let (cert, key) = test_ca::shared()?.write("websocket", &["localhost"])?;
        command.arg("--cert").arg(cert).arg("--key").arg(key);
    }
    let server = serve(command).await?;
    let url = format!("{}://localhost:{}/chat?room=1", if tls { "wss" } else { "ws" }, server.port);
    Ok((server, url))
}

fn messages() -> Value {
    json!([{"text": "hello"}, {"text": "gr\u{fc}n ".repeat(300)}, {"binary": "00ff10"}, {"text": ""}, {"text": "x".repeat(70_000)}])
}

async fn check(client: &str, tls: bool, deflate: bool) -> Result<()> {
    let (_server, url) = server(tls).await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut got = Vec::new();
    for way in [direct()?, through(&dashcam)] {
        let command = match client {
            "node" => node_script("websocket.mjs")?,
            _ => {
                let mut command = python_script("websocket.py")?;
                command.arg("client");
                command
            }
        };
        let input =
            json!({"url": url, "proxy": way.proxy, "ca": way.ca, "deflate": deflate, "messages": messages()});
        got.push(run(command, &input).await?);
    }
    assert_eq!(got[0]["subprotocol"], "chat.v2", "{}", got[0]);
    assert_eq!(got[0]["extensions"].is_null(), !deflate, "{}", got[0]);
    assert_eq!(got[0]["replies"], messages());
    assert_eq!(got[0], got[1], "left: without dashcam, right: with it");
    assert_recorded(&dashcam).await
}

/// Checks the record of each direction's data messages: text, or bytes as hex.
async fn assert_recorded(dashcam: &Dashcam) -> Result<()> {
    let exchange = dashcam.api().ended("/chat?room=1").await?;
    assert_eq!(exchange["status"], 101);
    assert_eq!(exchange["state"], "complete", "{exchange}");
    let all = eventually("all messages are stored", async || {
        let all = dashcam.api().messages(&exchange["id"]).await?;
        Ok(all.iter().any(|message| message["kind"] == "close").then_some(all))
    })
    .await?;
    for direction in ["request", "response"] {
        let data = all.iter().filter(|message| message["direction"] == direction);
        let data: Vec<Value> = data.filter_map(data_message).collect();
        assert_eq!(Value::from(data), messages(), "{direction}");
    }
    let ping = all.iter().find(|message| message["kind"] == "ping").context("no ping")?;
    assert_eq!((&ping["direction"], &ping["text"]), (&json!("request"), &json!("are you there")));
    let close = all.iter().find(|message| message["kind"] == "close").context("no close")?;
    assert_eq!((&close["direction"], &close["text"]), (&json!("request"), &json!("done")));
    assert_eq!(exchange["message_count"], all.len());
    Ok(())
}

fn data_message(message: &Value) -> Option<Value> {
    match message["kind"].as_str()? {
        "text" => Some(json!({"text": message["text"]})),
        "binary" => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(message["data"].as_str()?).ok()?;
            Some(json!({"binary": bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()}))
        }
        _ => None,
    }
}

macro_rules! websockets {
    ($($name:ident: $client:literal, tls $tls:literal, deflate $deflate:literal;)*) => {
        $(#[tokio::test]
        async fn $name() -> Result<()> {
            check($client, $tls, $deflate).await
        })*
    };
}

websockets! {
    python_plain: "python", tls false, deflate false;
    python_plain_deflate: "python", tls false, deflate true;
    python_tls: "python", tls true, deflate false;
    python_tls_deflate: "python", tls true, deflate true;
    node_plain_deflate: "node", tls false, deflate true;
    node_tls: "node", tls true, deflate false;
    node_tls_deflate: "node", tls true, deflate true;
}
