//! Requests over HTTP/2 as bytes, right or wrong, and what comes back for each.

use std::collections::HashMap;

use crate::fuzzing::model::Field;

/// The bytes that a client sends first (RFC 9113 §3.4), with empty SETTINGS behind them.
const BEGINNING: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// The largest payload that is sure to be taken.
const LARGEST_FRAME: usize = 16 << 10;

/// The field that says which stream a request came on.
pub(super) const STREAM: &str = "x-stream";

/// A request as an input describes it: fields (names end in 0x1d, values in 0x1e), and behind each 0x1f the body and
/// the trailers, if there are any. So names, values and bodies may have every other byte.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) fields: Vec<Field>,
    pub(super) body: Option<Vec<u8>>,
    trailers: Option<Vec<Field>>,
}

impl Request {
    pub(super) fn new(text: &[u8]) -> Self {
        let mut parts = text.splitn(3, |byte| *byte == 0x1f);
        let head = parts.next().unwrap_or_default();
        Self {
            fields: fields(head),
            body: parts.next().map(<[u8]>::to_vec),
            trailers: parts.next().map(fields),
        }
    }

    pub(super) fn first(&self, name: &str) -> Option<&[u8]> {
        self.fields.iter().find(|(key, _)| key == name.as_bytes()).map(|(_, value)| value.as_slice())
    }

    /// Its frames on `stream`, which a field names besides.
    fn frames(&self, stream: u32) -> Vec<u8> {
        let mut named = self.fields.clone();
        named.push((STREAM.into(), stream.to_string().into_bytes()));
        let mut out = Vec::new();
        put_head(stream, &named, self.body.is_none(), &mut out);
        let Some(body) = &self.body else { return out };
        let pieces = body.chunks(LARGEST_FRAME).count().max(1);
        for (index, piece) in body.chunks(LARGEST_FRAME).chain(body.is_empty().then_some(&[][..])).enumerate()
        {
            let ends = index + 1 == pieces && self.trailers.is_none();
            put_frame(DATA, u8::from(ends) * END_STREAM, stream, piece, &mut out);
        }
        if let Some(trailers) = &self.trailers {
            put_head(stream, trailers, true, &mut out);
        }
        out
    }
}

fn fields(text: &[u8]) -> Vec<Field> {
    let all = text.split(|byte| *byte == 0x1e).filter(|field| !field.is_empty());
    all.map(|field| {
        let mut halves = field.splitn(2, |byte| *byte == 0x1d).map(<[u8]>::to_vec);
        (halves.next().unwrap_or_default(), halves.next().unwrap_or_default())
    })
    .collect()
}

/// All that the client sends: `requests` on streams 1, 3, 5 ….
pub(super) fn conversation(requests: &[Request]) -> Vec<u8> {
    let frames = requests.iter().zip((1..).step_by(2)).map(|(request, stream)| request.frames(stream));
    [BEGINNING.to_vec()].into_iter().chain(frames).collect::<Vec<_>>().concat()
}

/// The bytes of DATA that came for each stream.
pub(super) fn answers(mut seen: &[u8]) -> HashMap<u32, Vec<u8>> {
    let mut answers = HashMap::<_, Vec<u8>>::new();
    while let [a, b, c, kind, _, d, e, f, g, rest @ ..] = seen {
        let length = u32::from_be_bytes([0, *a, *b, *c]) as usize;
        let Some((payload, behind)) = rest.split_at_checked(length) else { break };
        if *kind == DATA {
            answers.entry(u32::from_be_bytes([*d, *e, *f, *g])).or_default().extend_from_slice(payload);
        }
        seen = behind;
    }
    answers
}

fn put_head(stream: u32, fields: &[Field], ends: bool, out: &mut Vec<u8>) {
    let block: Vec<u8> = fields.iter().flat_map(literal).collect();
    let pieces = block.chunks(LARGEST_FRAME).count().max(1);
    for (index, piece) in block.chunks(LARGEST_FRAME).chain(block.is_empty().then_some(&[][..])).enumerate() {
        let last = u8::from(index + 1 == pieces) * END_HEADERS;
        match index {
            0 => put_frame(HEADERS, last | (u8::from(ends) * END_STREAM), stream, piece, out),
            _ => put_frame(CONTINUATION, last, stream, piece, out),
        }
    }
}

fn put_frame(kind: u8, flags: u8, stream: u32, payload: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(payload.len()).expect("inputs are small").to_be_bytes();
    out.extend_from_slice(&[length[1], length[2], length[3], kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
}

/// A field as a literal that no table keeps (RFC 7541 §6.2.2).
fn literal((name, value): &Field) -> Vec<u8> {
    let mut out = vec![0];
    for text in [name, value] {
        put_length(text.len(), &mut out);
        out.extend_from_slice(text);
    }
    out
}

/// With a prefix of seven bits (RFC 7541 §5.1).
fn put_length(length: usize, out: &mut Vec<u8>) {
    let Some(mut rest) = length.checked_sub(127) else { return out.push(length as u8) };
    out.push(127);
    while rest >= 128 {
        out.push((rest % 128) as u8 | 128);
        rest /= 128;
    }
    out.push(rest as u8);
}
