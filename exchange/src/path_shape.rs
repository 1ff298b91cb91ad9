//! Paths with their ids folded, so that the paths of one route are one.

/// The shortest token, and the shortest hexadecimal id.
const SHORTEST: usize = 16;

/// The path of a target without its query, and `{id}` for each segment that looks like the id of something: a number, a
/// UUID, hexadecimal digits, a ULID, a JSON Web Token, or another token of random letters and digits. The ending of a
/// file's name stays. Of an absolute URL as well the path only.
pub fn path_shape(target: &str, shape: &mut String) {
    shape.clear();
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            shape.push('/');
        }
        match segment.rsplit_once('.').filter(|(_, ending)| is_ending(ending)) {
            _ if is_id(segment) => shape.push_str("{id}"),
            Some((name, ending)) if is_id(name) => {
                shape.push_str("{id}.");
                shape.push_str(ending);
            }
            _ => shape.push_str(segment),
        }
    }
}

/// The ending of a file's name.
fn is_ending(ending: &str) -> bool {
    ending.len() <= 5
        && ending.starts_with(|first: char| first.is_ascii_alphabetic())
        && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn is_id(segment: &str) -> bool {
    // Most segments have no digit, and no id is without one.
    segment.bytes().any(|byte| byte.is_ascii_digit())
        && (is_number(segment)
            || is_hexadecimal(segment)
            || is_ulid(segment)
            || is_random(segment)
            || is_web_token(segment))
}

fn is_number(segment: &str) -> bool {
    segment.bytes().all(|byte| byte.is_ascii_digit())
}

/// A UUID, a digest, an object id.
fn is_hexadecimal(segment: &str) -> bool {
    let digits = segment.bytes().filter(u8::is_ascii_hexdigit).count();
    digits >= SHORTEST && segment.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// 128 bits in Crockford's base 32, which leaves out I, L, O and U.
fn is_ulid(segment: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() && !b"ILOU".contains(&byte.to_ascii_uppercase());
    segment.len() == 26 && (b'0'..=b'7').contains(&segment.as_bytes()[0]) && segment.bytes().all(is_digit)
}

/// Letters and digits that no person has chosen, as in base 64: they change between letters and digits, and between small
/// and capital letters, every few signs. Words with a number in them don't.
fn is_random(segment: &str) -> bool {
    let token = segment.trim_end_matches("%3D").trim_end_matches("%3d").trim_end_matches('=');
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+~".contains(&byte);
    if token.len() < SHORTEST || !token.bytes().all(is_sign) {
        return false;
    }
    let (mut to_digit, mut to_capital) = (0, 0);
    for pair in token.as_bytes().windows(2) {
        let [one, other] = [pair[0], pair[1]];
        to_digit += usize::from(
            one.is_ascii_alphanumeric()
                && other.is_ascii_alphanumeric()
                && one.is_ascii_digit() != other.is_ascii_digit(),
        );
        to_capital += usize::from(one.is_ascii_lowercase() && other.is_ascii_uppercase());
    }
    to_digit >= 2 && to_digit + to_capital >= token.len() / 4
}

/// Three parts in base 64, of which the first is a JSON object (RFC 7519).
fn is_web_token(segment: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    segment.starts_with("eyJ") && segment.matches('.').count() == 2 && segment.bytes().all(is_sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(target: &str) -> String {
        let mut shape = String::new();
        path_shape(target, &mut shape);
        shape
    }

    #[test]
    fn ids_are_folded() {
        for (target, expect) in [
            ("/v1/orders/42", "/v1/orders/{id}"),
            ("/v1/orders/42/lines?page=7", "/v1/orders/{id}/lines"),
            ("http://api.example.com:8080/v1/orders/42", "/v1/orders/{id}"),
            ("http://api.example.com", "/"),
            ("/u/018f3c2e-9f1a-7c3d-8b2e-0a1b2c3d4e5f/", "/u/{id}/"),
            ("/u/018F3C2E-9F1A-7C3D-8B2E-0A1B2C3D4E5F", "/u/{id}"),
            ("/blob/9f86d081884c7d659a2feaa0c55ad015", "/blob/{id}"),
            ("/objects/507f1f77bcf86cd799439011", "/objects/{id}"),
            ("/events/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/events/{id}"),
            ("/events/01arz3ndektsv4rrffq69g5fav", "/events/{id}"),
            ("/k/0ujsswThIGTUYm2K8FjOOfXtY1K", "/k/{id}"),
            ("/c/cjld2cjxh0000qzrmn831i7rn", "/c/{id}"),
            ("/v1/customers/cus_9s6XKzkNRiz8i3", "/v1/customers/{id}"),
            ("/n/V1StGXR8_Z5jdHi6B-myT", "/n/{id}"),
            ("/t/dGhpcyBpcyAxMjM0NTY3ODkwIQ==", "/t/{id}"),
            ("/t/dGhpcyBpcyAxMjM0NTY3ODkwIQ%3D%3D", "/t/{id}"),
            ("/img/0f1e2d3c4b5a69788796a5b4c3d2e1f0.png", "/img/{id}.png"),
            ("/orders/42.json", "/orders/{id}.json"),
            ("/t/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOjF9.c2lnbmF0dXJl", "/t/{id}"),
        ] {
            assert_eq!(shape(target), expect, "{target}");
        }
    }

    #[test]
    fn words_stay() {
        for target in [
            "/",
            "",
            "*",
            "/dead-beef/facade",
            "/v2/a1b2",
            "/2024-01-15/report",
            "/How-To-Build-2024",
            "/getUserOrdersByCustomerId2",
            "/mp3-to-mp4-h264-convert",
            "/v1.0/3.6.0",
            "/jquery-3.6.0.min.js",
            "/assets/main.8f3a2b1c.js",
            "/caf%C3%A9-au-lait-menu",
            "/%E4%BD%A0%E5%A5%BD%E4%B8%96",
            "/oauth2/v2.0/authorize",
            "/AdministrationOfAccounts2Factor",
        ] {
            assert_eq!(shape(target), target);
        }
    }
}
