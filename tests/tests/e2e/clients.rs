//! Every client gets through dashcam what it gets without it, and the record says the same.

use anyhow::Result;
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::Origin;

use crate::same::{
    assert_recorded, assert_same_answers, assert_same_requests, direct, end_to_end, fields, through,
};

macro_rules! clients {
    ($($name:ident: $kind:literal;)*) => {
        $(mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn http() -> anyhow::Result<()> {
                super::compare($kind, dashcam_tests::origin::Origin::http().await?).await
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn https() -> anyhow::Result<()> {
                super::compare($kind, dashcam_tests::origin::Origin::https().await?).await
            }
        })*
    };
}

clients! {
    curl_h1: "curl --http1.1";
    curl_h2: "curl --http2";
    curl_always_connect: "curl --http1.1 --proxytunnel";
    python_http_client: "http.client";
    python_requests: "requests";
    python_httpx_h1: "httpx-h1";
    python_httpx_h2: "httpx-h2";
    python_aiohttp: "aiohttp";
    node_fetch: "node-fetch";
    node_https: "node-https";
}

/// The requests: every shape of body and head that needs no special client. Each has a target of its own.
fn asks(origin: &Origin) -> Vec<Ask> {
    let get = |path: &str| Ask::get(origin.url(path));
    let pairs = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    };
    let post = |path: &str, body: &str| Ask { method: "POST", body: Some(body.to_owned()), ..get(path) };
    vec![
        get("/bytes/100000?case=bytes"),
        get("/bytes/0?case=empty"),
        get("/headers?case=headers"),
        get("/json?q=%20a+b%2F&x=1&x=2"),
        Ask {
            fields: pairs(&[("X-Order-B", "1"), ("X-Order-A", "2")]),
            ..post("/digest?case=post", "a=b&c=d")
        },
        post("/digest?case=large-post", &"0123456789abcdef".repeat(20_000)),
        Ask { method: "HEAD", ..get("/bytes/10?case=head") },
        Ask { method: "DELETE", ..get("/status/204?case=delete") },
        Ask { fields: pairs(&[("If-None-Match", "\"v1\"")]), ..get("/status/304?case=not-modified") },
        get("/status/404?case=not-found"),
        get("/status/302?case=redirect"),
        get("/chunked?case=trailers"),
    ]
}

async fn compare(kind: &str, origin: Origin) -> Result<()> {
    let asks = asks(&origin);
    let expected = ask(kind, &direct()?, &asks).await?;
    let seen_directly = origin.site().seen();
    let dashcam = Dashcam::unredacted(&[]).await?;
    let got = ask(kind, &through(&dashcam), &asks).await?;
    let seen = origin.site().seen().split_off(seen_directly.len());
    assert_same_answers(&expected, &got);
    assert_same_requests(&seen_directly, &seen);
    for ((ask, seen), got) in asks.iter().zip(&seen).zip(&got) {
        let exchange = assert_recorded(&dashcam, ask, seen, got).await?;
        if ask.url.ends_with("case=trailers") {
            let trailers = end_to_end(&fields(&exchange["response_body"]["trailers"])?);
            assert_eq!(
                trailers,
                [("x-checksum", "abc"), ("x-count", "3")].map(|(a, b)| (a.into(), b.into()))
            );
        }
    }
    Ok(())
}

/// The head's fields are recorded as they came, whatever the client makes of them.
#[tokio::test]
async fn heads_are_recorded_as_on_the_wire() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::unredacted(&[]).await?;
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/headers"))]).await?;
    let exchange = dashcam.api().ended("/headers").await?;
    let recorded = fields(&exchange["response"]["headers"])?;
    let expected = [
        ("Content-Type", "text/plain"),
        ("Set-Cookie", "a=1; Path=/"),
        ("x-MiXeD-CaSe", "yes"),
        ("Set-Cookie", "b=2; Path=/"),
        ("X-Empty", ""),
        ("X-Latin", "caf\u{e9}"),
        ("X-Spaces", "a  b\tc"),
        ("Content-Length", "9"),
    ];
    assert_eq!(recorded, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(exchange["response"]["reason"], "OK");
    assert_eq!(exchange["request"]["version"], "HTTP/1.1");
    Ok(())
}
