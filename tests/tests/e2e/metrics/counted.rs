//! Tests that `metrics` counts and that nothing is stored.

use std::time::Instant;

use anyhow::Result;
use dashcam_tests::clients::{Ask, ask, node_script, python_script, run, serve};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use dashcam_tests::wire::read_response;
use dashcam_tests::{raw, test_ca};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::scrape::Scrape;
use super::{authority, decrypted, settled};
use crate::same::{direct, through};

/// Checks that neither the store nor the recorder has heard of anything.
async fn assert_nothing_kept(dashcam: &Dashcam, passed: u64) -> Result<()> {
    let status = dashcam.api().get("/status").await?;
    let ledger = &status["ledger"];
    assert_eq!((&ledger["seen"], &ledger["not_recorded"]), (&json!(0), &json!(passed)), "{ledger}");
    assert_eq!(status["database"]["exchanges"], 0);
    for list in ["exchanges", "connections"] {
        assert_eq!(dashcam.api().get(&format!("/{list}")).await?[list], json!([]), "{list} were kept");
    }
    Ok(())
}

/// curl through CONNECT: the answers are the origin's, over our certificate, and only numbers stay.
#[tokio::test]
async fn requests_are_decrypted_counted_and_not_stored() -> Result<()> {
    let origin = Origin::https().await?;
    let dashcam = Dashcam::start(&["--record", "metrics"]).await?;
    let post = Ask { method: "POST", body: Some("secret".to_owned()), ..Ask::get(origin.url("/digest")) };
    let asks = [
        Ask::get(origin.url("/json")),
        post,
        Ask::get(origin.url("/chunked")),
        Ask { method: "HEAD", ..Ask::get(origin.url("/json?head")) },
        Ask::get(origin.url("/status/204")),
        Ask::get(origin.url("/status/304")),
        Ask::get(origin.url("/nothing-here")),
        Ask::get(origin.url("/status/503")),
    ];
    let mut bytes = 0;
    for client in ["curl --http1.1", "curl --http2"] {
        let began = Instant::now();
        let before = settled(&dashcam, 0.0).await?.sum("dashcam_requests_total");
        // `through` trusts our certificate and no other: what is not decrypted fails.
        let got = ask(client, &through(&dashcam), &asks).await?;
        let statuses: Vec<_> = got.iter().map(|got| got.status).collect();
        assert_eq!(statuses, [200, 200, 200, 200, 204, 304, 404, 503], "{client}");
        bytes += got.iter().map(|got| got.body.len()).sum::<usize>();
        let scrape = settled(&dashcam, before + 8.0).await?;
        let elapsed = began.elapsed().as_secs_f64();
        let rounds = scrape.sum("dashcam_requests_total") / 8.0;
        let expect = [
            (r#"{class="2xx"}"#, 5.0),
            (r#"{class="3xx"}"#, 1.0),
            (r#"{class="4xx"}"#, 1.0),
            (r#"{class="5xx"}"#, 1.0),
        ];
        assert_eq!(
            scrape.present("dashcam_requests_total"),
            expect.map(|(class, count)| (class, count * rounds))
        );
        let mut sums = Vec::new();
        for histogram in ["dashcam_response_head_seconds", "dashcam_request_duration_seconds"] {
            let (count, sum) = scrape.histogram(histogram)?;
            assert_eq!(count, 8.0 * rounds, "{histogram}");
            sums.push(sum);
        }
        assert!(0.0 < sums[0] && sums[0] <= sums[1], "the end comes after the head: {sums:?}");
        assert!(before > 0.0 || sums[1] <= elapsed, "one after another, they took {elapsed} s: {sums:?}");
        assert_eq!(scrape.get("dashcam_request_body_bytes_total"), 6.0 * rounds);
        assert_eq!(scrape.get("dashcam_response_body_bytes_total"), bytes as f64);
        assert_eq!(scrape.get(r#"dashcam_level{level="metrics"}"#), 1.0);
    }
    assert_eq!(origin.site().seen_for("/json").len(), 2);
    assert_nothing_kept(&dashcam, 16).await
}

/// `/status` and `dashcam status` say the same in short.
#[tokio::test]
async fn the_status_has_counts_and_quantiles() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&["--record", "metrics"]).await?;
    let none = dashcam.api().get("/status").await?["traffic"].clone();
    assert_eq!((&none["requests"]["total"], &none["to_head"]["p50_us"]), (&json!(0), &Value::Null), "{none}");
    let mut io = decrypted(&dashcam, &origin).await?;
    for _ in 0..20 {
        assert_eq!(raw::get(&mut io, "/json", &authority(&origin)).await?.head.status()?, 200);
    }
    settled(&dashcam, 20.0).await?;
    let traffic = dashcam.api().get("/status").await?["traffic"].clone();
    assert_eq!((&traffic["requests"]["total"], &traffic["requests"]["status_2xx"]), (&json!(20), &json!(20)));
    for latency in ["to_head", "to_end"] {
        let of = |name: &str| traffic[latency][name].as_i64().unwrap_or(-1);
        assert_eq!(traffic[latency]["count"], 20);
        let quantiles = ["p50_us", "p90_us", "p99_us", "p999_us"].map(of);
        assert!(quantiles[0] > 0 && quantiles.is_sorted(), "{traffic}");
    }
    let output = cli(dashcam.home())?.arg("status").output().await?;
    let text = String::from_utf8(output.stdout)?;
    assert!(text.contains("requests     20 counted, 0 under way; to the response's head p50 "), "{text}");
    Ok(())
}

/// A request is under way until its response has passed to its end.
#[tokio::test]
async fn a_request_counts_when_it_ends() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&["--record", "metrics"]).await?;
    let mut io = decrypted(&dashcam, &origin).await?;
    raw::send(&mut io, &format!("GET /events HTTP/1.1\r\nHost: {}\r\n\r\n", authority(&origin))).await?;
    within("the first event", async { Ok(io.read_exact(&mut [0; 16]).await?) }).await?;
    let scrape = Scrape::of(&dashcam).await?;
    assert_eq!(scrape.get("dashcam_requests_in_progress"), 1.0);
    assert_eq!(scrape.sum("dashcam_requests_total"), 0.0, "it has not ended");
    assert_eq!(scrape.histogram("dashcam_response_head_seconds")?.0, 1.0);
    assert_eq!(scrape.histogram("dashcam_request_duration_seconds")?.0, 0.0);
    origin.site().open_gate();
    let scrape = settled(&dashcam, 1.0).await?;
    assert_eq!(scrape.present("dashcam_requests_total"), [(r#"{class="2xx"}"#, 1.0)]);
    assert_eq!(scrape.histogram("dashcam_request_duration_seconds")?.0, 1.0);
    Ok(())
}

/// A client that leaves is no failure, be it before the response or inside its own request.
#[tokio::test]
async fn a_client_that_leaves_is_counted_as_that() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["--record", "metrics"]).await?;
    let (url, host) = (origin.url("/silence"), origin.address());
    let mut io = TcpStream::connect(dashcam.proxy()).await?;
    io.write_all(format!("GET {url} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).await?;
    eventually("the request arrives", async || Ok((!origin.site().seen().is_empty()).then_some(()))).await?;
    io.set_zero_linger()?;
    drop(io);
    assert_eq!(
        settled(&dashcam, 1.0).await?.present("dashcam_requests_total"),
        [(r#"{class="aborted"}"#, 1.0)]
    );

    let mut io = TcpStream::connect(dashcam.proxy()).await?;
    let upload = format!("POST {url} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 10\r\n\r\nhalf");
    io.write_all(upload.as_bytes()).await?;
    eventually("it is under way", async || {
        Ok((Scrape::of(&dashcam).await?.get("dashcam_requests_in_progress") == 1.0).then_some(()))
    })
    .await?;
    drop(io);
    let scrape = settled(&dashcam, 2.0).await?;
    assert_eq!(scrape.present("dashcam_requests_total"), [(r#"{class="aborted"}"#, 2.0)]);
    assert_eq!(scrape.sum("dashcam_failures_total"), 0.0);
    assert_eq!(scrape.get("dashcam_request_body_bytes_total"), 4.0);
    assert_nothing_kept(&dashcam, 2).await
}

#[tokio::test]
async fn failures_have_their_side_and_stage() -> Result<()> {
    let dashcam = Dashcam::start(&["--record", "metrics"]).await?;
    let (plain, tls) = (Origin::http().await?, Origin::https1().await?);
    let (_bound, dead) = Origin::dead()?;
    let deaf = Origin::raw(|mut stream| async move {
        let _some = stream.read(&mut [0; 64]).await?;
        Ok(())
    })
    .await?;
    for (url, status) in [
        (format!("http://{dead}/"), Some(502)),
        ("http://no-such-host.invalid/".to_owned(), Some(502)),
        (format!("https://localhost:{}/", plain.port()), Some(502)),
        (deaf.url("/"), Some(502)),
        (plain.url("/cut"), None),
        (format!("http://{}/", dashcam.proxy()), Some(508)),
    ] {
        let got = ask("curl --http1.1", &through(&dashcam), &[Ask::get(url.clone())]).await;
        assert_eq!(got.ok().map(|got| got[0].status), status, "{url}");
    }
    let mut io = raw::open(dashcam.proxy()).await?;
    let (url, host) = (plain.url("/ambiguous"), plain.address());
    let framing = "Content-Length: 3\r\nTransfer-Encoding: chunked";
    raw::send(&mut io, &format!("POST {url} HTTP/1.1\r\nHost: {host}\r\n{framing}\r\n\r\nabc")).await?;
    assert_eq!(within("an answer", read_response(&mut io, "POST")).await?.head.status()?, 400);
    let stranger = raw::tunnel(dashcam.proxy(), &authority(&tls)).await?;
    assert!(raw::tls(stranger, &test_ca::shared()?.file(), "localhost").await.is_err());

    let scrape = settled(&dashcam, 7.0).await?;
    assert_eq!(
        scrape.present("dashcam_failures_total"),
        [
            (r#"{side="client",stage="request_head"}"#, 1.0),
            (r#"{side="proxy",stage="connect"}"#, 1.0),
            (r#"{side="upstream",stage="connect"}"#, 1.0),
            (r#"{side="upstream",stage="dns"}"#, 1.0),
            (r#"{side="upstream",stage="response_body"}"#, 1.0),
            (r#"{side="upstream",stage="response_head"}"#, 1.0),
            (r#"{side="upstream",stage="tls_handshake"}"#, 1.0),
        ]
    );
    assert_eq!(
        scrape.present("dashcam_requests_total"),
        [(r#"{class="failed"}"#, 5.0), (r#"{class="refused"}"#, 2.0)]
    );
    // The one that was cut had a head.
    assert_eq!(scrape.histogram("dashcam_response_head_seconds")?.0, 1.0);
    assert_eq!(scrape.histogram("dashcam_request_duration_seconds")?.0, 0.0);
    eventually("both failed connections are counted", async || {
        let failures = Scrape::of(&dashcam).await?;
        let of = |stage: &str| {
            failures.get(&format!(r#"dashcam_connection_failures_total{{side="client",stage="{stage}"}}"#))
        };
        Ok(((of("tls_handshake"), of("request_head")) == (1.0, 1.0)).then_some(()))
    })
    .await?;
    assert_nothing_kept(&dashcam, 7).await
}

/// A WebSocket counts when it is closed, and does not look like a slow response.
#[tokio::test]
async fn upgraded_connections_count_once() -> Result<()> {
    let (cert, key) = test_ca::shared()?.write("websocket", &["localhost"])?;
    let mut command = python_script("websocket.py")?;
    command.arg("serve").arg("--cert").arg(cert).arg("--key").arg(key);
    let server = serve(command).await?;
    let dashcam = Dashcam::start(&["--record", "metrics"]).await?;
    let url = format!("wss://localhost:{}/chat?room=1", server.port);
    let mut replies = Vec::new();
    for way in [direct()?, through(&dashcam)] {
        let input = json!({"url": url, "proxy": way.proxy, "ca": way.ca, "deflate": true, "messages": [{"text": "hello"}]});
        replies.push(run(node_script("websocket.mjs")?, &input).await?);
    }
    assert_eq!(replies[0], replies[1], "left: without dashcam, right: with it");
    let scrape = settled(&dashcam, 1.0).await?;
    assert_eq!(scrape.present("dashcam_requests_total"), [(r#"{class="1xx"}"#, 1.0)]);
    assert_eq!(scrape.histogram("dashcam_response_head_seconds")?.0, 1.0);
    assert_eq!(scrape.histogram("dashcam_request_duration_seconds")?.0, 0.0);
    assert_nothing_kept(&dashcam, 1).await
}

#[tokio::test]
async fn off_counts_nothing() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["--record", "off"]).await?;
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/json"))]).await?;
    let (_bound, dead) = Origin::dead()?;
    assert_eq!(raw::connect(dashcam.proxy(), &dead.to_string()).await?.0.status()?, 502);
    let connections = async || {
        let status = dashcam.api().get("/status").await?;
        Ok((status["connections_open"] == 0 && status["ledger"]["not_recorded"] == 1).then_some(()))
    };
    eventually("both connections have ended", connections).await?;
    let scrape = Scrape::of(&dashcam).await?;
    for name in
        ["dashcam_requests_total", "dashcam_requests_in_progress", "dashcam_connection_failures_total"]
    {
        assert_eq!(scrape.sum(name), 0.0, "{name}");
    }
    assert_eq!(scrape.histogram("dashcam_response_head_seconds")?, (0.0, 0.0));
    Ok(())
}
