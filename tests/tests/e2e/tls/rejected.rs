//! Clients that reject dashcam's certificate, and upstreams that reject its TLS: after a few refusals they are tunnelled.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{Way, clean};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use dashcam_tests::{raw, test_ca};
use rustls::ServerConfig;
use rustls::version::{TLS12, TLS13};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::{curl, demanding, origin as origin_with};

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
    dashcam_tests::eventually::eventually("a pair is tunnelled", async || Ok(pairs(dashcam).await?.pop()))
        .await
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

/// One request, by a client that gets a certificate of `roots`.
async fn ask(dashcam: &Dashcam, roots: &Path, authority: &str) -> Result<()> {
    let io = raw::tunnel(dashcam.proxy(), authority).await?;
    let mut tls = raw::tls(io, roots, "localhost").await?;
    ensure!(raw::get(&mut tls, "/json", authority).await?.head.status()? == 200);
    Ok(())
}

/// The stored connections that have ended.
async fn closed(dashcam: &Dashcam) -> Result<Vec<Value>> {
    let page = dashcam.api().get("/connections?limit=1000").await?;
    let rows = page["connections"].as_array().cloned().unwrap_or_default();
    Ok(rows.into_iter().filter(|row| !row["closed_at"].is_null()).collect())
}

/// Waits until so many connections have ended and are stored, and gives those that failed.
async fn failed_of(dashcam: &Dashcam, all: usize) -> Result<usize> {
    let what = format!("{all} connections have ended");
    dashcam_tests::eventually::eventually(&what, async || {
        let rows = closed(dashcam).await?;
        let failed = rows.iter().filter(|row| !row["failure"].is_null()).count();
        Ok((rows.len() == all).then_some(failed))
    })
    .await
}

/// Waits until so many tunnels for refusals of clients have ended and are stored.
async fn tunnels_ended(dashcam: &Dashcam, tunnels: usize) -> Result<()> {
    dashcam_tests::eventually::eventually(&format!("{tunnels} tunnels have ended"), async || {
        let rows = closed(dashcam).await?;
        let ended = rows.iter().filter(|row| row["tunnel_reason"] == "client_rejected").count();
        Ok((ended == tunnels).then_some(()))
    })
    .await
}

/// Waits until so many refusals of clients are counted.
async fn counted(dashcam: &Dashcam, refusals: u64) -> Result<()> {
    dashcam_tests::eventually::eventually("refusals are counted", async || {
        let status = dashcam.api().get("/status").await?;
        Ok((status["rejected"]["by_clients"] == refusals).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_client_that_leaves_after_the_handshake_is_marked_and_tunnelled() -> Result<()> {
    let origin = Origin::https1().await?;
    let authority = format!("localhost:{}", origin.port());
    let dashcam = patient(&[]).await?;
    for _ in 0..2 {
        leave(&dashcam, &authority).await?;
    }
    let failed = dashcam.api().connection("a failure", |row| !row["failure"].is_null()).await?;
    let message = failed["failure"]["message"].as_str().unwrap_or_default();
    assert!(message.contains("right after the TLS handshake for localhost, without a request"), "{message}");
    assert_eq!((&failed["failure"]["side"], &failed["runtime"]), (&"client".into(), &"rustls".into()));
    counted(&dashcam, 2).await?;
    assert_eq!(pairs(&dashcam).await?, [json!(null); 0]);
    leave(&dashcam, &authority).await?;
    tunnelled(&dashcam).await?;
    // A client that goes on with the upstream's own certificate is right to be tunnelled.
    for _ in 0..2 {
        ask(&dashcam, &test_ca::shared()?.file(), &authority).await?;
    }
    tunnels_ended(&dashcam, 2).await?;
    // Another connection of it that it does not need says nothing against that.
    leave_trusting(&dashcam, &test_ca::shared()?.file(), &authority).await?;
    tunnels_ended(&dashcam, 3).await?;
    assert_eq!(tunnelled(&dashcam).await?["connections"], 3);
    // Another program on the same machine goes on being recorded.
    let roots = dashcam.ca();
    let way = Way { proxy: Some(dashcam.proxy_url()), ca: roots };
    assert_eq!(curl("", &way, origin.url("/other")).await?.0, 404);
    dashcam.api().ended("/other").await?;
    Ok(())
}

#[tokio::test]
async fn a_client_that_also_speaks_with_the_host_refuses_nothing_by_leaving() -> Result<()> {
    let origin = Origin::https1().await?;
    let authority = format!("localhost:{}", origin.port());
    let dashcam = patient(&[]).await?;
    for _ in 0..2 {
        leave(&dashcam, &authority).await?;
    }
    counted(&dashcam, 2).await?;
    ask(&dashcam, &dashcam.ca(), &authority).await?;
    for _ in 0..4 {
        leave(&dashcam, &authority).await?;
    }
    assert_eq!(failed_of(&dashcam, 7).await?, 2, "those before the request");
    assert_eq!(dashcam.api().get("/status").await?["rejected"]["by_clients"], 2);
    assert_eq!(pairs(&dashcam).await?, [json!(null); 0]);
    Ok(())
}

#[tokio::test]
async fn a_request_of_a_connection_that_began_before_undoes_a_tunnel_for_silence() -> Result<()> {
    let origin = Origin::https1().await?;
    let authority = format!("localhost:{}", origin.port());
    let dashcam = patient(&[]).await?;
    let io = raw::tunnel(dashcam.proxy(), &authority).await?;
    let mut kept = raw::tls(io, &dashcam.ca(), "localhost").await?;
    for _ in 0..3 {
        leave(&dashcam, &authority).await?;
    }
    tunnelled(&dashcam).await?;
    assert_eq!(raw::get(&mut kept, "/json", &authority).await?.head.status()?, 200);
    assert_eq!(pairs(&dashcam).await?, [json!(null); 0]);
    ask(&dashcam, &dashcam.ca(), &authority).await
}

#[tokio::test]
async fn a_probe_that_leaves_the_upstreams_certificate_likewise_is_decrypted_again_for_good() -> Result<()> {
    let ca = test_ca::shared()?;
    for version in [&TLS12, &TLS13] {
        let (chain, key) = ca.issue_with(&["localhost"], |_| {})?.for_rustls();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[version])?;
        let origin = origin_with(builder.with_no_client_auth().with_single_cert(chain, key)?).await?;
        let authority = format!("localhost:{}", origin.port());
        let dashcam = patient(&[]).await?;
        for _ in 0..3 {
            leave(&dashcam, &authority).await?;
        }
        tunnelled(&dashcam).await?;
        leave_trusting(&dashcam, &ca.file(), &authority).await?;
        let undone = async || Ok(pairs(&dashcam).await?.is_empty().then_some(()));
        dashcam_tests::eventually::eventually("the probe is decrypted again", undone).await?;
        for _ in 0..4 {
            leave(&dashcam, &authority).await?;
        }
        // The same program's requests are recorded.
        ask(&dashcam, &dashcam.ca(), &authority).await?;
        dashcam.api().ended("/json").await?;
        assert_eq!(failed_of(&dashcam, 9).await?, 3);
        assert_eq!(pairs(&dashcam).await?, [json!(null); 0]);
        dashcam.says("are decrypted again: it closes connections without a request").await?;
    }
    Ok(())
}

/// Finishes each handshake, and closes the connection right after it.
async fn close_at_once(listener: TcpListener, acceptor: TlsAcceptor) -> Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        // A client that gives up is no failure of the server's.
        if let Ok(mut tls) = acceptor.accept(stream).await {
            let _closed = tls.shutdown().await;
            let _end = tls.read_to_end(&mut Vec::new()).await;
        }
    }
}

#[tokio::test]
async fn an_upstream_that_ends_a_tunnel_says_nothing_about_the_client() -> Result<()> {
    let ca = test_ca::shared()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let authority = format!("localhost:{}", listener.local_addr()?.port());
    let mut serving = JoinSet::new();
    serving.spawn(close_at_once(listener, TlsAcceptor::from(ca.server(&["localhost"], &["http/1.1"])?)));
    let dashcam = patient(&[]).await?;
    for _ in 0..3 {
        leave(&dashcam, &authority).await?;
    }
    tunnelled(&dashcam).await?;
    let io = raw::tunnel(dashcam.proxy(), &authority).await?;
    let mut tls = raw::tls(io, &ca.file(), "localhost").await?;
    within("the upstream closes", async { Ok(tls.read_to_end(&mut Vec::new()).await?) }).await?;
    tls.shutdown().await?;
    drop(tls);
    tunnels_ended(&dashcam, 1).await?;
    assert_eq!(tunnelled(&dashcam).await?["connections"], 1);
    serving.shutdown().await;
    Ok(())
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
    dashcam_tests::eventually::eventually("it is decrypted again", async || {
        let io = raw::tunnel(soon.proxy(), &authority).await?;
        let tls = raw::tls(io, &soon.ca(), "localhost").await;
        Ok(tls.ok().map(|_| ()))
    })
    .await
}

/// Resets connections whose ClientHello is one of rustls, as dashcam's is, and serves the others.
async fn serve_others(listener: TcpListener, acceptor: TlsAcceptor) -> Result<()> {
    /// The first cipher suites of rustls: OpenSSL has them in another order.
    const RUSTLS: [u8; 6] = [0x13, 0x02, 0x13, 0x01, 0x13, 0x03];
    let answer = |stream: TcpStream| {
        let acceptor = acceptor.clone();
        async move {
            let mut hello = [0; 512];
            let mut length = 0;
            while length < 200 {
                length = stream.peek(&mut hello).await?;
            }
            if hello[..length].windows(6).any(|bytes| bytes == RUSTLS) {
                // Its bytes are still unread: so the system resets the connection.
                return Ok(());
            }
            let mut tls = acceptor.accept(stream).await?;
            let _request = tls.read(&mut [0; 4096]).await?;
            tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\ntrue\n").await?;
            tls.shutdown().await?;
            anyhow::Ok(())
        }
    };
    loop {
        let (stream, _) = listener.accept().await?;
        // A client that gives up is no failure of the server's.
        let _served = answer(stream).await;
    }
}

/// A file of the roots of the origins and of dashcam: for a client that trusts both.
fn both_roots(dashcam: &Dashcam) -> Result<std::path::PathBuf> {
    let file = dashcam.home().join("both.pem");
    let both = [std::fs::read(dashcam.ca())?, std::fs::read(test_ca::shared()?.file())?].concat();
    std::fs::write(&file, both)?;
    Ok(file)
}

#[tokio::test]
async fn an_upstream_that_resets_our_hello_gets_the_clients_own() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("https://localhost:{}/reset", listener.local_addr()?.port());
    let acceptor = TlsAcceptor::from(test_ca::shared()?.server(&["localhost"], &["http/1.1"])?);
    let mut serving = JoinSet::new();
    serving.spawn(serve_others(listener, acceptor));
    for http2 in [false, true] {
        let dashcam = patient(&[]).await?;
        let roots = both_roots(&dashcam)?;
        let way = Way { proxy: Some(dashcam.proxy_url()), ca: roots };
        let options = if http2 { "--http2" } else { "" };
        for _ in 0..3 {
            let (status, text) = curl(options, &way, url.clone()).await?;
            assert!(
                status == 502 && text.contains("closed the connection during the TLS handshake"),
                "{text}"
            );
        }
        let pair = tunnelled(&dashcam).await?;
        assert_eq!((&pair["side"], &pair["runtime"]), (&"upstream".into(), &"curl".into()), "{pair}");
        assert_eq!(curl(options, &way, url.clone()).await?, (200, "true\n".to_owned()));
        let tunnel = |row: &Value| row["tunnel_reason"] == "upstream_rejected";
        dashcam.api().connection("the tunnel", tunnel).await?;
        assert_eq!(dashcam.api().get("/status").await?["rejected"]["by_upstreams"], 3);
    }
    serving.shutdown().await;
    Ok(())
}

#[tokio::test]
async fn an_upstream_that_demands_the_clients_certificate_gets_it() -> Result<()> {
    let ca = test_ca::shared()?;
    let own = ca.issue_with(&["localhost"], |_| {})?;
    let origin = origin_with(demanding(&own, ca, &[&TLS13])?).await?;
    let dashcam = patient(&[]).await?;
    let way = Way { proxy: Some(dashcam.proxy_url()), ca: both_roots(&dashcam)? };
    let client = ca.issue_client("someone")?;
    let pem = dashcam.home().join("someone.pem");
    std::fs::write(&pem, client.pem())?;
    let options = format!("--cert {}", pem.display());
    for _ in 0..3 {
        let (status, text) = curl(&options, &way, origin.url("/mine")).await?;
        assert!(status == 502 && text.contains("client certificate"), "{text}");
    }
    tunnelled(&dashcam).await?;
    assert_eq!(curl(&options, &way, origin.url("/json")).await?.0, 200);
    Ok(())
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
    dashcam_tests::eventually::eventually("the refusals are stored", async || {
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
