//! Names that count as a whole, each in its place: too short for words to say enough, or known to be other than they look.

use super::super::decision::Place;
use super::super::treatment::Shape;
use super::{Class, sealed};

type Names = &'static [(&'static str, Option<Class>)];

/// Of headers, beside those whose words say it.
const HEADERS: Names = &[
    ("authentication", sealed("credential", Shape::Token)),
    // Their values are taken apart.
    ("cookie", None),
    ("fastly-key", sealed("api-key", Shape::Any)),
    ("set-cookie", None),
    ("set-cookie2", None),
    // Nonces and hashes of them, challenges.
    ("sec-websocket-key", None),
    ("x-amz-copy-source-server-side-encryption-customer-key", sealed("private-key", Shape::Any)),
    ("x-amz-server-side-encryption-customer-key", sealed("private-key", Shape::Any)),
    ("x-amzn-oidc-data", sealed("assertion", Shape::Any)),
    ("x-auth", sealed("credential", Shape::Token)),
    ("x-authentication", sealed("credential", Shape::Token)),
    ("x-functions-key", sealed("api-key", Shape::Any)),
    ("x-honeycomb-team", sealed("api-key", Shape::Any)),
    ("x-insert-key", sealed("api-key", Shape::Any)),
    ("x-jfrog-art-api", sealed("api-key", Shape::Any)),
    ("x-appwrite-key", sealed("api-key", Shape::Any)),
    ("x-ms-authorization-auxiliary", sealed("credential", Shape::Any)),
    ("x-metabase-session", sealed("session", Shape::Any)),
    ("x-ovh-consumer", sealed("api-key", Shape::Any)),
    ("x-mashape-key", sealed("api-key", Shape::Any)),
    ("x-ms-client-principal", None),
    ("x-query-key", sealed("api-key", Shape::Any)),
    ("x-session", sealed("session", Shape::Random(20))),
    ("x-wsse", sealed("credential", Shape::Any)),
];

/// Of parameters of URLs.
const QUERY: Names = &[
    ("appid", sealed("api-key", Shape::Hex(32))),
    ("auth", sealed("token", Shape::RandomOrUuid(10))),
    ("code", sealed("oauth-code", Shape::RandomOrUuid(10))),
    ("hdnea", sealed("signature", Shape::Any)),
    ("hdntl", sealed("signature", Shape::Any)),
    ("hdnts", sealed("signature", Shape::Any)),
    ("hmac", sealed("signature", Shape::Token)),
    ("id_token_hint", sealed("token", Shape::Token)),
    ("key", sealed("api-key", Shape::Random(20))),
    ("oauth_signature", sealed("signature", Shape::Token)),
    ("pass", sealed("password", Shape::Any)),
    ("pw", sealed("password", Shape::Any)),
    ("session", sealed("session", Shape::RandomOrUuid(10))),
    ("sid", sealed("session", Shape::RandomOrUuid(16))),
    ("sig", sealed("signature", Shape::Token)),
    ("sign", sealed("signature", Shape::Random(32))),
    ("signature", sealed("signature", Shape::Token)),
    ("state", sealed("oauth-state", Shape::RandomOrUuid(10))),
    ("ticket", sealed("token", Shape::RandomOrUuid(16))),
    ("wresult", sealed("assertion", Shape::Any)),
    ("x-amz-credential", sealed("credential", Shape::Any)),
    ("x-amz-signature", sealed("signature", Shape::Any)),
    ("x-goog-credential", sealed("credential", Shape::Any)),
    ("x-goog-signature", sealed("signature", Shape::Any)),
    ("x-oss-credential", sealed("credential", Shape::Any)),
    ("x-oss-signature", sealed("signature", Shape::Any)),
];

/// Of forms.
const FORM: Names = &[
    ("_csrf", sealed("csrf-token", Shape::Token)),
    ("auth", sealed("token", Shape::RandomOrUuid(10))),
    ("code", sealed("oauth-code", Shape::CopiedOrRandom)),
    ("id_token_hint", sealed("token", Shape::Token)),
    ("oauth_signature", sealed("signature", Shape::Token)),
    ("pass", sealed("password", Shape::Any)),
    ("policy", None),
    ("pw", sealed("password", Shape::Any)),
    ("session", sealed("session", Shape::RandomOrUuid(10))),
    ("sid", sealed("session", Shape::RandomOrUuid(16))),
    ("sign", sealed("signature", Shape::Random(32))),
    ("state", sealed("oauth-state", Shape::RandomOrUuid(10))),
    ("wresult", sealed("assertion", Shape::Any)),
    ("x-amz-credential", sealed("credential", Shape::Any)),
    ("x-amz-signature", sealed("signature", Shape::Any)),
];

/// Of JSON.
const JSON: Names = &[
    // Of JSON web keys.
    ("d", sealed("private-key", Shape::Random(40))),
    ("dp", sealed("private-key", Shape::Random(40))),
    ("dq", sealed("private-key", Shape::Random(40))),
    ("k", sealed("private-key", Shape::Random(42))),
    ("p", sealed("private-key", Shape::Random(80))),
    ("q", sealed("private-key", Shape::Random(80))),
    ("qi", sealed("private-key", Shape::Random(40))),
    ("sign", sealed("signature", Shape::Random(32))),
    ("auth", sealed("token", Shape::Random(10))),
    ("code", sealed("oauth-code", Shape::Random(20))),
    ("pass", sealed("password", Shape::Token)),
    ("pw", sealed("password", Shape::Token)),
    ("session", sealed("session", Shape::Random(20))),
    ("sid", sealed("session", Shape::Random(16))),
];

/// The class of a name that counts as a whole, if it does; that may be none.
#[expect(clippy::option_option, reason = "the name is not known, or is known to be no secret's")]
pub(super) fn class(place: Place, name: &[u8]) -> Option<Option<Class>> {
    let names = match place {
        Place::Header => HEADERS,
        Place::Query => QUERY,
        Place::Form => FORM,
        Place::Json => JSON,
        Place::Cookie => return None,
    };
    names.iter().find(|(known, _)| name.eq_ignore_ascii_case(known.as_bytes())).map(|(_, class)| *class)
}
