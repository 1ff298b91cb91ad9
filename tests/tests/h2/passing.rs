//! Messages that pass: authorities, interim responses, trailers, responses without a body; and what is recorded of it.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::h2;
use dashcam_tests::h2::frame::{data, headers};
use dashcam_tests::h2::origin::by_hand;
use dashcam_tests::h2::peer::{Event, Fields, value};
use dashcam_tests::origin::Origin;
use dashcam_tests::wire;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use crate::asking::{OK, ends, fields, get, owned, post};

type Seen = Arc<Mutex<Vec<Fields>>>;

/// An origin that answers by the path, and notes what it sees.
async fn origin(seen: Seen) -> Result<Origin> {
    by_hand(true, &[], move |mut peer| {
        let seen = Arc::clone(&seen);
        async move {
            while let Some((stream, fields)) = peer.accept().await? {
                let path = value(&fields, ":path").unwrap_or_default().to_owned();
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(fields);
                let bytes = match path.as_str() {
                    "/interim" => [
                        headers(stream, &[(":status", "103"), ("link", "</a.css>; rel=preload")], false),
                        headers(stream, &[(":status", "103"), ("link", "</b.css>; rel=preload")], false),
                        headers(stream, &OK, false),
                        data(stream, b"late", true),
                    ]
                    .concat(),
                    "/trailers" => [
                        headers(stream, &OK, false),
                        data(stream, b"body", false),
                        headers(stream, &[("x-sum", "1"), ("x-sum", "2")], true),
                    ]
                    .concat(),
                    "/length" => headers(stream, &[(":status", "200"), ("content-length", "1000")], true),
                    "/unchanged" => headers(stream, &[(":status", "304"), ("content-length", "1000")], true),
                    "/empty-data" => [headers(stream, &OK, false), data(stream, b"", true)].concat(),
                    _ => {
                        headers(stream, &[(":status", "204"), ("x-a", "1"), ("x-b", "2"), ("x-a", "3")], true)
                    }
                };
                peer.write(&bytes).await?;
            }
            Ok(())
        }
    })
    .await
}

#[tokio::test]
async fn responses_pass_as_they_are() -> Result<()> {
    let origin = origin(Seen::default()).await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;

    peer.write(&get(1, "/interim")).await?;
    let got = peer.response(1).await?;
    let hint = |link| owned(&[(":status", "103"), ("link", link)]);
    assert_eq!(got.interim, [hint("</a.css>; rel=preload"), hint("</b.css>; rel=preload")]);
    assert_eq!((got.status(), got.body.as_slice()), (200, &b"late"[..]));
    let record = dashcam.api().ended("/interim").await?;
    assert_eq!(record["interim"].as_array().map(Vec::len), Some(2));
    assert_eq!(record["interim"][1]["headers"], json!([["link", "</b.css>; rel=preload"]]));

    peer.write(&get(3, "/trailers")).await?;
    let got = peer.response(3).await?;
    assert_eq!(got.trailers, Some(owned(&[("x-sum", "1"), ("x-sum", "2")])));
    let record = dashcam.api().ended("/trailers").await?;
    assert_eq!(record["response_body"]["trailers"], json!([["x-sum", "1"], ["x-sum", "2"]]));

    peer.write(&headers(5, &fields("HEAD", "/length"), true)).await?;
    let got = peer.response(5).await?;
    assert_eq!((got.status(), got.field("content-length"), got.body.len()), (200, Some("1000"), 0));
    assert_eq!(dashcam.api().ended("/length").await?["state"], "complete");

    peer.write(&get(7, "/unchanged")).await?;
    let got = peer.response(7).await?;
    assert_eq!((got.status(), got.field("content-length")), (304, Some("1000")));

    peer.write(&get(9, "/empty-data")).await?;
    assert_eq!(peer.response(9).await?.head, owned(&OK));
    peer.write(&get(11, "/none")).await?;
    // Fields of one name come together, where the first of them stood.
    let expected = owned(&[(":status", "204"), ("x-a", "1"), ("x-a", "3"), ("x-b", "2")]);
    assert_eq!(peer.response(11).await?.head, expected);
    let record = dashcam.api().ended("/none").await?;
    assert_eq!((&record["status"], &record["response"]["version"]), (&json!(204), &json!("HTTP/2")));
    Ok(())
}

/// One connection, many authorities (RFC 9113 §9.1.1): all go to where the client connected, each as what it is.
#[tokio::test]
async fn every_request_keeps_its_authority_and_its_fields() -> Result<()> {
    let seen = Seen::default();
    let origin = origin(Arc::clone(&seen)).await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    for (stream, authority) in [(1, "one.example"), (3, "two.example:444"), (5, "one.example")] {
        let path = format!("/who?{stream}");
        let mut fields = fields("GET", &path).to_vec();
        fields[2].1 = authority;
        fields.extend([("te", "trailers"), ("x-b", "1"), ("x-a", ""), ("cookie", "a=1")]);
        peer.write(&headers(stream, &fields, true)).await?;
        assert_eq!(peer.response(stream).await?.status(), 204);
        let mut sent = owned(&fields);
        let mut arrived =
            seen.lock().unwrap_or_else(PoisonError::into_inner).pop().context("nothing came")?;
        // The order of pseudo-fields says nothing; TE is written again, behind the others.
        sent.sort();
        arrived.sort();
        assert_eq!(arrived, sent);
        let record = dashcam.api().ended(&path).await?;
        assert_eq!(record["request"]["authority"], authority);
        assert_eq!((&record["host"], &record["port"]), (&json!("localhost"), &json!(origin.port())));
    }
    Ok(())
}

#[tokio::test]
async fn a_request_passes_with_its_trailers() -> Result<()> {
    let seen = Seen::default();
    let trailers = Arc::clone(&seen);
    let origin = by_hand(true, &[], move |mut peer| {
        let trailers = Arc::clone(&trailers);
        async move {
            let mut begun = false;
            loop {
                match peer.next().await? {
                    Event::Headers { fields, ends: true, stream } if begun => {
                        trailers.lock().unwrap_or_else(PoisonError::into_inner).push(fields);
                        peer.answer(stream, &OK, b"ok").await?;
                    }
                    Event::Headers { .. } => begun = true,
                    Event::Closed => return Ok(()),
                    _ => {}
                }
            }
        }
    })
    .await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    peer.write(&[post(1, "/up"), data(1, b"body", false), headers(1, &[("x-sum", "9")], true)].concat())
        .await?;
    assert_eq!(peer.response(1).await?.body, b"ok");
    assert_eq!(*seen.lock().unwrap_or_else(PoisonError::into_inner), [owned(&[("x-sum", "9")])]);
    let record = dashcam.api().ended("/up").await?;
    assert_eq!(record["request_body"]["trailers"], json!([["x-sum", "9"]]));
    assert_eq!((&record["state"], &record["request_body"]["size"]), (&json!("complete"), &json!(4)));
    Ok(())
}

/// The client asks before it sends its body; the origin, whichever protocol it speaks, lets it.
#[tokio::test]
async fn expect_100_continue() -> Result<()> {
    let by_h2 = by_hand(true, &[], |mut peer| async move {
        let (stream, _) = peer.accept().await?.context("no request")?;
        peer.write(&headers(stream, &[(":status", "100")], false)).await?;
        peer.wait("the body", |event| ends(event, stream).then_some(())).await?;
        peer.answer(stream, &OK, b"thanks").await?;
        peer.accept().await.map(drop)
    })
    .await?;
    let tls = dashcam_tests::test_ca::shared()?.server(&["localhost"], &["http/1.1"])?;
    let tls = tokio_rustls::TlsAcceptor::from(tls);
    let by_h1 = Origin::raw(move |stream| {
        let tls = tls.clone();
        async move {
            let mut io = BufReader::new(tls.accept(stream).await?);
            wire::read_head(&mut io).await?.context("no request")?;
            io.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
            io.read_exact(&mut [0; 4]).await?;
            io.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nthanks").await?;
            Ok(())
        }
    })
    .await?;
    for origin in [by_h2, by_h1] {
        let (_dashcam, mut peer) = h2::bridged(origin.port(), &[]).await?;
        let expect = [("expect", "100-continue"), ("content-length", "4")];
        let ask = [&fields("POST", "/expect")[..], &expect].concat();
        peer.write(&headers(1, &ask, false)).await?;
        let interim = within(
            "100",
            peer.wait("100", |event| match event {
                Event::Headers { fields, .. } => Some(fields.clone()),
                _ => None,
            }),
        )
        .await?;
        assert_eq!(interim, owned(&[(":status", "100")]));
        peer.write(&data(1, b"body", true)).await?;
        assert_eq!(peer.response(1).await?.body, b"thanks");
    }
    Ok(())
}
