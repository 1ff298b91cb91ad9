//! Bodies for reading: content codings undone, with an output cap, and charsets decoded.

use std::io::Read;

use dashcam_exchange::{BodyRecord, Headers};

mod charset;
mod codings;

/// Bytes to read beyond the output cap, for what a coding adds to short or random data.
const CODING_OVERHEAD: u64 = 64 << 10;

/// How a stored body is to be decoded.
#[derive(Debug)]
pub(crate) struct Source {
    codings: Vec<String>,
    charset: Option<String>,
    stored: u64,
    whole: bool,
    limit: u64,
}

/// A body decoded as far as it could be.
#[derive(Debug)]
pub(crate) struct Decoded {
    /// The bytes without content codings; the stored ones when nothing could be undone.
    pub(crate) bytes: Vec<u8>,
    /// The content codings that the head names.
    pub(crate) encoding: Option<String>,
    /// The decoded size; of what was decoded when `truncated`.
    pub(crate) size: u64,
    /// Whether there is more than `bytes`.
    pub(crate) truncated: bool,
    /// What went wrong.
    pub(crate) note: Option<String>,
    charset: Option<String>,
}

impl Source {
    /// The body `record` under a head with `headers`, to be decoded to `limit` bytes at the most.
    pub(crate) fn new(headers: &Headers, record: &BodyRecord, limit: u64) -> Self {
        let codings =
            headers.tokens("content-encoding").map(|token| String::from_utf8_lossy(token).to_lowercase());
        Self {
            codings: codings.filter(|coding| coding != "identity").collect(),
            charset: charset::label(headers),
            stored: record.stored,
            whole: !record.truncated && record.complete && record.stored == record.size,
            limit,
        }
    }

    /// How many of the stored bytes decoding may need.
    pub(crate) fn wanted(&self) -> u64 {
        if self.codings.is_empty() { self.limit } else { self.limit + CODING_OVERHEAD }
    }

    /// Decodes `stored`, the first [`Source::wanted`] bytes of the body.
    pub(crate) fn decode(self, stored: Vec<u8>) -> Decoded {
        let partial = !self.whole || (stored.len() as u64) < self.stored;
        let encoding = (!self.codings.is_empty()).then(|| self.codings.join(", "));
        let mut bytes = Vec::new();
        let ended = match encoding {
            Some(_) => codings::undo(&self.codings, &stored)
                .and_then(|reader| reader.take(self.limit + 1).read_to_end(&mut bytes)),
            None => Ok(0),
        };
        let failed = ended.is_err();
        let note = ended.err().map(|error| note(&error, encoding.as_deref().unwrap_or_default(), partial));
        if encoding.is_none() || (failed && bytes.is_empty()) {
            bytes = stored;
        }
        let over = bytes.len() as u64 > self.limit;
        bytes.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        let truncated = over || partial || failed;
        let size = if encoding.is_none() { self.stored } else { bytes.len() as u64 };
        Decoded { bytes, encoding, size, truncated, note, charset: self.charset }
    }
}

/// Decodes on a thread where it holds nobody up.
pub(crate) async fn in_background(source: Source, stored: Vec<u8>) -> Decoded {
    let decoding = tokio::task::spawn_blocking(move || source.decode(stored));
    decoding.await.unwrap_or_else(|error| {
        tracing::error!(%error, "decoding a body failed");
        let note = Some("dashcam could not decode it: its log says why.".to_owned());
        Decoded { bytes: Vec::new(), encoding: None, size: 0, truncated: true, note, charset: None }
    })
}

fn note(error: &std::io::Error, encoding: &str, partial: bool) -> String {
    if partial && error.kind() == std::io::ErrorKind::UnexpectedEof {
        return "It is shown as far as its stored bytes go.".to_owned();
    }
    format!("Content-Encoding says {encoding}, but it cannot be decoded: {error}.")
}

impl Decoded {
    /// The text, `None` for what is none, and the charset that it was read in.
    pub(crate) fn text(&self) -> (Option<String>, String) {
        charset::decode(&self.bytes, self.charset.as_deref(), self.truncated)
    }
}

#[cfg(test)]
mod tests;
