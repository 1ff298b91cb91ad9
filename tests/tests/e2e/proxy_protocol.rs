//! Load balancers before dashcam, which name the client in a header (PROXY protocol): HAProxy, curl, and by hand.

use std::net::SocketAddr;
use std::process::Stdio;

use anyhow::{Result, bail, ensure};
use dashcam_tests::clients::clean;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::free_address::free_address;
use dashcam_tests::origin::{Origin, Stream};
use dashcam_tests::raw;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::metrics::scrape::Scrape;

const TCP4: &[u8] = b"PROXY TCP4 203.0.113.9 198.51.100.1 4660 443\r\n";
/// Version 2, of a client at [2001:db8::9]:4660, with a field behind the addresses.
const TCP6: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x21\x21\x00\x28\
    \x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x09\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x12\x34\x01\xbb\x04\0\x01\0";
const LOCAL: &[u8] = b"\r\n\r\n\0\r\nQUIT\n\x20\x00\x00\x00";
const UNKNOWN: &[u8] = b"PROXY UNKNOWN\r\n";

/// A reverse listener for `origin` that requires a header.
async fn reverse(origin: &Origin, options: &[&str]) -> Result<Dashcam> {
    reverse_with("", origin, options).await
}

/// The same, with a `config`.
async fn reverse_with(config: &str, origin: &Origin, options: &[&str]) -> Result<Dashcam> {
    let mode = format!("edge=reverse:{},proxy-protocol", origin.url("").trim_end_matches('/'));
    Dashcam::start_with(config, &[&["-m", mode.as_str()], options].concat()).await
}

/// Sends `header` in pieces of `at_once` bytes, then a request; the status.
async fn get_after(dashcam: &Dashcam, header: &[u8], at_once: usize, path: &str) -> Result<u16> {
    let mut io = raw::open(dashcam.proxy()).await?;
    for piece in header.chunks(at_once) {
        io.write_all(piece).await?;
        io.flush().await?;
        tokio::task::yield_now().await;
    }
    let got = within("an answer", raw::get(&mut io, path, "localhost")).await?;
    got.head.status()
}

/// The connection over which `path` was asked for.
async fn connection(dashcam: &Dashcam, path: &str) -> Result<Value> {
    let exchange = dashcam.api().ended(path).await?;
    dashcam.api().connection(path, |row| row["id"] == exchange["connection"]).await
}

/// Waits until so many clients were refused, which is counted once they are closed.
async fn refused(dashcam: &Dashcam, clients: u64) -> Result<()> {
    eventually(&format!("{clients} clients were refused"), async || {
        let refused = Scrape::of(dashcam).await?.get("dashcam_clients_refused_total") as u64;
        ensure!(refused <= clients, "{refused} clients were refused");
        Ok((refused == clients).then_some(()))
    })
    .await
}

/// Waits until the connection was closed by dashcam.
async fn closed(io: &mut Stream) -> Result<()> {
    let mut rest = Vec::new();
    // Bytes of it that dashcam did not read make a reset of the end.
    let _reset = within("the end", async { Ok(io.read_to_end(&mut rest).await) }).await?;
    ensure!(rest.is_empty(), "it was answered: {}", rest.escape_ascii());
    Ok(())
}

#[tokio::test]
async fn the_client_is_the_one_of_the_header() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse(&origin, &[]).await?;
    for (number, (header, client)) in [
        (TCP4, "203.0.113.9:4660"),
        (TCP6, "[2001:db8::9]:4660"),
        (LOCAL, "127.0.0.1:"),
        (UNKNOWN, "127.0.0.1:"),
    ]
    .into_iter()
    .enumerate()
    {
        for at_once in [1, 5, 4096] {
            let path = format!("/json?header{number}-{at_once}");
            assert_eq!(get_after(&dashcam, header, at_once, &path).await?, 200, "{path}");
            let connection = connection(&dashcam, &path).await?;
            let found = connection["client"].as_str().unwrap_or_default();
            ensure!(found.starts_with(client), "{found} in place of {client}");
            assert_eq!((&connection["listener"], connection["failure"].is_null()), (&json!("edge"), true));
        }
    }
    let seen = origin.site().seen_for("/json?header0-1").remove(0);
    let forwarded = seen.fields.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-forwarded-for"));
    assert_eq!(forwarded.map(|(_, value)| value.as_str()), Some("203.0.113.9"));
    let status = dashcam.api().get("/status").await?;
    let listener = &status["listeners"][0];
    assert_eq!((&listener["name"], &listener["proxy_protocol"]), (&json!("edge"), &json!(true)));
    Ok(())
}

/// A client that has sent its header and its request may close its half.
#[tokio::test]
async fn half_closed_behind_a_header() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse(&origin, &[]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    let request = b"GET /json?half HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    io.write_all(&[TCP6, request].concat()).await?;
    io.shutdown().await?;
    let mut answer = Vec::new();
    within("an answer", async { Ok(io.read_to_end(&mut answer).await?) }).await?;
    ensure!(answer.starts_with(b"HTTP/1.1 200"), "{}", answer.escape_ascii());
    assert_eq!(connection(&dashcam, "/json?half").await?["client"], "[2001:db8::9]:4660");
    Ok(())
}

/// TLS of the client stands behind the header.
#[tokio::test]
async fn tls_behind_a_header() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse(&origin, &[]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    io.write_all(TCP4).await?;
    let mut io = raw::tls(io, &dashcam.ca(), "localhost").await?;
    let got = within("an answer", raw::get(&mut io, "/json?tls", "localhost")).await?;
    assert_eq!(got.head.status()?, 200);
    let connection = connection(&dashcam, "/json?tls").await?;
    assert_eq!(
        (&connection["client"], &connection["verdict"]),
        (&json!("203.0.113.9:4660"), &json!("decrypt"))
    );
    Ok(())
}

#[tokio::test]
async fn without_a_header_it_is_closed_counted_and_logged() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse(&origin, &[]).await?;
    let http = b"GET /json HTTP/1.1\r\nHost: localhost\r\n\r\n".as_slice();
    let garbage: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    for bytes in
        [http, b"PROXY TCP4 1 2 3 4\r\n", &TCP6[..13], b"PROXY ", b"\x16\x03\x01\x02\x00\x01", &garbage]
    {
        let mut io = raw::open(dashcam.proxy()).await?;
        // It may be closed before all was sent.
        let _gone = io.write_all(bytes).await;
        let _gone = io.shutdown().await;
        closed(&mut io).await?;
    }
    let reason = |text: &'static str| {
        move |row: &Value| row["failure"]["message"].as_str().is_some_and(|message| message.contains(text))
    };
    for expect in ["begins with something else", "none of version 1", "ended inside it"] {
        let row = dashcam.api().connection(expect, reason(expect)).await?;
        let facts =
            (row["verdict"].as_str(), row["failure"]["side"].as_str(), row["failure"]["stage"].as_str());
        assert_eq!(facts, (Some("refuse"), Some("client"), Some("detect")));
    }
    refused(&dashcam, 6).await?;
    dashcam.says("send-proxy-v2").await?;
    ensure!(origin.site().seen_for("/json").is_empty(), "a request without a header was passed on");
    assert_eq!(get_after(&dashcam, TCP4, 4096, "/json").await?, 200, "others go on");
    Ok(())
}

/// A connection that ends before its first byte is no fault.
#[tokio::test]
async fn a_header_has_its_time() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse_with("timeouts.proxy_header = '1s'", &origin, &[]).await?;
    drop(raw::open(dashcam.proxy()).await?);
    for begun in [b"".as_slice(), &TCP6[..20]] {
        let mut io = raw::open(dashcam.proxy()).await?;
        io.write_all(begun).await?;
        closed(&mut io).await?;
    }
    refused(&dashcam, 2).await?;
    assert_eq!(dashcam.api().get("/status").await?["limited"]["proxy_header_time"], 2);
    Ok(())
}

/// Rules and limits are about the client that the header names.
#[tokio::test]
async fn access_and_limits_go_by_the_header() -> Result<()> {
    let origin = Origin::http().await?;
    let options = [
        "--allow-client",
        "203.0.113.0/24",
        "--max-connections-per-address",
        "1",
        "--max-connections",
        "100",
    ];
    let dashcam = reverse(&origin, &options).await?;
    assert_eq!(get_after(&dashcam, TCP6, 4096, "/json").await?, 403);
    let mut held = raw::open(dashcam.proxy()).await?;
    held.write_all(TCP4).await?;
    assert_eq!(raw::get(&mut held, "/json?held", "localhost").await?.head.status()?, 200);
    assert_eq!(get_after(&dashcam, TCP4, 4096, "/json").await?, 503);
    let other = b"PROXY TCP4 203.0.113.10 198.51.100.1 1 443\r\n";
    assert_eq!(get_after(&dashcam, other, 4096, "/json").await?, 200);
    Ok(())
}

#[tokio::test]
async fn only_load_balancers_that_are_named_are_believed() -> Result<()> {
    let origin = Origin::http().await?;
    let mode = format!("reverse:{},proxy-protocol=203.0.113.0/24", origin.url("").trim_end_matches('/'));
    let dashcam = Dashcam::start(&["-m", &mode]).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    io.write_all(TCP4).await?;
    closed(&mut io).await?;
    dashcam.says("proxy-protocol=CIDR").await.map(drop)
}

/// curl sends a header by itself.
#[tokio::test]
async fn curl_sends_it() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse(&origin, &[]).await?;
    for scheme in ["http", "https"] {
        let mut command = clean(Command::new("curl"));
        command.args(["-sS", "-o", "/dev/null", "-w", "%{http_code} %{local_port}", "--haproxy-protocol"]);
        let path = format!("/json?curl-{scheme}");
        command.arg("--cacert").arg(dashcam.ca());
        command.arg(format!("{scheme}://localhost:{}{path}", dashcam.proxy().port()));
        let output = within("curl", async { Ok(command.output().await?) }).await?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let Some(("200", port)) = text.split_once(' ') else { bail!("{output:?}") };
        let client = connection(&dashcam, &path).await?["client"].clone();
        ensure!(
            client.as_str().is_some_and(|client| client.ends_with(&format!(":{port}"))),
            "{client} {port}"
        );
    }
    Ok(())
}

/// A forward listener behind a load balancer: a client's CONNECT and TLS stand behind the header.
#[tokio::test]
async fn curl_through_haproxy_to_a_forward_listener() -> Result<()> {
    let origin = Origin::https().await?;
    let dashcam = Dashcam::start(&["-m", "office=forward,proxy-protocol=127.0.0.0/8"]).await?;
    let (folder, address) = (tempfile::tempdir()?, free_address()?);
    let _haproxy = haproxy(folder.path(), dashcam.proxy(), &[(address, "send-proxy-v2")])?;
    drop(haproxy_at(address).await?);
    let mut command = clean(Command::new("curl"));
    command.args(["-sS", "-o", "/dev/null", "-w", "%{http_code}", "--cacert"]).arg(dashcam.ca());
    command.args(["--proxy", &format!("http://{address}"), &origin.url("/json?curl")]);
    let output = within("curl", async { Ok(command.output().await?) }).await?;
    ensure!(output.status.success() && output.stdout == b"200", "{output:?}");
    let connection = connection(&dashcam, "/json?curl").await?;
    assert_eq!((&connection["listener"], &connection["mode"]), (&json!("office"), &json!("forward")));
    Ok(())
}

/// HAProxy with a frontend on an address for each way to send the header.
fn haproxy(folder: &std::path::Path, dashcam: SocketAddr, ways: &[(SocketAddr, &str)]) -> Result<Child> {
    let mut config =
        "global\n  maxconn 100\ndefaults\n  mode tcp\n  timeout connect 5s\n  timeout client 20s\n  \
        timeout server 20s\n"
            .to_owned();
    for (number, (address, send)) in ways.iter().enumerate() {
        config.push_str(&format!("listen l{number}\n  bind {address}\n  server d {dashcam} {send}\n"));
    }
    let file = folder.join("haproxy.cfg");
    std::fs::write(&file, config)?;
    let mut command = Command::new("haproxy");
    command.args(["-db", "-f"]).arg(file).stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    Ok(command.spawn()?)
}

/// Headers of HAProxy, with its checks of the service's health (LOCAL) and with TLS's fields.
#[tokio::test]
async fn haproxy_sends_it() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse(&origin, &[]).await?;
    let folder = tempfile::tempdir()?;
    let ways = [
        "send-proxy",
        "send-proxy-v2",
        "send-proxy-v2-ssl check inter 200 check-send-proxy",
        "send-proxy-v2 proxy-v2-options crc32c,unique-id",
    ];
    let ways: Vec<_> = ways.iter().map(|way| Ok((free_address()?, *way))).collect::<Result<_>>()?;
    let _haproxy = haproxy(folder.path(), dashcam.proxy(), &ways)?;
    for (number, (address, way)) in ways.iter().enumerate() {
        let path = format!("/json?haproxy{number}");
        let mut io = haproxy_at(*address).await?;
        let from = io.local_addr()?.to_string();
        io.write_all(
            format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes(),
        )
        .await?;
        let mut answer = Vec::new();
        within("an answer", async { Ok(io.read_to_end(&mut answer).await?) }).await?;
        ensure!(answer.starts_with(b"HTTP/1.1 200"), "{way}: {}", answer.escape_ascii());
        assert_eq!(connection(&dashcam, &path).await?["client"], json!(from), "{way}");
    }
    Ok(())
}

async fn haproxy_at(address: SocketAddr) -> Result<TcpStream> {
    eventually("HAProxy listens", async || Ok(TcpStream::connect(address).await.ok())).await
}
