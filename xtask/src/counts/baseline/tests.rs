//! Counts beside their baseline: what is remarked and what is not.

use super::*;

fn counts(counts: &[(&str, u64)], compiler: &str) -> Baseline {
    let made_with = [("processor", "x86_64"), ("compiler", compiler)];
    Baseline {
        counts: counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect(),
        made_with: made_with.map(|(what, which)| (what.to_owned(), which.to_owned())).into(),
    }
}

#[test]
fn five_per_cent_are_tolerated() {
    let check = |count, baseline, expect| assert_eq!(judge(count, baseline), expect, "{count}, {baseline:?}");
    check(1000, Some(1000), Judged::Same);
    check(1050, Some(1000), Judged::Same);
    check(1051, Some(1000), Judged::Worse);
    check(950, Some(1000), Judged::Same);
    check(949, Some(1000), Judged::Better);
    check(1000, None, Judged::New);
}

#[test]
fn cases_that_one_side_lacks_are_told() {
    let judged = counts(&[("new", 1), ("kept", 2)], "").judge(&counts(&[("gone", 3), ("kept", 1)], ""));
    let judged: Vec<_> = judged.iter().map(|(name, judged)| (name.as_str(), *judged)).collect();
    assert_eq!(judged, [("new", Judged::New), ("kept", Judged::Worse), ("gone", Judged::Gone)]);
}

#[test]
fn what_is_written_is_read() {
    let written = counts(&[("a", 1), ("b", 22)], "rustc 1");
    let read = Baseline::parse(&written.text()).unwrap();
    assert_eq!((read.counts, read.made_with), (written.counts, written.made_with));
    assert!(Baseline::parse(r#"{"instructions": {"a": "1"}, "made_with": {}}"#).is_none());
}

#[test]
fn another_compiler_is_told_and_another_processor_is_not_compared() {
    let (one, other) = (counts(&[], "rustc 1"), counts(&[], "rustc 2"));
    assert_eq!(one.made_otherwise(&other).collect::<Vec<_>>(), [("compiler", "rustc 1", "rustc 2")]);
    assert!(one.is_comparable(&other));
    let mut arm = counts(&[], "rustc 1");
    arm.made_with.insert("processor".to_owned(), "aarch64".to_owned());
    assert!(!arm.is_comparable(&one));
}

#[test]
fn the_committed_baseline_can_be_read() {
    assert!(!Baseline::read().unwrap().counts.is_empty());
}

#[test]
fn thousands_are_set_apart() {
    let check = |number, expect: &str| assert_eq!(grouped(number), expect);
    check(0, "0");
    check(999, "999");
    check(1000, "1,000");
    check(1_234_567, "1,234,567");
}

#[test]
fn differences_have_a_sign() {
    let check = |percent, expect: &str| assert_eq!(signed(percent), expect);
    check(-0.04, "+0.0 %");
    check(-0.05, "-0.1 %");
    check(9.96, "+10.0 %");
}
