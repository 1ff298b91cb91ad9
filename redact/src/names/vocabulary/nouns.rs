//! The nouns that name secrets, and the words before them that change what they name.

mod adjectives;

use self::adjectives::{
    ANY_CODE, CARD, CSRF, KEY, LONG_CODE, MAYBE_KEY, NO_SECRET, NO_TOKEN, NO_TOKENS, OTHER_KEY, PASS, PIN,
    QUESTION, STATES,
};
use super::super::decision::Place;
use super::super::treatment::Shape;
use super::super::words::Words;
use super::{Class, masked, one_of, sealed};

/// The nouns of two words, and those whose last word would be taken for one that says nothing.
pub(super) fn of_two(place: Place, words: &Words) -> Option<Class> {
    let (before, last) = (words.nth_last(1), words.nth_last(0));
    match (before, last) {
        ("connection" | "conn", "string" | "str") => sealed("connection-string", Shape::Connection),
        ("seed" | "recovery" | "backup" | "mnemonic", "phrase" | "words") => {
            sealed("seed-phrase", Shape::Words)
        }
        ("pass", "phrase" | "word") | ("de", "passe") | ("kata", "sandi") => sealed("password", Shape::Any),
        ("auth" | "authorization", "header") => sealed("credential", Shape::Credential),
        ("key", "material") => sealed("private-key", Shape::Token),
        ("social", "security") => masked("ssn", Shape::Digits(9, 9)),
        ("cvv" | "cvc" | "cvn", "code" | "number") | ("verification", "value") => {
            masked("card-code", Shape::Digits(3, 4))
        }
        ("saml", "response") => sealed("assertion", Shape::Any),
        // AppRole of Vault; elsewhere it is the name of a secret.
        // Cognito's, by which a client proves that it knows its own.
        ("secret", "hash") => sealed("secret", Shape::Random(24)),
        ("secret", "id") => sealed("secret", Shape::Uuid),
        ("session" | "sess", "id") => session(place),
        ("card" | "cc", "number" | "num" | "no") => masked("card", Shape::Digits(12, 19)),
        ("security", "number" | "no") if words.nth_last(2) == "social" => masked("ssn", Shape::Digits(9, 9)),
        (_, "hash" | "digest" | "hashed") if is_password(before) => sealed("password-hash", Shape::Token),
        (_, "answer") if one_of(QUESTION, before) => sealed("secret", Shape::Any),
        _ => None,
    }
}

/// The nouns of one word.
pub(super) fn class(place: Place, words: &Words) -> Option<Class> {
    let (before, last) = (words.nth_last(1), words.nth_last(0));
    match last {
        _ if is_password(last) => (!one_of(STATES, before)).then_some(sealed("password", Shape::Any)?),
        "passwords" => sealed("password", Shape::Any),
        "pass" | "pw" if one_of(PASS, before) => sealed("password", Shape::Any),
        "crumb" => sealed("csrf-token", Shape::Random(10)),
        // `CB-ACCESS-SIGN`
        "sign" if place == Place::Header => sealed("signature", Shape::Random(20)),
        "psk" => sealed("password", Shape::Any),
        "secret" if one_of(STATES, before) || one_of(NO_SECRET, before) => None,
        "secret" => sealed("secret", Shape::Any),
        "secrets" => sealed("secret", Shape::Random(16)),
        "token" => token(place, words),
        "tokens" if !one_of(NO_TOKENS, before) => sealed("token", Shape::Random(16)),
        "jwt" => sealed("token", Shape::Random(16)),
        "key" => key(place, words),
        "keys" if one_of(KEY, before) => sealed("api-key", Shape::Random(16)),
        "code" | "codes" => code(before, words.nth_last(2)),
        "pin" if (before.is_empty() || one_of(PIN, before)) => sealed("pin", Shape::Digits(4, 12)),
        "otp" | "totp" => sealed("otp", Shape::Code),
        "cvv" | "cvc" | "cvn" | "csc" => masked("card-code", Shape::Digits(3, 4)),
        "ssn" => masked("ssn", Shape::Digits(9, 9)),
        "pan" => masked("card", Shape::Digits(12, 19)),
        "card" if one_of(CARD, before) => masked("card", Shape::Digits(12, 19)),
        "authorization" if place == Place::Header => sealed("credential", Shape::Any),
        "authorization" => sealed("credential", Shape::Credential),
        "plaintext" => sealed("private-key", Shape::Random(24)),
        "signature" if place == Place::Query => sealed("signature", Shape::Token),
        "auth" if matches!(before, "basic" | "http" | "proxy") => sealed("credential", Shape::Token),
        "auth" | "bearer" | "oauth" => sealed("credential", Shape::Random(10)),
        "credential" | "credentials" => sealed("credential", Shape::Random(16)),
        "cookie" | "cookies" => sealed("cookie", Shape::Cookies),
        "assertion" => sealed("assertion", Shape::Random(20)),
        "verifier" => sealed("oauth-code", Shape::Random(16)),
        "mnemonic" => sealed("seed-phrase", Shape::Words),
        "pat" => sealed("token", Shape::Random(16)),
        _ => None,
    }
}

/// Passwords in the languages of those who name fields.
pub(super) fn is_password(word: &str) -> bool {
    matches!(
        word,
        "password"
            | "passwd"
            | "passwrd"
            | "pwd"
            | "passphrase"
            | "passcode"
            | "pswd"
            | "psw"
            | "passwort"
            | "kennwort"
            | "contraseña"
            | "contrasena"
            | "senha"
            | "wachtwoord"
            | "motdepasse"
            | "mdp"
            | "passw"
            | "pword"
            | "heslo"
            | "haslo"
            | "hasło"
            | "parola"
            | "sifre"
            | "şifre"
            | "salasana"
            | "losenord"
            | "lösenord"
            | "lozinka"
            | "jelszo"
    )
}

/// Ids of sessions: those who measure visits have them too, as UUIDs.
pub(super) fn session(place: Place) -> Option<Class> {
    match place {
        Place::Query | Place::Form => sealed("session", Shape::RandomOrUuid(10)),
        Place::Header | Place::Json | Place::Cookie => sealed("session", Shape::Random(20)),
    }
}

fn token(place: Place, words: &Words) -> Option<Class> {
    let (before, second) = (words.nth_last(1), words.nth_last(2));
    let is_none = one_of(STATES, before)
        || one_of(NO_TOKEN, before)
        // `ClientRequestToken` makes requests idempotent; `request_token` is OAuth's.
        || before == "request" && matches!(second, "client" | "creator");
    if is_none {
        return None;
    }
    let is_csrf = one_of(CSRF, before) || before == "verification" && second == "request";
    let kind = if is_csrf { "csrf-token" } else { "token" };
    match before {
        "device" | "registration" | "push" => sealed(kind, Shape::Random(16)),
        _ => sealed(kind, if place == Place::Header { Shape::Any } else { Shape::Token }),
    }
}

fn key(place: Place, words: &Words) -> Option<Class> {
    let before = words.nth_last(1);
    let kind = match before {
        "private" | "signing" | "encryption" | "decryption" | "master" | "hmac" | "symmetric" => {
            "private-key"
        }
        _ => "api-key",
    };
    match before {
        "private" => sealed(kind, Shape::Any),
        // Of Azure; elsewhere it is a column of a table.
        "primary" | "secondary" if place != Place::Header => sealed(kind, Shape::Random(40)),
        "licence" | "license" | "product" => sealed(kind, Shape::License),
        _ if one_of(KEY, before) => {
            sealed(kind, if place == Place::Header { Shape::Any } else { Shape::Token })
        }
        _ if one_of(MAYBE_KEY, before) => sealed(kind, Shape::Random(16)),
        // `X-Gotify-Key`: the field of a vendor whose name nobody knows.
        _ if place == Place::Header && !one_of(OTHER_KEY, before) && !before.is_empty() => {
            sealed(kind, Shape::Random(14))
        }
        _ => None,
    }
}

fn code(before: &str, second: &str) -> Option<Class> {
    match before {
        "user" => sealed("otp", Shape::Pair),
        // Of a film.
        "time" if second != "one" => None,
        "confirmation" => sealed("otp", Shape::Digits(4, 8)),
        "backup" | "emergency" | "recovery" | "scratch" => sealed("otp", Shape::Token),
        _ if one_of(ANY_CODE, before) => sealed("otp", Shape::Code),
        _ if one_of(LONG_CODE, before) => sealed("oauth-code", Shape::RandomOrUuid(10)),
        _ => None,
    }
}
