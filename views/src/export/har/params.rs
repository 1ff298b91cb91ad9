//! The fields of forms.

use memchr::memmem;
use percent_encoding::percent_decode;
use serde_json::{Value, json};

/// The most fields that are written of a form or of a query.
const MOST: usize = 1000;

/// The longest boundary of a multipart body (RFC 2046 §5.1.1).
const LONGEST_BOUNDARY: usize = 70;

/// The fields of a form or of a query, as many as are written.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Fields {
    pub(super) list: Vec<Value>,
    has_more: bool,
}

impl Fields {
    fn of(mut fields: impl Iterator<Item = Value>) -> Self {
        let list = fields.by_ref().take(MOST).collect();
        Self { list, has_more: fields.next().is_some() }
    }

    /// A remark that there are more than are in the member `list`; the member `whole` has them.
    pub(super) fn comment(&self, list: &str, whole: &str) -> Option<String> {
        let comment = || format!("Only the first {MOST} fields are in `{list}`; `{whole}` has the others.");
        self.has_more.then(comment)
    }
}

/// The fields of a body whose Content-Type is `media_type`, with parameters; `None` for what is no form.
pub(super) fn params(media_type: &str, body: &[u8]) -> Option<Fields> {
    let kind = media_type.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Some(pairs(body));
    }
    let boundary =
        kind.eq_ignore_ascii_case("multipart/form-data").then(|| parameter(media_type, "boundary"))??;
    (boundary.len() <= LONGEST_BOUNDARY).then(|| parts(body, &boundary))
}

/// Names and values of `a=1&b=2`, decoded.
pub(super) fn pairs(text: &[u8]) -> Fields {
    let pairs = text.trim_ascii_end().split(|byte| *byte == b'&').filter(|pair| !pair.is_empty());
    let split = pairs.map(|pair| split_at(pair, b"=").unwrap_or((pair, b"")));
    Fields::of(split.map(|(name, value)| json!({"name": decoded(name), "value": decoded(value)})))
}

fn decoded(text: &[u8]) -> String {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).decode_utf8_lossy().into_owned()
}

/// The parts of a multipart body (RFC 7578); files without their content, which `text` has.
fn parts(body: &[u8], boundary: &str) -> Fields {
    let line = [b"\r\n--", boundary.as_bytes()].concat();
    // The first boundary may have no line end before it.
    let Some((_, mut rest)) = split_at(body, &line[2..]) else { return Fields::default() };
    let line = memmem::Finder::new(&line);
    let parts = std::iter::from_fn(|| {
        let at = line.find(rest)?;
        let part = &rest[..at];
        rest = &rest[at + line.needle().len()..];
        Some(part)
    });
    Fields::of(parts.filter_map(part_field))
}

fn part_field(part: &[u8]) -> Option<Value> {
    let (head, value) = split_at(part, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(head);
    let field = |wanted: &str| {
        let lines = head.lines().filter_map(|line| line.split_once(':'));
        lines
            .clone()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.trim().to_owned())
    };
    let disposition = field("content-disposition")?;
    let mut param = json!({"name": parameter(&disposition, "name")?});
    match parameter(&disposition, "filename") {
        Some(file) => param["fileName"] = json!(file),
        None => param["value"] = json!(String::from_utf8_lossy(value)),
    }
    if let Some(media_type) = field("content-type") {
        param["contentType"] = json!(media_type);
    }
    Some(param)
}

/// A parameter of a field's value, in quotes or without.
fn parameter(value: &str, wanted: &str) -> Option<String> {
    let mut rest = value;
    loop {
        rest = &rest[unquoted(rest, ';')? + 1..];
        let end = unquoted(rest, ';').unwrap_or(rest.len());
        let (name, value) = rest[..end].split_once('=')?;
        if name.trim().eq_ignore_ascii_case(wanted) {
            let value = value.trim();
            return Some(
                value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value).to_owned(),
            );
        }
    }
}

/// Where `wanted` stands outside of quotes.
fn unquoted(text: &str, wanted: char) -> Option<usize> {
    let mut is_quoted = false;
    let found = text.char_indices().find(|(_, character)| {
        is_quoted ^= *character == '"';
        *character == wanted && !is_quoted
    });
    found.map(|(at, _)| at)
}

/// The parts before and behind the first `separator`.
fn split_at<'a>(bytes: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memmem::find(bytes, separator)?;
    Some((&bytes[..at], &bytes[at + separator.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        let check = |media_type: &str, body: &[u8], expect: Option<Value>| {
            let fields = params(media_type, body).map(|fields| Value::from(fields.list));
            assert_eq!(fields, expect, "{media_type}");
        };
        let pairs =
            json!([{"name": "a b", "value": "1&2"}, {"name": "c", "value": ""}, {"name": "d", "value": "é"}]);
        check("application/x-www-form-urlencoded; charset=UTF-8", b"a+b=1%262&c&&d=%C3%A9", Some(pairs));
        check("Application/X-WWW-Form-URLEncoded", b"", Some(json!([])));
        check("application/json", b"{}", None);
        check("multipart/form-data", b"--x--", None);
        let body = b"--a b\r\nContent-Disposition: form-data; name=\"n;=\"\r\n\r\nv\r\n\r\n--a b\r\n\
            content-disposition: form-data; name=f; filename=\"x.bin\"\r\nContent-Type: image/png\r\n\r\n\xff\r\n--a b--\r\n";
        let fields = json!([
            {"name": "n;=", "value": "v\r\n"},
            {"name": "f", "fileName": "x.bin", "contentType": "image/png"}
        ]);
        check("multipart/form-data; charset=x; boundary=\"a b\"", body, Some(fields));
    }
    #[test]
    fn no_more_than_the_most_are_taken() {
        let check = |media_type: &str, body: &str, (count, has_more): (usize, bool)| {
            let fields = params(media_type, body.as_bytes()).unwrap();
            assert_eq!((fields.list.len(), fields.has_more), (count, has_more), "{media_type}");
            assert_eq!(fields.comment("params", "text").is_some(), has_more, "{media_type}");
        };
        let urlencoded = "application/x-www-form-urlencoded";
        check(urlencoded, &"a&".repeat(MOST), (MOST, false));
        check(urlencoded, &"a&".repeat(1 << 19), (MOST, true));
        let (multipart, part) =
            ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: x; name=n\r\n\r\nv\r\n");
        check(multipart, &format!("{}--b--", part.repeat(MOST)), (MOST, false));
        check(multipart, &format!("{}--b--", part.repeat(MOST + 1)), (MOST, true));
        // Parts that are no fields do not count.
        check(
            multipart,
            &format!("{}{}--b--", part.repeat(MOST), "--b\r\n\r\n\r\n".repeat(3)),
            (MOST, false),
        );
    }

    #[test]
    fn boundaries_have_at_most_70_bytes() {
        let taken = |length: usize| {
            let boundary = "b".repeat(length);
            let body = format!("--{boundary}\r\nContent-Disposition: x; name=n\r\n\r\nv\r\n--{boundary}--");
            params(&format!("multipart/form-data; boundary={boundary}"), body.as_bytes())
        };
        assert_eq!(taken(70).unwrap().list, [json!({"name": "n", "value": "v"})]);
        assert_eq!(taken(71), None);
    }
}
