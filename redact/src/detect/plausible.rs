//! Values that stand behind a secret's name and are none: types, variables, blanks to fill in, prose.

mod words;

use self::words::{BLANKS, PROSE, WORDS};

/// Returns whether a value is empty, a variable, a mask, a type or a blank to fill in.
pub(super) fn is_blank(value: &[u8]) -> bool {
    let value = value.trim_ascii();
    let [first, ..] = value else { return true };
    is_masked(value) || is_variable(value, *first) || is_word(value)
}

fn is_masked(value: &[u8]) -> bool {
    let is_one = value.iter().all(|byte| *byte == value[0]);
    let is_mask =
        is_one && (!value[0].is_ascii_alphanumeric() || matches!(value[0], b'x' | b'X') && value.len() > 2);
    let has = |mask: &str| memchr::memmem::find(value, mask.as_bytes()).is_some();
    is_mask
        || ["***", "...", "\u{2026}", "\u{2022}", "xxxx", "XXXX", "$REDACTED", "[REDACTED", "[FILTERED"]
            .iter()
            .any(|mask| has(mask))
}

fn is_variable(value: &[u8], first: u8) -> bool {
    let is_name = |name: &[u8]| name.iter().all(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    match (first, value.get(1), value[value.len() - 1]) {
        (b'$', Some(b'{' | b'(' | b'$'), _)
        | (b'{' | b'#' | b'@' | b'%', Some(b'{'), _)
        | (b'%', Some(b'('), _) => true,
        (b'<', _, b'>') | (b'{', _, b'}') | (b'[', _, b']') | (b'(', _, b')') => true,
        (b'<', Some(b'%' | b'?'), _) => true,
        (b'$', Some(_), _) | (b':', Some(b'a'..=b'z'), _) => is_name(&value[1..]),
        (b'%', Some(_), b'%') => is_name(&value[1..value.len() - 1]),
        (b'%', Some(b's' | b'd' | b'v' | b'q' | b'@'), _) => value.len() == 2,
        _ => false,
    }
}

fn is_word(value: &[u8]) -> bool {
    let is = |word: &&str| value.eq_ignore_ascii_case(word.as_bytes());
    let begins = |blank: &&str| {
        value.get(..blank.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(blank.as_bytes()))
    };
    let has_digit = value.iter().any(u8::is_ascii_digit);
    WORDS.iter().any(is)
        || !has_digit && BLANKS.iter().any(begins)
        || find_ignoring_case(value, b"your")
            .is_some_and(|at| value.get(at + 4).is_some_and(|next| matches!(next, b'-' | b'_' | b' ')))
}

fn find_ignoring_case(value: &[u8], wanted: &[u8]) -> Option<usize> {
    value.windows(wanted.len()).position(|window| window.eq_ignore_ascii_case(wanted))
}

/// Returns whether it is a sentence or a label, as forms and messages have it, rather than a secret.
pub(super) fn is_prose(value: &[u8]) -> bool {
    let words = || {
        value.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'\'').filter(|word| !word.is_empty())
    };
    if !value.trim_ascii().contains(&b' ') {
        return false;
    }
    let is_known = |word: &&[u8]| PROSE.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()));
    words().any(|word| is_known(&word))
}

/// Returns whether a value says no more than its name does, as labels and samples do: `Password` for `password`.
pub(super) fn is_label(name: &[u8], value: &[u8]) -> bool {
    let letters = |text: &[u8]| -> Vec<u8> {
        text.iter().filter(|byte| byte.is_ascii_alphanumeric()).map(u8::to_ascii_lowercase).collect()
    };
    if value.len() > name.len() + 16 || value.len() < 3 {
        return false;
    }
    let (name, value) = (letters(name), letters(value));
    !value.is_empty()
        && (value == name
            || value.len() > 3
                && (name.ends_with(&value)
                    || value.ends_with(&name) && !value.iter().any(u8::is_ascii_digit)))
}

/// Returns whether code stands there: a path of names, a call.
pub(super) fn is_code(value: &[u8], next: Option<u8>) -> bool {
    let is_name = |part: &[u8]| {
        part.first().is_some_and(|first| first.is_ascii_alphabetic() || matches!(first, b'_' | b'$'))
            && part.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'?'))
    };
    let mut parts = value.split(|byte| *byte == b'.');
    let is_path =
        value.contains(&b'.') && value.len() < 60 && parts.all(|part| is_name(part) && !has_number(part));
    is_path
        || value.iter().skip(1).any(|byte| *byte == b'{')
        || value.contains(&b'(')
        || matches!(next, Some(b'(' | b'[')) && is_name(value)
        || value.starts_with(b"new") && next == Some(b' ')
        || value.contains(&b'[')
}

/// Returns whether there are three digits in a row, as names have them for years and algorithms alone.
fn has_number(name: &[u8]) -> bool {
    const ALGORITHMS: [&[u8]; 9] =
        [b"sha", b"aes", b"rsa", b"dsa", b"hmac", b"secp", b"kem", b"curve", b"chacha"];
    const SHORT: [&[u8]; 6] = [b"ed", b"x", b"rs", b"es", b"hs", b"ps"];
    let number = name.windows(3).position(|three| three.iter().all(u8::is_ascii_digit));
    number.is_some_and(|at| {
        let before = name[..at].to_ascii_lowercase();
        let is_year =
            matches!(name[at..], [b'1', b'9', _, b'0'..=b'9', ..] | [b'2', b'0', _, b'0'..=b'9', ..]);
        let before = before.strip_suffix(b"_").unwrap_or(&before);
        let is_algorithm = ALGORITHMS.iter().any(|known| before.ends_with(known)) || SHORT.contains(&before);
        !is_year && !is_algorithm
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code() {
        for code in [
            "form.password",
            "hashlib.sha256",
            "ed25519.Ed25519PrivateKey",
            "jose.RS256",
            "crypto.createHmac_sha512",
            "Model2024.x",
            "a.b2",
        ] {
            assert!(is_code(code.as_bytes(), None), "{code}");
        }
        for value in ["Grove.yvOVl478", "Heron.s4nRz880", "Yonder.yNYwi206", "abc.def"] {
            assert_eq!(is_code(value.as_bytes(), None), value == "abc.def", "{value}");
        }
    }

    #[test]
    fn blanks() {
        for blank in [
            "",
            "null",
            "None",
            "string",
            "****",
            "xxxx",
            "${PASSWORD}",
            "$PASSWORD",
            "{{ password }}",
            "<your key>",
            "%s",
            "YOUR_API_KEY",
            "your-token-here",
            "[REDACTED]",
            "abc***",
            "sk-...abcd",
            "{token}",
        ] {
            assert!(is_blank(blank.as_bytes()), "{blank}");
        }
        for value in ["hunter2", "$ecr3t", "changeme", "correct horse", "Tr0ub4dor&3", "0000"] {
            assert!(!is_blank(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn sentences() {
        assert!(is_prose(b"must be at least 8 characters"));
        assert!(is_prose(b"Forgot your password?"));
        assert!(!is_prose(b"correct horse battery staple"));
        assert!(is_label(b"password", b"Password"));
        assert!(is_label(b"accessToken", b"Access token"));
        assert!(!is_label(b"password", b"password1"));
    }
}
