//! The side that ends a relay first.

use tokio::io::duplex;

use super::*;

#[tokio::test]
async fn the_side_that_closes_first_is_known_and_when_it_did() {
    for side in [Side::Client, Side::Upstream] {
        let ((near, client), (far, upstream)) = (duplex(64), duplex(64));
        let draining = CancellationToken::new();
        let limits = RelayLimits { draining: &draining, close: None, idle: None };
        let closing = async {
            let (mut first, mut second) =
                if side == Side::Client { (client, upstream) } else { (upstream, client) };
            first.shutdown().await.unwrap();
            second.read_to_end(&mut Vec::new()).await.unwrap();
            let seen = Instant::now();
            second.shutdown().await.unwrap();
            first.read_to_end(&mut Vec::new()).await.unwrap();
            seen
        };
        let relay = both_ways((near.into(), far.into()), |_: &[u8]| {}, |_: &[u8]| {}, limits);
        let (ended, seen) = tokio::join!(relay, closing);
        assert!(ended.result.is_ok() && ended.first.0 == side && ended.first.1 <= seen, "{side:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_is_closed_on_demand_or_at_the_shutdown_is_ended_by_neither_side() {
    for is_draining in [false, true] {
        let ((near, _client), (far, _upstream)) = (duplex(64), duplex(64));
        let (draining, close) = (CancellationToken::new(), CancellationToken::new());
        if is_draining { &draining } else { &close }.cancel();
        let limits = RelayLimits { draining: &draining, close: Some(&close), idle: None };
        let ended = both_ways((near.into(), far.into()), |_: &[u8]| {}, |_: &[u8]| {}, limits).await;
        assert!(ended.result.is_ok() && ended.first.0 == Side::Proxy, "draining: {is_draining}");
    }
}
