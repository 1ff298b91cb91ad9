//! The site that dashcam itself is to clients of its proxy: real curl over HTTP and HTTPS, whatever the level, and nothing
//! of it on record.

use anyhow::{Result, ensure};
use dashcam_tests::clients::clean;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

/// The bytes of what curl got with `options`, behind its status and a line break.
async fn curl(options: &[&str], url: &str) -> Result<(String, Vec<u8>)> {
    let mut command = clean(Command::new("curl"));
    command.args(["-sS", "-w", "%{stderr}%{http_code}"]).args(options).arg(url);
    let output = within("curl", async { Ok(command.output().await?) }).await?;
    Ok((String::from_utf8_lossy(&output.stderr).into_owned(), output.stdout))
}

/// Asserts that neither an exchange nor a connection is on record, once one that comes after all others is.
async fn nothing_recorded(dashcam: &Dashcam, proxy: &[&str]) -> Result<()> {
    let origin = Origin::http().await?;
    let (status, _) = curl(proxy, &origin.url("/json?last")).await?;
    assert_eq!(status, "200");
    dashcam.api().ended("/json?last").await?;
    let exchanges = dashcam.api().get("/exchanges").await?;
    assert_eq!(exchanges["exchanges"].as_array().map(Vec::len), Some(1), "{exchanges}");
    let connections = dashcam.api().get("/connections").await?;
    assert_eq!(connections["connections"].as_array().map(Vec::len), Some(1), "{connections}");
    assert_eq!(dashcam.api().get("/status").await?["rejected"]["pairs"], 0);
    Ok(())
}

#[tokio::test]
async fn clients_of_every_way_in_get_it_and_it_is_not_recorded() -> Result<()> {
    for mode in ["forward", "socks5"] {
        let dashcam = Dashcam::start(&["-m", mode]).await?;
        let address = dashcam.proxy().to_string();
        let option = if mode == "forward" { "--proxy" } else { "--socks5-hostname" };
        let proxy = [option, address.as_str()];
        let (ca, pem) = (dashcam.ca(), std::fs::read(dashcam.ca())?);
        let ca = ca.to_str().unwrap_or_default();

        let (status, page) = curl(&proxy, "http://dashcam.test/").await?;
        ensure!(status == "200", "{mode}: {status}");
        let page = String::from_utf8(page)?;
        for expect in ["Your HTTP proxy works", "/ca.mobileconfig", "https://dashcam.test/trusted.svg"] {
            ensure!(page.contains(expect), "{mode}: {expect} is missing");
        }
        ensure!(
            !page.contains(&*dashcam.home().to_string_lossy()),
            "{mode}: the page names a path of this machine"
        );
        assert_eq!(curl(&proxy, "http://dashcam.test/ca.pem").await?, ("200".to_owned(), pem));
        let (status, der) = curl(&proxy, "http://dashcam.test/ca.cer").await?;
        ensure!(status == "200" && der.starts_with(&[0x30, 0x82]), "{mode}: no DER");
        let (status, profile) = curl(&proxy, "http://dashcam.test/ca.mobileconfig").await?;
        ensure!(status == "200" && profile.starts_with(b"<?xml"), "{mode}: no profile");

        let trusting = [proxy.as_slice(), &["--cacert", ca]].concat();
        let (status, check) = curl(&trusting, "https://dashcam.test/check").await?;
        ensure!(status == "200" && String::from_utf8_lossy(&check).contains("This client trusts dashcam"));
        let referer = [trusting.as_slice(), &["-e", "http://dashcam.test/"]].concat();
        assert_eq!(curl(&referer, "https://dashcam.test/trusted.svg").await?.0, "200");
        let (said, _) = curl(&proxy, "https://dashcam.test/check").await?;
        ensure!(said.contains("certificate"), "{mode}: curl without the root says {said}");

        // Neither the page of dashcam nor its API is behind the name.
        for path in ["/api/v1/exchanges", "/exchanges", "/status", "/token"] {
            assert_eq!(curl(&proxy, &format!("http://dashcam.test{path}")).await?.0, "404", "{mode} {path}");
        }
        let post = [proxy.as_slice(), &["-d", "a=b"]].concat();
        assert_eq!(curl(&post, "http://dashcam.test/").await?.0, "405");
        nothing_recorded(&dashcam, &proxy).await?;
    }
    Ok(())
}

/// Requests for others on the same connection are on record, with the connection.
#[tokio::test]
async fn a_connection_that_goes_on_to_others_is_recorded() -> Result<()> {
    let (dashcam, origin) = (Dashcam::start(&[]).await?, Origin::http().await?);
    let proxy = dashcam.proxy_url();
    let (first, then) = ("http://dashcam.test/", origin.url("/json?then"));
    let got = curl(&["--proxy", &proxy, "-o", "/dev/null", first, "-o", "/dev/null"], &then).await?;
    assert_eq!(got.0, "200200");
    dashcam.api().ended("/json?then").await?;
    let connections = dashcam.api().get("/connections").await?;
    assert_eq!(connections["connections"].as_array().map(Vec::len), Some(1), "{connections}");
    assert_eq!(dashcam.api().get("/exchanges").await?["exchanges"].as_array().map(Vec::len), Some(1));
    Ok(())
}

/// So is one that goes on to a tunnel, which has no exchange.
#[tokio::test]
async fn a_connection_that_goes_on_to_a_tunnel_is_recorded() -> Result<()> {
    let (dashcam, upstream) = (Dashcam::start(&[]).await?, TcpListener::bind("127.0.0.1:0").await?);
    let to = upstream.local_addr()?;
    let mut client = TcpStream::connect(dashcam.proxy()).await?;
    client.write_all(b"GET http://dashcam.test/ca.pem HTTP/1.1\r\nHost: dashcam.test\r\n\r\n").await?;
    until(&mut client, "-----END CERTIFICATE-----\n").await?;
    client.write_all(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n\r\n").as_bytes()).await?;
    until(&mut client, "\r\n\r\n").await?;
    client.write_all(b"\0\x01 no protocol that is known").await?;
    let accepted = async { Ok(upstream.accept().await?.0) };
    drop((within("the tunnel is open", accepted).await?, client));
    let found = dashcam.api().connection("the tunnel", |row| row["verdict"] == "tunnel").await?;
    assert_eq!(found["destination"], to.to_string(), "{found}");
    Ok(())
}

/// A body that the site does not read ends the connection, behind the answer.
#[tokio::test]
async fn a_request_with_a_body_is_answered_and_ends_its_connection() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    for body in ["a=b", ""] {
        let mut client = TcpStream::connect(dashcam.proxy()).await?;
        let head = "POST http://dashcam.test/ HTTP/1.1\r\nHost: dashcam.test\r\nContent-Length: 3\r\n\r\n";
        client.write_all(format!("{head}{body}").as_bytes()).await?;
        let mut answer = Vec::new();
        let read = async { Ok(client.read_to_end(&mut answer).await?) };
        within("the connection ends", read).await?;
        let answer = String::from_utf8_lossy(&answer).to_lowercase();
        ensure!(answer.starts_with("http/1.1 405 ") && answer.contains("connection: close"), "{answer}");
    }
    Ok(())
}

/// Reads from `stream` until `end` has come.
async fn until(stream: &mut TcpStream, end: &str) -> Result<()> {
    let mut read = Vec::new();
    let all = async {
        while !read.ends_with(end.as_bytes()) {
            ensure!(stream.read_buf(&mut read).await? > 0, "it ends early: {}", read.escape_ascii());
        }
        Ok(())
    };
    within("an answer", all).await
}

#[tokio::test]
async fn it_is_there_at_the_level_off_and_gone_where_it_is_switched_off() -> Result<()> {
    let dashcam = Dashcam::start(&["--record", "off"]).await?;
    let proxy = dashcam.proxy_url();
    assert_eq!(curl(&["--proxy", &proxy], "http://dashcam.test/").await?.0, "200");
    let ca = dashcam.ca();
    let ca = ca.to_str().unwrap_or_default();
    let checked = curl(&["--proxy", &proxy, "--cacert", ca], "https://dashcam.test/check").await?;
    assert_eq!(checked.0, "200");

    let dashcam = Dashcam::start(&["--no-setup-site"]).await?;
    let (status, _) = curl(&["--proxy", &dashcam.proxy_url()], "http://dashcam.test/").await?;
    assert_eq!(status, "502", "no resolver knows the name");
    Ok(())
}

/// A password for the proxy is asked for here as well.
#[tokio::test]
async fn the_proxys_password_is_asked_for() -> Result<()> {
    let dashcam = Dashcam::start(&["--proxyauth", "me:secret"]).await?;
    let address = dashcam.proxy().to_string();
    assert_eq!(curl(&["--proxy", &address], "http://dashcam.test/").await?.0, "407");
    assert_eq!(curl(&["--proxy", &address, "-U", "me:secret"], "http://dashcam.test/").await?.0, "200");
    Ok(())
}

/// To a reverse listener the name is one as others: the request goes to its upstream, and is recorded.
#[tokio::test]
async fn a_reverse_listener_does_not_know_the_name() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["-m", &format!("reverse:{}", origin.url("")), "--keep-host"]).await?;
    let address = dashcam.proxy();
    let resolve = format!("dashcam.test:{}:{}", address.port(), address.ip());
    let url = format!("http://dashcam.test:{}/json?reverse", address.port());
    assert_eq!(curl(&["--resolve", &resolve], &url).await?.0, "200");
    assert_eq!(dashcam.api().ended("/json?reverse").await?["status"], 200);
    assert_eq!(origin.site().seen_for("/json?reverse").len(), 1);
    Ok(())
}
