//! What is kept, and for how long.

use super::*;
use crate::config::UpstreamTls;
use crate::io::Io;
use crate::upstream::Protocol;
use crate::upstream::facts::Facts;
use dashcam_exchange::{Destination, Scheme};
use tokio::io::DuplexStream;

fn upstreams() -> Upstreams {
    Upstreams::new(ClientTls::new(&UpstreamTls::default(), &(Arc::new(rustls::NoKeyLog {}) as _)).unwrap())
}

fn key(port: u16) -> Key {
    let destination = Destination { scheme: Scheme::Http, host: "a".to_owned(), port };
    Key { destination, sni: None, protocol: Protocol::Http1, pinned: None, own: None }
}

fn connection() -> (Connection, DuplexStream) {
    let (near, far) = tokio::io::duplex(16);
    (Connection::new(Io::from(near), Facts::unknown()), far)
}

#[tokio::test]
async fn what_is_kept_is_taken_once_while_it_lives() {
    let upstreams = upstreams();
    let (connection, far) = connection();
    upstreams.put(&key(1), connection);
    assert!(upstreams.take(&key(2), true).is_none());
    let connection = upstreams.take(&key(1), true).unwrap();
    assert!(upstreams.take(&key(1), true).is_none());
    upstreams.put(&key(1), connection);
    drop(far);
    assert!(upstreams.take(&key(1), true).is_none(), "it is dead");
    assert_eq!(lock(&upstreams.idle).count, 0);
}

#[tokio::test]
async fn beyond_the_limits_the_oldest_goes() {
    let upstreams = upstreams();
    let mut far = Vec::new();
    let most = u16::try_from(MOST_IDLE_IN_ALL).unwrap();
    for port in 1..=most + 1 {
        let (connection, other) = connection();
        upstreams.put(&key(port), connection);
        far.push(other);
    }
    assert_eq!(lock(&upstreams.idle).count, MOST_IDLE_IN_ALL);
    assert!(upstreams.take(&key(1), true).is_none());
    assert!(upstreams.take(&key(2), true).is_some());
    for _ in 0..=MOST_IDLE {
        let (connection, other) = connection();
        upstreams.put(&key(3), connection);
        far.push(other);
    }
    assert_eq!(lock(&upstreams.idle).by_key[&key(3)].len(), MOST_IDLE);
}

#[tokio::test]
async fn sweeping_forgets_what_is_old() {
    let upstreams = upstreams();
    let (connection, _far) = connection();
    upstreams.put(&key(1), connection);
    upstreams.sweep();
    assert_eq!(lock(&upstreams.idle).count, 1);
    upstreams.sweep_at(Instant::now() + KEPT);
    let idle = lock(&upstreams.idle);
    assert!(idle.count == 0 && idle.by_key.is_empty());
}

#[test]
fn a_slot_stays_while_somebody_holds_it() {
    let upstreams = upstreams();
    let held = upstreams.slot(&key(1));
    upstreams.sweep_at(Instant::now() + KEPT);
    assert!(Arc::ptr_eq(&held, &upstreams.slot(&key(1))));
    drop(held);
    upstreams.sweep();
    assert!(lock(&upstreams.http2).is_empty());
}
