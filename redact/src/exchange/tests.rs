//! Whole exchanges: no part of one is forgotten.

use std::sync::Arc;

use dashcam_exchange::sample::exchange;
use dashcam_exchange::{Failure, Headers, RequestHead, ResponseHead, Side, Stage, Version};

use super::*;
use crate::definitions::Definitions;
use crate::keys::Keys;
use crate::memory::Memory;
use crate::sets::Sets;

/// A secret that is nowhere else.
const SECRET: &str = "hunter2-rJ9vXk2mQp7tZs4w";

fn headers(name: &str) -> Headers {
    [("accept", "*/*"), (name, SECRET)].into_iter().collect()
}

fn response(name: &str) -> ResponseHead {
    ResponseHead { version: Version::Http11, status: 200, reason: String::new(), headers: headers(name) }
}

#[test]
fn every_head_is_redacted() {
    let mut exchange = exchange(1);
    let request = RequestHead {
        method: "GET".to_owned(),
        target: format!("/?token={SECRET}"),
        authority: Some(format!("user:{SECRET}@api.example")),
        version: Version::Http11,
        headers: headers("x-api-key"),
    };
    exchange.request = request.clone();
    exchange.request_sent = Some(request);
    exchange.interim = vec![response("x-auth-token")];
    exchange.response = Some(response("x-csrf-token"));
    exchange.response_sent = Some(response("x-api-key"));
    exchange.request_body.trailers = Some(headers("x-api-key"));
    exchange.response_body.trailers = Some(headers("x-api-key"));
    exchange.failure = Some(Failure::new(Side::Proxy, Stage::Dns, "none"));
    let (sets, keys, mut memory) =
        (Sets::compile(&Definitions::default()).unwrap(), Keys::new([1; 32]), Memory::default());
    let set = sets.set(None).unwrap();
    let mut redactor = Redactor::new(set, &keys, &mut memory, "api.example");
    redactor.heads(&mut exchange);
    assert!(!format!("{exchange:?}").contains(SECRET), "{exchange:?}");
    let redaction = exchange.redaction.unwrap();
    assert_eq!((redaction.set, redaction.replaced), (Arc::clone(set.label()), 11));
    let found = redactor.finish();
    assert_eq!((found.replaced, found.seals.len()), (11, 1));
}
