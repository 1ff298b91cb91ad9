//! The rule alone: who is heavy.

use std::sync::Arc;

use rusqlite::Connection;

use super::recount::BlockHeld;
use super::{Heavy, Held, Holder, Holdings, MOST, Measure, block_of};
use crate::database::migrations::ALL;

fn holder(client: &str, host: &str) -> Holder {
    Holder { client: Some(Arc::from(client)), host: Some(Arc::from(host)) }
}

fn of(held: &[(&str, &str, f64)]) -> Holdings {
    let mut holdings = Holdings::default();
    for (block, (client, host, bytes)) in held.iter().enumerate() {
        holdings.add(block as i64, &holder(client, host), Held { bytes: *bytes, exchanges: 10.0 });
    }
    holdings
}

#[test]
fn whoever_holds_much_more_than_an_even_share_is_heavy() {
    let heavy_client = |name: &str| Some(Heavy::Client(Arc::from(name)));
    let heavy_host = |name: &str| Some(Heavy::Host(Arc::from(name)));
    for (held, expect) in [
        (&[][..], None),
        // Alone, nobody is pushed out.
        (&[("a", "x", 1e9)], None),
        (&[("a", "x", 50.0), ("b", "x", 50.0)], None),
        (&[("a", "x", 56.0), ("b", "x", 44.0)], None),
        (&[("a", "x", 57.0), ("b", "x", 43.0)], heavy_client("a")),
        // A fifth each; 30 of 100 would be too much.
        (&[("a", "x", 20.0), ("b", "x", 20.0), ("c", "x", 20.0), ("d", "x", 20.0), ("e", "x", 20.0)], None),
        // One client with many names is one client.
        (&[("a", "x", 30.0), ("a", "y", 30.0), ("a", "z", 30.0), ("b", "w", 10.0)], heavy_client("a")),
        // Where all are one client, hosts are told apart …
        (&[("a", "x", 90.0), ("a", "y", 10.0)], heavy_host("x")),
        // … and where no client is heavy.
        (&[("a", "x", 45.0), ("b", "x", 45.0), ("b", "y", 5.0), ("a", "y", 5.0)], heavy_host("x")),
    ] {
        assert_eq!(of(held).heaviest(Measure::Bytes), expect, "{held:?}");
    }
    let mut many = of(&[("a", "x", 1.0), ("b", "x", 99.0)]);
    many.add(0, &holder("a", "x"), Held { bytes: 0.0, exchanges: 1000.0 });
    assert_eq!(many.heaviest(Measure::Exchanges), heavy_client("a"), "by number it is another one");
}

#[test]
fn what_goes_is_taken_from_those_who_held_it() {
    let mut holdings = of(&[]);
    let (one, other) = (holder("a", "x"), holder("b", "y"));
    holdings.add(0, &one, Held { bytes: 300.0, exchanges: 3.0 });
    holdings.add(0, &other, Held { bytes: 100.0, exchanges: 1.0 });
    holdings.remove(5, &one);
    assert_eq!(holdings.clients["a"], Held { bytes: 200.0, exchanges: 2.0 });
    // Whoever held it: a third of each.
    holdings.shrink([7].into_iter());
    assert!((holdings.all.bytes - 200.0).abs() < 1e-9 && (holdings.all.exchanges - 2.0).abs() < 1e-9);
    assert!((holdings.hosts["y"].bytes - 100.0 * 2.0 / 3.0).abs() < 1e-9);
    holdings.shrink([8, 9].into_iter());
    assert!(holdings.blocks.is_empty() && holdings.clients.is_empty() && holdings.hosts.is_empty());
    // What was not known takes nothing.
    holdings.remove(5, &one);
    holdings.shrink([5].into_iter());
    assert_eq!(holdings.all, Held::default());
}

#[test]
fn a_block_tells_the_largest_apart() {
    let mut holdings = of(&[]);
    holdings.add(0, &holder("large", "l"), Held { bytes: 1e5, exchanges: 1.0 });
    for number in 0..10 * MOST {
        let name = holder(&format!("client {number}"), &format!("host {number}"));
        holdings.add(0, &name, Held { bytes: 1.0 + number as f64, exchanges: 1.0 });
    }
    assert!(holdings.blocks[&0].clients.len() <= MOST && holdings.clients.len() <= MOST);
    assert!(holdings.hosts.len() <= MOST);
    assert_eq!(holdings.clients["large"].bytes, 1e5);
    let all: f64 = 1e5 + (0..10 * MOST).map(|number| 1.0 + number as f64).sum::<f64>();
    assert!((holdings.all.bytes - all).abs() < 1.0, "nothing is forgotten");
    assert_eq!(holdings.heaviest(Measure::Bytes), None, "those that are not told apart are no one");
}

/// A client that asks for very many hosts is one client all the same.
#[test]
fn many_hosts_do_not_hide_a_client() {
    let mut holdings = of(&[("quiet", "x", 100.0)]);
    for number in 0..10 * MOST {
        holdings.add(0, &holder("busy", &format!("host {number}")), Held { bytes: 1.0, exchanges: 1.0 });
    }
    assert_eq!(holdings.heaviest(Measure::Bytes), Some(Heavy::Client(Arc::from("busy"))));
    assert_eq!(holdings.clients["busy"].bytes, 10.0 * MOST as f64);
}

#[test]
fn blocks_are_found_by_who_is_in_them() {
    let holdings = of(&[("a", "x", 1.0), ("b", "y", 1.0), ("a", "y", 1.0)]);
    let a = Heavy::Client(Arc::from("a"));
    assert_eq!([0, 1, 2, 3].map(|from| holdings.block_with(&a, from)), [Some(0), Some(2), Some(2), None]);
    let y = Heavy::Host(Arc::from("y"));
    assert_eq!(holdings.block_with(&y, 0), Some(1));
    assert!(holdings.knows(1) && !Holdings::default().knows(1));
    assert_eq!(block_of(4096), 1);
}

#[test]
fn a_count_holds_only_if_nothing_of_its_block_has_gone() {
    let connection = Connection::open_in_memory().unwrap();
    ALL.iter().for_each(|(_, _, sql)| connection.execute_batch(sql).unwrap());
    let counted = BlockHeld::count(&connection, 5000).unwrap();
    let mut holdings = Holdings::default();
    let mut holds = |gone: &[i64]| {
        holdings.begin_count(5000);
        holdings.shrink(gone.iter().copied());
        gone.iter().for_each(|id| holdings.remove(*id, &holder("a", "x")));
        holdings.take_in(&connection, &counted).unwrap()
    };
    assert!(holds(&[]) && holds(&[4095, 8192]));
    assert!(!holds(&[4096]) && !holds(&[1, 8191]));
    assert!(!holdings.take_in(&connection, &counted).unwrap(), "a count is taken in once");
}
