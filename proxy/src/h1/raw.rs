//! Parts of heads that httparse tidies up, as they were on the wire: reason phrases, and the white space
//! around values.

use std::borrow::Cow;

use dashcam_exchange::Headers;
use httparse::Header;
use memchr::memchr_iter;

/// Room for the fields that are mostly added to a request's head: who asked, and for what.
const MORE_FIELDS: usize = 6;
const MORE_BYTES: usize = 256;

/// The reason phrase of the head in `bytes`, latin-1: all that stands behind the status and a space.
pub(crate) fn reason(bytes: &[u8]) -> String {
    // Nearly all are like that.
    if bytes.starts_with(b"HTTP/1.1 200 OK\r\n") {
        return "OK".to_owned();
    }
    let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n')).unwrap_or_default();
    let line = bytes[start..].split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let version = line.iter().take_while(|byte| **byte != b' ').count();
    let status = line[version..].iter().take_while(|byte| **byte == b' ').count() + "200".len();
    let reason = line.get(version + status..).and_then(|rest| rest.strip_prefix(b" ")).unwrap_or_default();
    reason.iter().map(|byte| char::from(*byte)).collect()
}

/// The fields, which lie in `bytes` together with the empty line behind them.
pub(crate) fn collect(bytes: &[u8], fields: &[Header<'_>]) -> Headers {
    plain(bytes, fields).unwrap_or_else(|| one_by_one(bytes, fields))
}

/// The fields copied all at once, if all of their lines are of the usual form.
fn plain(bytes: &[u8], fields: &[Header<'_>]) -> Option<Headers> {
    let first = fields.first()?;
    let start = first.name.as_ptr() as usize - bytes.as_ptr() as usize;
    let lines = bytes[start..].strip_suffix(b"\r\n")?;
    // No line is folded.
    if memchr_iter(b'\n', lines).count() != fields.len() {
        return None;
    }
    let within = |part: &[u8]| (part.as_ptr() as usize).wrapping_sub(lines.as_ptr() as usize);
    let mut headers = Headers::over(lines, fields.len() + MORE_FIELDS, MORE_BYTES);
    for field in fields {
        let name = within(field.name.as_bytes());
        let mut value = within(field.value);
        if field.value.is_empty() {
            value = name + field.name.len() + 1;
        }
        let found = headers.push_within(name, field.name.len(), value..value + field.value.len());
        if !found {
            return None;
        }
    }
    Some(headers)
}

fn one_by_one(bytes: &[u8], fields: &[Header<'_>]) -> Headers {
    let size = fields.iter().map(|field| field.name.len() + field.value.len() + 1).sum();
    let mut headers = Headers::with_capacity(fields.len(), size);
    for field in fields {
        headers.push_line(field.name, rest(bytes, field));
    }
    headers
}

/// All that stands between the colon of `field`, which lies in `bytes`, and its line's end. A line that is
/// folded is one with spaces (RFC 9112 §5.2).
fn rest<'b>(bytes: &'b [u8], field: &Header<'_>) -> Cow<'b, [u8]> {
    let offset = |part: &[u8]| part.as_ptr() as usize - bytes.as_ptr() as usize + part.len();
    let behind_name = offset(field.name.as_bytes());
    let colon = bytes[behind_name..].iter().position(|byte| *byte == b':').unwrap_or_default();
    let start = behind_name + colon + 1;
    let mut end = if field.value.is_empty() { start } else { offset(field.value) };
    while let Some(byte) = bytes.get(end) {
        if *byte == b'\n' && !matches!(bytes.get(end + 1), Some(b' ' | b'\t')) {
            break;
        }
        end += 1;
    }
    let rest = &bytes[start..end];
    let rest = rest.strip_suffix(b"\r").unwrap_or(rest);
    if !rest.contains(&b'\n') {
        return Cow::Borrowed(rest);
    }
    let unfolded = rest.iter().filter(|byte| **byte != b'\r');
    Cow::Owned(unfolded.map(|byte| if *byte == b'\n' { b' ' } else { *byte }).collect())
}
