//! The certificates that clients see: one for each host, made once, in time.

use std::collections::HashSet;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use tokio::task::JoinSet;

/// A thousand hosts: addresses, because names would need a name server. Sixteen clients at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_hosts() -> Result<()> {
    let hosts: Vec<String> = (0..1000).map(|n| format!("127.0.{}.{}", n / 250 + 1, n % 250 + 1)).collect();
    let names: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let origin = Origin::https_with(&names).await?;
    let dashcam = Dashcam::start(&[]).await?;
    let mut clients = JoinSet::new();
    let mut answered = HashSet::new();
    for host in &hosts {
        if clients.len() >= 16 {
            answered.insert(clients.join_next().await.context("a client")???);
        }
        let (host, port, proxy, ca) = (host.clone(), origin.port(), dashcam.proxy(), dashcam.ca());
        clients.spawn(async move {
            let authority = format!("{host}:{port}");
            let mut io =
                raw::tls(raw::tunnel(proxy, &authority).await?, &ca, &host).await.context(host.clone())?;
            let answer = raw::get(&mut io, &format!("/json?host={host}"), &authority).await?;
            ensure!(answer.head.status()? == 200, "{host}: {}", answer.head.start);
            anyhow::Ok(host)
        });
    }
    while let Some(client) = clients.join_next().await {
        answered.insert(client??);
    }
    assert_eq!(answered.len(), hosts.len());
    let exchange = dashcam.api().ended("/json?host=127.0.4.250").await?;
    assert_eq!(exchange["host"], "127.0.4.250");
    Ok(())
}

/// The root stays the same over a restart, so that clients need to trust it only once.
#[tokio::test]
async fn the_root_survives_a_restart() -> Result<()> {
    let home = tempfile::tempdir()?;
    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let before = std::fs::read(dashcam.ca())?;
    dashcam.stop().await?;
    let dashcam = Dashcam::start_in(home.path(), &[]).await?;
    assert_eq!(std::fs::read(dashcam.ca())?, before);
    assert_eq!(dashcam.api().bytes("/ca.pem").await?, before);
    let key = std::fs::metadata(home.path().join("ca-key.pem"))?;
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&key.permissions()) & 0o777, 0o600);
    Ok(())
}
