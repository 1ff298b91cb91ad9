//! The race between addresses, with a clock that stands still.

use crate::upstream::connect::race::*;
use crate::upstream::connect::unreachable::{EMFILE, outcomes, unreachable};
use std::io::ErrorKind;

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// Connects to an address of the tests, which answers by its port.
async fn connect(address: SocketAddr) -> Result<u16, Why> {
    match address.port() {
        1 => std::future::pending().await,
        2 => Err(Why::Error(ErrorKind::ConnectionRefused.into())),
        3 => Err(Why::Error(io::Error::from_raw_os_error(EMFILE))),
        4 => Err(Why::NoRoom(Limit::UpstreamConnections)),
        port => Ok(port),
    }
}

async fn check(ports: &[u16], expect: Result<(u16, u64), &str>) {
    let addresses = ports.iter().map(|port| SocketAddr::new([127, 0, 0, 1].into(), *port)).collect();
    let begun = Instant::now();
    let found = race(addresses, begun + Duration::from_secs(3), connect).await;
    let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap();
    let found = found
        .map(|(port, _)| (port, milliseconds))
        .map_err(|tried| unreachable("http://a", &tried).replace("127.0.0.1", ""));
    assert_eq!(found, expect.map_err(str::to_owned), "{ports:?}");
}

#[tokio::test(start_paused = true)]
async fn a_silent_address_holds_up_the_next_for_a_moment_only() {
    check(&[7], Ok((7, 0))).await;
    check(&[1, 7], Ok((7, 250))).await;
    check(&[1, 1, 7], Ok((7, 500))).await;
    check(&[2, 7], Ok((7, 0))).await;
    check(&[1, 2, 7], Ok((7, 250))).await;
}

#[tokio::test(start_paused = true)]
async fn the_error_says_what_came_of_each() {
    check(&[], Err("http://a has no address.")).await;
    check(&[2], Err("http://a can't be reached: :2 refused the connection.")).await;
    check(&[1], Err("http://a can't be reached: :1 did not answer within 3.0 s.")).await;
    let all = "http://a can't be reached: :2 refused the connection; \
               :1 did not answer within 3.0 s; :1 did not answer within 2.8 s.";
    check(&[1, 1, 2], Err(all)).await;
    let files = "http://a can't be reached: dashcam has as many files and sockets open as the system lets it \
                 (Too many open files (os error 24)); raise its limit on open files (ulimit -n, LimitNOFILE).";
    check(&[3], Err(files)).await;
    let full = "http://a can't be reached: :4: there are as many connections to upstreams as there may be; \
                :2 refused the connection.";
    check(&[4, 2], Err(full)).await;
    let five = ":2 refused the connection; ".repeat(4);
    check(&[2; 5], Err(&format!("http://a can't be reached: {five}and 1 more."))).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_has_the_outcomes_of_the_others() {
    for (ports, expect) in [
        (&[7][..], None),
        (&[2, 7], Some(":2 refused the connection")),
        (&[1, 7], Some(":1 did not answer within 0.2 s")),
        (&[1, 2, 7], Some(":2 refused the connection; :1 did not answer within 0.2 s")),
    ] {
        let addresses = ports.iter().map(|port| SocketAddr::new([127, 0, 0, 1].into(), *port)).collect();
        let (port, tried) = race(addresses, Instant::now() + Duration::from_secs(3), connect).await.unwrap();
        let tried = outcomes(&tried).map(|tried| tried.replace("127.0.0.1", ""));
        assert_eq!((port, tried.as_deref()), (7, expect), "{ports:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn nine_silent_addresses_of_ten_take_two_seconds() {
    check(&[1, 1, 1, 1, 1, 1, 1, 1, 1, 7], Ok((7, 2250))).await;
}

#[test]
fn both_kinds_of_addresses_take_turns() {
    let of = |texts: &[&str]| texts.iter().copied().map(address).collect::<Vec<_>>();
    let found = take_turns(of(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1"]));
    assert_eq!(found, of(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "[::3]:1"]));
    let found = take_turns(of(&["1.1.1.1:1", "[::1]:1", "[::2]:1"]));
    assert_eq!(found, of(&["1.1.1.1:1", "[::1]:1", "[::2]:1"]));
}
