//! Tables, and interleavings of many clients.

use std::net::{IpAddr, Ipv4Addr};
use std::thread;

use super::*;

/// A budget of 1600, of which a source's share is 400 and a connection's 100.
fn budget() -> Budget {
    Budget::new(Bounds::of(1600))
}

fn address(last: u8) -> Option<IpAddr> {
    Some(Ipv4Addr::new(127, 0, 0, last).into())
}

/// Takes `step` again and again from `shares` in turn, until none gets any more.
fn fill(shares: &[Share], step: usize) -> usize {
    let before: usize = shares.iter().map(Share::held).sum();
    while shares.iter().filter(|share| share.take(step).is_ok()).count() > 0 {}
    shares.iter().map(Share::held).sum::<usize>() - before
}

#[test]
fn a_client_alone_may_use_half() {
    for connections in [1, 2, 100] {
        let budget = budget();
        let hostile: Vec<_> = (0..connections).map(|_| budget.share(address(1))).collect();
        assert_eq!(fill(&hostile, 1), 800, "{connections} connections");
        assert_eq!(hostile[0].take(1), Err(Full::Client));
        assert!(hostile[0].is_exceeded());
        let other = budget.share(address(2));
        assert_eq!(fill(std::slice::from_ref(&other), 1), 100, "another connection's share is there");
        assert!(!other.is_exceeded());
        let more: Vec<_> = (0..9).map(|_| budget.share(address(2))).collect();
        assert_eq!(fill(&more, 1), 300, "and so is its source's");
    }
}

#[test]
fn beyond_half_shares_hold() {
    let budget = budget();
    let others = [1, 1, 1, 1, 2, 2, 2, 2].map(|last| budget.share(address(last)));
    others.iter().for_each(|share| share.take(100).unwrap());
    assert_eq!(budget.held(), 800);
    let connections: Vec<_> = (0..9).map(|_| budget.share(address(3))).collect();
    assert_eq!(fill(&connections[..1], 1), 100, "a connection's share");
    assert_eq!(connections[0].take(1), Err(Full::Client));
    assert_eq!(fill(&connections, 1), 300, "the rest of its source's share");
    let unknown = budget.share(None);
    assert_eq!(fill(std::slice::from_ref(&unknown), 1), 100, "no client has the bounds of a connection");
}

#[test]
fn however_many_fill_their_shares_there_is_room_for_one_with_little() {
    for sources in 1..=100_u32 {
        let budget = budget();
        let hostile: Vec<_> =
            (0..20 * sources).map(|number| budget.share(address((number % sources) as u8))).collect();
        fill(&hostile, 1);
        let healthy = budget.share(address(200));
        assert_eq!(healthy.take(7), Ok(()), "{sources} sources hold {}", budget.held());
    }
}

#[test]
fn a_larger_share_for_a_source_can_be_had() {
    for (percent, share, connection, alone) in
        [(25, 400, 100, 800), (75, 1200, 300, 1200), (100, 1600, 1600, 1600)]
    {
        let bounds = Bounds::with_source_percent(1600, percent);
        assert_eq!((bounds.source, bounds.connection), (share, connection));
        let budget = Budget::new(bounds);
        let connections: Vec<_> = (0..8).map(|_| budget.share(address(1))).collect();
        assert_eq!(fill(&connections, 1), alone, "{percent} %");
    }
    let everything = Budget::new(Bounds::with_source_percent(1600, 100)).share(address(1));
    assert_eq!(
        [1600, 1, 1601].map(|amount| everything.take(amount)),
        [Ok(()), Err(Full::Budget), Err(Full::Budget)]
    );
    assert_eq!(Bounds::with_source_percent(1600, 25), Bounds::of(1600));
    assert_eq!(Bounds::with_source_percent(usize::MAX, 100).source, usize::MAX);
}

#[test]
fn shares_can_be_kept_from_the_beginning() {
    let budget = Budget::new(Bounds { ample: 0, ..Bounds::of(1600) });
    let connections: Vec<_> = (0..8).map(|_| budget.share(address(1))).collect();
    assert_eq!((fill(&connections[..1], 1), fill(&connections, 1)), (100, 300));
}

#[test]
fn one_that_asks_for_too_much_is_told_so() {
    let budget = budget();
    let share = budget.share(address(1));
    for amount in [801, 1601, usize::MAX] {
        assert_eq!(share.take(amount), Err(Full::Client), "{amount}");
    }
    assert_eq!((budget.held(), share.held()), (0, 0));
    // Many within their shares fill it together.
    let many: Vec<_> = (1..=30).map(|last| budget.share(address(last))).collect();
    fill(&many, 1);
    let full: Vec<_> = many.iter().map(|share| share.take(10)).collect();
    assert!(full.contains(&Err(Full::Budget)), "{full:?}");
}

#[test]
fn what_is_held_is_given_back_in_drop() {
    let budget = budget();
    let share = budget.share(address(1));
    let mut held = share.hold(50).unwrap();
    held.take(30).unwrap();
    let part = held.split(20);
    assert_eq!((part.amount(), held.amount(), budget.held()), (20, 60, 80));
    held.give_back(10);
    drop(part);
    assert_eq!((share.held(), budget.held()), (50, 50));
    share.take(7).unwrap();
    drop(share);
    assert_eq!((budget.held(), budget.sources()), (57, 1), "the part that is held keeps the account");
    drop(held);
    assert_eq!((budget.held(), budget.sources()), (0, 0), "the last clone gives back what was left");
}

#[test]
fn sources_are_forgotten_with_their_last_account() {
    let budget = budget();
    let shares: Vec<_> = (0..200).map(|last| budget.share(address(last % 100))).collect();
    assert_eq!(budget.sources(), 100);
    drop(shares);
    assert_eq!(budget.sources(), 0);
    let (first, second) = (budget.share(address(1)), budget.share("::ffff:127.0.0.1".parse().ok()));
    drop(first);
    assert_eq!((budget.sources(), second.source()), (1, Some(Source::V4(Ipv4Addr::LOCALHOST))));
}

/// Clients that come, take, give back and go at the same time: the total is never exceeded, and nothing stays behind.
#[test]
fn interleaved_it_adds_up() {
    let budget = Budget::new(Bounds::of(10_000));
    thread::scope(|scope| {
        for thread in 0..4_u8 {
            let budget = budget.clone();
            scope.spawn(move || {
                let mut random = usize::from(thread) + 1;
                let mut held = Vec::new();
                for _ in 0..20_000 {
                    random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223) % (1 << 32);
                    let share = budget.share([address(1), address(2), address(3), None][(random >> 24) % 4]);
                    held.extend(share.hold((random >> 16) % 1000).ok());
                    assert!(budget.held() <= 10_000);
                    if held.len() > (random >> 8) % 16 {
                        held.swap_remove((random >> 20) % held.len());
                    }
                }
            });
        }
    });
    assert_eq!((budget.held(), budget.sources()), (0, 0));
}

#[test]
fn an_even_share_is_what_lets_all_fit() {
    let budget = Budget::new(Bounds::of(1000));
    let (one, two, three) = (budget.share(address(1)), budget.share(address(2)), budget.share(address(3)));
    one.take(500).unwrap();
    assert_eq!(budget.even_share(), usize::MAX, "three quarters are not held");
    two.take(60).unwrap();
    three.take(60).unwrap();
    let more: Vec<_> = (4..8).map(|last| budget.share(address(last))).collect();
    more.iter().for_each(|share| share.take(60).unwrap());
    // 860 are held: with 390 of the first, and 60 of each of the other six, it is 750.
    assert_eq!(budget.even_share(), 390);
    assert_eq!(one.held_by_source(), 500);

    let all_for_one = Budget::new(Bounds::with_source_percent(1000, 100));
    let share = all_for_one.share(address(1));
    share.take(1000).unwrap();
    assert_eq!(all_for_one.even_share(), usize::MAX, "no shares are kept");
}
