//! A head on its way into the database: the fields of which its template is chosen, and the text that is stored.

use dashcam_exchange::Headers;

use crate::rows::headers_json::quote;

/// Characters of the JSON of a template at most, and bytes of a head that is folded: the view leaves larger ones out.
pub(super) const LARGEST: usize = 16 << 10;

/// Names with these in them may have secrets in their values: those never stand in a template, which other exchanges share.
const SECRET: [&[u8]; 16] = [
    b"auth",
    b"cookie",
    b"token",
    b"secret",
    b"key",
    b"session",
    b"passw",
    b"csrf",
    b"xsrf",
    b"credential",
    b"jwt",
    b"assert",
    b"signature",
    b"otp",
    b"dpop",
    b"sid",
];

/// A field of a head that is to be stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'h> {
    pub(super) name: &'h [u8],
    pub(super) value: &'h [u8],
    /// Its place in the head as received, where it is the same there.
    pub(super) received: Option<usize>,
}

/// The fields of `head`, compared with those as `received`.
pub(super) fn fields<'h>(head: &'h Headers, received: Option<&'h Headers>) -> Vec<Field<'h>> {
    let mut at = 0;
    let place = |field: (&[u8], &[u8])| {
        let received = received?;
        let same = (at..received.len()).find(|place| received.at(*place) == Some(field))?;
        at = same + 1;
        Some(same)
    };
    let places: Vec<_> = head.iter().map(place).collect();
    head.iter().zip(places).map(|((name, value), received)| Field { name, value, received }).collect()
}

/// Returns whether a field of that name may have a secret.
pub(super) fn is_secret(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|word| name.windows(word.len()).any(|part| part == *word))
}

/// The text of a head that has a template: its number, and the values that are the head's own.
pub(super) fn folded<'v>(template: i64, own: impl Iterator<Item = &'v [u8]>) -> String {
    let mut text = template.to_string().into_bytes();
    text.reserve(64);
    text.push(b'[');
    for (at, value) in own.enumerate() {
        text.extend_from_slice(if at == 0 { b"\"" } else { b",\"" });
        quote(&mut text, value);
        text.push(b'"');
    }
    text.push(b']');
    String::from_utf8(text).expect("only whole characters are pushed")
}

/// The fields of a template as JSON. `None` stands for a value that is a head's own.
pub(super) fn template<'v>(
    fields: impl Iterator<Item = (&'v [u8], Option<usize>, Option<&'v [u8]>)>,
) -> String {
    let (mut json, mut own) = (vec![b'['], 0);
    for (name, received, value) in fields {
        if json.len() > 1 {
            json.push(b',');
        }
        if let Some(place) = received {
            json.extend_from_slice(format!("[{place}]").as_bytes());
            continue;
        }
        json.extend_from_slice(b"[\"");
        quote(&mut json, name);
        if let Some(value) = value {
            json.extend_from_slice(b"\",\"");
            quote(&mut json, value);
            json.extend_from_slice(b"\"]");
        } else {
            json.extend_from_slice(format!("\",\"\",{own}]").as_bytes());
            own += 1;
        }
    }
    json.push(b']');
    String::from_utf8(json).expect("only whole characters are pushed")
}
