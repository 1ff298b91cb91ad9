//! From `metrics` to the other levels and back, with connections open and requests under way.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::{Origin, Stream};
use dashcam_tests::{raw, test_ca};
use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::task::JoinSet;

use super::scrape::Scrape;
use super::{authority, decrypted, settled};

async fn set(dashcam: &Dashcam, level: &str) -> Result<()> {
    dashcam.api().change(&json!({"level": level})).await
}

/// A response to `GET target` that says nothing of the connection's end.
async fn kept(io: &mut Stream, target: &str, origin: &Origin) -> Result<()> {
    let answer = raw::get(io, target, &authority(origin)).await?;
    assert_eq!(answer.head.status()?, 200, "{target}");
    assert_eq!(answer.head.field("connection"), None, "{target}: the connection is drained");
    Ok(())
}

/// One decrypted connection stays through all levels above off; what is recorded of it follows the level, its
/// connection included.
#[tokio::test]
async fn a_decrypted_connection_stays_between_metrics_and_the_levels_above() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&["--record", "metrics"]).await?;
    let mut io = decrypted(&dashcam, &origin).await?;
    kept(&mut io, "/json?counted", &origin).await?;
    for level in ["full", "metrics", "metadata", "metrics", "full"] {
        set(&dashcam, level).await?;
        let target = format!("/json?{level}-{}", origin.site().seen().len());
        kept(&mut io, &target, &origin).await?;
        if level == "metrics" {
            continue;
        }
        let exchange = dashcam.api().ended(&target).await?;
        assert_eq!((&exchange["level"], &exchange["state"]), (&json!(level), &json!("complete")));
        let (connection, upstream) = (&exchange["connection"], &exchange["upstream"]["connection"]);
        let connection = dashcam.api().get(&format!("/connections/{connection}")).await?;
        assert_eq!((&connection["verdict"], &connection["closed_at"]), (&json!("decrypt"), &json!(null)));
        assert_eq!(upstream["destination"], authority(&origin), "{exchange}");
    }
    let rows = dashcam.api().get("/exchanges").await?;
    assert_eq!(rows["exchanges"].as_array().map(Vec::len), Some(3), "{rows}");
    let scrape = settled(&dashcam, 6.0).await?;
    assert_eq!(scrape.present("dashcam_requests_total"), [(r#"{class="2xx"}"#, 6.0)]);
    assert_eq!(scrape.get("dashcam_exchanges_not_recorded_total"), 3.0);
    assert_eq!(scrape.get("dashcam_exchanges_stored_total"), 3.0);
    Ok(())
}

/// Going off drains what `metrics` decrypts, as it drains what is recorded; going back decrypts new connections only.
#[tokio::test]
async fn off_drains_what_metrics_decrypts() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&["--record", "metrics"]).await?;
    let mut io = decrypted(&dashcam, &origin).await?;
    kept(&mut io, "/json?on", &origin).await?;
    set(&dashcam, "off").await?;
    match raw::get(&mut io, "/json?drained", &authority(&origin)).await {
        Ok(answer) => {
            let says = answer.head.field("connection").map(str::to_ascii_lowercase);
            assert_eq!(says.as_deref(), Some("close"));
            within("the connection closes", async { Ok(io.read_to_end(&mut Vec::new()).await?) }).await?;
        }
        // An idle connection may be closed at once: then the request has not been sent on.
        Err(_) => assert!(origin.site().seen_for("/json?drained").is_empty()),
    }
    let tunnel = raw::tunnel(dashcam.proxy(), &authority(&origin)).await?;
    let mut unread = raw::tls(tunnel, &test_ca::shared()?.file(), "localhost").await?;
    kept(&mut unread, "/json?off", &origin).await?;
    set(&dashcam, "metrics").await?;
    kept(&mut unread, "/json?still-off", &origin).await?;
    let mut again = decrypted(&dashcam, &origin).await?;
    kept(&mut again, "/json?on-again", &origin).await?;
    let scrape = settled(&dashcam, 2.0).await?;
    assert_eq!(scrape.present("dashcam_requests_total"), [(r#"{class="2xx"}"#, 2.0)]);
    assert_eq!(scrape.get("dashcam_exchanges_seen_total"), 0.0);
    Ok(())
}

/// An exchange that began at `full` is recorded to its end at `metrics`, and one that began at `metrics` is not
/// recorded at `full`.
#[tokio::test]
async fn an_exchange_under_way_keeps_the_level_that_it_began_with() -> Result<()> {
    let origin = Origin::https1().await?;
    for (first, then, recorded) in [("full", "metrics", true), ("metrics", "full", false)] {
        let dashcam = Dashcam::start(&["--record", first]).await?;
        let mut io = decrypted(&dashcam, &origin).await?;
        raw::send(&mut io, &format!("GET /events HTTP/1.1\r\nHost: {}\r\n\r\n", authority(&origin))).await?;
        within("the first event", async { Ok(io.read_exact(&mut [0; 16]).await?) }).await?;
        set(&dashcam, then).await?;
        origin.site().open_gate();
        let mut rest = Vec::new();
        while !rest.ends_with(b"0\r\n\r\n") {
            rest.push(within("the second event", async { Ok(io.read_u8().await?) }).await?);
        }
        let scrape = settled(&dashcam, 1.0).await?;
        assert_eq!(scrape.present("dashcam_requests_total"), [(r#"{class="2xx"}"#, 1.0)]);
        if recorded {
            let exchange = dashcam.api().ended("/events").await?;
            let body = &exchange["response_body"];
            assert_eq!((&exchange["state"], &body["truncated"]), (&json!("complete"), &json!(false)));
            assert_eq!(body["stored"], "data: first\n\ndata: second\n\n".len(), "{exchange}");
        } else {
            let ledger = dashcam.api().get("/status").await?["ledger"].clone();
            assert_eq!((&ledger["seen"], &ledger["not_recorded"]), (&json!(0), &json!(1)), "{ledger}");
        }
    }
    Ok(())
}

/// Asks for `url` again and again until it is told to stop; how often it was answered.
async fn client(proxy: SocketAddr, (url, host): (String, String), stop: Arc<AtomicBool>) -> Result<u64> {
    let mut io = raw::open(proxy).await?;
    let mut answered = 0;
    while !stop.load(Ordering::Relaxed) {
        let answer = raw::get(&mut io, &url, &host).await?;
        ensure!(answer.head.status()? == 200, "{}", answer.head.start);
        answered += 1;
    }
    Ok(answered)
}

/// Through every pair of levels above off under traffic: no request fails, and each is counted and recorded as its level says.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn switching_under_traffic_loses_no_count() -> Result<()> {
    const ROUND: [&str; 6] = ["metadata", "full", "metadata", "metrics", "full", "metrics"];
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["--record", "metrics"]).await?;
    let stop = Arc::<AtomicBool>::default();
    let mut clients = JoinSet::new();
    for _ in 0..4 {
        let asks = (origin.url("/json"), origin.address().to_string());
        clients.spawn(client(dashcam.proxy(), asks, Arc::clone(&stop)));
    }
    for level in ROUND.iter().cycle().take(3 * ROUND.len()) {
        let before = Scrape::of(&dashcam).await?.sum("dashcam_requests_total");
        set(&dashcam, level).await?;
        eventually("traffic passes at the level", async || {
            Ok((Scrape::of(&dashcam).await?.sum("dashcam_requests_total") > before + 20.0).then_some(()))
        })
        .await?;
    }
    stop.store(true, Ordering::Relaxed);
    let mut made = 0.0;
    while let Some(answered) = clients.join_next().await {
        made += answered?? as f64;
    }
    let scrape = settled(&dashcam, made).await?;
    assert_eq!(scrape.present("dashcam_requests_total"), [(r#"{class="2xx"}"#, made)]);
    for histogram in ["dashcam_response_head_seconds", "dashcam_request_duration_seconds"] {
        assert_eq!(scrape.histogram(histogram)?.0, made, "{histogram}");
    }
    let stored = eventually("all is stored", async || {
        let scrape = Scrape::of(&dashcam).await?;
        let waiting = scrape.get("dashcam_exchanges_open") + scrape.get("dashcam_exchanges_pending");
        Ok((waiting == 0.0).then_some(scrape))
    })
    .await?;
    let ledger = |name: &str| stored.sum(&format!("dashcam_exchanges_{name}_total"));
    assert!(ledger("not_recorded") > 0.0 && ledger("metadata_only") > 0.0);
    assert_eq!(ledger("seen") + ledger("not_recorded"), made);
    assert_eq!(ledger("stored") + ledger("dropped"), ledger("seen"));
    Ok(())
}
