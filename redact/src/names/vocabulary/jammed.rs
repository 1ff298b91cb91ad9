//! Names whose words are written as one: `accesstoken`, `PHPSESSID`, `newpassword`.

use super::super::decision::Place;
use super::super::treatment::Shape;
use super::super::words::Words;
use super::{Class, masked, nouns, sealed};

/// Ends of words, and what stands before `token` where it is none.
const KEYS: &str = "apikey secretkey privatekey accesskey authkey signingkey encryptionkey masterkey \
    sharedkey subscriptionkey passkey";
const PASSWORDS: &str = "password passwd passphrase";
const STATES: &str = "forgot show has remember require reset";
const NO_TOKENS: &str = "next page prev previous continuation sync resume skip cursor scroll start marker";

pub(super) fn class(place: Place, words: &Words) -> Option<Class> {
    let last = words.nth_last(0);
    // Those are words by themselves: the words before them have said that they are no secrets.
    if matches!(last, "token" | "secret" | "password" | "passwd" | "passphrase") {
        return None;
    }
    let ends = |list: &str| list.split(' ').any(|end| last.ends_with(end));
    if let Some(before) = last.strip_suffix("token") {
        let is_csrf = before.starts_with("csrf") || before.starts_with("xsrf");
        let is_none = NO_TOKENS.split(' ').any(|none| before.ends_with(none));
        return if is_none {
            None
        } else {
            sealed(if is_csrf { "csrf-token" } else { "token" }, Shape::Token)
        };
    }
    if ends(PASSWORDS) {
        let is_state = STATES.split(' ').any(|state| last.starts_with(state));
        return if is_state { None } else { sealed("password", Shape::Any) };
    }
    match last {
        _ if last.ends_with("key") && ends(KEYS) => sealed("api-key", Shape::Token),
        _ if last.ends_with("secret") => sealed("secret", Shape::Any),
        _ if last.starts_with("aspsessionid") => sealed("session", Shape::Any),
        "phpsessid" | "jsessionid" | "sessid" => sealed("session", Shape::Token),
        "sessionid" => nouns::session(place),
        "samlresponse" => sealed("assertion", Shape::Any),
        "connectionstring" | "connstr" | "connstring" => sealed("connection-string", Shape::Connection),
        "cardnumber" | "ccnumber" | "ccnum" | "creditcard" | "cardnum" | "creditcardnumber" => {
            masked("card", Shape::Digits(12, 19))
        }
        "proxyauthorization" => sealed("credential", Shape::Credential),
        "dockerconfigjson" => sealed("credential", Shape::Random(16)),
        "userpass" | "dbpass" | "adminpass" | "rootpass" | "mailpass" | "smtppass" | "ftppass"
        | "loginpass" | "authpass" => sealed("password", Shape::Any),
        "authcode" | "authorizationcode" | "devicecode" => sealed("oauth-code", Shape::RandomOrUuid(10)),
        "codeverifier" => sealed("oauth-code", Shape::Random(16)),
        "otpcode" | "verificationcode" | "securitycode" => sealed("otp", Shape::Code),
        _ => None,
    }
}
