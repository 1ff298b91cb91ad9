//! `dashcam stats` and `dashcam facets` beside a dashcam that records, and without one: they agree with the traffic.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Result, ensure};
use dashcam_tests::clients::{Ask, ask, curl_command};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use serde_json::{Value, json};

use crate::same::through;

/// Runs a command: whether it succeeded, and its output.
async fn output(home: &Path, arguments: &[&str]) -> Result<(bool, String, String)> {
    let mut command = cli(home)?;
    command.args(arguments);
    let output = within(&format!("{arguments:?}"), async { Ok(command.output().await?) }).await?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    Ok((output.status.success(), text(&output.stdout), text(&output.stderr)))
}

/// The lines of JSON that a command prints.
async fn lines(home: &Path, arguments: &[&str]) -> Result<Vec<Value>> {
    let (succeeded, out, error) = output(home, &[arguments, &["--json"]].concat()).await?;
    ensure!(succeeded && error.contains("complete."), "{arguments:?}: {error}");
    out.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}

/// How many exchanges have each of two values.
fn counts(rows: &[Value], names: [&str; 2]) -> BTreeMap<String, u64> {
    let key = |row: &Value| names.map(|name| row[name].to_string()).join(" ");
    rows.iter().map(|row| (key(row), row["count"].as_u64().unwrap_or_default())).collect()
}

/// Eleven requests, one of which has no upstream.
async fn recorded(dashcam: &Dashcam, origin: &Origin) -> Result<()> {
    let (_held, dead) = Origin::dead()?;
    let targets = [
        "/json?n=1",
        "/json?n=2",
        "/json?n=3",
        "/bytes/700",
        "/bytes/800",
        "/status/503",
        "/status/503",
        "/status/404",
        "/status/200",
        "/status/200?last",
    ];
    let mut asks = vec![Ask::get(format!("http://{dead}/gone"))];
    asks.extend(targets.iter().map(|target| Ask::get(origin.url(target))));
    ask("curl --http1.1", &through(dashcam), &asks).await?;
    dashcam.api().ended("/status/200?last").await?;
    dashcam.api().ended("/gone").await?;
    Ok(())
}

#[tokio::test]
async fn figures_agree_with_the_traffic() -> Result<()> {
    let origin = Origin::http().await?;
    let mut dashcam = Dashcam::start(&[]).await?;
    recorded(&dashcam, &origin).await?;
    let mut watcher = curl_command(&through(&dashcam), &origin.url("/events"));
    let mut watcher = watcher.kill_on_drop(true).stdout(std::process::Stdio::null()).spawn()?;
    let api = dashcam.api();
    let is_open =
        async || Ok(api.get("/exchanges/count?filter=state:open%20status:200").await?["count"] == 1);
    eventually("an exchange is under way", async || is_open().await.map(|is| is.then_some(()))).await?;

    let home = dashcam.home().to_owned();
    let by = ["stats", "--by", "path,status"];
    let expect: BTreeMap<String, u64> = [
        ("\"/json\" 200", 3),
        ("\"/bytes/{id}\" 200", 2),
        ("\"/status/{id}\" 503", 2),
        ("\"/status/{id}\" 404", 1),
        ("\"/status/{id}\" 200", 2),
        ("\"/gone\" null", 1),
        ("\"/events\" 200", 1),
    ]
    .map(|(key, count)| (key.to_owned(), count))
    .into();
    assert_eq!(counts(&lines(&home, &by).await?, ["path", "status"]), expect);
    let all = lines(&home, &["stats", "--by", "none"]).await?;
    assert_eq!((&all[0]["count"], &all[0]["errors"]), (&json!(12), &json!(3)));
    let bytes = lines(&home, &["stats", "path:/bytes/*", "--stat", "bytes,p50,max", "--by", "none"]).await?;
    assert_eq!((&bytes[0]["bytes"], &bytes[0]["request_bytes"]), (&json!(1500), &json!(0)));
    assert!(
        bytes[0]["p50_us"].as_i64() > Some(0) && bytes[0]["p50_us"].as_i64() <= bytes[0]["max_us"].as_i64()
    );
    let contents = lines(&home, &["stats", "res.body:\"as you like\"", "--by", "status"]).await?;
    assert_eq!(counts(&contents, ["status", "others"]).values().sum::<u64>(), 5);
    let timed = lines(&home, &["stats", "path:/json", "--every", "1h"]).await?;
    assert_eq!(timed.iter().filter_map(|row| row["count"].as_u64()).sum::<u64>(), 3);

    origin.site().open_gate();
    ensure!(within("the events", async { Ok(watcher.wait().await?) }).await?.success());
    dashcam.api().ended("/events").await?;
    dashcam.stop().await?;
    assert_eq!(counts(&lines(&home, &by).await?, ["path", "status"]), expect, "from the database itself");
    Ok(())
}

#[tokio::test]
async fn facets_are_shown_to_people_and_to_programs() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    recorded(&dashcam, &origin).await?;
    let rows =
        lines(dashcam.home(), &["facets", "path:/status/*", "--by", "status,type,client", "-n", "2"]).await?;
    let expect: BTreeMap<String, u64> = [
        ("\"client\" \"127.0.0.1\"", 5),
        ("\"status\" 200", 2),
        ("\"status\" 503", 2),
        ("\"status\" null", 1),
        ("\"type\" \"text/plain\"", 5),
    ]
    .map(|(key, count)| (key.to_owned(), count))
    .into();
    assert_eq!(counts(&rows, ["facet", "value"]), expect);
    assert_eq!(rows.iter().filter(|row| row["others"] == true).count(), 1);
    let (_, table, _) = output(dashcam.home(), &["facets", "--by", "path", "-n", "1"]).await?;
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["COUNT", "SHARE", "PATH"], "{table}");
    assert_eq!(lines[1], ["5", "45.5", "%", "/status/{id}"], "{table}");
    assert_eq!(lines[2], ["6", "54.5", "%", "(all", "others)"], "{table}");
    assert!(table.contains("11 exchanges, ") && table.trim_end().ends_with(": complete."), "{table}");
    let (_, csv, _) =
        output(dashcam.home(), &["stats", "path:/json", "--stat", "count,errors", "--csv"]).await?;
    assert_eq!(csv, "host,count,errors,others,complete\r\n127.0.0.1,3,0,false,true\r\n");
    Ok(())
}

#[tokio::test]
async fn wrong_words_are_answered_with_the_nearest() -> Result<()> {
    let home = tempfile::tempdir()?;
    for (arguments, message) in [
        (&["stats", "--by", "hots"][..], "did you mean \u{201c}host\u{201d}?"),
        (&["stats", "--stat", "p59"], "did you mean \u{201c}p50\u{201d}?"),
        (&["stats", "--every", "1x"], "expected one such as 10s, 1m"),
        (&["facets", "--by", "none"], "there is no kind of value \u{201c}none\u{201d}"),
        (&["facets", "--time-limit", "1h"], "at most 10m"),
        (&["facets", "-n", "0"], "1..=1000"),
        (&["stats", "--json", "--csv"], "cannot be used with"),
        (&["stats"], "there is no"),
    ] {
        let (succeeded, out, error) = output(home.path(), arguments).await?;
        assert!(!succeeded && out.is_empty() && error.contains(message), "{arguments:?}: {error}");
    }
    Ok(())
}
