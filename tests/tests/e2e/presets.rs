//! Filters that are kept under a name, and the completion of filters.

use anyhow::{Result, ensure};
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Origin;
use serde_json::{Value, json};

use crate::same::through;

/// Runs `dashcam preset ARGUMENTS`: its output, and its errors.
async fn preset(dashcam: &Dashcam, arguments: &[&str]) -> Result<(String, String)> {
    let mut command = cli(dashcam.home())?;
    command.arg("preset").args(arguments);
    let output = within(&format!("{arguments:?}"), async { Ok(command.output().await?) }).await?;
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    ensure!(output.status.success() == output.stderr.is_empty(), "{arguments:?}: {}", text(&output.stderr));
    Ok((text(&output.stdout), text(&output.stderr)))
}

#[tokio::test]
async fn filters_are_kept_under_a_name() -> Result<()> {
    let mut dashcam = Dashcam::start(&[]).await?;
    assert!(preset(&dashcam, &[]).await?.0.contains("no filter is kept"));
    preset(&dashcam, &["set", "slow", "dur:>1s"]).await?;
    preset(&dashcam, &["set", "bad", "--", "-is:slow", "status:5xx"]).await?;
    for (name, filter, message) in [
        ("no good", "a", "1 to 64 letters"),
        ("odd", "status:", "a value is missing"),
        ("odd", "preset:nix", "there is no preset"),
        ("slow", "preset:bad | preset:slow", "stands for itself"),
    ] {
        let (_, error) = preset(&dashcam, &["set", name, filter]).await?;
        assert!(error.contains(message), "{name} {filter}: {error}");
    }
    dashcam.stop().await?;
    let dashcam = Dashcam::start_in(dashcam.home(), &[]).await?;
    assert_eq!(preset(&dashcam, &["ls"]).await?.0, "bad   -is:slow status:5xx\nslow  dur:>1s\n");
    preset(&dashcam, &["rm", "bad"]).await?;
    let (_, error) = preset(&dashcam, &["rm", "bad"]).await?;
    assert!(error.contains("There is no preset bad"), "{error}");
    let kept = dashcam.api().get("/presets").await?;
    assert_eq!((&kept["presets"][0]["name"], &kept["presets"][1]), (&json!("slow"), &Value::Null));
    Ok(())
}

#[tokio::test]
async fn filters_are_completed() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&[]).await?;
    preset(&dashcam, &["set", "slow", "dur:>1s"]).await?;
    ask("curl --http1.1", &through(&dashcam), &[Ask::get(origin.url("/echo?a"))]).await?;
    dashcam.api().ended("/echo?a").await?;
    for (text, from, first) in [
        ("hos", 0, "host:"),
        ("x%20~web", 2, "~websocket"),
        ("host:127", 5, "127.0.0.1"),
        ("path:/e", 5, "/echo"),
        ("method:g", 7, "GET"),
        ("status:20", 7, "200"),
        ("req.header.hos", 0, "req.header.host:"),
        ("preset:s", 7, "slow"),
        ("client:", 7, "127.0.0.1"),
    ] {
        let answer = dashcam.api().get(&format!("/filters/complete?text={text}")).await?;
        assert_eq!(
            (&answer["from"], &answer["offers"][0]["text"]),
            (&json!(from), &json!(first)),
            "{text}: {answer}"
        );
    }
    let answer = dashcam.api().get("/filters/complete?text=hos%20x&at=3").await?;
    assert_eq!((&answer["to"], &answer["offers"][0]["text"]), (&json!(3), &json!("host:")), "{answer}");
    Ok(())
}

#[tokio::test]
async fn a_filter_is_said_in_words() -> Result<()> {
    let dashcam = Dashcam::start(&[]).await?;
    preset(&dashcam, &["set", "bad", "status:5xx"]).await?;
    let text = "preset:bad%20host:*.api%20-method:POST,PUT";
    let answer = dashcam.api().get(&format!("/filters/explain?text={text}")).await?;
    let sentence = "status is 5xx, and host ends with \u{201c}.api\u{201d}, and method does not contain \
                    \u{201c}POST\u{201d} or \u{201c}PUT\u{201d}";
    assert_eq!(answer["explanation"], sentence);
    assert_eq!(answer["terms"][2]["opposite"], "method:POST,PUT", "{answer}");
    let mut command = cli(dashcam.home())?;
    command.args(["ls", "--explain", "preset:bad", "host:*.api", "not", "method:POST,PUT"]);
    let output = within("ls --explain", async { Ok(command.output().await?) }).await?;
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{sentence}\n"));
    Ok(())
}
