//! Refusals, and the tunnels that they make.

use std::net::SocketAddr;
use std::time::Duration;

use dashcam_exchange::{Destination, Runtime, Scheme};

use super::*;

const RULE: TunnelRejected =
    TunnelRejected { times: 3, within: Duration::from_secs(60), lasting: Duration::from_secs(600) };

fn client(number: u8) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, number], 1))
}

fn destination(host: &str) -> Destination {
    Destination { scheme: Scheme::Https, host: host.to_owned(), port: 443 }
}

fn facts(client: SocketAddr, hello: u64, destination: &Destination) -> ConnectionFacts<'_> {
    ConnectionFacts {
        client: Some(client),
        hello: Some(hello),
        destination: Some(destination),
        ..ConnectionFacts::default()
    }
}

fn refusal(side: Side) -> Refusal {
    Refusal { side, runtime: Some(Runtime::Python), message: "unknown_ca".to_owned(), is_silent: false }
}

/// The end of a connection right after the handshake.
fn silence() -> Refusal {
    Refusal { is_silent: true, ..refusal(Side::Client) }
}

/// Refuses `pair` at each of these seconds; the pair if it is tunnelled since the last.
fn refuse(rejected: &Rejected, pair: &Pair, side: Side, seconds: &[u64]) -> Option<RejectedPair> {
    let begun = Instant::now();
    let at = |second: &u64| rejected.refused_at(pair, refusal(side), begun + Duration::from_secs(*second));
    seconds.iter().map(at).collect::<Vec<_>>().pop().flatten()
}

#[test]
fn a_pair_is_tunnelled_after_so_many_refusals_in_so_much_time() {
    let check = |seconds: &[u64], expect: bool| {
        let rejected = Rejected::new(Some(RULE));
        let a = destination("a");
        let facts = facts(client(1), 7, &a);
        let tunnelled = refuse(&rejected, &Pair::of(&facts).unwrap(), Side::Client, seconds);
        assert_eq!(tunnelled.is_some(), expect, "{seconds:?}");
        assert_eq!(rejected.tunnels(&facts), expect.then_some(Side::Client), "{seconds:?}");
    };
    check(&[0, 1], false);
    check(&[0, 1, 2], true);
    check(&[0, 59, 60], false);
    check(&[0, 30, 59], true);
    check(&[0, 59, 61, 62], true);
}

#[test]
fn only_this_client_and_this_host_are_tunnelled() {
    let rejected = Rejected::new(Some(RULE));
    let (a, b) = (destination("a"), destination("b"));
    let pair = Pair::of(&facts(client(1), 7, &a)).unwrap();
    let listed = refuse(&rejected, &pair, Side::Client, &[0, 0, 0]).unwrap();
    assert_eq!((listed.id, listed.host.as_str(), listed.refusals), (1, "a:443", 3));
    assert_eq!(listed.until.0 - listed.since.0, 600_000_000);
    for (facts, expect) in [
        (facts(client(1), 7, &a), true),
        (facts(client(2), 7, &a), false),
        (facts(client(1), 8, &a), false),
        (facts(client(1), 7, &b), false),
        (ConnectionFacts { sni: Some("a"), ..facts(client(1), 7, &b) }, true),
        (ConnectionFacts { sni: Some("b"), ..facts(client(1), 7, &a) }, false),
        (ConnectionFacts { hello: None, ..facts(client(1), 7, &a) }, false),
    ] {
        assert_eq!(rejected.tunnels(&facts).is_some(), expect, "{facts:?}");
    }
    rejected.tunnelled(&pair);
    rejected.tunnelled(&pair);
    let listed = rejected.pairs();
    assert_eq!((listed.len(), listed[0].connections, rejected.counts().tunnelled), (1, 2, 2));
}

#[test]
fn a_success_in_between_forgets_the_refusals_of_that_side() {
    let rejected = Rejected::new(Some(RULE));
    let a = destination("a");
    let facts = facts(client(1), 7, &a);
    let pair = Pair::of(&facts).unwrap();
    refuse(&rejected, &pair, Side::Client, &[0, 0]);
    refuse(&rejected, &pair, Side::Upstream, &[0, 0]);
    rejected.client_accepted(&facts);
    assert_eq!(refuse(&rejected, &pair, Side::Client, &[0, 0]), None);
    rejected.upstream_accepted(|| "b:443".to_owned());
    let tunnelled = refuse(&rejected, &pair, Side::Upstream, &[0]).unwrap();
    assert_eq!(tunnelled.refusal.side, Side::Upstream);
    assert_eq!((rejected.counts().by_clients, rejected.counts().by_upstreams), (4, 3));
    rejected.clear();
    refuse(&rejected, &pair, Side::Upstream, &[0, 0]);
    rejected.upstream_accepted(|| "a:443".to_owned());
    assert_eq!(refuse(&rejected, &pair, Side::Upstream, &[0, 0]), None);
}

#[test]
fn a_tunnelled_pair_is_decrypted_again_when_it_is_undone_or_its_time_is_over() {
    let a = destination("a");
    let facts = facts(client(1), 7, &a);
    let pair = Pair::of(&facts).unwrap();
    let rejected = Rejected::new(Some(RULE));
    let id = refuse(&rejected, &pair, Side::Client, &[0, 0, 0]).unwrap().id;
    assert!(!rejected.remove(id + 1) && rejected.remove(id));
    assert_eq!((rejected.tunnels(&facts), rejected.pairs()), (None, Vec::new()));
    let rejected = Rejected::new(Some(TunnelRejected { lasting: Duration::ZERO, ..RULE }));
    assert!(refuse(&rejected, &pair, Side::Client, &[0, 0, 0]).is_some());
    assert_eq!((rejected.tunnels(&facts), rejected.pairs()), (None, Vec::new()));
}

#[test]
fn off_counts_and_tunnels_nothing() {
    let rejected = Rejected::new(None);
    let a = destination("a");
    let facts = facts(client(1), 7, &a);
    assert_eq!(refuse(&rejected, &Pair::of(&facts).unwrap(), Side::Client, &[0; 9]), None);
    assert_eq!((rejected.tunnels(&facts), rejected.counts().by_clients), (None, 9));
}

#[test]
fn memory_is_bounded_and_the_oldest_are_forgotten_and_counted() {
    let rejected = Rejected::new(Some(TunnelRejected { times: 1, ..RULE }));
    for number in 0..MOST_TUNNELLED + 10 {
        let host = destination(&format!("h{number}"));
        let pair = Pair::of(&facts(client(1), 7, &host)).unwrap();
        assert!(rejected.refused(&pair, refusal(Side::Client)).is_some());
    }
    let pairs = rejected.pairs();
    assert_eq!((pairs.len(), rejected.counts().forgotten), (MOST_TUNNELLED, 10));
    assert_eq!(pairs.last().unwrap().host, "h10:443");
    let rejected = Rejected::new(Some(RULE));
    for number in 0..MOST_WATCHED + 10 {
        let host = destination(&format!("h{number}"));
        rejected.refused(&Pair::of(&facts(client(1), 7, &host)).unwrap(), refusal(Side::Client));
    }
    assert_eq!(rejected.counts().forgotten, 10);
}

/// Three silent ends of a pair of which `before` is known, if they are not excused: the pair, and whether it is tunnelled.
fn silent_thrice(rejected: &Rejected, facts: &ConnectionFacts<'_>) -> bool {
    let pair = Pair::of(facts).unwrap();
    let ends = || !rejected.excuses(facts) && rejected.refused(&pair, silence()).is_some();
    (0..3).fold(false, |_, _| ends())
}

#[test]
fn silence_is_a_refusal_unless_the_client_speaks_with_the_host_or_leaves_tunnels_likewise() {
    type Before = fn(&Rejected, &ConnectionFacts<'_>, &ConnectionFacts<'_>);
    let cases: [(&str, Before, bool); 9] = [
        ("nothing", |_, _, _| {}, true),
        ("it speaks", |rejected, facts, _| drop(rejected.client_accepted(facts)), false),
        (
            "it spoke",
            |rejected, facts, _| {
                rejected.client_accepted(facts);
                rejected.client_ended(facts);
            },
            false,
        ),
        ("it speaks with another host", |rejected, _, other| drop(rejected.client_accepted(other)), true),
        ("it left a tunnel", |rejected, facts, _| drop(rejected.left_tunnel(facts)), false),
        (
            "it spoke in a tunnel before it left one",
            |rejected, facts, _| {
                rejected.spoke_in_tunnel(facts);
                assert_eq!(rejected.left_tunnel(facts), None);
            },
            true,
        ),
        (
            "it spoke in a tunnel after it left one",
            |rejected, facts, _| {
                rejected.left_tunnel(facts);
                rejected.spoke_in_tunnel(facts);
            },
            true,
        ),
        ("it left another host's tunnel", |rejected, _, other| drop(rejected.left_tunnel(other)), true),
        (
            "all was forgotten",
            |rejected, facts, _| {
                rejected.client_accepted(facts);
                rejected.clear();
            },
            true,
        ),
    ];
    let (a, b) = (destination("a"), destination("b"));
    for (name, before, expect) in cases {
        let (rejected, facts) = (Rejected::new(Some(RULE)), facts(client(1), 7, &a));
        before(&rejected, &facts, &ConnectionFacts { destination: Some(&b), ..facts });
        assert_eq!(silent_thrice(&rejected, &facts), expect, "{name}");
        assert_eq!(rejected.tunnels(&facts).is_some(), expect, "{name}");
    }
}

#[test]
fn habits_are_known_for_the_rules_time() {
    let a = destination("a");
    let facts = facts(client(1), 7, &a);
    let begun = Instant::now();
    let at = |second| begun + Duration::from_secs(second);
    let check = |do_: fn(&Habits, &ConnectionFacts<'_>, Instant), second, expect: bool| {
        let habits = Habits::new();
        do_(&habits, &facts, begun);
        assert_eq!(habits.excuse(&facts, at(second), &RULE), expect, "after {second} s");
    };
    check(|_, _, _| {}, 0, false);
    check(Habits::speaks, 0, true);
    check(Habits::speaks, 1_000_000, true);
    let spoke = |habits: &Habits, facts: &ConnectionFacts<'_>, now| {
        habits.speaks(facts, now);
        habits.ends(facts, now);
    };
    check(spoke, 59, true);
    check(spoke, 60, false);
    let left = |habits: &Habits, facts: &ConnectionFacts<'_>, now| {
        assert!(habits.leaves_tunnel(facts, now));
    };
    check(left, 599, true);
    check(left, 600, false);
}

#[test]
fn a_tunnel_for_silence_is_undone_by_a_request_or_by_silence_in_the_tunnel_and_one_for_alerts_is_not() {
    let a = destination("a");
    let facts = facts(client(1), 7, &a);
    let pair = Pair::of(&facts).unwrap();
    for (last, is_probable) in
        [(silence(), true), (refusal(Side::Client), false), (refusal(Side::Upstream), false)]
    {
        for by_request in [true, false] {
            let rejected = Rejected::new(Some(RULE));
            for _ in 0..3 {
                rejected.refused(&pair, last.clone());
            }
            assert_eq!(rejected.is_probable(&pair), is_probable);
            let undone =
                if by_request { rejected.client_accepted(&facts) } else { rejected.left_tunnel(&facts) };
            assert_eq!(undone.is_some(), is_probable, "{last:?}");
            assert_eq!(rejected.tunnels(&facts).is_none(), is_probable, "{last:?}");
        }
    }
    // A client that spoke in a tunnel leaves another one: it refused, until it sends us a request.
    let rejected = Rejected::new(Some(RULE));
    for _ in 0..3 {
        rejected.refused(&pair, silence());
    }
    rejected.spoke_in_tunnel(&facts);
    assert_eq!((rejected.left_tunnel(&facts), rejected.tunnels(&facts)), (None, Some(Side::Client)));
    assert!(rejected.client_accepted(&facts).is_some());
    // One silent end among them makes it only probable.
    let rejected = Rejected::new(Some(RULE));
    for refusal in [silence(), refusal(Side::Client), refusal(Side::Client)] {
        rejected.refused(&pair, refusal);
    }
    assert!(rejected.is_probable(&pair));
}

#[test]
fn while_nothing_is_watched_connections_take_no_lock_and_successes_elsewhere_walk_through_no_pairs() {
    let rejected = Rejected::new(Some(RULE));
    let a = destination("a");
    let facts = facts(client(1), 7, &a);
    let held = rejected.lock();
    rejected.client_accepted(&facts);
    rejected.client_ended(&facts);
    rejected.upstream_accepted(|| unreachable!("nothing is watched"));
    drop(held);
    let pair = Pair::of(&facts).unwrap();
    refuse(&rejected, &pair, Side::Client, &[0]);
    rejected.upstream_accepted(|| unreachable!("no upstream refused"));
    refuse(&rejected, &pair, Side::Upstream, &[0, 0]);
    rejected.upstream_accepted(|| "a:443".to_owned());
    rejected.upstream_accepted(|| unreachable!("it does no more"));
    assert_eq!(refuse(&rejected, &pair, Side::Upstream, &[0, 0]), None);
}
