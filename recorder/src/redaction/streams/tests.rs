//! Bodies under several sets.

use std::sync::Arc;
use std::time::Duration;

use dashcam_exchange::{Arrival, Stretch};
use dashcam_redact::{Definitions, Keys, SetDefinition, Sets, placeholders, unseal};

use super::*;
use crate::redaction::counts::Counts;
use crate::redaction::in_force::Redaction;

/// The placeholder of another exchange's secret.
const FORGED: &str = "~sealed.token.0123456789abcdef01234567~";

/// Under the set `other` and the one that is chosen for all.
fn under_both() -> Under {
    let mut definitions = Definitions::default();
    let rules = vec![serde_json::from_str(r#"{"json": "$.b"}"#).unwrap()];
    let other = SetDefinition { from: Some("default".to_owned()), rules, ..SetDefinition::default() };
    definitions.sets.insert("other".to_owned(), other);
    let sets = Sets::compile(&definitions).unwrap();
    let redaction = Redaction::new(sets, Arc::new(Keys::new([7; 32])), Duration::from_hours(1));
    Arc::new(redaction).under(&[None, Some("other".into())], &Arc::new(Counts::default())).unwrap()
}

/// Only the first set meets what passed: the second leaves what the first wrote, and nothing is sealed twice.
#[test]
fn a_second_set_leaves_the_placeholders_of_the_first() {
    let under = under_both();
    let headers: Headers = [("content-type", "application/json")].into_iter().collect();
    let json = format!(r#"{{"a":"{FORGED}","b":"{FORGED}","password":"hunter2","c":[{{"b":"{FORGED}x"}}]}}"#);
    for cut in 0..json.len() {
        let (mut memory, mut stream) = (Memory::default(), Stream::new(&under, Direction::Request, &headers));
        let (first, rest) = json.as_bytes().split_at(cut);
        let (mut out, mut last) = (first.to_vec(), rest.to_vec());
        let mut seals = stream.push((&under, &mut memory), "", &mut out).seals;
        let each = |index: usize, redactor: &mut Redactor<'_>| {
            stream.finish(index, (&mut last, false), redactor);
        };
        seals.extend(under.run(&mut memory, "", each).unwrap().seals);
        out.extend(last);
        let kinds: Vec<_> = placeholders(&out).map(|(_, found)| found.kind).collect();
        assert_eq!(kinds, ["placeholder", "placeholder", "password", "placeholder"], "{cut}");
        let open = |id: &dashcam_exchange::SealId| {
            let (_, sealed) = seals.iter().find(|(other, _)| other == id)?;
            Keys::new([7; 32]).open(id, sealed)
        };
        assert_eq!(unseal(&out, open).0, json.as_bytes(), "{cut}");
    }
}

/// A part of a message that has not ended, and waits as a whole, came in very many pieces.
#[test]
fn what_waits_is_not_gone_through_with_each_arrival() {
    const PART: usize = 256 << 10;
    let under = under_both();
    let headers: Headers = [("content-type", "application/grpc-web+proto")].into_iter().collect();
    let (mut memory, mut stream) = (Memory::default(), Stream::new(&under, Direction::Response, &headers));
    let mut message = vec![0];
    message.extend((15 * PART as u32).to_be_bytes());
    message.resize(15 * PART, 0);
    let (mut pushed, mut again) = (0, 0);
    for part in message.chunks(PART) {
        let from = stream.captured;
        let arrivals = (1..=4096).map(|at| Arrival { end: from + at * 64, at_us: at as i64 }).collect();
        let came = Stretch { from, merged: 1, arrivals };
        let waiting = stream.waiting();
        let left = stream.push_timed((&under, &mut memory), "", &mut part.to_vec(), came).1.arrivals.len();
        pushed += left;
        again += left * waiting;
    }
    assert!(!stream.is_shut && stream.waiting() >= message.len());
    assert!((100..2000).contains(&pushed), "{pushed}");
    assert!(again < 16 * message.len(), "{again}");
}
