//! Leases: rules before all others, until they are used up.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dashcam_control::{InvalidSettings, Kept, Lease, MOST_LEASES, Spent};
use dashcam_exchange::Level;
use serde_json::json;

use crate::world::{At, Begun, begin, client, control, exchange, pass};

fn lease(id: i64, filter: &str, level: &str) -> Lease {
    let rule = json!({"name": format!("lease-{id}"), "match": filter, "level": level});
    Lease {
        id,
        rule: serde_json::from_value(rule).unwrap(),
        max_bytes: None,
        max_exchanges: None,
        used_bytes: 0,
        used_exchanges: 0,
    }
}

#[test]
fn the_newest_is_first_and_they_end() {
    let control = control(json!([{"name": "a", "match": "", "level": "metadata"}]), Level::Off);
    let (client, ok) = (client(), || exchange("a", "/", 200, 1));
    control.put_lease(lease(1, "host:a", "full")).unwrap();
    control.put_lease(lease(2, "path:/x", "metrics")).unwrap();
    let rules =
        [pass(&control, &client, ok()).rule, pass(&control, &client, exchange("a", "/x", 200, 1)).rule];
    assert_eq!(rules, ["lease-1", "lease-2"]);
    assert_eq!(control.leases().iter().map(|lease| lease.id).collect::<Vec<_>>(), [2, 1]);
    let ended = control.end_lease(1).unwrap();
    assert_eq!((ended.used_exchanges, control.end_lease(1)), (1, None));
    assert_eq!(pass(&control, &client, ok()).rule, "a");
}

#[test]
fn a_lease_of_so_many_exchanges_matches_no_more() {
    let control =
        control(json!([{"name": "errors", "match": "status:5xx", "level": "full"}]), Level::Metrics);
    let (client, ok) = (client(), || exchange("a", "/", 200, 1));
    control.put_lease(Lease { max_exchanges: Some(3), ..lease(1, "", "metadata") }).unwrap();
    let met: Vec<_> = (0..5).map(|_| pass(&control, &client, ok()).rule).collect();
    assert_eq!(met, ["lease-1", "lease-1", "lease-1", "default", "default"]);
    assert_eq!(control.leases()[0].spent(), Some(Spent::Exchanges));
    // Extended, it goes on with what it has used.
    control.put_lease(Lease { max_exchanges: Some(4), ..lease(1, "", "metadata") }).unwrap();
    let met: Vec<_> = (0..2).map(|_| pass(&control, &client, ok()).rule).collect();
    assert_eq!(met, ["lease-1", "default"]);
    // After a restart, with what is left.
    control.put_lease(Lease { max_exchanges: Some(4), used_exchanges: 3, ..lease(2, "", "full") }).unwrap();
    let met: Vec<_> = (0..2).map(|_| pass(&control, &client, ok()).rule).collect();
    assert_eq!(met, ["lease-2", "default"]);
}

/// Those that wait for a lease that is used up meanwhile go on to the next rule.
#[test]
fn a_lease_that_runs_out_leaves_the_others_to_the_rules() {
    let control = control(json!([{"name": "rest", "match": "host:a", "level": "full"}]), Level::Off);
    let client = client();
    control.put_lease(Lease { max_exchanges: Some(1), ..lease(1, "status:5xx", "metadata") }).unwrap();
    let mut both = [0, 1].map(|_| begin(&control, &client, exchange("a", "/", 503, 1)));
    both.iter_mut().for_each(Begun::respond);
    let met = both.map(|mut begun| begun.end()).map(|outcome| (outcome.at, outcome.rule, outcome.level));
    let (lease, rest) = ("lease-1".to_owned(), "rest".to_owned());
    assert_eq!(met, [(At::Response, lease, Level::Metadata), (At::Response, rest, Level::Full)]);
}

#[tokio::test]
async fn a_lease_of_so_many_bytes_ends_with_the_exchange_that_goes_beyond() {
    let control = control(json!([]), Level::Off);
    let client = client();
    control.put_lease(Lease { max_bytes: Some(1000), ..lease(1, "-fail:*", "full") }).unwrap();
    let mut whole = exchange("a", "/", 200, 1);
    (whole.response_body.size, whole.response_body.stored) = (600, 600);
    let met: Vec<_> = (0..3).map(|_| pass(&control, &client, whole.clone()).rule).collect();
    assert_eq!(met, ["lease-1", "lease-1", "default"]);
    control.lease_ran_out().await;
    let spent = &control.leases()[0];
    assert_eq!((spent.spent(), spent.used_exchanges), (Some(Spent::Bytes), 2));
    assert!((1200..1400).contains(&spent.used_bytes), "{spent:?}");
}

#[test]
fn the_count_is_exact_when_many_come_at_once() {
    let control = Arc::new(control(json!([]), Level::Off));
    control.put_lease(Lease { max_exchanges: Some(1000), ..lease(1, "", "full") }).unwrap();
    let kept = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let client = client();
                for _ in 0..500 {
                    let outcome = pass(&control, &client, exchange("a", "/", 200, 1));
                    kept.fetch_add(u64::from(outcome.kept == Kept::Kept), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(kept.into_inner(), 1000);
    assert_eq!(control.leases()[0].used_exchanges, 1000);
}

#[test]
fn leases_that_make_no_sense_are_refused() {
    let control = control(json!([]), Level::Off);
    let error = control.put_lease(lease(1, "body:x", "full")).unwrap_err();
    assert!(matches!(&error, InvalidSettings::Rule { name, .. } if name == "lease-1"), "{error}");
    for id in 0..MOST_LEASES as i64 {
        control.put_lease(lease(id, "host:never", "full")).unwrap();
    }
    assert_eq!(control.put_lease(lease(99, "", "full")), Err(InvalidSettings::TooManyLeases));
    control.put_lease(lease(3, "", "full")).unwrap();
    assert_eq!(pass(&control, &client(), exchange("a", "/", 200, 1)).rule, "lease-3");
}
