//! Sets that find a replay's secrets again, and sets that don't.

use std::collections::BTreeMap;

use dashcam_exchange::sample;
use dashcam_redact::{Rule, SetDefinition};

use super::*;

const SECRET: &[u8] = b"Zq7fW2nKx9Lr4TmVb8Yc";

/// The set `payments` finds `member` in JSON.
fn definitions(member: &str) -> Definitions {
    let rule = Rule { json: Some(format!("$..{member}")), how: Some(How::Seal), ..Rule::default() };
    let from = Some("default".to_owned());
    let payments = SetDefinition { from, rules: vec![rule], ..SetDefinition::default() };
    Definitions { sets: BTreeMap::from([("payments".to_owned(), payments)]), ..Definitions::default() }
}

/// A request with the secret in the member `account`, and one in `Authorization`.
fn filled(keys: &Keys) -> Filled {
    let id = keys.pseudonym(SECRET);
    let placeholder = format!("~sealed.secret.{id}~");
    let secret = String::from_utf8(SECRET.to_vec()).unwrap();
    let request = |value: &str| {
        let mut head = sample::exchange(1).request;
        head.headers = Headers::default();
        head.headers.push("Content-Type", "application/json");
        head.headers.push("Authorization", format!("Bearer {value}"));
        (head, format!(r#"{{"amount":5,"account":"{value}"}}"#).into_bytes())
    };
    Filled {
        exchange: sample::exchange(1),
        host: "pay.example".to_owned(),
        before: request(&placeholder),
        after: request(&secret),
        secrets: HashMap::from([(id, SECRET.to_vec())]),
    }
}

#[test]
fn a_set_that_does_not_find_a_secret_again_is_refused() {
    let keys = Keys::new([1; 32]);
    let filled = filled(&keys);
    let set = |member: &str, names: &[Option<&str>]| {
        let names: Vec<SetName> = names.iter().map(|name| name.map(Arc::from)).collect();
        filled.set(&definitions(member), &keys, &names).unwrap()
    };
    assert_eq!(set("account", &[Some("payments")]), Ok(Some("payments".into())));
    assert_eq!(set("other", &[Some("payments")]), Err("body".to_owned()));
    assert_eq!(set("account", &[None]), Err("body".to_owned()));
    assert_eq!(set("account", &[None, Some("payments")]), Ok(Some("payments".into())));
    assert_eq!(set("account", &[Some("gone"), Some("other")]), Err("body".to_owned()));
}

#[test]
fn secrets_that_stand_elsewhere_as_well_are_none_in_clear() {
    assert_eq!(count(&clear(b"1 ~masked.card.lt32~ 1"), b"1"), 2);
    let id = "0123456789abcdef01234567";
    let sealed = format!("a=~sealed.token.{id}~&b=~sealed.token.{id}~");
    assert!(missing(sealed.as_bytes(), sealed.replace("sealed", "pseudonym").as_bytes()).is_empty());
    assert_eq!(missing(sealed.as_bytes(), format!("a=~sealed.token.{id}~&b=x").as_bytes()).len(), 1);
}
