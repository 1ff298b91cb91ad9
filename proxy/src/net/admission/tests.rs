//! Connections that are admitted, and those that are not.

use crate::net::admission::*;

const LIMITS: ConnectionLimits =
    ConnectionLimits { clients: 4, clients_of_address: 2, upstreams: 4, upstreams_of_address: 2 };

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn a_source_address_has_a_share_and_all_together_a_limit() {
    let admission = Admission::new(LIMITS);
    let admit = |address| admission.admit(ip(address));
    let first = admit("192.0.2.1").unwrap();
    let _second = admit("::ffff:192.0.2.1").unwrap();
    assert_eq!(admit("192.0.2.1").unwrap_err(), Limit::ConnectionsOfAddress);
    let _of_others = [admit("2001:db8::1").unwrap(), admit("2001:db8::2").unwrap()];
    assert_eq!(admit("2001:db8::3").unwrap_err(), Limit::ConnectionsOfAddress, "the same /64");
    assert_eq!(admit("2001:db8:0:1::1").unwrap_err(), Limit::Connections);
    assert_eq!(admission.clients(), 4, "those that were refused do not count");
    drop(first);
    let third = admit("192.0.2.1").unwrap();
    assert_eq!(third.account.clients.load(Ordering::Relaxed), 2);
}

#[test]
fn without_a_share_one_address_may_take_all() {
    let admission = Admission::new(ConnectionLimits { clients_of_address: 0, ..LIMITS });
    let all: Vec<_> = (0..4).map(|_| admission.admit(ip("192.0.2.1")).unwrap()).collect();
    assert_eq!(admission.admit(ip("192.0.2.1")).unwrap_err(), Limit::Connections);
    assert_eq!(admission.read().near_limit, None);
    drop(all);
    assert_eq!(admission.clients(), 0);
}

#[test]
fn accounts_last_as_long_as_they_count_something() {
    let admission = Admission::new(LIMITS);
    let client = admission.admit(ip("192.0.2.1")).unwrap();
    let upstream = admission.admit_upstream(Some(&client.account)).unwrap();
    drop(client);
    admission.sweep();
    let client = admission.admit(ip("192.0.2.1")).unwrap();
    assert!(upstream.is_of(Some(&client.account)), "it is remembered who opened the connection");
    drop((client, upstream));
    admission.sweep();
    assert_eq!(lock(&admission.accounts).len(), 0);
}

#[test]
fn connections_to_upstreams_have_shares_and_a_limit_too() {
    let admission = Admission::new(LIMITS);
    let clients = ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(|client| admission.admit(ip(client)).unwrap());
    let [first, second, third] = clients.each_ref().map(|client| &client.account);
    let open = |account| admission.admit_upstream(Some(account));
    let _of_first = [open(first).unwrap(), open(first).unwrap()];
    assert_eq!(open(first).unwrap_err(), Limit::UpstreamConnectionsOfAddress);
    let mut of_second = [open(second).unwrap(), open(second).unwrap()];
    assert_eq!(open(third).unwrap_err(), Limit::UpstreamConnections);
    // A kept one goes over to whoever uses it, within that one's share.
    assert!(of_second[0].pass_to(Some(first)).is_err());
    of_second[0].pass_to(Some(third)).unwrap();
    of_second[1].pass_to(None).unwrap();
    assert_eq!(admission.read().upstreams, 4);
    drop(of_second);
    let _now = [open(second).unwrap(), open(third).unwrap()];
    assert_eq!(admission.read().upstreams, 4);
}

#[test]
fn the_heaviest_address_is_named_when_it_is_near_its_limit() {
    let admission = Admission::new(ConnectionLimits { clients: 100, clients_of_address: 8, ..LIMITS });
    let mut open: Vec<_> = (0..6).map(|_| admission.admit(ip("192.0.2.1")).unwrap()).collect();
    assert_eq!(admission.read().near_limit, None);
    open.push(admission.admit(ip("192.0.2.1")).unwrap());
    assert_eq!(admission.read().near_limit, Some(("192.0.2.1".to_owned(), 7)));
}
