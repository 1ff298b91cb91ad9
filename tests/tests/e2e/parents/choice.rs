//! Which destination takes which parent.

use anyhow::{Result, ensure};
use dashcam_tests::dashcam::{Dashcam, command};
use dashcam_tests::origin::Origin;
use dashcam_tests::same::through;
use serde_json::json;

use super::{recorded, status};

#[tokio::test]
async fn rules_and_exceptions_by_config() -> Result<()> {
    let origin = Origin::http().await?;
    let (one, two) = (Dashcam::start(&[]).await?, Dashcam::start(&["-m", "socks5"]).await?);
    let (one_url, two_url) = (one.proxy_url(), format!("socks5://{}", two.proxy()));
    let port = origin.port();
    let config = format!(
        "mode = ['upstream:{one_url}@127.0.0.1:0', 'forward@127.0.0.1:0']
         no_proxy = ['except.test', '10.0.0.0/8']
         resolve = ['*:{port}:127.0.0.1']
         [[upstream_proxy]]
         match = '*.direct.test'
         via = 'direct'
         [[upstream_proxy]]
         match = 'two.test:{port}'
         via = '{two_url}'
         [[upstream_proxy]]
         via = '{two_url}'
        "
    );
    let dashcam = Dashcam::start_with(&config, &[]).await?;
    let status_now = dashcam.api().get("/status").await?;
    let outbound = json!({
        "parents": [
            {"match": "*.direct.test", "via": "direct"},
            {"match": format!("two.test:{port}"), "via": two_url},
            {"match": null, "via": two_url},
        ],
        "no_proxy": ["except.test", "10.0.0.0/8"],
        "resolve": [format!("*:{port}:127.0.0.1")],
        "send_proxy": [],
    });
    assert_eq!(status_now["outbound"], outbound);
    let other = status_now["listeners"][1]["address"].as_str().unwrap_or_default().to_owned();
    let mut rest = through(&dashcam);
    rest.proxy = Some(format!("http://{other}"));
    for (number, (way, host, expect)) in [
        (through(&dashcam), "a.direct.test", None),
        (through(&dashcam), "except.test", None),
        (through(&dashcam), "two.test", Some(&two_url)),
        (rest, "other.test", Some(&two_url)),
    ]
    .into_iter()
    .enumerate()
    {
        let target = format!("/json?rule={number}");
        assert_eq!(status(&way, format!("http://{host}:{port}{target}")).await?, 200, "{host}");
        assert_eq!(recorded(&dashcam, &target).await?.0.as_ref(), expect, "{host}");
    }
    // The listener's own; it resolves names itself, and knows only this one.
    let target = "/json?listener";
    assert_eq!(status(&through(&dashcam), format!("http://localhost:{port}{target}")).await?, 200);
    assert_eq!(recorded(&dashcam, target).await?, (Some(one_url), Some(one.proxy().to_string())));
    Ok(())
}

#[tokio::test]
async fn the_environment_counts_where_it_is_asked_for() -> Result<()> {
    let (plain, tls) = (Origin::http().await?, Origin::https1().await?);
    let parent = Dashcam::start(&[]).await?;
    for (argument, expect) in [(None, None), (Some("--upstream-proxy=env"), Some(parent.proxy_url()))] {
        let home = tempfile::tempdir()?;
        let mut command = command(home.path(), &[])?;
        command.args(argument).arg("--upstream-ca").arg(parent.ca());
        command.env("HTTPS_PROXY", parent.proxy_url()).env("NO_PROXY", "127.0.0.2");
        let dashcam = Dashcam::start_command(home.path(), command).await?;
        assert_eq!(status(&through(&dashcam), tls.url("/json?env")).await?, 200);
        assert_eq!(recorded(&dashcam, "/json?env").await?.0, expect, "{argument:?}");
        assert_eq!(status(&through(&dashcam), plain.url("/json?plain")).await?, 200);
        assert_eq!(recorded(&dashcam, "/json?plain").await?.0, None, "there is none for http");
    }
    Ok(())
}

/// A parent that is written as our own address is refused at the start, and others when they turn out to be.
#[tokio::test]
async fn a_parent_that_is_ourselves_is_refused() -> Result<()> {
    let address = dashcam_tests::free_address::free_address()?;
    let (ip, port) = (address.ip(), address.port());
    let home = tempfile::tempdir()?;
    let own = format!("upstream:http://u:secret@localhost:{port}@{port}");
    let output = command(home.path(), &["-m", &own])?.stderr(std::process::Stdio::piped()).output().await?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(!output.status.success() && said.contains("is this dashcam itself"), "{said}");
    ensure!(!said.contains("secret"), "{said}");
    let (loop_url, given) = (format!("http://loop.test:{port}"), format!("loop.test:{port}:{ip}"));
    let listener = format!("forward@{address}");
    let dashcam =
        Dashcam::start(&["-m", &listener, "--upstream-proxy", &loop_url, "--resolve", &given]).await?;
    super::fails(&dashcam, "http://a.test/json?loop", 508, "connect", &[&loop_url, "is this dashcam itself"])
        .await
}
