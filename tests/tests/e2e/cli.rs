//! The command line against a running instance.

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{Ask, ask, clean};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::same::through;

/// Runs `dashcam ARGUMENTS` and gives its stdout.
async fn dashcam_says(dashcam: &Dashcam, arguments: &[&str]) -> Result<String> {
    let mut command = cli(dashcam.home())?;
    let output =
        within(&format!("dashcam {arguments:?}"), async { Ok(command.args(arguments).output().await?) })
            .await?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "dashcam {arguments:?}: {}: {stderr}", output.status);
    Ok(String::from_utf8(output.stdout)?)
}

/// An instance with one recorded POST, and its number.
async fn recorded(origin: &Origin) -> Result<(Dashcam, String)> {
    let dashcam = Dashcam::start(&[]).await?;
    let fields = vec![("X-Quote".to_owned(), "it's".to_owned())];
    let post =
        Ask { method: "POST", body: Some("a=1".to_owned()), fields, ..Ask::get(origin.url("/echo?cli")) };
    ask("curl --http1.1", &through(&dashcam), &[post]).await?;
    let id = dashcam.api().ended("/echo?cli").await?["id"].to_string();
    Ok((dashcam, id))
}

#[tokio::test]
async fn ls_and_show() -> Result<()> {
    let origin = Origin::http().await?;
    let (dashcam, id) = recorded(&origin).await?;
    let list = dashcam_says(&dashcam, &["ls"]).await?;
    assert!(
        list.lines().any(|line| line.contains("POST") && line.contains("/echo?cli") && line.contains("200")),
        "{list}"
    );
    assert!(dashcam_says(&dashcam, &["ls", "echo"]).await?.contains("/echo?cli"));
    assert!(!dashcam_says(&dashcam, &["ls", "no-such-word"]).await?.contains("/echo?cli"));
    let rows = dashcam_says(&dashcam, &["ls", "--json"]).await?;
    assert!(rows.contains("\"/echo?cli\"") || rows.contains("/echo?cli"), "{rows}");
    let shown = dashcam_says(&dashcam, &["show", &id]).await?;
    for part in ["POST", "/echo?cli", "X-Quote: it's", "a=1", "200", "application/json"] {
        assert!(shown.contains(part), "\u{201c}{part}\u{201d} is not in: {shown}");
    }
    let json: Value = serde_json::from_str(&dashcam_says(&dashcam, &["show", &id, "--json"]).await?)?;
    assert_eq!(json["request"]["target"], "/echo?cli");
    Ok(())
}

#[tokio::test]
async fn ls_and_tail_take_filters() -> Result<()> {
    let origin = Origin::http().await?;
    let (dashcam, id) = recorded(&origin).await?;
    for (arguments, expect) in [
        (&["ls", "method:POST", "status:2xx", "path:/echo"][..], true),
        (&["ls", "~m post & ~c 200 & ~hq X-Quote"], true),
        (&["ls", "host:127.0.0.1 -status:404", "not", "status:500", "-n", "5"], true),
        (&["ls", "--", "-status:200"], false),
        (&["ls", "header.x-quote:it*", "client:127.0.0.1", "since:1h"], true),
        (&["ls", "req.body:\"a=1\""], true),
        (&["ls", "req.body:\"a=2\""], false),
        (&["ls", &format!("id:{id}")], true),
    ] {
        assert_eq!(dashcam_says(&dashcam, arguments).await?.contains("/echo?cli"), expect, "{arguments:?}");
    }
    let place = "did you mean \u{201c}status\u{201d}?\n  host:a staus:500\n         ^";
    for command in ["ls", "tail"] {
        let error = dashcam_says(&dashcam, &[command, "host:a", "staus:500"]).await.unwrap_err().to_string();
        assert!(error.contains(place), "{command}: {error}");
    }
    Ok(())
}

/// The command that `show --curl` prints makes the same request again.
#[tokio::test]
async fn show_curl_repeats_the_request() -> Result<()> {
    let origin = Origin::http().await?;
    let (dashcam, id) = recorded(&origin).await?;
    let line = dashcam_says(&dashcam, &["show", &id, "--curl"]).await?;
    let mut shell = clean(tokio::process::Command::new("sh"));
    let output = within("curl", async { Ok(shell.args(["-c", &line]).output().await?) }).await?;
    ensure!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
    let seen = origin.site().seen_for("/echo?cli");
    assert_eq!(seen.len(), 2, "{line}");
    crate::same::assert_repeated(&seen[0], &seen[1]);
    Ok(())
}

#[tokio::test]
async fn replay() -> Result<()> {
    let origin = Origin::https1().await?;
    let (dashcam, id) = recorded(&origin).await?;
    dashcam_says(&dashcam, &["replay", &id]).await?;
    let exchange = dashcam_tests::eventually::eventually("the replay is recorded", async || {
        let rows = dashcam.api().ending_in("/echo?cli").await?;
        Ok(rows.into_iter().find(|row| !row["replay_of"].is_null() && row["state"] == "complete"))
    })
    .await?;
    assert_eq!(exchange["replay_of"].to_string(), id);
    let seen = origin.site().seen_for("/echo?cli");
    assert_eq!(seen.len(), 2);
    crate::same::assert_repeated(&seen[0], &seen[1]);
    Ok(())
}

#[tokio::test]
async fn tail_follows() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut command = clean(cli(dashcam.home())?);
    let mut tail = command.arg("tail").spawn()?;
    let mut lines = BufReader::new(tail.stdout.take().context("stdout is piped")?).lines();
    // `tail` shows what comes after it has begun, and does not say when: so requests go on until it shows one.
    within("tail shows an exchange", async {
        for number in 0.. {
            ask(
                "curl --http1.1",
                &through(&dashcam),
                &[Ask::get(origin.url(&format!("/json?tail={number}")))],
            )
            .await?;
            let wait = tokio::time::timeout(std::time::Duration::from_millis(200), lines.next_line());
            if let Ok(line) = wait.await
                && line?.context("tail ended")?.contains("/json?tail=")
            {
                break;
            }
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn export_har() -> Result<()> {
    let origin = Origin::http().await?;
    let (dashcam, _) = recorded(&origin).await?;
    let export = ["export", "--format", "har", "-o", "-"];
    let har: Value = serde_json::from_str(&dashcam_says(&dashcam, &export).await?)?;
    assert_eq!(har["log"]["version"], "1.2");
    let entry = &har["log"]["entries"][0];
    assert_eq!(entry["request"]["method"], "POST");
    assert_eq!(entry["request"]["url"], origin.url("/echo?cli"));
    assert_eq!(entry["request"]["postData"]["text"], "a=1");
    assert!(entry["connection"].as_str().is_some_and(|port| port.parse::<u16>().is_ok()), "{entry}");
    assert_eq!(
        (&entry["_resourceType"], &entry["request"]["httpVersion"]),
        (&"fetch".into(), &"HTTP/1.1".into())
    );
    assert_eq!(entry["response"]["status"], 200);
    let text = entry["response"]["content"]["text"].as_str().context("no text")?;
    assert_eq!(serde_json::from_str::<Value>(text)?["target"], "/echo?cli");
    let over_http: Value = dashcam.api().get("/export.har").await?;
    assert_eq!(over_http["log"]["entries"], har["log"]["entries"]);

    let file = dashcam.home().join("traffic.har");
    dashcam_says(&dashcam, &["export", "-o", file.to_str().context("a path in UTF-8")?]).await?;
    let written: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
    assert_eq!(written["log"]["entries"], har["log"]["entries"]);
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&file)?);
    assert_eq!(mode & 0o777, 0o600, "it holds secrets");
    Ok(())
}

#[tokio::test]
async fn export_ndjson() -> Result<()> {
    let origin = Origin::http().await?;
    let (dashcam, id) = recorded(&origin).await?;
    let export = ["export", "--format", "ndjson", "-o", "-"];
    let lines = dashcam_says(&dashcam, &export).await?;
    let first = lines.lines().next().context("no line")?;
    let exchange: Value = serde_json::from_str(first)?;
    assert_eq!((exchange["id"].to_string(), &exchange["method"]), (id, &"POST".into()));
    assert_eq!(exchange["url"], origin.url("/echo?cli"));
    assert_eq!(exchange["request_body"]["text"], "a=1");
    Ok(())
}

#[tokio::test]
async fn record_and_status() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    assert!(dashcam_says(&dashcam, &["record"]).await?.contains("full"));
    dashcam_says(&dashcam, &["record", "off", "--why", "lunch"]).await?;
    assert_eq!(dashcam.api().get("/settings").await?["level"], "off");
    let changes = dashcam.api().get("/settings/history").await?;
    assert_eq!(changes["changes"][0]["why"], "lunch");
    let status = dashcam_says(&dashcam, &["status"]).await?;
    assert!(status.contains("off") && status.contains(&dashcam.proxy().to_string()), "{status}");
    let json: Value = serde_json::from_str(&dashcam_says(&dashcam, &["status", "--json"]).await?)?;
    assert_eq!(json["settings"]["level"], "off");
    Ok(())
}

/// The browser gets a file that leads to the page with the token, and that only its owner can read.
#[tokio::test]
async fn open_leads_a_browser_to_the_page() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    let copy = dashcam.home().join("copy.html");
    let browser = dashcam.home().join("browser");
    std::fs::write(&browser, format!("#!/bin/sh\ncp -p \"$1\" '{}'\n", copy.display()))?;
    std::fs::set_permissions(&browser, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
    let mut command = cli(dashcam.home())?;
    command.arg("open").env("BROWSER", &browser);
    let output = within("dashcam open", async { Ok(command.output().await?) }).await?;
    let page = dashcam.page();
    assert_eq!(String::from_utf8(output.stdout)?, format!("opened http://{page}/\n"));
    let token = std::fs::read_to_string(dashcam.home().join("token"))?;
    let document = std::fs::read_to_string(&copy)?;
    assert!(document.contains(&format!("0; url=http://{page}/?token={}\"", token.trim())), "{document}");
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&copy)?);
    assert_eq!(mode & 0o777, 0o600, "it holds the token");
    let without = cli(dashcam.home())?.arg("open").env("BROWSER", "no-such-browser").output().await?;
    let stderr = String::from_utf8(without.stderr)?;
    assert!(!without.status.success() && stderr.contains("dashcam status --token"), "{stderr}");
    Ok(())
}

#[tokio::test]
async fn run_records_a_program() -> Result<()> {
    let origin = Origin::https1().await?;
    let home = tempfile::tempdir()?;
    let mut command = cli(home.path())?;
    command
        .args(["run", "-p", "0", "--web-port", "0", "--upstream-ca"])
        .arg(dashcam_tests::test_ca::shared()?.file());
    command.args(["--", "curl", "--silent", "--show-error", &origin.url("/json?run")]);
    let output = within("dashcam run", async { Ok(command.output().await?) }).await?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {stderr}", output.status);
    assert_eq!(String::from_utf8(output.stdout)?, r#"{"name":"dashcam","list":[1,2,3]}"#);
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    assert_eq!(dashcam.api().ended("/json?run").await?["status"], 200);
    Ok(())
}

/// `run` ends as the program did.
#[tokio::test]
async fn run_passes_the_exit_code_on() -> Result<()> {
    let home = tempfile::tempdir()?;
    let mut command = cli(home.path())?;
    let output = within("dashcam run", async {
        Ok(command.args(["run", "-p", "0", "--web-port", "0", "--", "sh", "-c", "exit 7"]).output().await?)
    })
    .await?;
    assert_eq!(output.status.code(), Some(7), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
