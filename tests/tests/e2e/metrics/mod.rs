//! The level `metrics`, and what is counted at the others too.

mod counted;
pub(crate) mod scrape;
mod switching;

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::eventually;
use dashcam_tests::origin::{Origin, Stream};
use dashcam_tests::raw;

use scrape::Scrape;

/// A tunnel to `origin` that dashcam decrypts.
async fn decrypted(dashcam: &Dashcam, origin: &Origin) -> Result<Stream> {
    let io = raw::tunnel(dashcam.proxy(), &authority(origin)).await?;
    raw::tls(io, &dashcam.ca(), "localhost").await
}

fn authority(origin: &Origin) -> String {
    format!("localhost:{}", origin.port())
}

/// The metrics once `ended` requests have ended and none is under way: a request counts a moment after its client has
/// the response.
async fn settled(dashcam: &Dashcam, ended: f64) -> Result<Scrape> {
    eventually(&format!("{ended} requests are counted"), async || {
        let scrape = Scrape::of(dashcam).await?;
        let quiet = scrape.get("dashcam_requests_in_progress") == 0.0;
        Ok((quiet && scrape.sum("dashcam_requests_total") >= ended).then_some(scrape))
    })
    .await
}
