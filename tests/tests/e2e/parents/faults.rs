//! Parents that refuse, hang, die or talk nonsense: the failure says that it was the parent, and what to do.

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::same::through;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{behind, fails, status};

/// Ways to a parent at `address`, each with a URL of an origin that takes it.
fn ways(address: &str) -> [(String, &'static str); 3] {
    [
        (format!("http://{address}"), "http://a.test/json?absolute"),
        (format!("http://{address}"), "http://192.0.2.1:81/json?absolute"),
        (format!("socks5h://{address}"), "http://a.test/json?socks"),
    ]
}

#[tokio::test]
async fn dead_ones() -> Result<()> {
    let (_held, dead) = Origin::dead()?;
    for (parent, url) in ways(&dead.to_string()) {
        let dashcam = Dashcam::start(&["-m", &format!("upstream:{parent}")]).await?;
        let words = [&format!("The parent proxy {parent} can't be reached"), "refused the connection"];
        fails(&dashcam, url, 502, "connect", &words).await?;
    }
    let dashcam = Dashcam::start(&["-m", "upstream:http://nowhere.invalid:1"]).await?;
    let words = ["The name nowhere.invalid of the parent proxy could not be resolved"];
    fails(&dashcam, "http://a.test/json?name", 502, "dns", &words).await
}

/// A client that asks for a tunnel that is not read gets the answer in its own protocol.
#[tokio::test]
async fn tunnels_are_refused_with_a_status() -> Result<()> {
    let parent = Dashcam::start(&["--proxyauth", "me:secret"]).await?;
    let mode = format!("upstream:{}", parent.proxy_url());
    let dashcam = behind(&parent, &["-m", &mode, "--ignore-hosts", "a.test"]).await?;
    let (head, _io) = raw::connect(dashcam.proxy(), "a.test:443").await?;
    assert_eq!(head.status()?, 502);
    let says = |text: Option<&str>| text.is_some_and(|text| text.contains("wants a user and a password"));
    let row = dashcam.api().connection("failed", |row| says(row["failure"]["message"].as_str())).await?;
    assert_eq!(row["failure"]["side"], "upstream");
    Ok(())
}

#[tokio::test]
async fn those_that_want_a_password() -> Result<()> {
    let (plain, tls) = (Origin::http().await?, Origin::https1().await?);
    for mode in ["forward", "socks5"] {
        let parent = Dashcam::start(&["-m", mode, "--proxyauth", "me:secret"]).await?;
        let scheme = if mode == "forward" { "http" } else { "socks5h" };
        for (auth, expect) in [
            (None, "wants a user and a password"),
            (Some("--upstream-auth=me:wrong"), "refused dashcam's user or password"),
        ] {
            let url = format!("{scheme}://{}", parent.proxy());
            let mode = format!("upstream:{url}");
            let arguments: Vec<&str> = ["-m", &mode].into_iter().chain(auth).collect();
            let dashcam = behind(&parent, &arguments).await?;
            for origin in [&plain, &tls] {
                let words = [&format!("The parent proxy {url} {expect}"), "--upstream-auth"];
                fails(&dashcam, &origin.url("/json?auth"), 502, "connect", &words).await?;
            }
        }
        let mode = format!("upstream:{scheme}://{}", parent.proxy());
        let dashcam = behind(&parent, &["-m", &mode, "--upstream-auth=me:secret"]).await?;
        assert_eq!(status(&through(&dashcam), tls.url("/json?right")).await?, 200);
    }
    Ok(())
}

/// Parents by hand: what they say to a request, and what comes of it.
#[tokio::test]
async fn those_that_answer_something_else() -> Result<()> {
    for (scheme, answer, status, expect) in [
        (
            "http",
            &b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"[..],
            502,
            "(403 Forbidden): its rules",
        ),
        ("http", b"HTTP/1.1 503 x\r\n\r\n", 502, "could not reach localhost:1 (503 Service Unavailable)"),
        ("http", b"HTTP/1.1 504 x\r\n\r\n", 504, "(504 Gateway Timeout)"),
        ("http", b"SSH-2.0-OpenSSH_9\r\n\r\n", 502, "sent something that is no HTTP"),
        ("http", b"\x05\xff", 502, "socks5:// for a SOCKS5 proxy"),
        ("http", b"", 502, "closed the connection when it was asked for localhost:1"),
        ("https", b"HTTP/1.1 400 Bad Request\r\n\r\n", 502, "TLS with the parent proxy https://"),
        ("socks5h", b"HTTP/1.1 400 Bad Request\r\n\r\n", 502, "sent something that is no SOCKS5"),
        ("socks5h", b"\x05\x00\x05\x02\x00\x01\0\0\0\0\0\0", 502, "(SOCKS5 reply 2, not allowed)"),
        ("socks5h", b"\x05\x00\x05\x06\x00\x01\0\0\0\0\0\0", 504, "(SOCKS5 reply 6, TTL expired)"),
    ] {
        let parent = Origin::raw(move |mut stream| async move {
            let mut said = [0; 1024];
            let _length = stream.read(&mut said).await?;
            stream.write_all(answer).await?;
            Ok(stream.shutdown().await?)
        })
        .await?;
        let mode = format!("upstream:{scheme}://127.0.0.1:{}", parent.port());
        let dashcam = Dashcam::start(&["-m", &mode]).await?;
        let stage = if scheme == "https" { "tls_handshake" } else { "connect" };
        fails(&dashcam, "https://localhost:1/json?odd", status, stage, &["he parent proxy", expect]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn those_that_hang() -> Result<()> {
    let parent = Origin::raw(|mut stream| async move {
        let mut said = [0; 1024];
        while stream.read(&mut said).await? > 0 {}
        Ok(())
    })
    .await?;
    for (scheme, key, stage) in [
        ("http", "parent", "connect"),
        ("socks5", "parent", "connect"),
        ("https", "tls_handshake", "tls_handshake"),
    ] {
        let config = format!("[timeouts]\n{key} = '300ms'\n");
        let mode = format!("upstream:{scheme}://127.0.0.1:{}", parent.port());
        let dashcam = Dashcam::start_with(&config, &["-m", &mode]).await?;
        let url = "https://127.0.0.1:1/json?hangs";
        let words = ["he parent proxy", "within 0.3 s"];
        within("an answer", fails(&dashcam, url, 504, stage, &words)).await?;
    }
    Ok(())
}
