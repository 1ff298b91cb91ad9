//! `--proxyauth`: names and passwords for forward listeners.

use std::process::Stdio;

use anyhow::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::wire::field;
use serde_json::json;

use super::{connect, get, get_through, reverse, text};

fn credential(pair: &str) -> String {
    format!("Proxy-Authorization: Basic {}\r\n", STANDARD.encode(pair))
}

#[tokio::test]
async fn requests_without_the_password_are_refused() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["--proxyauth", "me:se:cret"]).await?;
    for (path, fields) in [("/headers?none", String::new()), ("/headers?wrong", credential("me:secret"))] {
        let got = get_through(&dashcam, &origin, path, &fields).await?;
        assert_eq!(got.head.status()?, 407, "{}", got.head.start);
        let wanted = got.head.field("proxy-authenticate").unwrap_or_default();
        assert!(wanted.starts_with("Basic realm=\"dashcam\""), "{wanted}");
        assert!(text(&got).contains("http://USER:PASSWORD@HOST:PORT"), "{}", text(&got));
        let exchange = dashcam.api().ended(path).await?;
        assert_eq!((&exchange["state"], &exchange["failure"]["side"]), (&json!("refused"), &json!("proxy")));
    }
    assert!(origin.site().seen().is_empty(), "it reached the origin");
    for (authority, fields) in [("none.test:444", String::new()), ("wrong.test:444", credential("me:"))] {
        let got = connect(&dashcam, authority, &fields).await?;
        assert_eq!(got.head.status()?, 407, "{}", got.head.start);
        let exchange = dashcam.api().ended(&format!("/{authority}/")).await?;
        assert_eq!((&exchange["state"], &exchange["method"]), (&json!("refused"), &json!("CONNECT")));
    }
    Ok(())
}

/// The password is for the proxy alone: no upstream gets it, and no record has it.
#[tokio::test]
async fn the_password_stays_with_the_proxy() -> Result<()> {
    let (plain, secure) = (Origin::http().await?, Origin::https1().await?);
    let dashcam = Dashcam::start(&["--proxyauth", "me:se:cret"]).await?;
    let right = credential("me:se:cret");
    let got = get_through(&dashcam, &plain, "/headers?right", &right).await?;
    assert_eq!(got.head.status()?, 200, "{}", text(&got));
    let seen = plain.site().seen_for("/headers?right").remove(0);
    assert_eq!(field(&seen.fields, "proxy-authorization"), None, "{:?}", seen.fields);
    let exchange = dashcam.api().ended("/headers?right").await?;
    let recorded = exchange.to_string();
    assert!(recorded.contains("Basic [redacted]"), "{recorded}");
    assert!(!recorded.contains(&STANDARD.encode("me:se:cret")), "{recorded}");

    let authority = format!("localhost:{}", secure.port());
    let mut io = raw::open(dashcam.proxy()).await?;
    raw::send(&mut io, &format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{right}\r\n")).await?;
    let head = within("an answer", dashcam_tests::wire::read_head(&mut io)).await?;
    assert_eq!(head.map(|head| head.status()).transpose()?, Some(200));
    let mut io = raw::tls(io, &dashcam.ca(), "localhost").await?;
    assert_eq!(raw::get(&mut io, "/json?inside", &authority).await?.head.status()?, 200, "it is asked once");
    Ok(())
}

/// Also where the request that carries it is refused as malformed.
#[tokio::test]
async fn a_malformed_request_leaves_no_password_either() -> Result<()> {
    let dashcam = Dashcam::start(&["--proxyauth", "me:secret"]).await?;
    let code = STANDARD.encode("me:secret");
    let lines = [
        format!("Proxy-Authorization : Basic {code}"),
        format!("Proxy-Authorization:\r\n Basic {code}"),
        format!("Bad name: x\r\nPROXY-AUTHORIZATION:Basic {code}"),
    ];
    for (number, line) in lines.iter().enumerate() {
        let mut io = raw::open(dashcam.proxy()).await?;
        let path = format!("/malformed?{number}");
        let got = get(&mut io, &format!("http://localhost{path}"), &format!("{line}\r\n")).await?;
        assert_eq!(got.head.status()?, 400);
        let exchange = dashcam.api().ended(&path).await?.to_string();
        assert!(exchange.contains("[redacted]") && !exchange.contains(&code), "{exchange}");
    }
    Ok(())
}

#[tokio::test]
async fn users_of_a_file() -> Result<()> {
    let origin = Origin::http().await?;
    let home = tempfile::tempdir()?;
    let users = "a:$2y$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n\
                 b:$apr1$saltsalt$LrttParrLPdxvgutaSXWJ0\nc:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n";
    std::fs::write(home.path().join("users"), users)?;
    std::fs::write(home.path().join("config.toml"), "proxyauth = ['@users', 'd:secret']\n")?;
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    for user in ["a", "b", "c", "d"] {
        for (password, status) in [("secret", 200), ("other", 407)] {
            let fields = credential(&format!("{user}:{password}"));
            let got = get_through(&dashcam, &origin, "/json", &fields).await?;
            assert_eq!(got.head.status()?, status, "{user}:{password}");
        }
    }
    drop(dashcam);
    std::fs::write(home.path().join("users"), "a:$1$old$hash\n")?;
    let mut command = cli(home.path())?;
    command.args(["serve", "-p", "0", "--web-port", "0"]).stdout(Stdio::null());
    let output = within("dashcam gives up", async { Ok(command.output().await?) }).await?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("users, line 1") && said.contains("htpasswd -B"), "{said}");
    Ok(())
}

/// A client that guesses is stopped; others, and one that was right before, are not.
#[tokio::test]
async fn guesses_are_limited() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["--proxyauth", "me:secret"]).await?;
    assert_eq!(get_through(&dashcam, &origin, "/json", &credential("me:secret")).await?.head.status()?, 200);
    let mut statuses = Vec::new();
    for guess in 0..12 {
        let got = get_through(&dashcam, &origin, "/json", &credential(&format!("me:{guess}"))).await?;
        statuses.push(got.head.status()?);
    }
    assert_eq!(statuses, [[407; 10].as_slice(), &[429; 2]].concat());
    assert_eq!(get_through(&dashcam, &origin, "/json", &credential("me:secret")).await?.head.status()?, 200);
    let mut other = super::open_from("127.0.0.2", dashcam.proxy()).await?;
    let got = get(&mut other, &origin.url("/json"), &credential("me:secret")).await?;
    assert_eq!(got.head.status()?, 200);
    Ok(())
}

#[tokio::test]
async fn reverse_listeners_ask_for_none() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse(&origin.url(""), &["--proxyauth", "me:secret"]).await?;
    let got = get(&mut raw::open(dashcam.proxy()).await?, "/json", "").await?;
    assert_eq!(got.head.status()?, 200);
    Ok(())
}

/// `dashcam run` gives the program what it needs, whether the password is known or only its hash.
#[tokio::test]
async fn a_program_gets_it() -> Result<()> {
    let origin = Origin::http().await?;
    let home = tempfile::tempdir()?;
    let users = home.path().join("users");
    std::fs::write(&users, "c:{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ=\n")?;
    let url = origin.url("/json");
    for proxyauth in ["me:se:cret/".to_owned(), format!("@{}", users.display())] {
        let mut command = cli(home.path())?;
        command.args(["run", "-p", "0", "--web-port", "0", "--proxyauth", &proxyauth, "--"]);
        command.args(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", &url]);
        let output = within("curl by dashcam run", async { Ok(command.output().await?) }).await?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(said, "200", "{proxyauth}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
