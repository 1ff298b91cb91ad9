//! The corpus is as large as it is to be, and says of itself what it should.

use std::collections::HashSet;

use crate::case::Case;
use crate::marked::Class;
use crate::search::Search;
use crate::shown;
use crate::spelling::LEAST;
use crate::{cases, held_out, learnt};

/// Those of all files.
fn all(round: u64) -> Vec<Case> {
    let all = [cases(round), learnt(round), held_out(round)];
    all.into_iter().flat_map(|cases| cases.expect("it can be read")).collect()
}

#[test]
fn it_has_its_size() {
    let count = |cases: &[Case], class| cases.iter().map(|case| case.marked(class).count()).sum::<usize>();
    for (cases, least) in [(cases(0), 300), (learnt(0), 240), (held_out(0), 50)] {
        let cases = cases.expect("it can be read");
        let [secrets, alike] = [Class::Secret, Class::LookAlike].map(|class| count(&cases, class));
        assert!(secrets >= least && alike >= least, "{secrets} secrets, {alike} look-alikes");
    }
    let cases = all(0);
    let names: HashSet<_> = cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), cases.len(), "each exchange has a name of its own");
}

#[test]
fn every_secret_is_unique_and_the_same_in_every_run() {
    let rounds = [0, 1, 0].map(all);
    let secrets = rounds.each_ref().map(|cases| {
        cases.iter().flat_map(|case| case.marked(Class::Secret)).map(|(_, value)| value).collect::<Vec<_>>()
    });
    let all: Vec<_> = secrets[..2].concat();
    let different: HashSet<_> = all.iter().collect();
    assert_eq!(different.len(), all.len());
    assert_eq!(secrets[0], secrets[2]);
}

/// Else the search for a secret would find what is none.
#[test]
fn no_spelling_of_a_secret_stands_in_the_rest() {
    let cases = all(3);
    let secrets: Vec<_> = cases
        .iter()
        .flat_map(|case| case.marked(Class::Secret).map(move |secret| (&case.name, secret)))
        .collect();
    let search = Search::of(secrets.iter().map(|(_, (_, value))| *value));
    for case in &cases {
        let (text, rest) = (shown::text(case), rest(&shown::text(case)));
        let left = search.find(&rest).first().map(|found| (case.name.as_str(), &secrets[found.secret]));
        assert_eq!(left, None, "in another text");
        let found: HashSet<_> = search.find(&text.bytes).into_iter().map(|found| found.secret).collect();
        for (number, (owner, (mark, value))) in secrets.iter().enumerate() {
            assert!(
                *owner != &case.name || found.contains(&number) || value.len() < LEAST,
                "{owner}: {} is not found as it is: {}",
                mark.kind,
                String::from_utf8_lossy(value)
            );
        }
    }
}

/// A text with its secrets replaced.
fn rest(text: &crate::marked::Marked) -> Vec<u8> {
    let (mut rest, mut at) = (Vec::new(), 0);
    for mark in text.marks.iter().filter(|mark| mark.class == Class::Secret) {
        rest.extend_from_slice(&text.bytes[at..mark.range.start]);
        rest.push(0);
        at = mark.range.end;
    }
    rest.extend_from_slice(&text.bytes[at..]);
    rest
}
