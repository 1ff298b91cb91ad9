//! Values that look like chance: what people write has words and patterns.

/// The values that count as random.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::names) enum Randomness {
    /// No UUID: most name things.
    Strict,
    /// UUIDs too.
    OrUuid,
}

/// Pieces that are shorter say nothing.
const PIECE: usize = 8;

/// Returns whether `least` bytes of it, and half of them, look like chance.
pub(in crate::names) fn is_random(value: &[u8], least: usize, randomness: Randomness) -> bool {
    if value.len() < least
        || !value.iter().all(|byte| is_token_byte(*byte))
        || value.windows(3).any(|three| three == b"://")
    {
        return false;
    }
    if is_resource_id(value) {
        return false;
    }
    if is_uuid(value) {
        return randomness == Randomness::OrUuid;
    }
    let pieces = value.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'+');
    let random: usize = pieces.filter(|piece| is_random_piece(piece)).map(<[u8]>::len).sum();
    let joints = value.iter().filter(|byte| !byte.is_ascii_alphanumeric()).count();
    random >= least.min(16) && random * 2 >= value.len() - joints
        || is_uuids(value, randomness)
        || value.len() >= least.max(16) && is_in_bits(value)
}

/// Returns whether it is base64 for URLs that `-` and `_` cut into pieces too short to say much by themselves.
fn is_in_bits(value: &[u8]) -> bool {
    let is_joint = |byte: &u8| matches!(byte, b'-' | b'_');
    if !value.iter().all(|byte| byte.is_ascii_alphanumeric() || is_joint(byte)) {
        return false;
    }
    let has = |is: fn(&u8) -> bool| value.iter().any(is);
    let has_all = has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    let bits = value.split(is_joint);
    let changes = |bit: &[u8]| bit.windows(2).filter(|two| class(two[0]) != class(two[1])).count();
    let (changes, wordy): (usize, usize) =
        bits.fold((0, 0), |sum, bit| (sum.0 + changes(bit), sum.1 + wordy(bit)));
    let letters = value.iter().filter(|byte| !is_joint(byte)).count();
    has_all && changes * 5 >= letters * 2 && wordy * 4 <= letters && variety(value) >= 12
}

fn variety(value: &[u8]) -> u32 {
    value.iter().fold(0_u128, |seen, byte| seen | 1 << (byte & 127)).count_ones()
}

/// Two capitals and 32 hexadecimal digits, as Twilio names things. Its keys are known by their form.
fn is_resource_id(value: &[u8]) -> bool {
    let is_hex = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    value.len() == 34 && value[..2].iter().all(u8::is_ascii_uppercase) && value[2..].iter().all(is_hex)
}

/// The bytes of tokens: base64 of both alphabets, and what joins pieces.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_./+=~:|!*%".contains(&byte)
}

/// `8-4-4-4-12` hexadecimal digits.
pub(in crate::names) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// UUIDs with points between them, as Keycloak's codes.
fn is_uuids(value: &[u8], randomness: Randomness) -> bool {
    let mut pieces = value.split(|byte| *byte == b'.');
    let is_one = |piece: &[u8]| is_uuid(piece) || is_random_piece(piece);
    pieces.clone().count() > 1
        && pieces.clone().any(is_uuid)
        && (randomness == Randomness::OrUuid || pieces.all(is_one))
}

/// Returns whether most of its letters stand in words.
pub(in crate::names) fn is_wordy(value: &[u8]) -> bool {
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let pieces = value.split(|byte| !byte.is_ascii_alphabetic());
    pieces.map(wordy).sum::<usize>() * 4 >= letters * 3
}

/// Returns whether a small letter stands alone between capitals, two on each side: no name is written so.
pub(in crate::names) fn has_lone_letter(value: &[u8]) -> bool {
    let is_capital = u8::is_ascii_uppercase;
    value.windows(5).any(|five| match five {
        [a, b, letter, c, d] => [a, b, c, d].into_iter().all(is_capital) && letter.is_ascii_lowercase(),
        _ => false,
    })
}

fn is_random_piece(piece: &[u8]) -> bool {
    if piece.len() < PIECE || wordy(piece) * 2 > piece.len() {
        return false;
    }
    let has = |is: fn(&u8) -> bool| piece.iter().any(is);
    let (digits, upper, lower) =
        (has(u8::is_ascii_digit), has(u8::is_ascii_uppercase), has(u8::is_ascii_lowercase));
    let changes = piece.windows(2).filter(|two| class(two[0]) != class(two[1])).count();
    let is_varied = variety(piece) as usize >= piece.len().min(20) / 2;
    match (digits, upper, lower) {
        (true, true, true) | (false, true, true) => is_varied && changes * 5 >= piece.len(),
        // Of one case: `SUMMER2024SALE50` is none, hexadecimal and base32 are.
        (true, false, false) => false,
        (true, _, _) => is_varied && changes >= 4 && (changes * 4 >= piece.len() || piece.len() >= 16),
        _ => is_varied && piece.len() >= 16,
    }
}

fn class(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'A'..=b'Z' => 1,
        b'a'..=b'z' => 2,
        _ => 3,
    }
}

/// How many bytes stand in words: four letters or more of one case (with a capital before them: three), with a vowel, and
/// never five consonants in a row.
fn wordy(piece: &[u8]) -> usize {
    let (mut wordy, mut start) = (0, 0);
    for end in 1..=piece.len() {
        let goes_on = end < piece.len()
            && class(piece[end]) == class(piece[end - 1])
            // `Word` goes on behind its capital.
            || end < piece.len() && end - start == 1 && class(piece[start]) == 1 && class(piece[end]) == 2;
        if !goes_on {
            let run = &piece[start..end];
            let is_title = run.len() == 3 && class(run[0]) == 1 && class(run[1]) == 2;
            if (run.len() >= 4 || is_title) && is_word(run) {
                wordy += run.len();
            }
            start = end;
        }
    }
    wordy
}

fn is_word(run: &[u8]) -> bool {
    let is_vowel = |byte: &u8| b"aeiouyAEIOUY".contains(byte);
    run[0].is_ascii_alphabetic()
        && run.iter().any(is_vowel)
        && !run.windows(5).any(|five| !five.iter().any(is_vowel))
        && !run.windows(4).any(|four| four.iter().all(is_vowel))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_seen() {
        for value in [
            "SplxlOBeZQQYbYS6WxSbIA",
            "4/0AX4XfWhq7d8kJm2v0Lw9zQx3R5tYbN1cVfGhTqPzKsDeXaWuIoMlEjRnB",
            "8f14e45fceea167a5a36dedd4bea2543",
            "ST-1856339-aA5Yuvrxzpv8Tau1cYQ7",
            "a1b2c3d4e5f6a7b8c9d0",
            "M.R3_BAY.b4f1c6a2-7d7a-8b1e-2f55-0d9c0a1e9f33",
            "9be7d2f0-4a51-4d52-9c3b-0a52b1e7f7a1.0d7c3b9e-5f0a-4c5e-8d55-1b8e1c2d3e4f.7b8d0c2e-1a2b-4c3d-9e4f-5a6b7c8d9e0f",
            "rJ9vXk2mQp7tZs4wYb1nHc6d",
            "mfrggzdfmztwq2lknnwg23tpobyxe43u",
            "xyzQ8kPl0Zr2",
        ] {
            assert!(is_random(value.as_bytes(), 10, Randomness::OrUuid), "{value}");
        }
    }

    #[test]
    fn words_are_no_chance() {
        for value in [
            "SUMMER2024SALE",
            "SUMMER2024SALE50",
            "SKU-20394-XL",
            "prod-us-east-1-cluster",
            "getUserProfileName",
            "invalid_grant",
            "2024-05-01T10:20:30.123Z",
            "1714557000123",
            "photos/2024/summer/beach.jpg",
            "https://example.com/a1b2c3d4e5f6",
            "version-2-beta-3",
            "user.profile.display.name",
            "ORDER-0000012345",
            "en-US",
            "application/json",
            "North-Rhine-Westphalia",
            "internationalization",
            "aaaaaaaaaaaaaaaa",
            "12345678901234567890",
            "DE89370400440532013000",
            "iPhone14ProMax",
            "ReactDOMServerRenderer",
            "background-color-primary",
            "user-1234567890",
            "AC5f2b8c7d9e1a3f4b6c8d0e2f4a6b8c1d",
        ] {
            assert!(!is_random(value.as_bytes(), 10, Randomness::Strict), "{value}");
        }
        let uuid = b"550e8400-e29b-41d4-a716-446655440000";
        assert!(!is_random(uuid, 10, Randomness::Strict));
        assert!(is_random(uuid, 10, Randomness::OrUuid));
    }
}
