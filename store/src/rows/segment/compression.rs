//! Compression of a segment's parts. What compresses and what decompresses is made once a thread: that takes as long as
//! what it is used for.

use std::cell::RefCell;

use zstd::bulk::{Compressor, Decompressor};

use crate::StoreError;

/// zstd's level: the next ones cost more time than the bytes that they save.
const LEVEL: i32 = 1;

thread_local! {
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

pub(super) fn compressed(data: &[u8]) -> Result<Vec<u8>, StoreError> {
    let failed = |error: std::io::Error| StoreError::Disk(error.into());
    COMPRESSOR.with_borrow_mut(|made| {
        let compressor = match made {
            Some(made) => made,
            None => made.insert(Compressor::new(LEVEL).map_err(failed)?),
        };
        compressor.compress(data).map_err(failed)
    })
}

/// The data that was compressed, which has at most `most` bytes.
pub(super) fn decompressed(data: &[u8], most: usize) -> Result<Vec<u8>, StoreError> {
    DECOMPRESSOR.with_borrow_mut(|made| {
        let decompressor = match made {
            Some(made) => made,
            None => made.insert(Decompressor::new().map_err(|_| damaged())?),
        };
        decompressor.decompress(data, most).map_err(|_| damaged())
    })
}

pub(super) fn damaged() -> StoreError {
    StoreError::Damaged("a segment cannot be read".to_owned())
}
