//! Two dashcams in a chain: both record, whatever passes.

use anyhow::{Result, ensure};
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::same::through;
use dashcam_tests::websocket::{Handshake, Pair, Way, frame};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{behind, recorded, status};

#[tokio::test]
async fn both_record_and_nobody_records_the_password() -> Result<()> {
    let origins = [Origin::http().await?, Origin::https1().await?, Origin::https().await?];
    for (mode, scheme) in [("forward", "http"), ("socks5", "socks5"), ("socks5", "socks5h")] {
        let parent = Dashcam::start(&["-m", mode, "--proxyauth", "me:s%ecret"]).await?;
        let shown = format!("{scheme}://{}", parent.proxy());
        let upstream = format!("upstream:{scheme}://me:s%25ecret@{}", parent.proxy());
        let child = behind(&parent, &["-m", &upstream]).await?;
        for (number, origin) in origins.iter().enumerate() {
            let target = format!("/json?chain={mode}{number}");
            assert_eq!(status(&through(&child), origin.url(&target)).await?, 200, "{shown} {target}");
            for dashcam in [&child, &parent] {
                assert_eq!(dashcam.api().ended(&target).await?["status"], 200, "{shown} {target}");
            }
            let expect = (Some(shown.clone()), Some(parent.proxy().to_string()));
            assert_eq!(recorded(&child, &target).await?, expect);
            let said = format!("{}{}", child.api().ended(&target).await?, child.api().get("/status").await?);
            ensure!(!said.contains("s%ecret") && !said.contains("bWU6"), "{said}");
        }
        ensure!(!child.log().contains("ecret"), "{}", child.log());
        assert_eq!(child.api().get("/status").await?["listeners"][0]["mode"], format!("upstream:{shown}"));
    }
    Ok(())
}

/// A client that offers HTTP/2 has it to the end of the chain.
#[tokio::test]
async fn http2_passes() -> Result<()> {
    let origin = Origin::https().await?;
    for (mode, scheme) in [("forward", "http"), ("socks5", "socks5h")] {
        let parent = Dashcam::start(&["-m", mode]).await?;
        let child = behind(&parent, &["--upstream-proxy", &format!("{scheme}://{}", parent.proxy())]).await?;
        let target = format!("/echo?h2={mode}");
        let got = ask("curl --http2", &through(&child), &[Ask::get(origin.url(&target))]).await?.remove(0);
        assert_eq!((got.status, got.version.as_str()), (200, "HTTP/2"));
        assert_eq!(origin.site().seen_for(&target)[0].version, "HTTP/2");
        for dashcam in [&child, &parent] {
            assert_eq!(dashcam.api().ended(&target).await?["response"]["version"], "HTTP/2");
        }
    }
    Ok(())
}

/// In clear text an HTTP parent would pass no upgrade on: it is asked for a tunnel.
#[tokio::test]
async fn websockets_pass_on_every_way() -> Result<()> {
    for (mode, scheme) in [("forward", "http"), ("socks5", "socks5")] {
        let parent = Dashcam::start(&["-m", mode]).await?;
        let (url, ca) = (format!("{scheme}://{}", parent.proxy()), parent.ca().display().to_string());
        for way in Way::ALL {
            let arguments = ["--upstream-proxy", url.as_str(), "--upstream-ca", ca.as_str()];
            let mut pair = Pair::open(way, Handshake::default(), &arguments).await?;
            let sent = frame(0x81, Some([1, 2, 3, 4]), b"hello");
            pair.client.write_all(&sent).await?;
            pair.client.flush().await?;
            let mut got = vec![0; sent.len()];
            within("the frame", async { Ok(pair.origin.read_exact(&mut got).await?) }).await?;
            assert_eq!(got, sent, "{way:?} by {url}");
            drop((pair.client, pair.origin));
            for dashcam in [&pair.dashcam, &parent] {
                assert_eq!(dashcam.api().ended("/socket?room=1").await?["status"], 101, "{way:?} by {url}");
            }
        }
    }
    Ok(())
}

/// Traffic that nobody reads: the server speaks first, in a protocol of its own.
#[tokio::test]
async fn relays_pass() -> Result<()> {
    let origin = Origin::raw(|mut stream| async move {
        stream.write_all(b"220 hello\r\n").await?;
        let mut said = [0; 6];
        stream.read_exact(&mut said).await?;
        stream.write_all(&said).await?;
        Ok(())
    })
    .await?;
    for (mode, scheme) in [("forward", "http"), ("socks5", "socks5"), ("socks5", "socks5h")] {
        let parent = Dashcam::start(&["-m", mode]).await?;
        let child = behind(&parent, &["-m", &format!("upstream:{scheme}://{}", parent.proxy())]).await?;
        for level in ["full", "off"] {
            child.api().change(&json!({"level": level})).await?;
            let mut io = raw::tunnel(child.proxy(), &format!("localhost:{}", origin.port())).await?;
            let mut greeting = [0; 11];
            within("a greeting", async { Ok(io.read_exact(&mut greeting).await?) }).await?;
            raw::send(&mut io, "NOOP\r\n").await?;
            let mut echo = [0; 6];
            within("an echo", async { Ok(io.read_exact(&mut echo).await?) }).await?;
            assert_eq!((&greeting, &echo), (b"220 hello\r\n", b"NOOP\r\n"), "{scheme} {level}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn reverse_listeners_and_replays_go_out_the_same_way() -> Result<()> {
    let (plain, tls) = (Origin::http().await?, Origin::https().await?);
    let parent = Dashcam::start(&[]).await?;
    for origin in [&plain, &tls] {
        let mode = format!("reverse:{}@127.0.0.1:0", origin.url(""));
        let child = behind(&parent, &["-m", &mode, "--upstream-proxy", &parent.proxy_url()]).await?;
        let (target, way) = ("/digest?reverse", dashcam_tests::clients::Way { proxy: None, ca: child.ca() });
        let url = format!("http://{}{target}", child.proxy());
        assert_eq!(status(&way, url).await?, 200);
        let exchange = child.api().ended(target).await?;
        assert_eq!(exchange["upstream"]["connection"]["parent"], parent.proxy_url());
        let before = parent.api().ending_in(target).await?.len();
        let replay = format!("/exchanges/{}/replay", exchange["id"]);
        let answer = child.api().call("POST", &replay, &json!({})).await?;
        ensure!(answer.head.status()? < 300, "{}", String::from_utf8_lossy(&answer.body));
        dashcam_tests::eventually::eventually("the parent sees the replay", async || {
            Ok((parent.api().ending_in(target).await?.len() > before).then_some(()))
        })
        .await?;
    }
    Ok(())
}
