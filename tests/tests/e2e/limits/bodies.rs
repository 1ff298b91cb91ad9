//! Bodies: how slow a request's may be, and how long is waited for an upstream.

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::h2::frame::{data, headers};
use dashcam_tests::h2::{self};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::websocket::{self, Handshake, Pair, Way};
use dashcam_tests::wire::read_response;

use super::{connect_from, endless, meets, message, met_exactly};

const SLOW: &str = "[timeouts]\nbody_grace = '300ms'\n[limits]\nbody_rate = 1000000\n";

/// A body of announced length keeps a pace; one without may be a stream, and lives through the same silence.
#[tokio::test]
async fn a_slow_body_is_refused_unless_it_is_a_stream() -> Result<()> {
    let origin = Origin::https().await?;
    let dashcam = Dashcam::start_with(SLOW, &[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    let post =
        |path| [(":method", "POST"), (":scheme", "https"), (":authority", "localhost"), (":path", path)];
    peer.write(&headers(1, &post("/digest?stream"), false)).await?;
    peer.write(&data(1, b"be", false)).await?;

    let io = raw::tunnel(dashcam.proxy(), &format!("localhost:{}", origin.port())).await?;
    let mut stream = raw::tls(io, &dashcam.ca(), "localhost").await?;
    raw::send(
        &mut stream,
        "POST /digest?chunked HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbe\r\n",
    )
    .await?;

    let io = raw::tunnel(dashcam.proxy(), &format!("localhost:{}", origin.port())).await?;
    let mut slow = raw::tls(io, &dashcam.ca(), "localhost").await?;
    raw::send(&mut slow, "POST /digest?slow1 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nbe")
        .await?;
    let answer = within("an answer", read_response(&mut slow, "POST")).await?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(
        answer.head.status()? == 400 && text.contains("limits.body_rate"),
        "{}: {text}",
        answer.head.start
    );

    let slow = [&post("/digest?slow2")[..], &[("content-length", "9")]].concat();
    peer.write(&[headers(3, &slow, false), data(3, b"be", false)].concat()).await?;
    meets(&dashcam, "body_rate", 2).await?;
    for end in ["/digest?slow1", "/digest?slow2"] {
        let exchange = dashcam.api().ended(end).await?;
        assert!(
            exchange["state"] == "failed" && message(&exchange).contains("limits.body_rate"),
            "{exchange}"
        );
    }

    peer.write(&data(1, b"gin", true)).await?;
    let mut answered = None;
    while answered.is_none() {
        let event = within("an answer", peer.next()).await?;
        answered = crate::limits::status_on(&event, 1);
    }
    assert_eq!(answered.as_deref(), Some("200"));
    raw::send(&mut stream, "3\r\ngin\r\n0\r\n\r\n").await?;
    assert_eq!(within("an answer", read_response(&mut stream, "POST")).await?.head.status()?, 200);
    Ok(())
}

/// The limits `timeouts.response_head` and `timeouts.body`, with all protocols.
#[tokio::test]
async fn an_upstream_has_its_time() -> Result<()> {
    let dashcam = Dashcam::start_with("timeouts.response_head = '300ms'\n", &[]).await?;
    let origins = [Origin::https1().await?, Origin::https().await?];
    for (origin, option) in origins.iter().zip(["--http1.1", "--http2"]) {
        let through = crate::same::through(&dashcam);
        let path = format!("/silence?{option}");
        let mut curl = dashcam_tests::clients::curl_command(&through, &origin.url(&path));
        let output =
            within("curl ends", async { Ok(curl.arg(option).args(["-w", "%{http_code}"]).output().await?) })
                .await?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains("timeouts.response_head") && text.ends_with("504"), "{text}");
        let exchange = dashcam.api().ended(&path).await?;
        assert!(message(&exchange).contains("timeouts.response_head"), "{exchange}");
    }
    met_exactly(&dashcam, "response_head_time", 2).await?;
    // Heads have their usual time here.
    let dashcam = Dashcam::start_with("timeouts.body = '300ms'\n", &[]).await?;
    for (origin, option) in origins.iter().zip(["--http1.1", "--http2"]) {
        let through = crate::same::through(&dashcam);
        let path = format!("/events?{option}");
        let mut curl = dashcam_tests::clients::curl_command(&through, &origin.url(&path));
        let output = within("curl ends", async { Ok(curl.arg(option).output().await?) }).await?;
        assert!(!output.status.success());
        let exchange = dashcam.api().ended(&path).await?;
        assert!(message(&exchange).contains("timeouts.body"), "{exchange}");
    }
    met_exactly(&dashcam, "body_time", 2).await
}

/// Silent streams outlive every limit that others meet beside them.
#[tokio::test]
async fn silent_streams_live() -> Result<()> {
    let config = "[timeouts]\nwrite = '300ms'\nwrite_over_share = '200ms'\nbody_grace = '300ms'\n\
                  request_head = '1s'\nidle = '1s'\nhalf_closed = '300ms'\n[limits]\nbody_rate = 1000000\n";
    let mut pair = Pair::open_with(config, Way::Absolute, Handshake::default(), &[]).await?;
    let dashcam = &pair.dashcam;
    let origin = Origin::https().await?;
    let mut peer = h2::secure(dashcam, origin.port()).await?;
    let get = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/events")];
    peer.write(&headers(1, &get, true)).await?;
    let first = |event: &h2::peer::Event| matches!(event, h2::peer::Event::Data { .. }).then_some(());
    peer.wait("the first event", first).await?;

    canaries(dashcam).await?;

    origin.site().open_gate();
    peer.wait("the second event", first).await?;
    let hello = websocket::frame(0x82, None, b"after all");
    websocket::passes(&mut pair.origin, &mut pair.client, &hello, hello.len()).await
}

/// Meets the limits twice, one after the other.
async fn canaries(dashcam: &Dashcam) -> Result<()> {
    let origin = endless().await?;
    for round in 1..=2 {
        let mut unread = connect_from([127, 0, 0, 1], dashcam.proxy()).await?;
        raw::send(&mut unread, &format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", origin.url("/endless")))
            .await?;
        let mut slow = raw::open(dashcam.proxy()).await?;
        let url = origin.url("/slow");
        raw::send(&mut slow, &format!("POST {url} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nbe"))
            .await?;
        let mut late = raw::open(dashcam.proxy()).await?;
        raw::send(&mut late, "GET http://127.0.0.1/ HTTP/1.1\r\nHo").await?;
        for limit in ["write", "request_head_time"] {
            meets(dashcam, limit, round).await?;
        }
    }
    Ok(())
}
