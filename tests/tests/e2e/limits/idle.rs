//! Tunnels and upgraded connections on which nothing moves.

use anyhow::Result;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::websocket::{self, Handshake, Pair, Way};
use tokio::io::AsyncReadExt as _;

use super::{message, met_exactly};

const CONFIG: &str = "[timeouts]\ntunnel_idle = '400ms'\n";

#[tokio::test]
async fn an_idle_tunnel_is_closed_if_that_is_wanted() -> Result<()> {
    let origin = Origin::raw(|mut stream| async move {
        stream.read_to_end(&mut Vec::new()).await?;
        Ok(())
    })
    .await?;
    let dashcam = Dashcam::start_with(CONFIG, &["--ignore-hosts", "."]).await?;
    let mut io = raw::tunnel(dashcam.proxy(), &origin.address().to_string()).await?;
    websocket::ends(&mut io).await?;
    let connection = dashcam.api().connection("closed", |row| !row["failure"].is_null()).await?;
    assert!(message(&connection).contains("timeouts.tunnel_idle"), "{connection}");
    assert_eq!(connection["failure"]["side"], "proxy");
    met_exactly(&dashcam, "tunnel_idle", 1).await
}

#[tokio::test]
async fn an_idle_websocket_is_closed_if_that_is_wanted() -> Result<()> {
    let mut pair = Pair::open_with(CONFIG, Way::Absolute, Handshake::default(), &[]).await?;
    websocket::ends(&mut pair.client).await?;
    websocket::ends(&mut pair.origin).await?;
    let exchange = pair.dashcam.api().ended(websocket::TARGET).await?;
    assert!(message(&exchange).contains("timeouts.tunnel_idle"), "{exchange}");
    Ok(())
}
