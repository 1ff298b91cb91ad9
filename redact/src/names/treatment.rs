//! The way to replace a value, and the values that it is for.

use super::value::{self, Randomness};
use crate::how::How;

/// The way to replace the value of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Treatment<'s> {
    /// The kind that stands in placeholders.
    pub(crate) kind: &'s str,
    /// How it is replaced.
    pub(crate) how: How,
    /// The values that it is for.
    pub(crate) shape: Shape,
    /// True if all that lies in an object or array is replaced too: somebody's own rule says so.
    pub(crate) whole: bool,
}

/// The values of a name that are secrets. All but the first leave out values that say that there is none: empty ones,
/// `true`, masks, variables, references, labels and sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// All but empty ones, `null` and placeholders.
    All,
    /// All: fields of forms and headers hold no labels.
    Filled,
    /// All.
    Any,
    /// All but short words, which a token is not.
    Token,
    /// So many bytes that look like chance, at least.
    Random(u8),
    /// The same, or a UUID.
    RandomOrUuid(u8),
    /// Six digits, as people copy them, ten bytes that look like chance, or a UUID.
    CopiedOrRandom,
    /// UUIDs.
    Uuid,
    /// So many digits, at least and at most, with spaces or hyphens between them.
    Digits(u8, u8),
    /// Codes that people copy: digits, or a few capitals and digits.
    Code,
    /// So many hexadecimal digits.
    Hex(u8),
    /// A scheme and a credential, or bytes that look like chance.
    Credential,
    /// Keys of licences: groups of capitals and digits.
    License,
    /// Two groups of four, as people copy them from one device to another.
    Pair,
    /// `name=value`, as cookies have it.
    Cookies,
    /// Connection strings with a password or key.
    Connection,
    /// Several words.
    Words,
}

impl<'s> Treatment<'s> {
    /// The treatment of all values.
    pub(crate) fn new(kind: &'s str, how: How) -> Self {
        Self { kind, how, shape: Shape::All, whole: false }
    }

    /// Returns whether `value` (decoded, without quotes) is a secret under its name.
    pub(crate) fn takes(&self, value: &[u8]) -> bool {
        let value = value.trim_ascii();
        if self.shape == Shape::All {
            return !matches!(value, b"" | b"null") && !crate::placeholder::is_all(value);
        }
        // A value of which a part is replaced was judged before that: its rest may look like chance now.
        if value::is_blank(value) || value::is_digest(value) || crate::placeholder::has_secret(value) {
            return false;
        }
        match self.shape {
            Shape::All | Shape::Filled => true,
            Shape::Any => {
                !value::is_number_below(value, 10) && !value::is_reference(value) && !value::is_prose(value)
            }
            Shape::Token => value::is_token(value) && !value::is_reference(value) && !value::is_prose(value),
            Shape::Random(least) => {
                value::is_random(value, usize::from(least), Randomness::Strict) || value::is_basic(value)
            }
            Shape::RandomOrUuid(least) => value::is_random(value, usize::from(least), Randomness::OrUuid),
            Shape::CopiedOrRandom => {
                value.len() == 6 && value.iter().all(u8::is_ascii_digit)
                    || value::is_random(value, 10, Randomness::OrUuid)
            }
            Shape::Uuid => value::is_uuid(value),
            Shape::Digits(least, most) => value::is_digits(value, usize::from(least), usize::from(most)),
            Shape::Code => value::is_code(value),
            Shape::Hex(length) => {
                value.len() == usize::from(length) && value.iter().all(u8::is_ascii_hexdigit)
            }
            Shape::Credential => value::is_credential(value),
            Shape::License => value::is_license(value),
            Shape::Pair => value::is_pair(value),
            Shape::Cookies => value.contains(&b'=') && !value.contains(&b'{'),
            Shape::Connection => value::is_connection(value),
            Shape::Words => value.iter().filter(|byte| **byte == b' ').count() >= 7,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(shape: Shape, takes: &[&str], leaves: &[&str]) {
        let treatment = Treatment { shape, ..Treatment::new("token", How::Seal) };
        for value in takes {
            assert!(treatment.takes(value.as_bytes()), "{shape:?} leaves {value}");
        }
        for value in leaves {
            assert!(!treatment.takes(value.as_bytes()), "{shape:?} takes {value}");
        }
    }

    #[test]
    fn shapes_take_secrets() {
        let placeholder = "~sealed.token.0123456789abcdef01234567~";
        check(Shape::All, &["x", "true", "0", "***"], &["", " ", "null", placeholder, "~masked.pin.lt8~"]);
        let phrase = "correct horse battery staple";
        check(
            Shape::Any,
            &["hunter2", "swordfish", phrase, "12", "Tr0ub4dor&3", "p", "пароль", "password", "letmein"],
            &[
                "",
                "true",
                "null",
                "********",
                "****1234",
                "[REDACTED]",
                "${DB_PASSWORD}",
                "{{ secret }}",
                "string",
                "Password",
                "New password",
                "Enter your password",
                "is too short (minimum is 8 characters)",
                "Password is required",
                "Bearer ~sealed.token.0123456789abcdef01234567~",
                placeholder,
                "0",
                "1",
                "<your-password>",
                "YOUR_PASSWORD",
                "arn:aws:secretsmanager:eu-west-1:1:secret:db-AbCdEf",
                "https://example.com/reset",
                "/account/password",
                "vault:secret/data/db#password",
                "Passwort",
                "Neues Passwort",
                "muss mindestens 12 Zeichen lang sein",
                "sk-...a1b2",
                "sha512-bn1m7mTdeIcgJvrt/lKjC3jFGLE/H26DhfqXAkhfwuEUxBWHLzi/Nmrj==",
                "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            ],
        );
    }

    #[test]
    fn shapes_take_tokens() {
        check(
            Shape::Token,
            &["abc123def", "tok_9f8e7d", "550e8400-e29b-41d4-a716-446655440000", "482913", "8f14e45f"],
            &[
                "O elemento tem um atributo 'alt'",
                "API-Schlüssel",
                "Hello",
                " world",
                "bearer",
                "JWT",
                "12",
                "198",
                "The",
                "ing",
                "user.name",
                "next",
            ],
        );
        check(
            Shape::Random(16),
            &["bGFnb29uOkdyb3ZlIVJLUjFQOTY5", "7Bq-x9_Kd2Lm-Z4vT_a1Q", "RGy-8Hl5_iZg2xsKgQ7Z"],
            &[
                "prod-EU-1-Web-2-Cluster-3",
                "v2-Beta3-RC4-x86-64",
                "Mon-28-Oct-2024-10-00",
                "IMG_2024-10-27_WA0012",
            ],
        );
        check(
            Shape::CopiedOrRandom,
            &["482913", "SplxlOBeZQQYbYS6WxSbIA", "550e8400-e29b-41d4-a716-446655440000"],
            &["404", "10117", "SUMMER2024", "not_found"],
        );
    }

    #[test]
    fn shapes_take_codes() {
        check(Shape::Digits(3, 4), &["123", "0123"], &["12", "12345", "abc", "12a"]);
        check(
            Shape::Digits(9, 9),
            &["123-45-6789", "123456789", "123 45 6789"],
            &["12345678", "123-45-678x"],
        );
        check(
            Shape::Code,
            &["482913", "AB12-CD34", "WDJB-MJHT", "G-482913", "a7k2m9"],
            &["US", "OK", "not_found", "12", "Invalid"],
        );
        check(Shape::Hex(32), &["0cc175b9c0f1b6a831c399e269772661"], &["wx1234567890abcdef", "0cc175b9"]);
        check(Shape::Uuid, &["550e8400-e29b-41d4-a716-446655440000"], &["prod/db", "550e8400"]);
        check(Shape::Cookies, &["a=b; c=d"], &["accepted", "true"]);
        check(
            Shape::Connection,
            &["DefaultEndpointsProtocol=https;AccountName=a;AccountKey=abc==", "Server=a;User Id=b;Pwd=c"],
            &["Server=a;Trusted_Connection=yes", "localhost:5432"],
        );
        check(Shape::Words, &["a b c d e f g h i j k l"], &["a b"]);
    }
}
