//! Reverse listeners: HTTP/2 from clients that know nothing of a proxy, with and without TLS.

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::h2::origin::answering;
use dashcam_tests::h2::peer::{Peer, value};
use dashcam_tests::h2::{self, setting};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::wire::field;
use serde_json::json;

use crate::asking::get;

async fn reverse(upstream: &str) -> Result<Dashcam> {
    Dashcam::unredacted(&["-m", &format!("reverse:{upstream}@127.0.0.1:0")]).await
}

#[tokio::test]
async fn without_tls_all_the_way() -> Result<()> {
    let origin = answering().await?;
    let dashcam = reverse(&format!("http://127.0.0.1:{}", origin.port())).await?;
    let mut peer = Peer::client(raw::open(dashcam.proxy()).await?, &[]).await?;
    assert!(peer.theirs.contains(&(setting::ENABLE_CONNECT_PROTOCOL, 1)));
    for stream in [1, 3] {
        peer.write(&get(stream, "/h2c")).await?;
        let got = peer.response(stream).await?;
        assert_eq!((got.status(), got.body.as_slice()), (200, &b"ok"[..]));
    }
    let record = dashcam.api().ended("/h2c").await?;
    assert_eq!(
        (&record["request"]["version"], &record["response"]["version"]),
        (&json!("HTTP/2"), &json!("HTTP/2"))
    );
    assert_eq!((&record["scheme"], &record["upstream"]["reused"]), (&json!("http"), &json!(true)));
    Ok(())
}

#[tokio::test]
async fn with_tls_to_an_http1_upstream() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse(&origin.url("")).await?;
    let io = h2::tls(raw::open(dashcam.proxy()).await?, &dashcam.ca()).await?;
    let mut peer = Peer::client(io, &[]).await?;
    peer.write(&get(1, "/early")).await?;
    let got = peer.response(1).await?;
    assert_eq!(got.interim.len(), 1, "{got:?}");
    assert_eq!(value(&got.interim[0], ":status"), Some("103"));
    assert_eq!(got.body, b"late");
    peer.write(&get(3, "/chunked")).await?;
    let got = peer.response(3).await?;
    let trailers = got.trailers.clone().unwrap_or_default();
    assert_eq!((got.body.as_slice(), value(&trailers, "x-count")), (&b"one,two,three"[..], Some("3")));
    assert_eq!(got.field("transfer-encoding"), None);
    let seen = origin.site().seen_for("/chunked").remove(0);
    assert_eq!(seen.version, "HTTP/1.1");
    assert_eq!(field(&seen.fields, "x-forwarded-proto"), Some("https"));
    let record = dashcam.api().ended("/chunked").await?;
    assert_eq!(record["request"]["version"], "HTTP/2");
    assert_eq!(record["response"]["version"], "HTTP/1.1");
    Ok(())
}
