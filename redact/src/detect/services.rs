//! Keys of services whose form is more than a prefix and a run: pairs, pieces with points, URLs that are secrets.

use std::ops::Range;

use super::bytes::{
    begins, begins_apart, find, is_alnum, is_base64, is_dotted, is_hex, is_random, is_upper, is_url_base64,
    is_uuid, run, run_back, variety,
};

/// How far from an AWS key's id its secret is looked for.
const NEAR: usize = 400;

/// The id of an AWS key at `at`.
pub(super) fn aws_id(text: &[u8], at: usize) -> Option<Range<usize>> {
    let end = run(text, at, is_upper);
    let is_over = !text.get(end).copied().is_some_and(is_base64);
    let fits = end - at == 20 && is_over && variety(&text[at..end]) >= 6;
    (begins(text, at) && fits).then_some(at..end)
}

/// The secret near the AWS key id in `id`.
pub(super) fn aws_secret(text: &[u8], id: &Range<usize>) -> Option<Range<usize>> {
    let is_part = |byte: u8| is_alnum(byte) || matches!(byte, b'+' | b'/');
    let secret = |from: usize, to: usize| {
        let mut at = from;
        while at < to {
            let end = run(text, at, is_part);
            let is_random = || is_random(&text[at..end]) && text[at..end].iter().any(u8::is_ascii_lowercase);
            let has_both = || text[at..end].iter().any(u8::is_ascii_uppercase);
            if end - at == 40 && text.get(end) != Some(&b'=') && is_random() && has_both() {
                return Some(at..end);
            }
            at = end + 1;
        }
        None
    };
    // Another line may come later.
    let line = memchr::memrchr(b'\n', &text[..id.start]).map_or(0, |at| at + 1);
    let line_end = memchr::memchr(b'\n', &text[id.end..]).map_or(text.len(), |at| id.end + at);
    let before = || secret(line.max(id.start.saturating_sub(NEAR)), id.start);
    secret(id.end, line_end.min(id.end + NEAR)).or_else(before)
}

/// The key in which `_live_` or `_test_` stands at `at`: secret or restricted, not publishable.
pub(super) fn stripe(text: &[u8], at: usize) -> Option<Range<usize>> {
    let start = run_back(text, at, 8, is_alnum);
    let is_secret = matches!(&text[start..at], b"sk" | b"rk" | b"shippo" | b"duffel" | b"ak");
    let from = at + b"_live_".len();
    let end = run(text, from, is_alnum);
    let is_over = text.get(end) != Some(&b'_');
    (is_secret && end - from >= 16 && is_over && is_random(&text[from..end])).then_some(start..end)
}

/// The key that begins with `sk-`: OpenAI, Anthropic, OpenRouter, DeepSeek and others.
pub(super) fn sk(text: &[u8], at: usize) -> Option<(Range<usize>, &'static str)> {
    if !begins_apart(text, at) {
        return None;
    }
    let end = run(text, at, is_url_base64);
    let rest = &text[at + 3..end];
    let has_digit = rest.iter().any(u8::is_ascii_digit);
    let (kind, named) = match rest {
        rest if rest.starts_with(b"ant-") => ("anthropic-key", true),
        rest if rest.starts_with(b"proj-") || rest.starts_with(b"svcacct-") => ("openai-key", true),
        rest if rest.starts_with(b"admin-") || rest.starts_with(b"None-") => ("openai-key", true),
        rest if rest.starts_with(b"or-v1-") || rest.starts_with(b"lf-") => ("api-key", true),
        _ => ("openai-key", false),
    };
    let longest = rest.split(|byte| !is_alnum(*byte)).max_by_key(|part| part.len()).unwrap_or_default();
    let is_key = if named {
        rest.len() >= 24 && has_digit && variety(rest) >= 10
    } else {
        longest.len() >= 18 && is_random(longest) && has_digit
    };
    is_key.then_some((at..end, kind))
}

/// `SG.`, an id, a point, a secret.
pub(super) fn sendgrid(text: &[u8], at: usize) -> Option<Range<usize>> {
    let id = run(text, at + 3, is_url_base64);
    let end = run(text, id + 1, is_url_base64);
    let fits = (16..=32).contains(&(id - at - 3)) && (30..=64).contains(&end.saturating_sub(id + 1));
    (begins(text, at) && text.get(id) == Some(&b'.') && fits).then_some(at..end)
}

/// `SK` and 32 hexadecimal digits.
pub(super) fn twilio(text: &[u8], at: usize) -> Option<Range<usize>> {
    let end = run(text, at + 2, is_hex);
    let is_over = !text.get(end).copied().is_some_and(is_url_base64);
    let fits = end - at == 34 && is_over && is_random(&text[at + 2..end]);
    (begins_apart(text, at) && fits).then_some(at..end)
}

/// A bot's id, a colon at `at`, and a token that begins with `AA`.
pub(super) fn telegram(text: &[u8], at: usize) -> Option<Range<usize>> {
    let start = run_back(text, at, 12, |byte| byte.is_ascii_digit());
    let end = run(text, at + 1, is_url_base64);
    let is_begun = begins(text, start) || text[..start].ends_with(b"bot");
    let fits = (8..=10).contains(&(at - start)) && (33..=36).contains(&(end - at - 1));
    (is_begun && fits && is_random(&text[at + 1..end])).then_some(start..end)
}

/// The value behind `AccountKey=`, `SharedAccessKey=`, `SharedAccessSignature=` and their like, whose name begins
/// at `at`.
pub(super) fn azure(text: &[u8], at: usize) -> Option<Range<usize>> {
    let from = run(text, at, is_alnum) + 1;
    let end = run(text, from, |byte| is_base64(byte) || byte == b'%');
    let is_value = text.get(from - 1) == Some(&b'=') && end - from >= 20;
    (is_value && is_random(&text[from..end])).then_some(from..end)
}

/// The signature of a shared access URL, whose `sig=` stands at `at`.
pub(super) fn signature(text: &[u8], at: usize) -> Option<Range<usize>> {
    let from = at + b"sig=".len();
    let end = run(text, from, |byte| is_base64(byte) || byte == b'%');
    let is_name = at.checked_sub(1).is_some_and(|before| matches!(text[before], b'?' | b'&' | b';' | b' '));
    (is_name && end - from >= 24 && is_random(&text[from..end])).then_some(from..end)
}

/// The secret part of a webhook's URL, whose host or path stands at `at`.
pub(super) fn webhook(text: &[u8], at: usize) -> Option<Range<usize>> {
    let is_path = |byte: u8| is_base64(byte) || matches!(byte, b'@' | b'.');
    let rest = &text[at..];
    let from = if let Some(path) = rest.strip_prefix(b"hooks.slack.com") {
        let path = path.strip_prefix(b":443").unwrap_or(path);
        let kinds: [&[u8]; 4] = [b"/services/", b"/workflows/", b"/triggers/", b"/commands/"];
        let kind = kinds.iter().find(|kind| path.starts_with(kind))?;
        text.len() - path.len() + kind.len()
    } else if let Some(path) = rest.strip_prefix(b"/services/") {
        // The host is in another place than a request's path: two ids and a key.
        let is_id = |id: &[u8]| {
            id.len() >= 8 && id.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        let mut ids = path.split(|byte| *byte == b'/');
        let are_ids = ids.next().is_some_and(|id| id.starts_with(b"T") && is_id(id))
            && ids.next().is_some_and(|id| id.starts_with(b"B") && is_id(id));
        are_ids.then_some(text.len() - path.len())?
    } else if rest.starts_with(b"/api/webhooks/") {
        let id = at + b"/api/webhooks/".len();
        let slash = run(text, id, |byte| byte.is_ascii_digit());
        let is_id = slash - id >= 15 && text.get(slash) == Some(&b'/');
        is_id.then_some(slash + 1)?
    } else {
        at + b"/webhookb2/".len()
    };
    let mut end = run(text, from, is_path);
    while end > from && matches!(text[end - 1], b'.' | b'/') {
        end -= 1;
    }
    (end - from >= 20 && is_random(&text[from..end])).then_some(from..end)
}

/// Keys of two or three pieces, of which the first ends at the point `at`: bots of Discord, Airtable.
pub(super) fn pieces(text: &[u8], at: usize) -> Option<(Range<usize>, &'static str)> {
    let start = run_back(text, at, 40, is_url_base64);
    let first = &text[start..at];
    if first.len() == 17 && first.starts_with(b"pat") {
        let end = run(text, at + 1, is_hex);
        return (end - at - 1 == 64).then_some((start..end, "airtable-token"));
    }
    let is_bot = (23..=30).contains(&first.len()) && matches!(first[0], b'M' | b'N' | b'O');
    let second = run(text, at + 1, is_url_base64);
    let end = run(text, second + 1, is_url_base64);
    let fits = second == at + 7 && text.get(second) == Some(&b'.') && (27..=45).contains(&(end - second - 1));
    (is_bot && fits && is_random(first)).then_some((start..end, "discord-token"))
}

/// The key behind `FlyV1 `, at `at`; it may be a list.
pub(super) fn fly(text: &[u8], at: usize) -> Option<Range<usize>> {
    let from = at + b"FlyV1 ".len();
    let end = run(text, from, |byte| is_base64(byte) || byte == b',');
    (end > from + 30 && is_random(&text[from..end])).then_some(from..end)
}

/// A token in pieces with the mark of Terraform's cloud at `at`.
pub(super) fn terraform(text: &[u8], at: usize) -> Option<Range<usize>> {
    let start = run_back(text, at, 20, is_alnum);
    let end = run(text, at + b".atlasv1.".len(), is_dotted);
    (at - start == 14 && end - at > 50).then_some(start..end)
}

/// A key of Heroku in its old form, or of others, that is a UUID behind a marked prefix at `at`.
pub(super) fn plaid(text: &[u8], at: usize) -> Option<Range<usize>> {
    let stage = run(text, at + b"access-".len(), |byte| byte.is_ascii_lowercase());
    let stages: [&[u8]; 3] = [b"sandbox", b"development", b"production"];
    let end = run(text, stage + 1, is_uuid);
    let is_stage = stages.contains(&&text[at + b"access-".len()..stage]);
    (begins_apart(text, at) && is_stage && end.saturating_sub(stage + 1) == 36).then_some(at..end)
}

/// Mailchimp's keys: 32 hexadecimal digits before `-us` at `at`, and the number of a data centre.
pub(super) fn mailchimp(text: &[u8], at: usize) -> Option<Range<usize>> {
    let start = run_back(text, at, 33, is_hex);
    let end = run(text, at + b"-us".len(), |byte| byte.is_ascii_digit());
    let fits = at - start == 32 && (1..=2).contains(&(end - at - 3));
    let is_over = !text.get(end).copied().is_some_and(is_url_base64);
    (fits && is_over && begins_apart(text, start)).then_some(start..end)
}

/// The private lines of a PuTTY key, whose head stands at `at`.
pub(super) fn putty(text: &[u8], at: usize) -> Option<Range<usize>> {
    let line = find(text, at, b"\n")?;
    let end = run(text, line + 1, |byte| is_base64(byte) || matches!(byte, b'\r' | b'\n'));
    let lines = &text[line + 1..end];
    let end = find(lines, 0, b"Private").map_or(end, |mac| line + 1 + mac);
    (end > line + 40).then_some(line + 1..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_of_aws() {
        let text = b"AKIAQ3EGRIBX7TNKZ5PD:wJa1rXUtnFE2IMK7MDENGbPxRfi3CYzEXAMPLEKE next";
        let id = aws_id(text, 0).unwrap();
        assert_eq!(id, 0..20);
        assert_eq!(aws_secret(text, &id), Some(21..61));
        assert_eq!(aws_id(b"AKIAQ3EGRIBX7TNKZ5PDX", 0), None);
    }

    #[test]
    fn secret_keys() {
        let check = |text: &str, expect: bool| {
            assert_eq!(sk(text.as_bytes(), 0).is_some(), expect, "{text}");
        };
        check("sk-ant-api03-Ab1cd2Ef3gh4Ij5kl6Mn7op8Qr9st0Uv", true);
        check("sk-proj-Ab1cd2Ef3gh4Ij5kl6Mn7op8Qr9st0Uv-_x", true);
        check("sk-0a1b2c3d4e5f60718293a4b5c6d7e8f9", true);
        check("sk-learn-based-classification-model-2024", false);
        check("sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", false);
    }

    #[test]
    fn bots() {
        let token = "MTA4NzY1NDMyMTA5ODc2NTQzMg.GaBcDe.abcdefghijklmnopqrstuvwxyz0123456789AB";
        assert_eq!(pieces(token.as_bytes(), 26).map(|found| found.0), Some(0..token.len()));
        let token = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawx";
        assert_eq!(telegram(token.as_bytes(), 9), Some(0..token.len()));
    }
}
