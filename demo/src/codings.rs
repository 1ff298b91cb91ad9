//! Bodies in the codings that servers use.

use std::io::{self, Write as _};

/// `data` in gzip.
pub(crate) fn gzip(data: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data)?;
    encoder.finish()
}

/// `data` in zlib.
pub(crate) fn zlib(data: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(data)?;
    encoder.finish()
}

/// `data` in brotli.
pub(crate) fn brotli(data: &[u8]) -> io::Result<Vec<u8>> {
    let mut coded = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut coded, 4096, 5, 20);
    encoder.write_all(data)?;
    drop(encoder);
    Ok(coded)
}

/// `data` in Zstandard.
pub(crate) fn zstd(data: &[u8]) -> io::Result<Vec<u8>> {
    zstd::encode_all(data, 3)
}
