//! The shapes in which secrets and other texts are generated.

use crate::base64;
use crate::random::Random;
use crate::vendor;

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const WORDS: [&str; 24] = [
    "amber", "birch", "cobalt", "delta", "ember", "fjord", "grove", "heron", "indigo", "juniper", "kestrel",
    "lagoon", "maple", "nectar", "ochre", "pebble", "quarry", "raven", "saddle", "timber", "umber", "velvet",
    "willow", "yonder",
];

/// A text in `shape`, such as `hex 40`; `offset` is where it begins in its body. `None` if there is no such shape.
#[must_use]
pub fn generate(shape: &str, offset: usize, random: &mut Random) -> Option<String> {
    let (name, rest) = shape.split_once(' ').unwrap_or((shape, ""));
    let size: usize = rest.split(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0);
    Some(match name {
        "hex" => random.text("0123456789abcdef", size),
        "HEX" => random.text("0123456789ABCDEF", size),
        "digits" => digits(random, size),
        "alnum" => random.text(ALNUM, size),
        "upper" => random.text(UPPER, size),
        "lower" => random.text(LOWER, size),
        "b64" => base64::standard(&random.bytes(size)),
        "b64url" => base64::url(&random.bytes(size)),
        "uuid" => uuid(random),
        "filler" => prose(random, size * 1024),
        "upto" => prose(random, size.checked_sub(offset)?),
        "name" => random.one(&WORDS).to_owned(),
        _ => return compound(name, rest, random).or_else(|| vendor::key(name, random)),
    })
}

fn compound(name: &str, rest: &str, random: &mut Random) -> Option<String> {
    Some(match name {
        "password" => password(random),
        // Special characters as a form, JSON, XML and YAML spell them.
        "password-pct" => {
            format!("{}%26{}%2B%21{}%25", password(random), password(random), random.text(LOWER, 3))
        }
        "password-json" => {
            format!("{}\\\"{}\\\\\\u00fc{}", password(random), random.text(ALNUM, 6), random.text(LOWER, 3))
        }
        "password-xml" => {
            format!("{}&amp;{}&lt;{}", password(random), random.text(ALNUM, 6), random.text(LOWER, 3))
        }
        "passphrase" => {
            (0..4).map(|_| random.one(&WORDS)).collect::<Vec<_>>().join("-") + "-" + &digits(random, 4)
        }
        "basic" => base64::standard(format!("{}:{}", random.one(&WORDS), password(random)).as_bytes()),
        "card" => card(rest, random, true),
        "no-card" => card(rest, random, false),
        "jwt" => format!("{}.{}", jwt_head(random), base64::url(&random.bytes(32))),
        "jwt-head" => jwt_head(random),
        "b64-password" => base64::standard(password(random).as_bytes()),
        "saml" => base64::standard(
            format!(
                "<samlp:Response ID=\"_{}\"><saml:Assertion>{}</saml:Assertion>",
                random.text(LOWER, 24),
                prose(random, 300)
            )
            .as_bytes(),
        ),
        "pem" => private_key(rest, "\n", random),
        "pem-json" => private_key(rest, "\\n", random),
        "certificate" => block("CERTIFICATE", 8, "\n", random),
        "certificate-json" => block("CERTIFICATE", 4, "\\n", random),
        "public-key" => block("PUBLIC KEY", 3, "\n", random),
        "png" => format!("iVBORw0KGgoAAAANSUhEUgAA{}", base64::standard(&random.bytes(rest.parse().ok()?))),
        "millis" => format!("17{}", digits(random, 11)),
        _ => return None,
    })
}

/// Digits of which the first is not 0, so that they can be a number in JSON.
fn digits(random: &mut Random, size: usize) -> String {
    random.text("123456789", size.min(1)) + &random.text("0123456789", size.saturating_sub(1))
}

/// As people make them: words, a number and a sign.
fn password(random: &mut Random) -> String {
    let (one, two) = (random.one(&WORDS), random.text(ALNUM, 5));
    let (first, rest) = one.split_at(1);
    format!("{}{rest}{}{two}{}", first.to_uppercase(), random.one(&["!", "-", ".", "_"]), digits(random, 3))
}

fn uuid(random: &mut Random) -> String {
    let mut part = |length| random.text("0123456789abcdef", length);
    format!("{}-{}-4{}-a{}-{}", part(8), part(4), part(3), part(3), part(12))
}

fn jwt_head(random: &mut Random) -> String {
    let head = base64::url(b"{\"alg\":\"HS256\",\"typ\":\"JWT\"}");
    let claims =
        format!("{{\"sub\":\"{}\",\"iat\":17{},\"scope\":\"read\"}}", digits(random, 9), digits(random, 8));
    format!("{head}.{}", base64::url(claims.as_bytes()))
}

/// A card number, `visa`, `mastercard` or `amex`, whose check digit is right, or else wrong; a further word separates its
/// groups.
fn card(rest: &str, random: &mut Random, right: bool) -> String {
    let (brand, separator) = rest.split_once(' ').unwrap_or((rest, ""));
    let (prefix, length) = match brand {
        "amex" => ("37", 15),
        "mastercard" => ("5425", 16),
        _ => ("4539", 16),
    };
    let mut number = prefix.to_owned() + &random.text("0123456789", length - prefix.len() - 1);
    let sum: u32 = number.bytes().rev().enumerate().map(|(at, digit)| doubled(digit, at % 2 == 0)).sum();
    let check = (10 - sum % 10) % 10;
    number.push(char::from(b'0' + ((check + u32::from(!right) * 3) % 10) as u8));
    let separator = match separator {
        "dashes" => "-",
        "spaces" => " ",
        _ => return number,
    };
    let ends: &[usize] = if length == 15 { &[0, 4, 10, 15] } else { &[0, 4, 8, 12, 16] };
    ends.windows(2).map(|pair| &number[pair[0]..pair[1]]).collect::<Vec<_>>().join(separator)
}

fn doubled(digit: u8, twice: bool) -> u32 {
    let value = u32::from(digit - b'0') * if twice { 2 } else { 1 };
    if value > 9 { value - 9 } else { value }
}

/// A private key block; `rest` is the algorithm in its name, such as `RSA`.
fn private_key(rest: &str, newline: &str, random: &mut Random) -> String {
    let name = format!("{rest} PRIVATE KEY");
    block(name.trim_start(), 6, newline, random)
}

fn block(name: &str, lines: usize, newline: &str, random: &mut Random) -> String {
    let lines: Vec<String> = (0..lines).map(|_| base64::standard(&random.bytes(48))).collect();
    format!("-----BEGIN {name}-----{newline}{}{newline}-----END {name}-----", lines.join(newline))
}

/// So many bytes of words.
fn prose(random: &mut Random, size: usize) -> String {
    let mut text = String::with_capacity(size + 10);
    while text.len() < size {
        text.push_str(random.one(&WORDS));
        text.push(' ');
    }
    text.truncate(size);
    text
}
