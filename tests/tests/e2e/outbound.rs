//! Ways out without a parent: given addresses, addresses that race, PROXY headers.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{Ask, Way, ask};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::free_address::free_address;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::same::through;
use dashcam_tests::silent::Silent;
use dashcam_tests::wire::{field, read_head};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

async fn get(way: &Way, url: &str) -> Result<u64> {
    Ok(ask("curl --http1.1", way, &[Ask::get(url.to_owned())]).await?.remove(0).status)
}

#[tokio::test]
async fn names_have_the_addresses_that_they_are_given() -> Result<()> {
    let (plain, tls) = (Origin::http().await?, Origin::https_with(&["api.test"]).await?);
    let one = format!("api.test:{}:127.0.0.1", tls.port());
    let any = format!("*:{}:127.0.0.1", plain.port());
    let dashcam = Dashcam::start(&["--resolve", &one, "--resolve", &any, "--deny-private"]).await?;
    let url = format!("https://api.test:{}/json?given", tls.port());
    assert_eq!(get(&through(&dashcam), &url).await?, 200, "also where private addresses are denied");
    let exchange = dashcam.api().ended("/json?given").await?;
    assert_eq!(exchange["upstream"]["connection"]["tls"]["sni"], "api.test");
    assert_eq!(exchange["host"], "api.test");
    let url = format!("http://whatever.test:{}/json?any", plain.port());
    assert_eq!(get(&through(&dashcam), &url).await?, 200);
    assert_eq!(dashcam.api().get("/status").await?["outbound"]["resolve"], json!([one, any]));
    let shown = dashcam_tests::dashcam::cli(dashcam.home())?.arg("status").output().await?;
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    ensure!(shown.contains(&format!("addresses    {one}, {any}")), "{shown}");
    Ok(())
}

/// Nine addresses hang, and the tenth answers.
#[tokio::test]
async fn silent_addresses_do_not_hold_up_for_long() -> Result<()> {
    let origin = Origin::http().await?;
    let port = origin.port();
    let mut silent = Vec::new();
    let mut addresses = Vec::new();
    for last in 2..=10 {
        let ip = format!("127.0.0.{last}");
        silent.push(Silent::at(format!("{ip}:{port}").parse()?)?);
        addresses.push(ip);
    }
    addresses.push("127.0.0.1".to_owned());
    let given = format!("ten.test:{port}:{}", addresses.join(","));
    let dashcam = Dashcam::start(&["--resolve", &given]).await?;
    let begun = Instant::now();
    assert_eq!(get(&through(&dashcam), &format!("http://ten.test:{port}/json?ten")).await?, 200);
    let took = begun.elapsed();
    // One after the other they would take their 10 s each.
    ensure!(took >= Duration::from_millis(2250) && took < Duration::from_secs(30), "{took:?}");
    let connection = dashcam.api().ended("/json?ten").await?["upstream"]["connection"].clone();
    assert_eq!(connection["address"], format!("127.0.0.1:{port}"));
    let tried = connection["tried"].as_str().context("nothing tried")?;
    ensure!(tried.starts_with(&format!("127.0.0.2:{port} did not answer within")), "{tried}");
    ensure!(tried.ends_with("; and 5 more"), "{tried}");
    Ok(())
}

#[tokio::test]
async fn both_families_are_tried_and_the_failures_are_on_record() -> Result<()> {
    let origin = Origin::http().await?;
    let port = origin.port();
    let six = TcpListener::bind("[::1]:0").await?;
    let six_port = six.local_addr()?.port();
    let mut answering = JoinSet::new();
    answering.spawn(async move {
        let (stream, _) = six.accept().await?;
        let mut stream = BufReader::new(stream);
        read_head(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await?;
        anyhow::Ok(())
    });
    let (_held, dead) = Origin::dead()?;
    let given = [
        format!("both.test:{port}:[::1],127.0.0.1"),
        format!("six.test:{six_port}:::1"),
        format!("none.test:{0}:[::1],127.0.0.1", dead.port()),
    ];
    let arguments: Vec<&str> = given.iter().flat_map(|given| ["--resolve", given.as_str()]).collect();
    let dashcam = Dashcam::start(&arguments).await?;
    assert_eq!(get(&through(&dashcam), &format!("http://both.test:{port}/json?both")).await?, 200);
    let connection = dashcam.api().ended("/json?both").await?["upstream"]["connection"].clone();
    assert_eq!(connection["address"], format!("127.0.0.1:{port}"));
    assert_eq!(connection["tried"], format!("[::1]:{port} refused the connection"));
    assert_eq!(get(&through(&dashcam), &format!("http://six.test:{six_port}/json?six")).await?, 200);
    let connection = dashcam.api().ended("/json?six").await?["upstream"]["connection"].clone();
    assert_eq!(
        (&connection["address"], &connection["tried"]),
        (&json!(format!("[::1]:{six_port}")), &Value::Null)
    );
    answering.join_next().await.context("no answer")???;
    assert_eq!(get(&through(&dashcam), &format!("http://none.test:{}/json?none", dead.port())).await?, 502);
    let message = dashcam.api().ended("/json?none").await?["failure"]["message"].clone();
    let expect =
        format!("[::1]:{0} refused the connection; 127.0.0.1:{0} refused the connection.", dead.port());
    ensure!(message.as_str().is_some_and(|message| message.ends_with(&expect)), "{message}");
    Ok(())
}

/// An origin that hands the test each connection's PROXY line and how many requests came after it.
async fn behind_proxy_line() -> Result<(Origin, mpsc::Receiver<String>)> {
    let (give, taken) = mpsc::channel(100);
    let origin = Origin::raw(move |stream| {
        let give = give.clone();
        async move {
            let mut stream = BufReader::new(stream);
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            give.send(line).await?;
            while read_head(&mut stream).await?.is_some() {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await?;
            }
            // The test sees when it ends.
            Ok(give.send("end".to_owned()).await?)
        }
    })
    .await?;
    Ok((origin, taken))
}

#[tokio::test]
async fn each_client_has_upstream_connections_of_its_own_behind_a_proxy_header() -> Result<()> {
    let (origin, mut taken) = behind_proxy_line().await?;
    let mode = format!("reverse:http://127.0.0.1:{}@127.0.0.1:0", origin.port());
    let dashcam = Dashcam::start(&["-m", &mode, "--send-proxy", "v1"]).await?;
    let entrance = dashcam.proxy();
    let mut next =
        async || within("the origin's word", async { taken.recv().await.context("it ended") }).await;
    for client in [2, 3] {
        let stream = TcpSocket::new_v4()?;
        stream.bind(SocketAddr::from(([127, 0, 0, client], 0)))?;
        let stream = stream.connect(entrance).await?;
        let local = stream.local_addr()?;
        let mut io: dashcam_tests::origin::Stream = BufReader::new(Box::new(stream));
        for _ in 0..3 {
            assert_eq!(raw::get(&mut io, "/", "a").await?.head.status()?, 200);
        }
        let ports = (local.port(), entrance.port());
        let expect = format!("PROXY TCP4 127.0.0.{client} 127.0.0.1 {} {}\r\n", ports.0, ports.1);
        assert_eq!(next().await?, expect, "once for three requests");
        drop(io);
        assert_eq!(next().await?, "end", "nobody else may use it");
    }
    Ok(())
}

/// A replay has no client.
#[tokio::test]
async fn a_replay_is_sent_on_nobodys_behalf() -> Result<()> {
    let (origin, mut taken) = behind_proxy_line().await?;
    let upstream = format!("127.0.0.1:{}", origin.port());
    let mode = format!("reverse:http://{upstream}@127.0.0.1:0");
    let rule = format!("{upstream}=v1");
    let dashcam = Dashcam::start(&["-m", &mode, "--send-proxy", &rule, "--send-proxy", "v2"]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    assert_eq!(raw::get(&mut io, "/replayed", "a").await?.head.status()?, 200);
    let exchange = dashcam.api().ended("/replayed").await?;
    dashcam.api().call("POST", &format!("/exchanges/{}/replay", exchange["id"]), &json!({})).await?;
    let mut lines = Vec::new();
    while lines.len() < 2 {
        lines.push(within("a line", async { taken.recv().await.context("it ended") }).await?);
    }
    assert_eq!(lines[1], "PROXY UNKNOWN\r\n");
    Ok(())
}

/// HAProxy takes both versions, and says whom it saw; also before TLS.
#[tokio::test]
async fn haproxy_accepts_both_versions() -> Result<()> {
    let installed = std::process::Command::new("haproxy").arg("-v").stdout(Stdio::null()).status();
    if !installed.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED, haproxy is not installed: run `cargo xtask test`");
        return Ok(());
    }
    let origin = Origin::http().await?;
    let folder = tempfile::tempdir()?;
    let (plain, tls) = (free_address()?, free_address()?);
    let (certificate, key) = dashcam_tests::test_ca::shared()?.write("haproxy", &[&tls.ip().to_string()])?;
    let both = folder.path().join("both.pem");
    std::fs::write(&both, [std::fs::read(certificate)?, std::fs::read(key)?].concat())?;
    let config = format!(
        "defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\nfrontend f\n  \
         bind {plain} accept-proxy\n  bind {tls} accept-proxy ssl crt {} alpn h2,http/1.1\n  \
         http-request set-header X-Seen %[src]:%[src_port]\n  default_backend b\nbackend b\n  server o {}\n",
        both.display(),
        origin.address()
    );
    let file = folder.path().join("haproxy.cfg");
    std::fs::write(&file, config)?;
    let mut command = Command::new("haproxy");
    command.args(["-db", "-f"]).arg(&file).stdin(Stdio::null()).stderr(Stdio::null()).stdout(Stdio::null());
    let _haproxy = command.kill_on_drop(true).spawn()?;
    eventually("haproxy listens", async || Ok(TcpStream::connect(tls).await.ok().map(drop))).await?;
    for version in ["v1", "v2"] {
        for url in [format!("http://{plain}"), format!("https://{tls}")] {
            let mode = format!("reverse:{url}@127.0.0.1:0");
            let dashcam = Dashcam::start(&["-m", &mode, "--send-proxy", version]).await?;
            let stream = TcpStream::connect(dashcam.proxy()).await?;
            let local = stream.local_addr()?;
            let mut io: dashcam_tests::origin::Stream = BufReader::new(Box::new(stream));
            let target = format!("/json?{version}&{url}");
            assert_eq!(raw::get(&mut io, &target, "a").await?.head.status()?, 200, "{version} {url}");
            let seen = origin.site().seen_for(&target);
            assert_eq!(field(&seen[0].fields, "x-seen"), Some(local.to_string().as_str()), "{version} {url}");
            drop(io);
        }
    }
    Ok(())
}

/// HTTP/2 clients of a reverse listener, whose upstream is reached through a parent: the header goes through the tunnel.
#[tokio::test]
async fn a_proxy_header_passes_a_parent_and_serves_http2() -> Result<()> {
    let (give, mut taken) = mpsc::channel(10);
    let origin = Origin::https().await?;
    let target = origin.address();
    let header = Origin::raw(move |mut near| {
        let give = give.clone();
        async move {
            let mut bytes = [0; 28];
            near.read_exact(&mut bytes).await?;
            give.send(bytes).await?;
            let mut far = TcpStream::connect(target).await?;
            tokio::io::copy_bidirectional(&mut near, &mut far).await?;
            Ok(())
        }
    })
    .await?;
    // It is to read nothing.
    let parent = Dashcam::start(&["--ignore-hosts", "."]).await?;
    let mode = format!("reverse:https://localhost:{}@127.0.0.1:0", header.port());
    let arguments = ["-m", &mode, "--send-proxy", "v2", "--upstream-proxy", &parent.proxy_url()];
    let dashcam = Dashcam::start(&arguments).await?;
    let way = Way { proxy: None, ca: dashcam.ca() };
    let url = format!("https://localhost:{}/json?h2", dashcam.proxy().port());
    let got = ask("curl --http2", &way, &[Ask::get(url)]).await?.remove(0);
    assert_eq!((got.status, got.version.as_str()), (200, "HTTP/2"));
    let bytes = within("a header", async { taken.recv().await.context("none") }).await?;
    assert_eq!(bytes[..16], *b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c");
    assert_eq!(bytes[16..24], [127, 0, 0, 1, 127, 0, 0, 1]);
    assert_eq!(bytes[26..], dashcam.proxy().port().to_be_bytes());
    Ok(())
}
