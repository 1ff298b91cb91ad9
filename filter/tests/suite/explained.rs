//! Filters in words: every example of `docs/FILTERS.md`, beside its sentence in `explained.txt`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use dashcam_filter::{Context, Explanation, FIELDS, Filter, FilterError, explain};

use crate::documented::examples;

fn presets() -> BTreeMap<String, String> {
    [("errors", "status:>=500 | is:error"), ("quiet", "-path:/health")]
        .map(|(name, filter)| (name.to_owned(), filter.to_owned()))
        .into()
}

fn explained(text: &str) -> Result<Explanation, FilterError> {
    let now = "2026-11-28T12:00:00Z[UTC]".parse().unwrap();
    explain(text, &Context { now: &now, presets: &presets() })
}

fn tree(text: &str) -> String {
    let now = "2026-11-28T12:00:00Z[UTC]".parse().unwrap();
    let filter = Filter::parse(text, &Context { now: &now, presets: &presets() });
    filter.unwrap_or_else(|error| panic!("{text}\n{}", error.render())).to_string()
}

#[test]
fn every_documented_filter_has_its_sentence() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/explained.txt");
    let mut found = String::new();
    for (text, _) in examples() {
        writeln!(found, "{text}\n    {}", explained(&text).unwrap().sentence).unwrap();
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let expect = std::fs::read_to_string(&path).unwrap();
    assert_eq!(found, expect, "run it with UPDATE=1 and look at the difference");
}

#[test]
fn every_field_has_words_of_its_own() {
    let mut words = BTreeMap::new();
    for field in FIELDS.iter().filter(|field| field.name != "preset") {
        let name =
            field.name.strip_suffix('.').map_or(field.name.to_owned(), |name| format!("{name}.some-name"));
        let sentence = explained(&format!("{name}:*")).unwrap().sentence;
        assert!(!sentence.starts_with("a mark") || name == "is", "{name}: {sentence}");
        // The three times are conditions on one field.
        if !["since", "before"].contains(&name.as_str()) {
            assert_eq!(words.insert(sentence.clone(), name.clone()), None, "{name}: {sentence}");
        }
    }
}

#[test]
fn clauses_say_where_they_stand_and_what_is_their_opposite() {
    for (text, expect) in [
        ("", &[][..]),
        (
            "status:5xx host:*.api",
            &[
                ("status:5xx", "status is 5xx", "-status:5xx"),
                ("host:*.api", "host ends with “.api”", "-host:*.api"),
            ],
        ),
        ("a & b", &[("a", "the line contains “a”", "-a"), ("b", "the line contains “b”", "-b")]),
        (
            " -host:ü and not ~d x ",
            &[
                ("-host:ü", "host does not contain “ü”", "host:ü"),
                ("not ~d x", "host, or the one that the request names, does not contain “x”", "~d x"),
            ],
        ),
        (
            "ü a | b",
            &[
                ("ü", "the line contains “ü”", "-ü"),
                ("a | b", "the line contains “a”, or the line contains “b”", "-(a | b)"),
            ],
        ),
        (
            "a & b | c",
            &[(
                "a & b | c",
                "(the line contains “a”, and the line contains “b”), or the line contains “c”",
                "-(a & b | c)",
            )],
        ),
        (
            "(a | b) c",
            &[
                ("(a | b)", "the line contains “a”, or the line contains “b”", "-(a | b)"),
                ("c", "the line contains “c”", "-c"),
            ],
        ),
        ("-(a | b)", &[("-(a | b)", "not (the line contains “a”, or the line contains “b”)", "(a | b)")]),
        ("(a) or (b)", &[("(a) or (b)", "the line contains “a”, or the line contains “b”", "-((a) or (b))")]),
        (
            "preset:errors",
            &[("preset:errors", "status is 500 or more, or it failed or ended badly", "-preset:errors")],
        ),
        ("(-status:500)", &[("(-status:500)", "status is not 500", "-(-status:500)")]),
        ("preset:quiet", &[("preset:quiet", "path does not contain “/health”", "-preset:quiet")]),
        ("!preset:quiet", &[("!preset:quiet", "path contains “/health”", "preset:quiet")]),
        ("NOT(a)", &[("NOT(a)", "the line does not contain “a”", "(a)")]),
        ("nothing", &[("nothing", "the line contains “nothing”", "-nothing")]),
        ("-", &[("-", "the line contains “-”", "--")]),
        ("--a", &[("--a", "the line contains “a”", "-a")]),
        ("~all", &[("~all", "every exchange", "-~all")]),
    ] {
        let clauses = explained(text).unwrap().clauses;
        let part = |from: usize, to: usize| text.chars().skip(from).take(to - from).collect::<String>();
        let found: Vec<_> = clauses
            .iter()
            .map(|clause| (part(clause.from, clause.to), clause.words.as_str(), clause.opposite.as_str()))
            .collect();
        let expect: Vec<_> =
            expect.iter().map(|(text, words, opposite)| ((*text).to_owned(), *words, *opposite)).collect();
        assert_eq!(found, expect, "{text}");
    }
}

#[test]
fn clauses_side_by_side_are_the_filter_and_opposites_exclude() {
    for (text, _) in examples() {
        let clauses = explained(&text).unwrap().clauses;
        let part = |from: usize, to: usize| text.chars().skip(from).take(to - from).collect::<String>();
        let parts: Vec<String> = clauses.iter().map(|clause| part(clause.from, clause.to)).collect();
        let flat = |text: &str| tree(text).replace(['(', ')'], "");
        assert_eq!(flat(&parts.join(" ")), flat(&text), "{text}");
        for (clause, part) in clauses.iter().zip(&parts) {
            let (whole, opposite) = (tree(part), tree(&clause.opposite));
            let is_opposite = |a: &str, b: &str| *a == format!("-{b}") || *a == format!("-({b})");
            assert!(is_opposite(&whole, &opposite) || is_opposite(&opposite, &whole), "{part}: {opposite}");
            assert_eq!(clause.excludes, whole.starts_with('-'), "{part}");
        }
    }
}

#[test]
fn amounts_are_said_as_people_write_them() {
    for (text, expect) in [
        ("dur:>1s", "duration is more than 1 s"),
        ("dur:>=1h30m", "duration is 1.5 h or more"),
        ("dur:<250ms", "duration is less than 250 ms"),
        ("dur:2s", "duration is from 2 s to just below 3 s"),
        ("dur:1s..2s", "duration is from 1 s to 2 s"),
        ("size:>=1.5KiB", "response size is 1.5 KiB or more"),
        ("size:17", "response size is 17 B"),
        ("status:404,5xx", "status is 404 or 5xx"),
        ("-status:404,5xx", "status is not 404 or 5xx"),
        ("-url:a,=b", "URL does not contain “a” and is not “b”"),
        ("since:2026-11-28T11:03:20", "it began at 2026-11-28 11:03:20 or later"),
        ("-at:today", "it did not begin on 2026-11-28"),
        ("fail:upstream", "it failed on the side of the upstream"),
        ("-fail:*", "it has no failure"),
    ] {
        assert_eq!(explained(text).unwrap().sentence, expect, "{text}");
    }
}

#[test]
fn what_is_no_filter_is_not_explained() {
    assert_eq!(explained("host:a staus:500").unwrap_err().column, 8);
    assert!(explained("a & ").is_err());
}
