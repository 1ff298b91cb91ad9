//! Reverse mode: clients that know nothing of a proxy, with and without TLS, on one port.

use anyhow::Result;
use dashcam_tests::clients::{Ask, Way, ask};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::{Origin, Seen};
use dashcam_tests::wire::field;

use crate::same::end_to_end;

async fn reverse(origin: &Origin, more: &[&str]) -> Result<Dashcam> {
    let mode = format!("reverse:{}@127.0.0.1:0", origin.url(""));
    Dashcam::start(&[&["-m", &mode], more].concat()).await
}

fn visit(dashcam: &Dashcam) -> Way {
    Way { proxy: None, ca: dashcam.ca() }
}

fn last(origin: &Origin, target: &str) -> Seen {
    origin.site().seen_for(target).pop().unwrap_or_default()
}

fn assert_forwarded(seen: &Seen, proto: &str, host: &str) {
    assert_eq!(field(&seen.fields, "x-forwarded-for"), Some("127.0.0.1"), "{:?}", seen.fields);
    assert_eq!(field(&seen.fields, "x-forwarded-proto"), Some(proto), "{:?}", seen.fields);
    assert_eq!(field(&seen.fields, "x-forwarded-host"), Some(host), "{:?}", seen.fields);
}

#[tokio::test]
async fn plain_and_tls_clients_on_one_port() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = reverse(&origin, &[]).await?;
    let port = dashcam.proxy().port();
    for scheme in ["http", "https"] {
        let target = format!("/digest?over={scheme}");
        let url = format!("{scheme}://localhost:{port}{target}");
        let post = Ask { method: "POST", body: Some("hello".to_owned()), ..Ask::get(url) };
        let got = ask("curl --http1.1", &visit(&dashcam), &[post]).await?.remove(0);
        assert_eq!(String::from_utf8(got.body)?, dashcam_tests::digest::of(b"hello"));
        assert_forwarded(&last(&origin, &target), scheme, &format!("localhost:{port}"));
        let exchange = dashcam.api().ended(&target).await?;
        assert_eq!(exchange["state"], "complete");
        assert_eq!(exchange["port"], origin.port());
        assert_eq!(exchange["scheme"], "https");
        assert_eq!(
            dashcam.api().bytes(&format!("/exchanges/{}/request/body", exchange["id"])).await?,
            b"hello"
        );
    }
    Ok(())
}

/// The client gets the origin's answer; the origin's request gains only X-Forwarded-*.
#[tokio::test]
async fn answers_are_the_origins() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse(&origin, &[]).await?;
    let paths = ["/headers", "/bytes/70000", "/status/204", "/status/404", "/chunked"];
    let direct: Vec<Ask> = paths.iter().map(|path| Ask::get(origin.url(path))).collect();
    let through: Vec<Ask> =
        paths.iter().map(|path| Ask::get(format!("{}{path}", dashcam.proxy_url()))).collect();
    let expected = ask("http.client", &visit(&dashcam), &direct).await?;
    let got = ask("http.client", &visit(&dashcam), &through).await?;
    crate::same::assert_same_answers(&expected, &got);
    for path in paths {
        let seen = origin.site().seen_for(path);
        let plain = |seen: &Seen| {
            let mut fields = end_to_end(&seen.fields);
            fields.retain(|(name, _)| {
                name != "host" && name != "forwarded" && !name.starts_with("x-forwarded-")
            });
            fields
        };
        assert_eq!(plain(&seen[0]), plain(&seen[1]));
    }
    Ok(())
}

#[tokio::test]
async fn the_upstream_gets_its_own_host_unless_told_otherwise() -> Result<()> {
    let origin = Origin::http().await?;
    for (arguments, kept) in [(&[][..], false), (&["--keep-host"][..], true)] {
        let dashcam = reverse(&origin, arguments).await?;
        let target = format!("/json?kept={kept}");
        ask("curl --http1.1", &visit(&dashcam), &[Ask::get(format!("{}{target}", dashcam.proxy_url()))])
            .await?;
        let expected = if kept { dashcam.proxy() } else { origin.address() };
        assert_eq!(field(&last(&origin, &target).fields, "host"), Some(expected.to_string().as_str()));
    }
    Ok(())
}

#[tokio::test]
async fn http2_clients_reach_it_too() -> Result<()> {
    let origin = Origin::https().await?;
    let dashcam = reverse(&origin, &[]).await?;
    let url = format!("https://localhost:{}/headers?h2", dashcam.proxy().port());
    let got = ask("curl --http2", &visit(&dashcam), &[Ask::get(url)]).await?.remove(0);
    assert_eq!((got.status, got.version.as_str()), (200, "HTTP/2"));
    assert_eq!(dashcam.api().ended("/headers?h2").await?["request"]["version"], "HTTP/2");
    Ok(())
}
