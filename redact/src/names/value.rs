//! Values by their looks: those that say that there is no secret, and those that look like chance.

mod blank;
mod random;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) use self::blank::{is_blank, is_digest, is_prose, is_reference};
pub(super) use self::random::{Randomness, has_lone_letter, is_random, is_uuid, is_wordy};

/// Returns whether all is digits, and few of them: a count or an index.
pub(super) fn is_number_below(value: &[u8], most: u32) -> bool {
    let number = std::str::from_utf8(value).ok().and_then(|value| value.parse::<u32>().ok());
    number.is_some_and(|number| number < most)
}

/// Returns whether it may be a token: no word, no small number, no address of a contract.
pub(super) fn is_token(value: &[u8]) -> bool {
    let has = |is: fn(&u8) -> bool| value.iter().any(is);
    let is_word =
        !has(u8::is_ascii_digit) && (value.len() <= 12 || is_wordy(value) && !has_lone_letter(value));
    let is_number =
        value.len() < 6 && value.iter().all(|byte| byte.is_ascii_digit() || b".,-:%$".contains(byte));
    let is_address =
        value.len() == 42 && value.starts_with(b"0x") && value[2..].iter().all(u8::is_ascii_hexdigit);
    let is_sentence = value.iter().filter(|byte| **byte == b' ').count() >= 2;
    value.len() >= 4 && value.is_ascii() && !is_sentence && !is_word && !is_number && !is_address
}

/// Returns whether it is a scheme and a credential, or looks like chance.
pub(super) fn is_credential(value: &[u8]) -> bool {
    let scheme = value.iter().position(|byte| *byte == b' ').filter(|at| *at > 0);
    let has_scheme = scheme.is_some_and(|at| {
        let is_scheme = value[..at].iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
        let rest = value[at..].trim_ascii();
        is_scheme && rest.len() >= 4 && !is_blank(rest) && !rest.contains(&b' ')
    });
    has_scheme || is_random(value, 10, Randomness::OrUuid) || value.windows(2).any(|two| two == b"=\"")
}

/// Returns whether it is base64 of a name, a colon and a password.
pub(super) fn is_basic(value: &[u8]) -> bool {
    let is_base64 = value.len() >= 12 && value.len().is_multiple_of(4) && value.len() <= 256;
    let decoded = || STANDARD.decode(value).ok();
    let is_name =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'@' | b'+' | b'$');
    is_base64
        && decoded().is_some_and(|decoded| {
            let colon = decoded.iter().position(|byte| *byte == b':').unwrap_or(0);
            colon > 1 && decoded[..colon].iter().all(is_name) && decoded.iter().all(u8::is_ascii_graphic)
        })
}

/// Returns whether it is groups of capitals and digits, three or more, or looks like chance.
pub(super) fn is_license(value: &[u8]) -> bool {
    let is_group = |group: &[u8]| {
        (3..=8).contains(&group.len())
            && group.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    let groups = value.split(|byte| *byte == b'-');
    let is_key =
        groups.clone().count() >= 3 && groups.clone().all(is_group) && value.iter().any(u8::is_ascii_digit);
    is_key || is_random(value, 16, Randomness::OrUuid)
}

/// Returns whether it is two groups of four capitals and digits.
pub(super) fn is_pair(value: &[u8]) -> bool {
    let is_part = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'-';
    value.len() == 9 && value[4] == b'-' && value.iter().all(is_part)
}

/// Returns whether it has from `least` to `most` digits, and nothing but spaces and hyphens between them.
pub(super) fn is_digits(value: &[u8], least: usize, most: usize) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let others = value.iter().filter(|byte| !byte.is_ascii_digit());
    (least..=most).contains(&digits)
        && others.clone().count() < digits
        && others.clone().all(|byte| matches!(byte, b' ' | b'-'))
}

/// Returns whether it is a code that people copy.
pub(super) fn is_code(value: &[u8]) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b' ');
    let is_short = (4..=16).contains(&value.len()) && digits >= 2;
    let is_few = value.len() == 3 && digits == 3;
    value.iter().all(is_part) && (is_short || is_few || is_pair(value))
        || is_random(value, 12, Randomness::OrUuid)
}

/// Returns whether it is a connection string with a password or key.
pub(super) fn is_connection(value: &[u8]) -> bool {
    const NAMES: [&[u8]; 6] =
        [b"password", b"pwd", b"accountkey", b"sharedaccesskey", b"sharedaccesssignature", b"secret"];
    let mut parts = value.split(|byte| matches!(byte, b';' | b' ' | b'&' | b'?'));
    parts.any(|part| {
        let end = part.iter().position(|byte| *byte == b'=');
        end.is_some_and(|end| {
            NAMES.iter().any(|name| part[..end].trim_ascii().eq_ignore_ascii_case(name))
                && !is_blank(&part[end + 1..])
        })
    })
}
