//! Tests of which connections are kept, and for how long.

use crate::config::ConnectionLimits;
use crate::net::io::Io;
use crate::net::tls_stream;
use crate::upstream::Protocol;
use crate::upstream::group::MOST_IDLE;
use crate::upstream::key::Via;
use crate::upstream::pool::*;
use crate::upstream::record::UpstreamRecord;
use dashcam_exchange::{Destination, Scheme};
use tokio::io::DuplexStream;

fn recorder() -> dashcam_recorder::Recorder {
    dashcam_recorder::recorder(Default::default(), Default::default()).0
}

fn key(port: u16) -> Key {
    let destination = Destination { scheme: Scheme::Http, host: "a".to_owned(), port };
    Key {
        destination,
        named: false,
        via: Via::Direct,
        sni: None,
        protocol: Protocol::Http1,
        pinned: None,
        own: None,
        proxy_header: None,
    }
}

fn connection(place: &Arc<PoolGroup>) -> (Connection, DuplexStream) {
    let (near, far) = tokio::io::duplex(16);
    (Connection::new(Io::from(near), UpstreamRecord::unknown(&recorder()), place), far)
}

#[tokio::test]
async fn what_is_kept_is_taken_once_while_it_lives() {
    let pool = Pool::new(0);
    let (one, two) = (pool.place(key(1)), pool.place(key(2)));
    let (connection, far) = connection(&one);
    pool.put(&one, connection);
    assert!(pool.take(&two, true, None).is_none());
    let connection = pool.take(&pool.place(key(1)), true, None).unwrap();
    assert!(pool.take(&one, true, None).is_none());
    pool.put(&one, connection);
    drop(far);
    assert!(pool.take(&one, true, None).is_none(), "it is dead");
    assert_eq!(pool.idle(), 0);
}

#[test]
fn a_choice_of_http1_is_known_until_nobody_asked_for_long() {
    let asked = PoolGroup::apart(Key { protocol: Protocol::Http2OrHttp1, ..key(1) });
    assert!(asked.over_h1(Instant::now()).is_none());
    let place = Pool::new(0).place(key(1));
    asked.set_over_h1(&place);
    let mut now = Instant::now();
    for (pause, is_known) in [(KEPT / 2, true), (KEPT / 2, true), (KEPT, false), (Duration::ZERO, false)] {
        now += pause;
        let known = asked.over_h1(now);
        assert_eq!(known.is_some_and(|known| Arc::ptr_eq(&known, &place)), is_known, "after {pause:?}");
    }
}

/// Nobody else may use them, and they would take the room of others.
#[tokio::test]
async fn connections_of_one_client_end_with_it() {
    let pool = Pool::new(0);
    let client = ConnectionId(7);
    let place = pool.place(Key { pinned: Some(client), ..key(1) });
    let (idle, _idle_far) = connection(&place);
    pool.put(&place, idle);
    let (other, _other_far) = connection(&pool.place(key(1)));
    pool.put(&pool.place(key(1)), other);
    let (busy, _busy_far) = connection(&place);
    assert_eq!(pool.idle(), 2);
    pool.let_go(client);
    assert_eq!(pool.idle(), 1, "the other client's stays");
    pool.put(&place, busy);
    assert_eq!((pool.idle(), place.idle()), (1, 0), "one that comes back later is not kept");
}

/// The server may leave the next request unanswered until its new handshake comes.
#[tokio::test]
async fn who_was_refused_a_new_handshake_is_not_asked_again() {
    let pool = Pool::new(0);
    let place = pool.place(key(1));
    let (near, _far) = tls_stream::tests::pair(64 << 10).await;
    let connection = Connection::new(near, UpstreamRecord::unknown(&recorder()), &place);
    pool.put(&place, connection);
    let mut connection = pool.take(&place, true, None).expect("it is of use");
    assert!(connection.is_alive());
    connection.reader.half.refuse_renegotiation();
    assert!(!connection.is_alive(), "it may have been refused while it was kept");
    pool.put(&place, connection);
    assert_eq!(pool.idle(), 0, "it is not kept");
}

#[tokio::test]
async fn beyond_the_limits_the_oldest_goes() {
    let pool = Pool::new(0);
    let mut far = Vec::new();
    let most = u16::try_from(MOST_IDLE_IN_ALL).unwrap();
    for port in 1..=most + 1 {
        let place = pool.place(key(port));
        let (connection, other) = connection(&place);
        pool.put(&place, connection);
        far.push(other);
    }
    assert_eq!(pool.idle(), MOST_IDLE_IN_ALL);
    assert!(pool.take(&pool.place(key(1)), true, None).is_none());
    assert!(pool.take(&pool.place(key(2)), true, None).is_some());
    let place = pool.place(key(3));
    for _ in 0..=MOST_IDLE {
        let (connection, other) = connection(&place);
        pool.put(&place, connection);
        far.push(other);
    }
    assert_eq!(place.idle(), MOST_IDLE);
}

#[tokio::test]
async fn sweeping_forgets_what_is_old() {
    let pool = Pool::new(0);
    let place = pool.place(key(1));
    let (connection, _far) = connection(&place);
    pool.put(&place, connection);
    drop(place);
    pool.sweep();
    assert_eq!(lock(&pool.places).len(), 1);
    pool.sweep_at(Instant::now() + KEPT);
    assert_eq!(lock(&pool.places).len(), 0);
}

/// A connection of `place` that was opened on `account`, kept.
fn keep(
    pool: &Pool,
    admission: &Arc<Admission>,
    place: &Arc<PoolGroup>,
    account: &Arc<Account>,
) -> DuplexStream {
    let (near, far) = tokio::io::duplex(16);
    let permit = pool.admit(admission, Some(account)).unwrap();
    let io = Io::from(near).with_permit(Some(permit));
    pool.put(place, Connection::new(io, UpstreamRecord::unknown(&recorder()), place));
    far
}

#[tokio::test]
async fn idle_connections_make_way_for_those_that_are_needed() {
    let pool = Pool::new(0);
    let limits = ConnectionLimits { upstreams: 6, upstreams_of_address: 4, ..ConnectionLimits::default() };
    let admission = Admission::new(limits);
    let clients = ["192.0.2.1", "192.0.2.2"].map(|ip| admission.admit(ip.parse().unwrap()).unwrap());
    let [one, two] = clients.each_ref().map(|client| &client.account);
    let place = pool.place(key(1));
    let mut far: Vec<_> = (0..4).map(|_| keep(&pool, &admission, &place, one)).collect();
    far.push(keep(&pool, &admission, &place, two));
    let _permit = pool.admit(&admission, Some(one)).unwrap();
    assert_eq!((place.idle(), pool.idle(), admission.read().upstreams), (3, 3, 4), "half of its own went");
    far.extend((0..2).map(|_| keep(&pool, &admission, &place, two)));
    assert_eq!((place.idle(), admission.read().upstreams), (5, 6));
    let _permits = [(); 6].map(|()| pool.admit(&admission, None).map(|permit| (permit, place.idle())));
    assert_eq!((place.idle(), admission.read().upstreams), (0, 6), "all that were idle went, and no more");
    assert_eq!(pool.admit(&admission, None).unwrap_err(), Limit::UpstreamConnections);
}

#[tokio::test]
async fn a_kept_connection_counts_as_that_of_whoever_uses_it() {
    let pool = Pool::new(0);
    let limits = ConnectionLimits { upstreams_of_address: 1, ..ConnectionLimits::default() };
    let admission = Admission::new(limits);
    let clients = ["192.0.2.1", "192.0.2.2"].map(|ip| admission.admit(ip.parse().unwrap()).unwrap());
    let [one, two] = clients.each_ref().map(|client| &client.account);
    let place = pool.place(key(1));
    let _far = keep(&pool, &admission, &place, one);
    let mut connection = pool.take(&place, true, None).unwrap();
    pool.pass_to(Some(two), &mut connection).unwrap();
    assert!(pool.admit(&admission, Some(two)).is_err());
    let _other = pool.admit(&admission, Some(one)).unwrap();
    pool.put(&place, connection);
    let mut taken = pool.take(&place, true, None).unwrap();
    assert_eq!(pool.pass_to(Some(one), &mut taken), Err(Limit::UpstreamConnectionsOfAddress));
}

#[tokio::test]
async fn who_has_many_connections_leaves_others_theirs() {
    let pool = Pool::new(0);
    let admission = Admission::new(ConnectionLimits::default());
    let clients = ["192.0.2.1", "192.0.2.2"].map(|ip| admission.admit(ip.parse().unwrap()).unwrap());
    let [many, few] = clients.each_ref().map(|client| &client.account);
    let place = pool.place(key(1));
    let _far = keep(&pool, &admission, &place, few);
    let permits: Vec<_> = (0..63).map(|_| pool.admit(&admission, Some(many)).unwrap()).collect();
    let theirs = pool.take(&place, true, Some(many)).unwrap();
    pool.put(&place, theirs);
    let far = keep(&pool, &admission, &place, many);
    let _newer = keep(&pool, &admission, &place, few);
    assert!(pool.take(&place, true, Some(many)).is_some(), "its own");
    assert!(pool.take(&place, true, Some(many)).is_some(), "it has no more than 63");
    drop(permits);
    drop(far);
}

#[test]
fn places_that_nobody_needs_do_not_pile_up() {
    let pool = Pool::new(0);
    for port in 1..=u16::MAX {
        drop(pool.place(key(port)));
    }
    assert!(lock(&pool.places).len() <= 2048);
}

#[test]
fn a_slot_stays_while_somebody_holds_it() {
    let pool = Pool::new(0);
    let held = pool.slot(&key(1));
    pool.sweep_at(Instant::now() + KEPT);
    assert!(Arc::ptr_eq(&held, &pool.slot(&key(1))));
    drop(held);
    pool.sweep();
    assert!(lock(&pool.http2).is_empty());
}
