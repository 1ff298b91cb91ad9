//! Streams that end early: each side learns it with the code that the other gave, and the record says who ended it.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::h2;
use dashcam_tests::h2::code::{CALM, CANCEL, HTTP11_REQUIRED, INTERNAL, NO_ERROR, PROTOCOL, REFUSED};
use dashcam_tests::h2::frame::{data, headers, reset};
use dashcam_tests::h2::origin::by_hand;
use dashcam_tests::h2::peer::{Event, value};
use dashcam_tests::origin::Origin;
use serde_json::json;
use tokio::sync::mpsc;

use crate::asking::{OK, get, post};

/// An origin that resets with the code in the path: at once, or after `/body/` within the body.
async fn resetting() -> Result<Origin> {
    by_hand(true, &[], |mut peer| async move {
        while let Some((stream, fields)) = peer.accept().await? {
            let path = value(&fields, ":path").unwrap_or_default();
            let code = path.rsplit('/').next().unwrap_or_default().parse()?;
            if path.starts_with("/body/") {
                peer.write(&[headers(stream, &OK, false), data(stream, b"half", false)].concat()).await?;
            }
            peer.write(&reset(stream, code)).await?;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_origins_code_reaches_the_client() -> Result<()> {
    let origin = resetting().await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    let mut stream = 1;
    for way in ["head", "body"] {
        for code in [INTERNAL, CANCEL, CALM, HTTP11_REQUIRED, REFUSED] {
            let path = format!("/{way}/{code}");
            peer.write(&get(stream, &path)).await?;
            assert_eq!(peer.reset(stream).await?, code, "{path}");
            let record = dashcam.api().ended(&path).await?;
            assert_eq!(
                (&record["state"], &record["failure"]["side"]),
                (&json!("failed"), &json!("upstream"))
            );
            let status = if way == "body" { json!(200) } else { json!(null) };
            assert_eq!(record["status"], status, "{path}");
            stream += 2;
        }
    }
    Ok(())
}

/// An origin that notes which streams its clients gave up.
async fn noting() -> Result<(Origin, mpsc::Receiver<u32>)> {
    let (told, codes) = mpsc::channel(8);
    let told = Arc::new(told);
    let origin = by_hand(true, &[], move |mut peer| {
        let told = Arc::clone(&told);
        async move {
            loop {
                match peer.next().await? {
                    Event::Headers { stream, fields, .. } => {
                        if value(&fields, ":path").is_some_and(|path| path.starts_with("/begun")) {
                            peer.write(&headers(stream, &OK, false)).await?;
                            peer.write(&data(stream, b"half", false)).await?;
                        } else {
                            peer.write(&headers(stream, &[(":status", "103")], false)).await?;
                        }
                    }
                    Event::Reset { code, .. } => told.send(code).await?,
                    Event::Closed => return Ok(()),
                    _ => {}
                }
            }
        }
    })
    .await?;
    Ok((origin, codes))
}

#[tokio::test]
async fn the_clients_end_reaches_the_origin() -> Result<()> {
    let (origin, mut codes) = noting().await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    let mut stream = 1;
    for path in ["/waiting", "/begun", "/waiting-upload", "/begun-upload"] {
        let uploads = path.ends_with("upload");
        let mut bytes = if uploads { post(stream, path) } else { get(stream, path) };
        if uploads {
            bytes.extend(data(stream, b"some", false));
        }
        peer.write(&bytes).await?;
        peer.wait("the origin's head", |event| matches!(event, Event::Headers { .. }).then_some(())).await?;
        peer.write(&reset(stream, CANCEL)).await?;
        let code =
            dashcam_tests::eventually::within("a reset", async { codes.recv().await.context("no origin") });
        assert_eq!(code.await?, CANCEL, "{path}");
        let record = dashcam.api().ended(path).await?;
        assert_eq!(record["state"], "aborted", "{path}: {record}");
        stream += 2;
    }
    Ok(())
}

/// A client that just leaves is a client that gives everything up.
#[tokio::test]
async fn a_client_that_leaves_gives_up_its_streams() -> Result<()> {
    let (origin, mut codes) = noting().await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    peer.write(&[get(1, "/begun"), get(3, "/waiting")].concat()).await?;
    for _ in 0..2 {
        peer.wait("a head", |event| matches!(event, Event::Headers { .. }).then_some(())).await?;
    }
    drop(peer);
    for _ in 0..2 {
        let code =
            dashcam_tests::eventually::within("a reset", async { codes.recv().await.context("no origin") });
        assert_eq!(code.await?, CANCEL);
    }
    for path in ["/begun", "/waiting"] {
        assert_eq!(dashcam.api().ended(path).await?["state"], "aborted");
    }
    Ok(())
}

/// The origin has answered and wants no more of the upload (RFC 9113 §8.1): both hear it, and nothing failed.
#[tokio::test]
async fn an_early_answer_ends_the_upload() -> Result<()> {
    let origin = by_hand(true, &[], |mut peer| async move {
        while let Some((stream, _)) = peer.accept().await? {
            let refused = [(":status", "413"), ("content-length", "5")];
            peer.answer(stream, &refused, b"large").await?;
            peer.write(&reset(stream, NO_ERROR)).await?;
        }
        Ok(())
    })
    .await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    peer.write(&[post(1, "/early"), data(1, &[0; 1000], false)].concat()).await?;
    let got = peer.response(1).await?;
    assert_eq!((got.status(), got.body.as_slice()), (413, &b"large"[..]));
    assert_eq!(peer.reset(1).await?, NO_ERROR);
    let record = dashcam.api().ended("/early").await?;
    assert_eq!((&record["state"], &record["status"]), (&json!("complete"), &json!(413)), "{record}");
    assert_eq!(record["request_body"]["complete"], false);
    Ok(())
}

/// The origin has answered, and reads on: the upload goes on to its end.
#[tokio::test]
async fn an_upload_outlives_its_answer() -> Result<()> {
    let (told, mut sizes) = mpsc::channel(8);
    let origin = by_hand(true, &[], move |mut peer| {
        let told = told.clone();
        async move {
            let mut size = 0;
            loop {
                match peer.next().await? {
                    Event::Headers { stream, .. } => peer.answer(stream, &OK, b"at once").await?,
                    Event::Data { bytes, ends, .. } => {
                        size += bytes.len();
                        if ends {
                            told.send(Some(size)).await?;
                        }
                    }
                    Event::Reset { .. } => told.send(None).await?,
                    Event::Closed => return Ok(()),
                    _ => {}
                }
            }
        }
    })
    .await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    peer.write(&post(1, "/outlives")).await?;
    assert_eq!(peer.response(1).await?.body, b"at once");
    peer.write(&[data(1, b"and ", false), data(1, b"more", true)].concat()).await?;
    let size =
        dashcam_tests::eventually::within("the upload", async { sizes.recv().await.context("no origin") });
    assert_eq!(size.await?, Some(8));
    let record = dashcam.api().ended("/outlives").await?;
    assert_eq!(
        (&record["state"], &record["request_body"]["size"]),
        (&json!("complete"), &json!(8)),
        "{record}"
    );
    Ok(())
}

/// HTTP/1.1 has no code: what broke off looks broken.
#[tokio::test]
async fn an_http1_origin_that_breaks_off_resets_the_stream() -> Result<()> {
    let origin = Origin::https1().await?;
    let (dashcam, mut peer) = h2::bridged(origin.port(), &[]).await?;
    peer.write(&get(1, "/cut")).await?;
    assert_eq!(peer.reset(1).await?, INTERNAL);
    assert_eq!(dashcam.api().ended("/cut").await?["state"], "failed");
    // The connection goes on.
    peer.write(&get(3, "/json")).await?;
    assert_eq!(peer.response(3).await?.status(), 200);
    Ok(())
}

/// An origin whose body is not as long as it said: what it sent is passed on, and then looks broken.
#[tokio::test]
async fn an_origin_that_breaks_its_word_resets_the_stream() -> Result<()> {
    let origin = by_hand(true, &[], |mut peer| async move {
        while let Some((stream, _)) = peer.accept().await? {
            peer.answer(stream, &[(":status", "200"), ("content-length", "10")], b"half").await?;
        }
        Ok(())
    })
    .await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    peer.write(&get(1, "/word")).await?;
    assert_eq!(peer.reset(1).await?, INTERNAL);
    let record = dashcam.api().ended("/word").await?;
    assert_eq!(
        (&record["state"], &record["failure"]["side"]),
        (&json!("failed"), &json!("upstream")),
        "{record}"
    );
    Ok(())
}

/// A client whose body is not as long as it said: that is its fault, and the origin never sees a whole request.
#[tokio::test]
async fn a_client_that_breaks_its_word_is_told_so() -> Result<()> {
    let (origin, mut codes) = noting().await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    let mut peer = h2::secure(&dashcam, origin.port()).await?;
    let fields = [&crate::asking::fields("POST", "/word")[..], &[("content-length", "10")]].concat();
    peer.write(&headers(1, &fields, false)).await?;
    peer.wait("the origin's head", |event| matches!(event, Event::Headers { .. }).then_some(())).await?;
    peer.write(&data(1, b"half", true)).await?;
    assert_eq!(peer.reset(1).await?, PROTOCOL);
    let code =
        dashcam_tests::eventually::within("a reset", async { codes.recv().await.context("no origin") });
    assert_eq!(code.await?, CANCEL);
    let record = dashcam.api().ended("/word").await?;
    assert_eq!(record["failure"]["side"], "client", "{record}");
    assert_ne!(record["state"], "complete");
    Ok(())
}
