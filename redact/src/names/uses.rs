//! The uses of a name beside that of giving a secret away.

/// The uses of a member's name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    /// True if a pair's name stands under it: `{"name": …, "value": …}`.
    pub(crate) is_pair_name: bool,
    /// True if a pair's value stands under it.
    pub(crate) is_pair_value: bool,
    /// True if numbers under it are identifiers or times.
    pub(crate) is_id: bool,
}

impl Uses {
    /// None.
    pub(crate) const NONE: Self = Self { is_pair_name: false, is_pair_value: false, is_id: false };

    /// The uses of `name`.
    pub(crate) fn of(name: &[u8]) -> Self {
        Self { is_pair_name: is_pair_name(name), is_pair_value: is_pair_value(name), is_id: is_id(name) }
    }
}

/// Returns whether `key` is one of `known`; most are told apart by length and first letter.
fn is_one_of(known: &[&[u8]], key: &[u8]) -> bool {
    let may_be = |known: &&&[u8]| known.len() == key.len() && known[0] == key[0] | 32;
    known.iter().filter(may_be).any(|known| key.eq_ignore_ascii_case(known))
}

/// Returns whether a pair's name stands under `key`.
pub(crate) fn is_pair_name(key: &[u8]) -> bool {
    const KEYS: [&[u8]; 7] = [b"name", b"key", b"field", b"header", b"param", b"parameter", b"property"];
    is_one_of(&KEYS, key)
}

/// Returns whether a pair's value stands under `key`.
fn is_pair_value(key: &[u8]) -> bool {
    const KEYS: [&[u8]; 3] = [b"value", b"val", b"values"];
    is_one_of(&KEYS, key)
}

/// Returns whether a name's last word says that it is an identifier or a time.
pub(crate) fn is_id(name: &[u8]) -> bool {
    const WORDS: [&[u8]; 14] = [
        b"id",
        b"ids",
        b"uid",
        b"guid",
        b"uuid",
        b"timestamp",
        b"ts",
        b"time",
        b"sku",
        b"ean",
        b"gtin",
        b"imei",
        b"isbn",
        b"nonce",
    ];
    // Most names end in other letters.
    if !name.last().is_some_and(|last| matches!(last | 32, b'd' | b's' | b'p' | b'e' | b'u' | b'n' | b'i')) {
        return false;
    }
    WORDS.iter().filter(|word| word.last() == name.last().map(|last| last | 32).as_ref()).any(|word| {
        let Some(at) = name.len().checked_sub(word.len()) else { return false };
        let (before, end) = name.split_at(at);
        let begins = before.last().is_none_or(|last| !last.is_ascii_alphabetic())
            || end[0].is_ascii_uppercase() && before.last().is_some_and(u8::is_ascii_lowercase);
        begins && end.eq_ignore_ascii_case(word)
    })
}
