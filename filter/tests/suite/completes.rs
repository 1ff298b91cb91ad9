//! Completion, by tables of what is typed.

use dashcam_filter::{Place, Source};

use crate::world::read;

/// Texts that are offered at the mark `‸`.
fn offered(marked: &str, values: &[&str]) -> (usize, Vec<String>) {
    let cursor = marked.chars().take_while(|character| *character != '‸').count();
    let values: Vec<_> = values.iter().map(|value| (*value).to_owned()).collect();
    let place = Place::at(&marked.replace('‸', ""), cursor);
    (place.from, place.offers(&values).into_iter().map(|offer| offer.text).collect())
}

#[test]
fn names_and_named_values_are_known() {
    for (marked, from, offers) in [
        ("gql‸", 0, &["gql.operation:"][..]),
        ("GQL‸", 0, &["gql.operation:"]),
        ("-hos‸", 1, &["host:"]),
        ("a (meth‸", 3, &["method:"]),
        ("a|meth‸ b", 2, &["method:"]),
        ("state:ab‸", 6, &["aborted"]),
        ("state:failed,ab‸", 13, &["aborted"]),
        ("is:trun‸", 3, &["truncated"]),
        ("level:‸", 6, &["off", "metrics", "metadata", "full"]),
        ("fail:upstream/tls‸", 5, &["upstream/tls_handshake"]),
        ("~web‸", 0, &["~websocket"]),
        ("!~hq‸", 1, &["~hq"]),
        ("dur:>1‸", 4, &[">100ms", ">1s", ">10s"]),
        ("nix:a‸", 4, &[]),
        ("\"quoted sta‸", 0, &[]),
    ] {
        let expect: Vec<_> = offers.iter().map(|offer| (*offer).to_owned()).collect();
        assert_eq!(offered(marked, &[]), (from, expect), "{marked}");
    }
}

#[test]
fn values_come_from_the_recording() {
    for (marked, source, from, offers) in [
        ("host:‸", Source::Hosts, 5, &["api.example", "\"a b\""][..]),
        ("host:=API‸", Source::Hosts, 6, &["api.example"]),
        ("~d ap‸", Source::Hosts, 3, &["api.example"]),
        ("x ~d ‸", Source::Hosts, 5, &["api.example", "\"a b\""]),
        ("preset:\"a‸", Source::Presets, 7, &["api.example", "\"a b\""]),
        ("res.header.ap‸", Source::HeaderNames, 0, &["res.header.api.example:"]),
    ] {
        let cursor = marked.chars().count() - 1;
        assert_eq!(Place::at(marked, cursor).source, Some(source), "{marked}");
        let expect: Vec<_> = offers.iter().map(|offer| (*offer).to_owned()).collect();
        assert_eq!(offered(marked, &["api.example", "a b"]), (from, expect), "{marked}");
    }
    assert_eq!(Place::at("~d api.example x", 16).source, None, "an argument is one word");
}

/// A value that is offered is read as it stands.
#[test]
fn offered_values_make_filters() {
    let texts = ["a".to_owned(), "/v1/{id}".to_owned(), "it's \"b\" | c".to_owned()];
    for typed in [
        "state:", "fail:", "status:", "dur:", "size:", "since:", "host:", "path:", "is:", "level:",
        "version:",
    ] {
        let place = Place::at(typed, typed.len());
        let values =
            if matches!(place.source, Some(Source::Hosts | Source::Paths)) { &texts[..] } else { &[] };
        let offers = place.offers(values);
        assert!(offers.len() > 2, "{typed}");
        for offer in offers {
            let read = read(&format!("{typed}{}", offer.text));
            assert!(read.is_ok(), "{}: {read:?}", offer.text);
        }
    }
}
