//! What is kept, and for how long.

use super::*;
use crate::config::UpstreamTls;
use crate::io::Io;
use crate::upstream::Protocol;
use crate::upstream::facts::Facts;
use crate::upstream::place::MOST_IDLE;
use dashcam_exchange::{Destination, Scheme};
use tokio::io::DuplexStream;

fn upstreams() -> Upstreams {
    let keys = Arc::new(rustls::NoKeyLog {}) as _;
    Upstreams::new(ClientTls::new(&UpstreamTls::default(), &keys).unwrap(), 0)
}

fn key(port: u16) -> Key {
    let destination = Destination { scheme: Scheme::Http, host: "a".to_owned(), port };
    Key { destination, named: false, sni: None, protocol: Protocol::Http1, pinned: None, own: None }
}

fn connection(place: &Arc<Place>) -> (Connection, DuplexStream) {
    let (near, far) = tokio::io::duplex(16);
    (Connection::new(Io::from(near), Facts::unknown(), place), far)
}

#[tokio::test]
async fn what_is_kept_is_taken_once_while_it_lives() {
    let upstreams = upstreams();
    let (one, two) = (upstreams.place(key(1)), upstreams.place(key(2)));
    let (connection, far) = connection(&one);
    upstreams.put(&one, connection);
    assert!(upstreams.take(&two, true).is_none());
    let connection = upstreams.take(&upstreams.place(key(1)), true).unwrap();
    assert!(upstreams.take(&one, true).is_none());
    upstreams.put(&one, connection);
    drop(far);
    assert!(upstreams.take(&one, true).is_none(), "it is dead");
    assert_eq!(upstreams.idle(), 0);
}

#[tokio::test]
async fn beyond_the_limits_the_oldest_goes() {
    let upstreams = upstreams();
    let mut far = Vec::new();
    let most = u16::try_from(MOST_IDLE_IN_ALL).unwrap();
    for port in 1..=most + 1 {
        let place = upstreams.place(key(port));
        let (connection, other) = connection(&place);
        upstreams.put(&place, connection);
        far.push(other);
    }
    assert_eq!(upstreams.idle(), MOST_IDLE_IN_ALL);
    assert!(upstreams.take(&upstreams.place(key(1)), true).is_none());
    assert!(upstreams.take(&upstreams.place(key(2)), true).is_some());
    let place = upstreams.place(key(3));
    for _ in 0..=MOST_IDLE {
        let (connection, other) = connection(&place);
        upstreams.put(&place, connection);
        far.push(other);
    }
    assert_eq!(place.idle(), MOST_IDLE);
}

#[tokio::test]
async fn sweeping_forgets_what_is_old() {
    let upstreams = upstreams();
    let place = upstreams.place(key(1));
    let (connection, _far) = connection(&place);
    upstreams.put(&place, connection);
    drop(place);
    upstreams.sweep();
    assert_eq!(lock(&upstreams.places).len(), 1);
    upstreams.sweep_at(Instant::now() + KEPT);
    assert!(lock(&upstreams.places).is_empty());
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
