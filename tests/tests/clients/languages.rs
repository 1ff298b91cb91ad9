//! Clients of Python, Node and Java, each with what it is for: streams, many requests at once, forms, WebSockets.

use anyhow::Result;
use dashcam_tests::clients::{Server, Way, clean, node_script, python_script, run, serve};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::digest;
use dashcam_tests::origin::{Origin, Seen};
use dashcam_tests::same::{direct, through};
use dashcam_tests::wire::field;
use dashcam_tests::{binary, test_ca};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::both::both_tidied;
use crate::curl_site;
use crate::files::finish;

/// Lets a script do its work on both ways.
async fn compare(script: &str, kind: &str, origin: Origin) -> Result<(Value, Vec<Seen>)> {
    let compressed = curl_site::compressed()?;
    origin.site().answer_with(move |request| curl_site::answer(request, &compressed));
    let dashcam = Dashcam::unredacted(&[]).await?;
    let client = async |way: Way| {
        let mut command = if script.ends_with(".py") { python_script(script)? } else { node_script(script)? };
        command.env("NODE_EXTRA_CA_CERTS", &way.ca);
        let input = json!({"kind": kind, "proxy": way.proxy, "ca": way.ca, "url": origin.url("")});
        run(command, &input).await
    };
    both_tidied(&origin, &dashcam, client, tidy).await
}

/// Removes what clients make up each time: boundaries, and answers to a challenge.
fn tidy(seen: &mut Seen) {
    let content_type = field(&seen.fields, "content-type").unwrap_or_default().to_owned();
    if let Some((_, boundary)) = content_type.split_once("boundary=") {
        seen.body = seen.body.replace(boundary, "BOUNDARY");
        seen.digest = digest::of(seen.body.as_bytes());
    }
    for (_, value) in &mut seen.fields {
        if value.contains("boundary=") || value.starts_with("Digest ") {
            value.truncate(6);
        }
    }
}

fn targets(seen: &[Seen]) -> Vec<&str> {
    seen.iter().map(|seen| seen.target.as_str()).collect()
}

macro_rules! languages {
    ($($name:ident: $script:literal $kind:literal, $origin:ident, requests $count:literal;)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() -> Result<()> {
            let (_, seen) = compare($script, $kind, Origin::$origin().await?).await?;
            assert_eq!(seen.len(), $count, "{:#?}", targets(&seen));
            Ok(())
        })*
    };
}

languages! {
    python_urllib_plain: "more.py" "urllib", http, requests 7;
    python_urllib_tls: "more.py" "urllib", https1, requests 7;
    python_urllib3_tls: "more.py" "urllib3", https1, requests 11;
    python_requests_plain: "more.py" "requests", http, requests 11;
    python_requests_tls: "more.py" "requests", https1, requests 11;
    python_httpx_concurrent_plain: "more.py" "httpx", http, requests 37;
    python_httpx_concurrent_h2: "more.py" "httpx", https, requests 37;
    python_aiohttp_concurrent_tls: "more.py" "aiohttp", https1, requests 16;
    node_undici_plain: "more.mjs" "undici", http, requests 26;
    node_undici_tls: "more.mjs" "undici", https1, requests 26;
    node_fetch_plain: "more.mjs" "fetch", http, requests 9;
    node_fetch_tls: "more.mjs" "fetch", https1, requests 9;
    node_axios_tls: "more.mjs" "axios", https1, requests 21;
}

fn java(mode: &str, version: &str, url: &str, way: &Way) -> Command {
    let mut command = clean(Command::new("java"));
    // Quick to start rather than quick to run.
    command.args(["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]);
    command.arg(binary::root().join("tests/java/Client.java")).args([mode, version, url]).arg(&way.ca);
    if let Some(port) = way.proxy.as_deref().and_then(|proxy| proxy.rsplit(':').next()) {
        command.arg(port);
    }
    command
}

async fn java_requests(version: &str, origin: Origin, requests: usize) -> Result<()> {
    let compressed = curl_site::compressed()?;
    origin.site().answer_with(move |request| curl_site::answer(request, &compressed));
    let dashcam = Dashcam::unredacted(&[]).await?;
    let client = async |way: Way| finish(java("http", version, &origin.url(""), &way)).await;
    let (got, seen) = both_tidied(&origin, &dashcam, client, tidy).await?;
    assert_eq!(got.matches(&format!("{version} ")).count(), requests - 3, "{got}");
    assert_eq!(seen.len(), requests, "{:#?}", targets(&seen));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn java_http1() -> Result<()> {
    java_requests("HTTP_1_1", Origin::https().await?, 32).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn java_http2() -> Result<()> {
    java_requests("HTTP_2", Origin::https().await?, 31).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn java_plain() -> Result<()> {
    java_requests("HTTP_1_1", Origin::http().await?, 32).await
}

async fn websocket_server() -> Result<(Server, String)> {
    let (cert, key) = test_ca::shared()?.write("more-websockets", &["localhost"])?;
    let mut command = python_script("websocket.py")?;
    command.arg("serve").arg("--cert").arg(cert).arg("--key").arg(key);
    let server = serve(command).await?;
    let url = format!("wss://localhost:{}/chat?room=2", server.port);
    Ok((server, url))
}

/// Checks the record of a conversation in which everything was echoed.
async fn assert_echoes_recorded(dashcam: &Dashcam, data: usize) -> Result<()> {
    let exchange = dashcam.api().ended("/chat?room=2").await?;
    assert_eq!((&exchange["status"], &exchange["state"]), (&json!(101), &json!("complete")), "{exchange}");
    let path = format!("/exchanges/{}/messages?limit=1000", exchange["id"]);
    let page = dashcam.api().get(&path).await?;
    let all = page["messages"].as_array().cloned().unwrap_or_default();
    let sent = |direction: &str| -> Vec<Value> {
        let data = all.iter().filter(|one| one["kind"] == "text" || one["kind"] == "binary");
        let data = data.filter(|one| one["direction"] == direction);
        data.map(|one| json!([one["kind"], one["text"], one["data"]])).collect()
    };
    assert_eq!(sent("request").len(), data, "{all:#?}");
    assert_eq!(sent("request"), sent("response"));
    assert_eq!(exchange["message_count"], all.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn python_aiohttp_websocket() -> Result<()> {
    let (_server, url) = websocket_server().await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut got = Vec::new();
    for way in [direct()?, through(&dashcam)] {
        let input = json!({"kind": "aiohttp-websocket", "proxy": way.proxy, "ca": way.ca, "url": url});
        got.push(run(python_script("more.py")?, &input).await?);
    }
    assert_eq!(got[0][2], "hello");
    assert_eq!(got[0], got[1], "left: without dashcam, right: with it");
    assert_echoes_recorded(&dashcam, 5).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn java_websocket() -> Result<()> {
    let (_server, url) = websocket_server().await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut got = Vec::new();
    for way in [direct()?, through(&dashcam)] {
        got.push(finish(java("websocket", "HTTP_1_1", &url, &way)).await?);
    }
    assert!(got[0].contains("text in two parts"), "{}", got[0]);
    assert_eq!(got[0], got[1], "left: without dashcam, right: with it");
    assert_echoes_recorded(&dashcam, 5).await
}
