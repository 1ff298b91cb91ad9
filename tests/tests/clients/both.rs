//! One client on both ways: directly, and through dashcam.

use std::fmt::Debug;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::Way;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::{Origin, Seen};
use dashcam_tests::passed::{difference, newest, recorded};
use dashcam_tests::same::{direct, end_to_end, through};
use dashcam_tests::wire::Fields;

/// A request as the origin saw it, as far as it must be the same on both ways.
#[derive(Debug, PartialEq)]
struct Shown<'a> {
    method: &'a str,
    target: &'a str,
    version: &'a str,
    fields: Fields,
    digest: &'a str,
    trailers: &'a Fields,
}

/// Lets `client` do the same on both ways, and checks that it got the same, that the origin saw the same, and that
/// the record has what the origin saw. Gives what the client got, and what the origin saw through dashcam.
pub(crate) async fn both<T: PartialEq + Debug>(
    origin: &Origin,
    dashcam: &Dashcam,
    client: impl AsyncFn(Way) -> Result<T>,
) -> Result<(T, Vec<Seen>)> {
    both_tidied(origin, dashcam, client, |_| {}).await
}

/// Like [`both`]; `tidy` removes from a request what the client makes up again each time.
pub(crate) async fn both_tidied<T: PartialEq + Debug>(
    origin: &Origin,
    dashcam: &Dashcam,
    client: impl AsyncFn(Way) -> Result<T>,
    tidy: impl Fn(&mut Seen),
) -> Result<(T, Vec<Seen>)> {
    let _earlier = origin.site().take();
    let expected = client(direct()?).await.context("directly")?;
    let seen_directly = origin.site().take();
    let after = newest(dashcam).await?;
    let got = client(through(dashcam)).await.context("through dashcam")?;
    let seen = origin.site().take();
    // First, so that nothing of this is still under way when the next client is looked at.
    let record = recorded(dashcam, origin, after, &seen).await;
    ensure!(
        expected == got,
        "the client got without dashcam (-) and with it (+):\n{}",
        difference(&expected, &got)
    );
    same_requests(&tidied(seen_directly, &tidy), &tidied(seen.clone(), &tidy))?;
    record?;
    Ok((got, seen))
}

fn tidied(mut seen: Vec<Seen>, tidy: impl Fn(&mut Seen)) -> Vec<Seen> {
    seen.iter_mut().for_each(tidy);
    // Clients that ask for several things at once do so in any order.
    seen.sort_by(|one, other| (&one.target, &one.method).cmp(&(&other.target, &other.method)));
    seen
}

fn same_requests(direct: &[Seen], through: &[Seen]) -> Result<()> {
    let direct: Vec<Shown> = direct.iter().map(show).collect();
    let through: Vec<Shown> = through.iter().map(show).collect();
    ensure!(!direct.is_empty(), "the client made no request");
    ensure!(
        direct == through,
        "the origin saw without dashcam (-) and with it (+):\n{}",
        difference(&direct, &through)
    );
    Ok(())
}

fn show(seen: &Seen) -> Shown<'_> {
    Shown {
        method: &seen.method,
        target: &seen.target,
        version: seen.version,
        fields: end_to_end(&seen.fields),
        digest: &seen.digest,
        trailers: &seen.trailers,
    }
}
