//! Names taken apart into words: `clientSecret`, `client-secret`, `CLIENT_SECRET` and `client[secret]` have the same two.

/// Names are looked at from their end, where the noun stands that says what they name: this many bytes of them.
const LONGEST: usize = 96;
/// And so many words.
const MOST: usize = 12;

/// The words of a name, in lower case.
pub(super) struct Words {
    bytes: [u8; LONGEST],
    /// Begin and end of each word in `bytes`.
    words: [(u8, u8); MOST],
    count: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Lower,
    Upper,
    Digit,
    Other,
}

impl Words {
    /// Takes `name` apart: where anything but letters and digits stands, between letters and digits, and where
    /// upper case begins (`accessToken`) or ends (`JWTToken`).
    pub(super) fn of(name: &[u8]) -> Self {
        let name = &name[name.len().saturating_sub(LONGEST)..];
        let mut words = Self { bytes: [0; LONGEST], words: [(0, 0); MOST], count: 0 };
        let mut start = 0;
        for (at, byte) in name.iter().enumerate() {
            words.bytes[at] = byte.to_ascii_lowercase();
            let kind = kind(*byte);
            if kind == Kind::Other {
                words.add(start, at);
                start = at + 1;
            } else if at > start && begins(kind, kind_at(name, at - 1), kind_at(name, at + 1)) {
                words.add(start, at);
                start = at;
            }
        }
        words.add(start, name.len());
        words
    }

    #[expect(clippy::cast_possible_truncation, reason = "names are at most `LONGEST` bytes here")]
    fn add(&mut self, start: usize, end: usize) {
        if start >= end {
            return;
        }
        if self.count == MOST {
            self.words.rotate_left(1);
            self.count -= 1;
        }
        self.words[self.count] = (start as u8, end as u8);
        self.count += 1;
    }

    /// How many words there are.
    pub(super) fn len(&self) -> usize {
        self.count
    }

    /// Drops the last word.
    pub(super) fn pop(&mut self) {
        self.count = self.count.saturating_sub(1);
    }

    /// The word before the last `back` ones; empty if there is none.
    pub(super) fn nth_last(&self, back: usize) -> &str {
        let Some(at) = self.count.checked_sub(back + 1) else { return "" };
        let (start, end) = self.words[at];
        std::str::from_utf8(&self.bytes[usize::from(start)..usize::from(end)]).unwrap_or("")
    }
}

fn kind(byte: u8) -> Kind {
    match byte {
        b'a'..=b'z' | 0x80.. => Kind::Lower,
        b'A'..=b'Z' => Kind::Upper,
        b'0'..=b'9' => Kind::Digit,
        _ => Kind::Other,
    }
}

fn kind_at(name: &[u8], at: usize) -> Kind {
    name.get(at).map_or(Kind::Other, |byte| kind(*byte))
}

/// Returns whether a word begins with a byte of this kind, between these two.
fn begins(kind: Kind, before: Kind, after: Kind) -> bool {
    match (before, kind) {
        (Kind::Digit, Kind::Lower | Kind::Upper)
        | (Kind::Lower | Kind::Upper, Kind::Digit)
        | (Kind::Lower, Kind::Upper) => true,
        (Kind::Upper, Kind::Upper) => after == Kind::Lower,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expect: &str) {
        let words = Words::of(name.as_bytes());
        let found: Vec<&str> = (0..words.len()).rev().map(|back| words.nth_last(back)).collect();
        assert_eq!(found.join(" "), expect, "{name}");
    }

    #[test]
    fn names_have_words() {
        check("password", "password");
        check("clientSecret", "client secret");
        check("client_secret", "client secret");
        check("X-Client-Secret", "x client secret");
        check("CLIENT.SECRET", "client secret");
        check("user[session][token]", "user session token");
        check("JWTToken", "jwt token");
        check("SAMLResponse", "saml response");
        check("APIKey2", "api key 2");
        check("oauth2Token", "oauth 2 token");
        check("__RequestVerificationToken", "request verification token");
        check("contraseña", "contraseña");
        check("x-candidate-id", "x candidate id");
        check("authors", "authors");
        check("", "");
        check("--", "");
        check("a.b.c.d.e.f.g.h.i.j.k.l.m.n", "c d e f g h i j k l m n");
    }

    #[test]
    fn long_names_are_looked_at_from_their_end() {
        let name = format!("{}.accessToken", "x".repeat(500));
        let words = Words::of(name.as_bytes());
        assert_eq!([words.nth_last(1), words.nth_last(0)], ["access", "token"]);
        // No word begins within a character.
        let name = format!("{}_token", "ñ".repeat(80));
        assert_eq!(Words::of(name.as_bytes()).nth_last(0), "token");
    }
}
