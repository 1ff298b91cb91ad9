//! The origin that curl's options need, besides the site: authentication, cookies, ranges, redirects, compression.

use std::io::Write as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use dashcam_tests::origin::{Reply, Seen};
use dashcam_tests::wire::field;
use sha2::{Digest as _, Sha256};

const NONCE: &str = "dcd98b7102dd2f0e8b11d0f600bfb0c093";

/// The body of `/gzip`, uncompressed.
pub(crate) fn plain() -> String {
    "It is compressed, and passes as it is. ".repeat(100)
}

/// [`plain`], compressed.
pub(crate) fn compressed() -> Result<Vec<u8>> {
    let mut gzip = Command::new("gzip").args(["-nc"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    gzip.stdin.take().context("stdin is piped")?.write_all(plain().as_bytes())?;
    Ok(gzip.wait_with_output()?.stdout)
}

/// Answers what the site does not know.
pub(crate) fn answer(request: &Seen, compressed: &[u8]) -> Option<Reply> {
    let path = request.target.split('?').next()?;
    let (first, rest) =
        path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
    match first {
        "gzip" if accepts_gzip(request) => Some(reply(200, &[("Content-Encoding", "gzip")], compressed)),
        "gzip" => Some(reply(200, &[], plain().as_bytes())),
        "range" => Some(range(request)),
        "cookies" => Some(cookies(request)),
        "redirect" => Some(redirect(rest, &request.target)),
        "basic" => Some(guarded(request, "Basic realm=\"tests\"", basic_is_right(request))),
        "sha" => {
            let challenge = format!(
                "Digest realm=\"tests\", qop=\"auth\", algorithm=SHA-256, nonce=\"{NONCE}\", opaque=\"x\""
            );
            Some(guarded(request, &challenge, digest_is_right(request).unwrap_or(false)))
        }
        _ => None,
    }
}

fn reply(status: u16, fields: &[(&str, &str)], body: &[u8]) -> Reply {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Reply { status, fields, body: body.to_owned() }
}

fn accepts_gzip(request: &Seen) -> bool {
    field(&request.fields, "accept-encoding").is_some_and(|value| value.contains("gzip"))
}

/// The alphabet, or `bytes=FIRST-[LAST]` of it.
fn range(request: &Seen) -> Reply {
    const ALL: &[u8] = b"abcdefghijklmnopqrstuvwxyz";
    let wanted = field(&request.fields, "range").and_then(|value| value.strip_prefix("bytes="));
    let Some((first, last)) = wanted.and_then(|value| value.split_once('-')) else {
        return reply(200, &[("Accept-Ranges", "bytes")], ALL);
    };
    let first: usize = first.parse().unwrap_or(0);
    let last: usize = last.parse().unwrap_or(ALL.len() - 1).min(ALL.len() - 1);
    let Some(part) = ALL.get(first..=last) else {
        return reply(416, &[("Content-Range", "bytes */26")], b"");
    };
    reply(206, &[("Content-Range", &format!("bytes {first}-{last}/26"))], part)
}

/// Sets two cookies and sends the client on; shows what comes back.
fn cookies(request: &Seen) -> Reply {
    if let Some((_, query)) = request.target.split_once("?set") {
        let fields = [
            ("Set-Cookie", "one=1; Path=/"),
            ("Set-Cookie", "two=\"2, 2\"; Path=/cookies; HttpOnly"),
            ("Set-Cookie", "elsewhere=3; Path=/elsewhere"),
            ("Location", &format!("/cookies?shown{query}")),
        ];
        return reply(302, &fields, b"");
    }
    let cookie = request.fields.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie"));
    let all: Vec<&str> = cookie.map(|(_, value)| value.as_str()).collect();
    reply(200, &[], all.join("; ").as_bytes())
}

/// `STATUS/LEFT`: sends the client on, `LEFT` times.
fn redirect(rest: &str, target: &str) -> Reply {
    let (status, left) = rest.split_once('/').unwrap_or((rest, "0"));
    let query = target.find('?').map_or("", |at| &target[at..]);
    match left.parse().unwrap_or(0_u32) {
        0 => reply(200, &[], b"arrived"),
        left => {
            let next = format!("/redirect/{status}/{}{query}", left - 1);
            reply(status.parse().unwrap_or(302), &[("Location", &next)], b"go on")
        }
    }
}

fn guarded(request: &Seen, challenge: &str, right: bool) -> Reply {
    if right {
        return reply(200, &[], format!("come in, {}", request.digest).as_bytes());
    }
    reply(401, &[("WWW-Authenticate", challenge)], b"who is it?")
}

fn basic_is_right(request: &Seen) -> bool {
    let right = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode("me:secret"));
    field(&request.fields, "authorization") == Some(&right)
}

/// RFC 7616 §3.4.1: it depends on the method and the target, so both must have arrived as they were sent.
fn digest_is_right(request: &Seen) -> Option<bool> {
    let given = field(&request.fields, "authorization")?.strip_prefix("Digest ")?;
    let part = |name: &str| {
        let (_, rest) = given.split_once(&format!("{name}="))?;
        Some(rest.split([',', ' ']).next()?.trim_matches('"'))
    };
    let uri = given.split_once("uri=\"")?.1.split('"').next()?;
    let secret = sha256("me:tests:secret");
    let asked = sha256(&format!("{}:{}", request.method, request.target));
    let expected = format!("{secret}:{NONCE}:{}:{}:auth:{asked}", part("nc")?, part("cnonce")?);
    Some(uri == request.target && given.contains(&format!("response=\"{}\"", sha256(&expected))))
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
