//! Values by their looks: those that say that there is no secret, and those that look like chance.

mod blank;
mod random;

pub(super) use self::blank::{is_blank, is_prose, is_reference};
pub(super) use self::random::{Randomness, is_random, is_uuid};

/// Returns whether all is digits, and few of them: a count or an index.
pub(super) fn is_number_below(value: &[u8], most: u32) -> bool {
    let number = std::str::from_utf8(value).ok().and_then(|value| value.parse::<u32>().ok());
    number.is_some_and(|number| number < most)
}

/// Returns whether it may be a token: no short word, and no small number.
pub(super) fn is_token(value: &[u8]) -> bool {
    let is_word = value.len() <= 12
        && value.iter().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.' | b' '));
    let is_number =
        value.len() < 6 && value.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    let has_two = value.iter().filter(|byte| byte.is_ascii_alphanumeric()).count() >= 3;
    // Of one case throughout; `QWxhZGRpbg` is none.
    let changes =
        value.windows(2).filter(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase()).count();
    has_two && !is_number && (!is_word || changes >= 2)
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
    let halves = value.iter().position(|byte| *byte == b'-');
    let is_pair = halves == Some(4) && value.len() == 9 && !value.iter().any(u8::is_ascii_lowercase);
    let is_short = (4..=16).contains(&value.len()) && digits >= 2;
    let is_few = value.len() == 3 && digits == 3;
    value.iter().all(is_part) && (is_short || is_pair || is_few) || is_random(value, 12, Randomness::OrUuid)
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
