//! A description in words: `method:POST url:https://api.example.com/v1 status:503 dur:1.5s`.

use std::collections::BTreeMap;

use dashcam_filter::nearest;

use crate::dto::RuleTested;

/// The words that a description may have.
const WORDS: [&str; 10] =
    ["method", "url", "client", "program", "mode", "listener", "status", "dur", "fail", "host"];
/// Units of time, in microseconds.
const TIMES: [(&str, f64); 6] = [("us", 1.0), ("µs", 1.0), ("ms", 1e3), ("s", 1e6), ("m", 6e7), ("h", 3.6e9)];

/// Puts the words of a description into the fields that say nothing yet.
///
/// # Errors
/// Says which word can't be read.
pub(super) fn read(mut tested: RuleTested) -> Result<RuleTested, String> {
    let Some(text) = tested.described.take() else { return Ok(tested) };
    let mut said = RuleTested::default();
    let mut headers = BTreeMap::new();
    for word in text.split_whitespace() {
        let (name, value) = word.split_once(':').unwrap_or((word, ""));
        if value.is_empty() {
            return Err(format!(
                "\u{201c}{word}\u{201d} is no part of a description; write NAME:VALUE{}.",
                names(name)
            ));
        }
        if let Some(header) = name.strip_prefix("header.") {
            headers.insert(header.to_owned(), value.to_owned());
        } else {
            put(&mut said, name, value)?;
        }
    }
    said.headers = (!headers.is_empty()).then_some(headers);
    Ok(RuleTested {
        exchange: None,
        described: None,
        method: tested.method.or(said.method),
        url: tested.url.or(said.url),
        client: tested.client.or(said.client),
        program: tested.program.or(said.program),
        mode: tested.mode.or(said.mode),
        listener: tested.listener.or(said.listener),
        headers: tested.headers.or(said.headers),
        status: tested.status.or(said.status),
        response_headers: tested.response_headers,
        duration_us: tested.duration_us.or(said.duration_us),
        failure: tested.failure.or(said.failure),
    })
}

fn put(said: &mut RuleTested, name: &str, value: &str) -> Result<(), String> {
    let text = Some(value.to_owned());
    let invalid = |expected: &str| format!("\u{201c}{name}:{value}\u{201d} can't be read; write {expected}.");
    match name {
        "method" => said.method = text,
        "url" => said.url = text,
        // A host alone is the beginning of a URL.
        "host" => said.url = Some(format!("https://{value}")),
        "client" => said.client = text,
        "program" => said.program = text,
        "mode" => said.mode = text,
        "listener" => said.listener = text,
        "status" => {
            said.status = Some(value.parse().map_err(|_| invalid("three digits, such as status:503"))?);
        }
        "dur" => {
            said.duration_us = Some(microseconds(value).ok_or_else(|| invalid("a time, such as dur:250ms"))?);
        }
        "fail" => said.failure = text,
        _ => return Err(format!("a description has no \u{201c}{name}\u{201d}{}.", names(name))),
    }
    Ok(())
}

fn names(wrong: &str) -> String {
    match nearest(wrong, WORDS) {
        Some(near) => format!("; did you mean \u{201c}{near}\u{201d}?"),
        None => format!(", with one of the names {}, header.NAME", WORDS.join(", ")),
    }
}

fn microseconds(text: &str) -> Option<i64> {
    let end = text.find(|sign: char| !sign.is_ascii_digit() && sign != '.').unwrap_or(text.len());
    let (_, unit) = TIMES.iter().find(|(name, _)| *name == &text[end..])?;
    let time = text[..end].parse::<f64>().ok()? * unit;
    // A description is not exact.
    #[expect(clippy::cast_possible_truncation, reason = "the time is small")]
    (time < 1e15).then_some(time as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_fields_and_fields_go_before_them() {
        let described = "method:POST url:https://a.test/x:y status:503 dur:1.5s client:10.0.0.7 header.x-a:b:c fail:upstream/dns";
        let tested =
            RuleTested { described: Some(described.to_owned()), status: Some(200), ..RuleTested::default() };
        let expect = RuleTested {
            method: Some("POST".to_owned()),
            url: Some("https://a.test/x:y".to_owned()),
            client: Some("10.0.0.7".to_owned()),
            headers: Some(BTreeMap::from([("x-a".to_owned(), "b:c".to_owned())])),
            status: Some(200),
            duration_us: Some(1_500_000),
            failure: Some("upstream/dns".to_owned()),
            ..RuleTested::default()
        };
        assert_eq!(read(tested), Ok(expect));
    }

    #[test]
    fn words_that_are_none_say_what_to_write() {
        for (described, expect) in [
            ("staus:503", "did you mean \u{201c}status\u{201d}?"),
            ("orders", "write NAME:VALUE, with one of the names method"),
            ("status:5xx", "three digits"),
            ("dur:soon", "dur:250ms"),
            ("dur:1", "dur:250ms"),
        ] {
            let tested = RuleTested { described: Some(described.to_owned()), ..RuleTested::default() };
            let message = read(tested).unwrap_err();
            assert!(message.contains(expect), "{described}: {message}");
        }
    }
}
