//! Clients that reject dashcam's certificate, and upstreams that reject its TLS: after a few refusals they are tunnelled.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{Way, clean};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use dashcam_tests::{raw, test_ca};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use super::curl;

mod silence;
mod upstreams;

/// A client of these tests that leaves without a word does so at once, also on a busy machine.
const PATIENT: &str = "[timeouts]\nsilent_refusal = '10s'\n";

/// Programs that send one request: each gets the proxy, the file of the roots that it is to trust, and the URL.
const PYTHON: &str = "import sys, urllib.request as u\n\
    opener = u.build_opener(u.ProxyHandler({'https': sys.argv[1]}))\n\
    print(opener.open(sys.argv[3]).read().decode())";
const NODE: &str = "const [proxy, , url] = process.argv.slice(1).map((text) => text);\n\
    const to = new URL(url), by = new URL(proxy);\n\
    require('http').request({ host: by.hostname, port: by.port, method: 'CONNECT', path: to.host })\n\
      .on('connect', (_, socket) => {\n\
        const tls = require('tls').connect({ socket, servername: to.hostname }, () => {\n\
          tls.write(`GET ${to.pathname} HTTP/1.1\\r\\nHost: ${to.host}\\r\\nConnection: close\\r\\n\\r\\n`);\n\
        });\n\
        tls.on('data', (data) => process.stdout.write(data));\n\
      }).end();";

/// A program, the runtime that it is taken for, and a part of the cure.
const PROGRAMS: [(&str, &str, &str); 4] = [
    ("curl", "curl", "set CURL_CA_BUNDLE to "),
    ("python", "python", "set SSL_CERT_FILE"),
    ("node", "node", "set NODE_EXTRA_CA_CERTS to "),
    ("wget", "wget", "give it --ca-certificate="),
];

fn program(name: &str, proxy: &str, roots: &Path, url: &str) -> Command {
    let argument = |command: &mut Command| {
        command.arg(proxy).arg(roots).arg(url);
    };
    let mut command = match name {
        "curl" => Command::new("curl"),
        "python" => Command::new("python3"),
        "node" => Command::new("node"),
        _ => Command::new("wget"),
    };
    command = clean(command);
    match name {
        "curl" => {
            command.args(["-sS", "-x", proxy, "--cacert"]).arg(roots).arg(url);
        }
        "python" => {
            command.env("SSL_CERT_FILE", roots).args(["-c", PYTHON]);
            argument(&mut command);
        }
        "node" => {
            command.env("NODE_EXTRA_CA_CERTS", roots).args(["-e", NODE]);
            argument(&mut command);
        }
        _ => {
            let proxy = format!("https_proxy={proxy}");
            command.args(["-qO-", "-t1", "-euse_proxy=on", "-e", &proxy, "--ca-certificate"]);
            command.arg(roots).arg(url);
        }
    }
    command
}

async fn patient(arguments: &[&str]) -> Result<Dashcam> {
    Dashcam::start_with(PATIENT, arguments).await
}

/// Runs it: its output, if it got an answer.
async fn run(name: &str, proxy: &str, roots: &Path, url: &str) -> Result<Option<String>> {
    let mut command = program(name, proxy, roots, url);
    let output = within(name, async { Ok(command.kill_on_drop(true).output().await?) }).await?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(Some(text).filter(|text| output.status.success() && !text.is_empty()))
}

async fn pairs(dashcam: &Dashcam) -> Result<Vec<Value>> {
    let answer = dashcam.api().get("/rejected").await?;
    answer["pairs"].as_array().cloned().context("no list of pairs")
}

/// Waits until one pair is tunnelled.
async fn tunnelled(dashcam: &Dashcam) -> Result<Value> {
    eventually("a pair is tunnelled", async || Ok(pairs(dashcam).await?.pop())).await
}

/// The output of `dashcam ARGUMENTS`, which must succeed.
async fn printed(dashcam: &Dashcam, arguments: &[&str]) -> Result<String> {
    let output =
        within("a command", async { Ok(cli(dashcam.home())?.args(arguments).output().await?) }).await?;
    ensure!(output.status.success(), "{arguments:?}: {output:?}");
    Ok(String::from_utf8(output.stdout)?)
}

#[tokio::test]
async fn programs_that_do_not_trust_the_root_are_tunnelled_after_three_refusals() -> Result<()> {
    let (origin, trusted) = (Origin::https1().await?, test_ca::shared()?.file());
    for (name, runtime, cure) in PROGRAMS {
        let dashcam = patient(&[]).await?;
        let (proxy, url) = (dashcam.proxy_url(), origin.url("/json"));
        for _ in 0..3 {
            ensure!(run(name, &proxy, &trusted, &url).await?.is_none(), "{name} took dashcam's certificate");
        }
        let pair = tunnelled(&dashcam).await.context(name)?;
        assert_eq!((&pair["client"], &pair["side"]), (&"127.0.0.1".into(), &"client".into()), "{pair}");
        assert_eq!((&pair["runtime"], &pair["refusals"]), (&runtime.into(), &3.into()), "{pair}");
        assert_eq!(pair["host"], format!("localhost:{}", origin.port()));
        let message = pair["message"].as_str().context("no message")?;
        let root = dashcam.ca().display().to_string();
        assert!(message.contains(cure) && message.contains(&root), "{name}: {message}");
        // The fourth is the client's own, with the origin's certificate.
        let answer = run(name, &proxy, &trusted, &url).await?.with_context(|| format!("{name} got none"))?;
        assert!(answer.contains('{'), "{name}: {answer}");
        let tunnel = |row: &Value| row["tunnel_reason"] == "client_rejected" && !row["closed_at"].is_null();
        let tunnel = dashcam.api().connection("the tunnel", tunnel).await?;
        assert_eq!((&tunnel["verdict"], &tunnel["runtime"]), (&"tunnel".into(), &runtime.into()), "{tunnel}");
        assert_eq!(tunnelled(&dashcam).await?["connections"], 1);
        // Undone, it is decrypted again: a program that trusts the root is recorded.
        printed(&dashcam, &["rejected", "rm", &pair["id"].to_string()]).await?;
        assert_eq!(pairs(&dashcam).await?, [json!(null); 0]);
        run(name, &proxy, &dashcam.ca(), &url).await?.with_context(|| format!("{name} is not decrypted"))?;
        assert_eq!(dashcam.api().ended("/json").await?["state"], "complete", "{name}");
    }
    Ok(())
}

/// A client that does the handshake and leaves without a word, as GnuTLS programs and libcurl do.
async fn leave(dashcam: &Dashcam, authority: &str) -> Result<()> {
    leave_trusting(dashcam, &dashcam.ca(), authority).await
}

/// The same, of one that gets a certificate of `roots`.
async fn leave_trusting(dashcam: &Dashcam, roots: &Path, authority: &str) -> Result<()> {
    let io = raw::tunnel(dashcam.proxy(), authority).await?;
    let mut tls = raw::tls(io, roots, "localhost").await?;
    tls.shutdown().await?;
    // Until dashcam closes: right after that it counts.
    let _end = within("dashcam closes", async { Ok(tls.read_to_end(&mut Vec::new()).await) }).await?;
    Ok(())
}

/// Waits until so many refusals of clients are counted.
async fn counted(dashcam: &Dashcam, refusals: u64) -> Result<()> {
    eventually("refusals are counted", async || {
        let status = dashcam.api().get("/status").await?;
        Ok((status["rejected"]["by_clients"] == refusals).then_some(()))
    })
    .await
}

#[tokio::test]
async fn the_rule_is_the_operators() -> Result<()> {
    let origin = Origin::https1().await?;
    let authority = format!("localhost:{}", origin.port());
    let off = patient(&["--tunnel-rejected", "off"]).await?;
    for _ in 0..5 {
        leave(&off, &authority).await?;
    }
    counted(&off, 5).await?;
    assert_eq!(off.api().get("/status").await?["rejected"]["rule"], Value::Null);
    assert_eq!(pairs(&off).await?, [json!(null); 0]);
    let soon = Dashcam::start_with(&format!("tunnel_rejected = '1 in 1m for 300ms'\n{PATIENT}"), &[]).await?;
    leave(&soon, &authority).await?;
    assert_eq!(soon.api().get("/status").await?["rejected"]["rule"]["lasting_us"], 300_000);
    // Its time is soon over, and it is decrypted again.
    eventually("it is decrypted again", async || {
        let io = raw::tunnel(soon.proxy(), &authority).await?;
        let tls = raw::tls(io, &soon.ca(), "localhost").await;
        Ok(tls.ok().map(|_| ()))
    })
    .await
}

#[tokio::test]
async fn an_operator_sees_who_refuses_and_what_is_down() -> Result<()> {
    let origin = Origin::https1().await?;
    let authority = format!("localhost:{}", origin.port());
    let dashcam = patient(&["--log-format", "json"]).await?;
    let (_bound, dead) = Origin::dead()?;
    let way = Way { proxy: Some(dashcam.proxy_url()), ca: dashcam.ca() };
    for _ in 0..3 {
        assert_eq!(curl("", &way, format!("http://{dead}/dead")).await?.0, 502);
        leave(&dashcam, &authority).await?;
    }
    // The log: a line for each destination, with the cure, and another when it is tunnelled.
    dashcam.says("undoes it").await?;
    assert_eq!(curl("", &way, format!("http://{dead}/dead")).await?.0, 502);
    assert!(leave(&dashcam, &authority).await.is_err(), "it got the upstream's certificate");
    let log = dashcam.log();
    let lines = log.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
    let of = |destination: &str| -> Vec<&Value> {
        lines.iter().filter(|line| line["destination"] == destination).collect()
    };
    let down = of(&dead.to_string());
    ensure!(down.len() == 1, "{log}");
    let message = down[0]["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("upstream is down: ") && message.contains("refused"), "{message}");
    assert_eq!((&down[0]["level"], &down[0]["failure.stage"]), (&"INFO".into(), &"connect".into()));
    let refused = of(&authority);
    ensure!(refused.len() == 2, "{log}");
    assert_eq!((&refused[0]["times"], &refused[0]["client"]), (&1.into(), &"127.0.0.1".into()));
    let message = refused[0]["message"].as_str().unwrap_or_default();
    assert!(message.starts_with("client refuses: ") && message.contains("SSL_CERT_FILE"), "{message}");
    assert!(refused[1]["message"].as_str().unwrap_or_default().contains("`dashcam rejected rm 1` undoes it"));
    // The commands, once all is stored.
    eventually("the refusals are stored", async || {
        let failed = dashcam.api().get("/connections?failed=true").await?;
        let refused = |row: &&Value| row["destination"] == authority && row["verdict"] == "decrypt";
        let rows = failed["connections"].as_array().context("no list")?.iter().filter(refused).count();
        Ok((rows == 3).then_some(()))
    })
    .await?;
    let failed = printed(&dashcam, &["connections", "--failed"]).await?;
    let rows = failed.lines().filter(|line| line.contains("decrypt") && line.contains(&authority)).count();
    assert!(rows == 3 && failed.contains("client tls_handshake: The client closed"), "{failed}");
    let all = printed(&dashcam, &["connections", "--json", "-n", "1000"]).await?;
    for line in all.lines() {
        let row: Value = serde_json::from_str(line)?;
        assert!(row["id"].is_number() && row.get("tunnel_reason").is_some(), "{row}");
    }
    let listed = printed(&dashcam, &["rejected"]).await?;
    assert!(listed.contains("127.0.0.1") && listed.contains(&authority), "{listed}");
    let status = printed(&dashcam, &["status"]).await?;
    assert!(status.contains("3 handshakes by clients") && status.contains("1 pairs"), "{status}");
    assert!(printed(&dashcam, &["rejected", "rm", "--all"]).await?.starts_with("1 removed"));
    let none = printed(&dashcam, &["rejected"]).await?;
    assert!(none.contains("nothing is tunnelled"), "{none}");
    let wrong = cli(dashcam.home())?.args(["rejected", "rm", "9"]).output().await?;
    assert!(!wrong.status.success() && String::from_utf8_lossy(&wrong.stderr).contains("No pair 9"));
    Ok(())
}
