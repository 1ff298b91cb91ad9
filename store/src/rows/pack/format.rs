//! The content of a pack, as bytes.

use zstd::bulk::Decompressor;

use crate::StoreError;
use crate::rows::body_key::BITS;
use crate::rows::message_data::LARGEST_PAYLOAD;

/// Adds a body to what a pack holds: its key in 8 bytes, its length in 4, both little-endian, and its bytes.
pub(super) fn add(content: &mut Vec<u8>, key: i64, body: &[u8]) {
    let length = u32::try_from(body.len()).expect("bodies that are packed are small");
    content.extend_from_slice(&key.to_le_bytes());
    content.extend_from_slice(&length.to_le_bytes());
    content.extend_from_slice(body);
}

/// The bodies that a pack holds, each with its key.
pub(super) fn bodies(content: &[u8]) -> impl Iterator<Item = Result<(i64, &[u8]), StoreError>> {
    let mut rest = content;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let next = split(rest);
        rest = next.map_or(&[], |(_, rest)| rest);
        Some(next.map(|(body, _)| body).ok_or_else(damaged))
    })
}

type Labelled<'a> = (i64, &'a [u8]);

fn split(content: &[u8]) -> Option<(Labelled<'_>, &[u8])> {
    let (key, rest) = content.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (body, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    Some(((i64::from_le_bytes(*key), body), rest))
}

/// The content without the bodies that go, and the highest exchange that is left; `None` if none is.
pub(super) fn without(
    content: &[u8],
    goes: impl Fn(i64) -> bool,
) -> Result<Option<(Vec<u8>, i64)>, StoreError> {
    let (mut left, mut last) = (Vec::new(), None);
    for body in bodies(content) {
        let (key, body) = body?;
        let exchange = key >> BITS;
        if !goes(exchange) {
            add(&mut left, key, body);
            last = last.max(Some(exchange));
        }
    }
    Ok(last.map(|last| (left, last)))
}

/// A pack as it is stored: how it is compressed, its size before, and its bytes.
#[derive(Debug)]
pub(crate) struct Stored {
    pub(crate) compression: String,
    pub(crate) size: i64,
    pub(crate) data: Vec<u8>,
}

impl Stored {
    /// The bodies in the pack.
    pub(super) fn content(self) -> Result<Vec<u8>, StoreError> {
        match self.compression.as_str() {
            "none" if i64::try_from(self.data.len()) == Ok(self.size) => Ok(self.data),
            compression => {
                let mut content = Vec::new();
                Unpacker::default().unpack((compression, self.size), &self.data, &mut content)?;
                Ok(content)
            }
        }
    }

    /// All of its bodies, each with its key.
    pub(crate) fn bodies(self) -> Result<Vec<(i64, Vec<u8>)>, StoreError> {
        let content = self.content()?;
        bodies(&content).map(|body| body.map(|(key, body)| (key, body.to_vec()))).collect()
    }

    /// One of its bodies; empty if it is not there, as one without bytes is not.
    pub(crate) fn body(self, key: i64) -> Result<Vec<u8>, StoreError> {
        Ok(body_in(&self.content()?, key)?.to_vec())
    }
}

/// Undoes the compression of packs, one after another.
#[derive(Default)]
pub(crate) struct Unpacker(Option<Decompressor<'static>>);

impl Unpacker {
    /// Puts the bodies of a pack into `content`: how it is compressed, its size before, and its bytes.
    pub(crate) fn unpack(
        &mut self,
        (compression, size): (&str, i64),
        data: &[u8],
        content: &mut Vec<u8>,
    ) -> Result<(), StoreError> {
        let size = usize::try_from(size).ok().filter(|size| *size <= LARGEST_PAYLOAD).ok_or_else(damaged)?;
        content.clear();
        match compression {
            "none" => content.extend_from_slice(data),
            "zstd" => {
                content.reserve(size);
                self.decompressor()?.decompress_to_buffer(data, content).map_err(|_| damaged())?;
            }
            other => return Err(StoreError::Damaged(format!("a pack's compression is {other:?}"))),
        }
        if content.len() == size { Ok(()) } else { Err(damaged()) }
    }

    fn decompressor(&mut self) -> Result<&mut Decompressor<'static>, StoreError> {
        let decompressor = match self.0.take() {
            Some(decompressor) => decompressor,
            None => Decompressor::new().map_err(|error| StoreError::Sql(error.into()))?,
        };
        Ok(self.0.insert(decompressor))
    }
}

/// The body with a key, of those that a pack holds; empty if it is not there, as one without bytes is not.
pub(crate) fn body_in(content: &[u8], key: i64) -> Result<&[u8], StoreError> {
    for body in bodies(content) {
        let (at, body) = body?;
        if at == key {
            return Ok(body);
        }
    }
    Ok(&[])
}

fn damaged() -> StoreError {
    StoreError::Damaged("a pack of bodies cannot be read".to_owned())
}

#[cfg(test)]
mod tests;
