//! Frames (RFC 9113 §4, §6) as bytes, right or wrong.

/// A frame's type (RFC 9113 §6).
pub mod kind {
    #![allow(missing_docs, reason = "they are named as the RFC names them")]
    pub const DATA: u8 = 0;
    pub const HEADERS: u8 = 1;
    pub const PRIORITY: u8 = 2;
    pub const RST_STREAM: u8 = 3;
    pub const SETTINGS: u8 = 4;
    pub const PUSH_PROMISE: u8 = 5;
    pub const PING: u8 = 6;
    pub const GOAWAY: u8 = 7;
    pub const WINDOW_UPDATE: u8 = 8;
    pub const CONTINUATION: u8 = 9;
}

/// END_STREAM, on DATA and HEADERS.
pub const END_STREAM: u8 = 1;
/// ACK, on SETTINGS and PING.
pub const ACK: u8 = 1;
/// END_HEADERS, on HEADERS and CONTINUATION.
pub const END_HEADERS: u8 = 4;
/// PADDED, on DATA and HEADERS.
pub const PADDED: u8 = 8;
/// PRIORITY, on HEADERS.
pub const PRIORITY: u8 = 32;

/// A frame with its length as it is.
#[must_use]
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A DATA frame.
#[must_use]
pub fn data(stream: u32, payload: &[u8], ends: bool) -> Vec<u8> {
    frame(kind::DATA, u8::from(ends), stream, payload)
}

/// A HEADERS frame that has all its fields.
#[must_use]
pub fn headers(stream: u32, fields: &[(&str, &str)], ends: bool) -> Vec<u8> {
    frame(kind::HEADERS, END_HEADERS | u8::from(ends), stream, &block(fields))
}

/// A RST_STREAM frame.
#[must_use]
pub fn reset(stream: u32, code: u32) -> Vec<u8> {
    frame(kind::RST_STREAM, 0, stream, &code.to_be_bytes())
}

/// A SETTINGS frame.
#[must_use]
pub fn settings(settings: &[(u16, u32)]) -> Vec<u8> {
    let pair = |&(id, value): &(u16, u32)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat();
    frame(kind::SETTINGS, 0, 0, &settings.iter().flat_map(pair).collect::<Vec<_>>())
}

/// A PING frame, or the answer to one.
#[must_use]
pub fn ping(payload: &[u8], answers: bool) -> Vec<u8> {
    frame(kind::PING, u8::from(answers), 0, payload)
}

/// A GOAWAY frame.
#[must_use]
pub fn go_away(last: u32, code: u32) -> Vec<u8> {
    frame(kind::GOAWAY, 0, 0, &[last.to_be_bytes(), code.to_be_bytes()].concat())
}

/// A WINDOW_UPDATE frame.
#[must_use]
pub fn window_update(stream: u32, increment: u32) -> Vec<u8> {
    frame(kind::WINDOW_UPDATE, 0, stream, &increment.to_be_bytes())
}

/// A field block (RFC 7541): each field literal, not indexed, not compressed.
#[must_use]
pub fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let literal = |(name, value): &(&str, &str)| {
        [&[0][..], &string(name.as_bytes()), &string(value.as_bytes())].concat()
    };
    fields.iter().flat_map(literal).collect()
}

/// A string literal (RFC 7541 §5.2).
#[must_use]
pub fn string(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    if bytes.len() < 127 {
        encoded.push(u8::try_from(bytes.len()).unwrap_or_default());
    } else {
        encoded.push(127);
        let mut rest = bytes.len() - 127;
        while rest >= 128 {
            encoded.push(u8::try_from(rest % 128).unwrap_or_default() | 128);
            rest /= 128;
        }
        encoded.push(u8::try_from(rest).unwrap_or_default());
    }
    encoded.extend(bytes);
    encoded
}
