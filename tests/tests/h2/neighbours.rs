//! Responses that break HTTP/2's rules, and those that share their connection (RFC 9113 §8.1.1).

use std::collections::HashMap;

use anyhow::{Result, bail};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::h2;
use dashcam_tests::h2::code::INTERNAL;
use dashcam_tests::h2::frame::{data, headers};
use dashcam_tests::h2::origin::by_hand;
use dashcam_tests::h2::peer::{Event, Peer, value};
use dashcam_tests::origin::Origin;

use crate::asking::{OK, get, post};

/// An origin that answers `/begun` in part. It answers `/bad` with the field, but where something has begun not before
/// something else is asked for. It goes on then, as if nothing was wrong.
async fn origin(field: (&'static str, &'static str)) -> Result<Origin> {
    by_hand(true, &[], move |mut peer| async move {
        let bad = |stream| headers(stream, &[OK[0], field], true);
        let (mut begun, mut waits) = (None, None);
        while let Some((stream, fields)) = peer.accept().await? {
            match value(&fields, ":path").unwrap_or_default() {
                "/begun" => {
                    peer.write(&[headers(stream, &OK, false), data(stream, b"half", false)].concat()).await?;
                    begun = Some(stream);
                }
                "/bad" if begun.is_some() => waits = Some(stream),
                "/bad" => peer.write(&bad(stream)).await?,
                _ => {
                    if let Some(waits) = waits.take() {
                        peer.write(&bad(waits)).await?;
                    }
                    peer.answer(stream, &OK, b"ok").await?;
                    if let Some(begun) = begun.take() {
                        peer.write(&data(begun, b" and half", true)).await?;
                    }
                }
            }
        }
        Ok(())
    })
    .await
}

/// How each of the streams ends: with a status and a body, or a code.
async fn ends(peer: &mut Peer, streams: &[u32]) -> Result<HashMap<u32, Result<(String, String), u32>>> {
    let (mut responses, mut ended) = (HashMap::<u32, (String, String)>::new(), HashMap::new());
    within("the ends of all streams", async {
        while streams.iter().any(|stream| !ended.contains_key(stream)) {
            let (stream, ends) = match peer.next().await? {
                Event::Headers { stream, fields, ends } => {
                    responses.entry(stream).or_default().0 =
                        value(&fields, ":status").unwrap_or_default().to_owned();
                    (stream, ends)
                }
                Event::Data { stream, bytes, ends } => {
                    responses.entry(stream).or_default().1 += &String::from_utf8_lossy(&bytes);
                    (stream, ends)
                }
                Event::Reset { stream, code } => {
                    ended.insert(stream, Err(code));
                    continue;
                }
                Event::Closed => bail!("the connection closed: {responses:?}, {ended:?}"),
                _ => continue,
            };
            if ends {
                ended.insert(stream, Ok(responses.remove(&stream).unwrap_or_default()));
            }
        }
        Ok(ended)
    })
    .await
}

#[tokio::test]
async fn a_bad_field_fails_its_own_response() -> Result<()> {
    let dashcam = Dashcam::unredacted(&[]).await?;
    let answer = |status: &str, body: &str| Ok((status.to_owned(), body.to_owned()));
    for (field, ends_connection) in [
        (("X-Upper", "1"), true),
        (("x-split", "a\r\nb: c"), true),
        (("x y", "1"), true),
        (("connection", "close"), false),
        (("transfer-encoding", "chunked"), false),
    ] {
        let origin = origin(field).await?;
        let mut peer = h2::secure(&dashcam, origin.port()).await?;
        peer.write(&get(1, "/begun")).await?;
        peer.wait("half a body", |event| matches!(event, Event::Data { .. }).then_some(())).await?;
        peer.write(&[get(3, "/bad"), get(5, "/good"), post(7, "/good"), data(7, b"x", true)].concat())
            .await?;
        let mut ended = ends(&mut peer, &[1, 3, 5, 7]).await?;
        let case = format!("{field:?}: {ended:?}");
        let (status, told) = ended
            .remove(&3)
            .transpose()
            .map_err(|code| anyhow::anyhow!("{code}: {case}"))?
            .unwrap_or_default();
        assert!(status == "502" && told.contains("HTTP/2"), "{case}");
        assert_eq!(told.contains("in this response,"), ends_connection, "{case}");
        assert_eq!(ended[&5], answer("200", "ok"), "{case}");
        if ends_connection {
            // It was under way, and the upload may have done something: neither can be repeated.
            assert_eq!(ended[&1], Err(INTERNAL), "{case}");
            assert!(
                ended[&7]
                    .as_ref()
                    .is_ok_and(|(status, told)| status == "502" && told.contains("another one")),
                "{case}"
            );
        } else {
            // Its head was seen above.
            assert_eq!(ended[&1], answer("", " and half"), "{case}");
            assert_eq!(ended[&7], answer("200", "ok"), "{case}");
        }
    }
    Ok(())
}
