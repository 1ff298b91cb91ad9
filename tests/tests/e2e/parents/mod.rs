//! Going out through another proxy: a second dashcam, Squid, and proxies that the tests play.

mod chain;
mod choice;
mod faults;
mod servers;

use anyhow::Result;
use dashcam_tests::clients::{Ask, Way, ask};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::same::through;

/// A dashcam that trusts the certificates of the dashcam `parent` besides the origins'.
async fn behind(parent: &Dashcam, arguments: &[&str]) -> Result<Dashcam> {
    let ca = parent.ca().display().to_string();
    Dashcam::start(&[&["--upstream-ca", &ca], arguments].concat()).await
}

/// The status that curl gets for `url` on `way`.
async fn status(way: &Way, url: String) -> Result<u64> {
    Ok(ask("curl --http1.1", way, &[Ask::get(url)]).await?.remove(0).status)
}

/// The parent on record for the exchange whose URL ends in `end`, and the address that was connected to.
async fn recorded(dashcam: &Dashcam, end: &str) -> Result<(Option<String>, Option<String>)> {
    let exchange = dashcam.api().ended(end).await?;
    let connection = &exchange["upstream"]["connection"];
    let text = |key: &str| connection[key].as_str().map(str::to_owned);
    Ok((text("parent"), text("address")))
}

/// Checks that `GET url` fails at `stage` with `status`, and that the message has all of `words`.
async fn fails(dashcam: &Dashcam, url: &str, status: u64, stage: &str, words: &[&str]) -> Result<()> {
    assert_eq!(self::status(&through(dashcam), url.to_owned()).await?, status, "{url}");
    let (_, end) = url.split_once("/json").unwrap_or_default();
    let failure = dashcam.api().ended(&format!("/json{end}")).await?["failure"].clone();
    assert_eq!(failure["stage"], stage, "{failure}");
    let message = failure["message"].as_str().unwrap_or_default();
    for word in words {
        assert!(message.contains(word), "{word} in {message}");
    }
    Ok(())
}
