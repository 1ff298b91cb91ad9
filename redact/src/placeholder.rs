//! The placeholders that stand for secrets: found again, and put back where they are sealed.
//!
//! `~sealed.KIND.HEX24~`, `~pseudonym.KIND.HEX24~` or `~masked.KIND.lt16~`: characters that need no escape in URLs, JSON,
//! forms, XML and headers.

use std::borrow::Cow;
use std::ops::Range;

use dashcam_exchange::SealId;

use crate::how::How;

/// A placeholder in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placeholder<'t> {
    /// How the secret was replaced.
    pub how: How,
    /// Its kind.
    pub kind: &'t str,
    /// Its name, where it is sealed or a pseudonym.
    pub id: Option<SealId>,
}

/// The kind of what was sent in the shape of a placeholder.
pub(crate) const FORGED: &str = "placeholder";
/// The end of the kind of a JSON number that is sealed: a string stands in its place, and a number comes back.
const NUMBER: &str = "-number";
/// Kinds are no longer than this.
pub(crate) const LONGEST_KIND: usize = 40;
/// A placeholder is no longer than this: a scanner of pieces has to hold back so many bytes behind a `~`.
pub(crate) const LONGEST: usize = "~pseudonym..~".len() + LONGEST_KIND + 24;
/// Bytes beside the placeholders of a value that was replaced in part: a scheme, names of cookies.
const BESIDE: usize = 40;
/// Classes of lengths, in a masked value's placeholder.
pub(crate) const LENGTHS: [(usize, &str); 6] =
    [(8, "lt8"), (16, "lt16"), (32, "lt32"), (64, "lt64"), (128, "lt128"), (512, "lt512")];
/// The class of all that is longer.
pub(crate) const LONG: &str = "ge512";

/// The placeholders in `text`, in order.
pub fn placeholders(text: &[u8]) -> impl Iterator<Item = (Range<usize>, Placeholder<'_>)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        while let Some(found) = memchr::memchr(b'~', &text[from..]) {
            let start = from + found;
            if let Some((length, placeholder)) = at_start(&text[start..]) {
                from = start + length;
                return Some((start..from, placeholder));
            }
            from = start + 1;
        }
        None
    })
}

/// The placeholder with which `text` begins, and its length.
pub(crate) fn at_start(text: &[u8]) -> Option<(usize, Placeholder<'_>)> {
    let text = &text[..text.len().min(LONGEST)];
    let inside = text.strip_prefix(b"~")?;
    let inside = &inside[..memchr::memchr(b'~', inside)?];
    let mut parts = inside.split(|byte| *byte == b'.');
    let (Some(how), Some(kind), Some(last), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let how = match how {
        b"sealed" => How::Seal,
        b"pseudonym" => How::Pseudonym,
        b"masked" => How::Mask,
        _ => return None,
    };
    let kind = std::str::from_utf8(kind).ok().filter(|kind| is_kind(kind))?;
    let id = if how == How::Mask {
        let classes = LENGTHS.iter().map(|(_, class)| *class).chain([LONG]);
        classes.map(str::as_bytes).any(|class| class == last).then_some(None)?
    } else {
        Some(SealId::parse(last)?)
    };
    Some((inside.len() + 2, Placeholder { how, kind, id }))
}

/// Returns whether `kind` may stand in a placeholder: lower-case letters, digits and hyphens, beginning with a letter.
pub(crate) fn is_kind(kind: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=LONGEST_KIND).contains(&kind.len())
        && kind.as_bytes()[0].is_ascii_lowercase()
        && kind.bytes().all(is_part)
}

/// Returns whether `value` is the placeholder of a secret and nothing else.
pub(crate) fn is_all(value: &[u8]) -> bool {
    at_start(value).is_some_and(|(length, found)| length == value.len() && found.kind != FORGED)
}

/// Returns whether the placeholder of a secret stands in `value`.
pub(crate) fn has_secret(value: &[u8]) -> bool {
    placeholders(value).any(|(_, found)| found.kind != FORGED)
}

/// Returns whether `value` was replaced before: placeholders of secrets, and little beside them.
pub(crate) fn is_redacted(value: &[u8]) -> bool {
    let (mut end, mut beside, mut any) = (0, 0, false);
    for (range, found) in placeholders(value) {
        beside += range.start - end;
        end = range.end;
        any |= found.kind != FORGED;
    }
    any && beside + value.len() - end <= BESIDE
}

/// How many of `bytes`, of which more will come, do not depend on what that is: those before a `~` near the end, behind
/// which a placeholder may be going on.
#[must_use]
pub fn certain(bytes: &[u8]) -> usize {
    let from = bytes.len().saturating_sub(LONGEST);
    if memchr::memchr(b'~', &bytes[from..]).is_none() {
        return bytes.len();
    }
    let whole = placeholders(bytes).last().map_or(0, |(range, _)| range.end);
    let from = whole.max(from);
    let mut marks = memchr::memchr_iter(b'~', &bytes[from..]).map(|at| from + at);
    marks.find(|at| is_beginning(&bytes[*at..])).unwrap_or(bytes.len())
}

/// Returns whether a placeholder may begin with all of these bytes, of which the first is its `~`.
fn is_beginning(bytes: &[u8]) -> bool {
    let is_part =
        |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
    bytes[1..].iter().all(is_part)
}

/// The place in `text` from which on it would be a placeholder with a `~` behind it; with `is_any`, could be the beginning
/// of one.
pub(crate) fn open_at_end(text: &[u8], is_any: bool) -> Option<usize> {
    let from = text.len().saturating_sub(LONGEST);
    let start = from + memchr::memrchr(b'~', &text[from..])?;
    let rest = &text[start..];
    let is_open = is_beginning(rest) && (is_any || at_start(&[rest, b"~"].concat()).is_some());
    if !is_open {
        return None;
    }
    let from = start.saturating_sub(LONGEST);
    let mut before = memchr::memchr_iter(b'~', &text[from..start]).map(|at| from + at);
    let ends_there = |at: usize| at_start(&text[at..]).is_some_and(|(length, _)| at + length == start + 1);
    (!before.any(ends_there)).then_some(start)
}

/// Counts of the sealed secrets of a text that were to be put back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unsealed {
    /// How many stand there again.
    pub put_back: u32,
    /// How many do not: nobody has them any more.
    pub missing: u32,
}

impl std::ops::AddAssign for Unsealed {
    fn add_assign(&mut self, other: Self) {
        self.put_back += other.put_back;
        self.missing += other.missing;
    }
}

/// `text` with the secrets that `open` gives in the places of sealed ones. The others, and pseudonyms, stay as they are.
pub fn unseal(text: &[u8], mut open: impl FnMut(&SealId) -> Option<Vec<u8>>) -> (Vec<u8>, Unsealed) {
    let (mut out, mut end, mut unsealed) = (Vec::with_capacity(text.len()), 0, Unsealed::default());
    for (range, placeholder) in placeholders(text) {
        let Placeholder { how: How::Seal, id: Some(id), kind } = placeholder else { continue };
        match open(&id) {
            Some(secret) => {
                let quotes = if kind.ends_with(NUMBER) { quotes(text, &range) } else { 0 };
                out.extend_from_slice(&text[end..range.start - quotes]);
                out.extend_from_slice(&secret);
                end = range.end + quotes;
                unsealed.put_back += 1;
            }
            None => unsealed.missing += 1,
        }
    }
    out.extend_from_slice(&text[end..]);
    (out, unsealed)
}

/// The kind of a JSON number of `kind`, where a string stands in its place.
pub(crate) fn kind_of_number(kind: &str) -> Cow<'_, str> {
    let is_too_long = kind.len() + NUMBER.len() > LONGEST_KIND;
    if is_too_long { kind.into() } else { format!("{kind}{NUMBER}").into() }
}

/// The bytes of the quotation mark before a place in JSON, if the same one stands behind it: documents in strings of
/// documents have backslashes before it.
fn quotes(text: &[u8], place: &Range<usize>) -> usize {
    let Some(before) = text[..place.start].strip_suffix(b"\"") else { return 0 };
    let length = 1 + before.iter().rev().take_while(|byte| **byte == b'\\').count();
    let mark = &text[place.start - length..place.start];
    if text[place.end..].starts_with(mark) { length } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEALED: &str = "~sealed.token.0123456789abcdef01234567~";

    fn found(text: &str) -> Vec<String> {
        placeholders(text.as_bytes())
            .map(|(range, found)| format!("{} {:?}", &text[range], found.how))
            .collect()
    }

    #[test]
    fn placeholders_are_found() {
        assert_eq!(
            found(&format!("a{SEALED}b~c{SEALED}")),
            [format!("{SEALED} Seal"), format!("{SEALED} Seal")]
        );
        assert_eq!(found(&format!("~~{SEALED}")), [format!("{SEALED} Seal")]);
        assert_eq!(found("x ~masked.card.lt32~ y"), ["~masked.card.lt32~ Mask"]);
        assert_eq!(found("~pseudonym.a-b2.0123456789abcdef01234567~").len(), 1);
        for none in [
            "",
            "~",
            "~~",
            "~sealed.token.0123456789abcdef0123456~",
            "~sealed.token.0123456789ABCDEF01234567~",
            "~sealed..0123456789abcdef01234567~",
            "~sealed.Token.0123456789abcdef01234567~",
            "~masked.card.lt33~",
            "~removed.card.lt32~",
            "~sealed.token.0123456789abcdef01234567",
            "~sealed.a.b.0123456789abcdef01234567~",
        ] {
            assert_eq!(found(none), [""; 0], "{none}");
        }
    }

    #[test]
    fn values_that_were_replaced() {
        assert!(is_all(SEALED.as_bytes()));
        assert!(!is_all(format!("Bearer {SEALED}").as_bytes()));
        assert!(is_redacted(format!("Bearer {SEALED}").as_bytes()));
        assert!(is_redacted(format!("a={SEALED}; b={SEALED}").as_bytes()));
        assert!(!is_redacted(b"hunter2"));
        assert!(!is_redacted(format!("{SEALED} {}", "x".repeat(50)).as_bytes()));
    }

    #[test]
    fn only_what_may_be_a_placeholder_is_uncertain() {
        for (text, expect) in [
            ("abc", 3),
            ("abc~", 3),
            ("abc~sealed.tok", 3),
            ("a ~ b", 5),
            ("~~", 1),
            (SEALED, SEALED.len()),
            (&format!("{SEALED}~sea"), SEALED.len()),
            (&format!("{}{SEALED}", "x".repeat(100)), 100 + SEALED.len()),
            (&format!("~{}", "a".repeat(200)), 201),
        ] {
            assert_eq!(certain(text.as_bytes()), expect, "{text}");
        }
    }

    #[test]
    fn secrets_are_put_back() {
        let text = format!("a {SEALED} b {} c ~masked.card.lt32~", SEALED.replace("01234567~", "01234568~"));
        let open = |id: &SealId| id.to_string().ends_with('7').then(|| b"secret".to_vec());
        let (out, unsealed) = unseal(text.as_bytes(), open);
        let expect = format!("a secret b {} c ~masked.card.lt32~", SEALED.replace("01234567~", "01234568~"));
        assert_eq!(String::from_utf8(out).unwrap(), expect);
        assert_eq!(unsealed, Unsealed { put_back: 1, missing: 1 });
    }

    #[test]
    fn numbers_come_back_as_numbers() {
        let number = SEALED.replace("token", &kind_of_number("pin"));
        let check = |text: &str, expect: &str| {
            let text = text.replace('#', &number);
            let (out, _) = unseal(text.as_bytes(), |_| Some(b"4921".to_vec()));
            assert_eq!(String::from_utf8(out).unwrap(), expect, "{text}");
        };
        check(r##"{"pin":"#"}"##, r#"{"pin":4921}"#);
        check(r##"{"a":"{\"pin\":\"#\"}"}"##, r#"{"a":"{\"pin\":4921}"}"#);
        check(r##"{"pin":"\"#"}"##, r#"{"pin":"\"4921"}"#);
        check("pin=#", "pin=4921");
        assert_eq!(kind_of_number(&"k".repeat(34)), "k".repeat(34));
    }
}
