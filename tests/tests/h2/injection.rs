//! Nothing that an HTTP/2 client says becomes a line of HTTP/1, and what is refused over HTTP/1 is refused here.

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::h2::frame::{data, headers};
use dashcam_tests::h2::peer::Peer;
use dashcam_tests::h2::{self};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::json;

use crate::asking::{fields, get};

/// A client of a reverse listener before an origin that speaks HTTP/1 only.
async fn bridged(origin: &Origin) -> Result<(Dashcam, Peer)> {
    let dashcam = Dashcam::unredacted(&["-m", &format!("reverse:{}@127.0.0.1:0", origin.url(""))]).await?;
    let io = h2::tls(raw::open(dashcam.proxy()).await?, &dashcam.ca()).await?;
    let peer = Peer::client(io, &[]).await?;
    Ok((dashcam, peer))
}

fn switching_to(protocol: &str) -> [(&str, &str); 6] {
    [
        (":method", "CONNECT"),
        (":protocol", protocol),
        (":scheme", "https"),
        (":authority", "localhost"),
        (":path", "/switch"),
        ("sec-websocket-version", "13"),
    ]
}

#[tokio::test]
async fn a_protocol_that_is_no_token_is_refused() -> Result<()> {
    let origin = Origin::http().await?;
    let (dashcam, mut peer) = bridged(&origin).await?;
    let protocols = [
        "websocket\r\nX-Injected: 1",
        "websocket\r\n\r\nGET /injected HTTP/1.1\r\nHost: a\r\n\r\n",
        "websocket\nX-Injected: 1",
        "web socket",
        "websocket, other",
        "h2c",
    ];
    for (protocol, stream) in protocols.into_iter().zip((1..).step_by(2)) {
        peer.write(&headers(stream, &switching_to(protocol), false)).await?;
        let got = peer.response(stream).await?;
        assert_eq!(got.status(), 400, "{protocol:?}: {got:?}");
        assert!(String::from_utf8_lossy(&got.body).contains(":protocol"), "{got:?}");
    }
    // The connection goes on, and what comes behind gets its own answer.
    peer.write(&get(99, "/chunked")).await?;
    assert_eq!(peer.response(99).await?.status(), 200);
    let seen: Vec<_> = origin.site().seen().iter().map(|seen| seen.target.clone()).collect();
    assert_eq!(seen, ["/chunked"], "nothing else came to the origin");
    let record = dashcam.api().ended("/switch").await?;
    assert_eq!((&record["state"], &record["request"]["method"]), (&json!("refused"), &json!("CONNECT")));
    Ok(())
}

#[tokio::test]
async fn the_rules_of_http1_hold() -> Result<()> {
    let origin = Origin::http().await?;
    let (dashcam, mut peer) = bridged(&origin).await?;
    let with = |path, more: &[(&'static str, &'static str)]| [&fields("POST", path)[..], more].concat();
    let length = ("content-length", "2");
    let refused = [
        (fields("GET", "*").to_vec(), "slash"),
        (vec![(":method", "GET"), (":scheme", "https"), ("host", "localhost")], "slash"),
        ([&switching_to("websocket")[..], &[length]].concat(), "announces a body"),
        (with("/doubled", &[length, length]), "Content-Length"),
        (with("/padded", &[("x", " 1")]), "white space"),
        (with("/padded", &[("x", "1\t")]), "white space"),
    ];
    for ((request, why), stream) in refused.into_iter().zip((1..).step_by(2)) {
        peer.write(&[headers(stream, &request, false), data(stream, b"ab", true)].concat()).await?;
        let got = peer.response(stream).await?;
        assert_eq!(got.status(), 400, "{request:?}: {got:?}");
        assert!(String::from_utf8_lossy(&got.body).contains(why), "{request:?}: {got:?}");
    }
    let counted = dashcam.api().get("/status").await?;
    assert_eq!(counted["traffic"]["requests"]["refused"], 6, "{counted}");
    peer.write(&get(99, "/\u{e9}")).await?;
    assert!(peer.response(99).await?.status() < 500, "as over HTTP/1, characters beyond ASCII pass");
    assert_eq!(origin.site().seen().len(), 1, "nothing else came to the origin");
    Ok(())
}
