//! Tests of how much may be inflated, and how much of it is kept.

use std::time::{Duration, Instant};

use crate::inflating::Allowance;
use crate::inflating::allowance::Bucket;

#[test]
fn a_bucket_gives_what_it_holds_and_fills_with_time() {
    let start = Instant::now();
    let at = |ms| start + Duration::from_millis(ms);
    let mut bucket = Bucket { left: 1000, most: 1000, second: 100, since: None };
    for (ms, bytes, given) in [
        (0, 600, true),
        (0, 600, false),
        (0, 400, true),
        (0, 1, false),
        (500, 50, true),
        (500, 1, false),
        // Not more than it holds comes back.
        (3_600_000, 1001, false),
        (3_600_000, 1000, true),
        // A clock that stands still, or goes back, gives nothing.
        (3_599_000, 1, false),
    ] {
        assert_eq!(bucket.take(bytes, at(ms)), given, "{bytes} after {ms} ms");
    }
}

#[test]
fn what_grows_sixteenfold_is_always_inflated() {
    let mut allowance = Allowance::default();
    for _ in 0..10_000 {
        allowance.earn(4096);
        assert!(allowance.spend(16 * 4096));
    }
}

#[test]
fn what_grows_more_is_not() {
    let mut allowance = Allowance::default();
    let mut inflated = 0_u64;
    loop {
        allowance.earn(1000);
        if !allowance.spend(1_000_000) {
            break;
        }
        inflated += 1_000_000;
        assert!(inflated < 100 << 20, "it never ends");
    }
    assert!(inflated >= 1_000_000, "a burst is taken");
    allowance.earn(1000);
    assert!(allowance.spend(16_000), "what is affordable in any case is inflated all the same");
}

#[test]
fn connections_of_one_thread_share_what_goes_beyond() {
    let burst = || {
        let mut allowance = Allowance::default();
        allowance.earn(1);
        allowance.spend(2 << 20)
    };
    let taken = (0..100).filter(|_| burst()).count();
    assert!((1..20).contains(&taken), "{taken} connections of 100 had their burst");
}

#[test]
fn what_is_kept_goes_by_what_came() {
    let mut allowance = Allowance::default();
    assert_eq!(allowance.keep(2 << 20), 1 << 20);
    assert_eq!(allowance.keep(1), 0);
    allowance.earn(10);
    assert_eq!(allowance.keep(1000), 640);
    assert_eq!(allowance.keep(1), 0);
}
