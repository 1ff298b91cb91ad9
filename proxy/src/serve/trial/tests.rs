//! Tunnels that a client leaves, and those that it does not.

use super::*;

const HELLO: (u8, u16) = (HANDSHAKE, 300);
const CCS: (u8, u16) = (CHANGE_CIPHER_SPEC, 1);
const FINISHED_13: (u8, u16) = (APPLICATION_DATA, FINISHED[0]);
const FINISHED_12: (u8, u16) = (HANDSHAKE, 40);
const ALERT_13: (u8, u16) = (APPLICATION_DATA, 19);
const ALERT_12: (u8, u16) = (ALERT, 26);
const REQUEST: (u8, u16) = (APPLICATION_DATA, 60);
const LIMIT: Duration = Duration::from_millis(500);

fn bytes_of(records: &[(u8, u16)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, length) in records {
        bytes.extend([*kind, 3, 3]);
        bytes.extend(length.to_be_bytes());
        bytes.extend(vec![0x17; usize::from(*length)]);
    }
    bytes
}

/// Checks whether a client that sends `records` and closes has left without a word, and whether it spoke.
fn check(records: &[(u8, u16)], expect: (bool, bool)) {
    let (bytes, now) = (bytes_of(records), Instant::now());
    for size in [1, 3, 5, 7, 100, bytes.len()] {
        let trial = Trial::default();
        let spoke = bytes.chunks(size).filter(|piece| trial.client_sends(piece, now)).count();
        assert!(spoke <= 1, "it begins to speak once");
        let seen = (trial.is_left((Side::Client, now), LIMIT), spoke == 1);
        assert_eq!(seen, expect, "{records:?} in pieces of {size}");
    }
}

const LEFT: (bool, bool) = (true, false);
const SPOKE: (bool, bool) = (false, true);
const NEITHER: (bool, bool) = (false, false);

#[test]
fn a_client_is_silent_when_it_sends_nothing_after_the_handshake() {
    // TLS 1.3.
    check(&[HELLO], NEITHER);
    check(&[HELLO, CCS], NEITHER);
    for finished in FINISHED.map(|length| (APPLICATION_DATA, length)) {
        check(&[HELLO, CCS, finished], LEFT);
        check(&[HELLO, finished, ALERT_13], LEFT);
        check(&[HELLO, HELLO, CCS, finished, ALERT_13], LEFT);
        check(&[HELLO, CCS, finished, REQUEST], SPOKE);
        check(&[HELLO, CCS, finished, finished], SPOKE);
        // A certificate of the client's, or a request before the Finished.
        check(&[HELLO, CCS, (APPLICATION_DATA, 900), finished], NEITHER);
        check(&[HELLO, CCS, (APPLICATION_DATA, 900), finished, REQUEST], SPOKE);
    }
    // An alert in the handshake, sent in the clear or not.
    check(&[HELLO, (ALERT, 2)], NEITHER);
    check(&[HELLO, CCS, ALERT_13], NEITHER);
    // A second hello after the CCS of the first.
    check(&[HELLO, CCS, (HANDSHAKE, 400)], NEITHER);
    check(&[HELLO, CCS, (HANDSHAKE, 400), FINISHED_13], LEFT);
    // TLS 1.2: its Finished is a record of the handshake.
    check(&[HELLO, (HANDSHAKE, 37), CCS, FINISHED_12], LEFT);
    check(&[HELLO, (HANDSHAKE, 37), CCS, FINISHED_12, ALERT_12], LEFT);
    check(&[HELLO, (HANDSHAKE, 37), CCS, FINISHED_12, (APPLICATION_DATA, 53)], SPOKE);
}

/// A record of a side, so many milliseconds after the beginning.
type Sent = (Side, u64, (u8, u16));
/// The records until the handshake is done and after it, the side that closed first and when, and whether the client has
/// left.
type Case<'a> = (&'a [Sent], &'a [Sent], (Side, u64), bool);

#[test]
fn only_a_client_that_ends_it_first_and_at_once_has_left() {
    use Side::{Client, Proxy, Upstream};
    let done_13: [Sent; 2] = [(Client, 0, HELLO), (Client, 100, FINISHED_13)];
    let done_12: [Sent; 5] = [
        (Client, 0, HELLO),
        (Client, 100, CCS),
        (Client, 100, FINISHED_12),
        (Upstream, 400, CCS),
        (Upstream, 400, FINISHED_12),
    ];
    let tickets: Sent = (Upstream, 110, (APPLICATION_DATA, 250));
    let cases: [Case<'_>; 13] = [
        (&done_13, &[], (Client, 599), true),
        (&done_13, &[], (Client, 600), false),
        (&done_13, &[tickets], (Client, 120), true),
        (&done_13, &[], (Upstream, 120), false),
        (&done_13, &[], (Proxy, 120), false),
        (&done_13, &[], (Upstream, 60_000), false),
        // A client that says goodbye, and waits for the upstream to close.
        (&done_13, &[(Client, 120, ALERT_13), (Upstream, 140, ALERT_13)], (Upstream, 900), true),
        (&done_13, &[(Client, 700, ALERT_13)], (Upstream, 720), false),
        // An upstream that does so, and a client that answers.
        (&done_13, &[tickets, (Upstream, 120, ALERT_13), (Client, 140, ALERT_13)], (Client, 140), false),
        // One that closes, and a client that answers.
        (&done_13, &[(Client, 140, ALERT_13)], (Upstream, 130), false),
        (&done_12, &[(Client, 850, ALERT_12)], (Client, 850), true),
        (&done_12, &[(Client, 900, ALERT_12)], (Client, 900), false),
        (&done_12, &[(Upstream, 410, ALERT_12), (Client, 420, ALERT_12)], (Client, 420), false),
    ];
    let begun = Instant::now();
    let at = |millis| begun + Duration::from_millis(millis);
    for (handshake, after, (side, millis), expect) in cases {
        let trial = Trial::default();
        for (side, millis, record) in handshake.iter().chain(after) {
            let bytes = bytes_of(&[*record]);
            match side {
                Client => assert!(!trial.client_sends(&bytes, at(*millis))),
                _ => trial.upstream_sends(&bytes, at(*millis)),
            }
        }
        let left = trial.is_left((side, at(millis)), LIMIT);
        assert_eq!(left, expect, "{after:?}, closed by {side:?} at {millis} ms");
    }
}
