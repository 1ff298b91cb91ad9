//! Brotli's ends: the library calls all that it cannot go on with invalid, also what is only cut.

use std::io::{self, Read};

use super::layer::Layer;

/// Decoded brotli, whose errors tell data that ends too early from others.
pub(super) struct Brotli(brotli::Decompressor<Ending>);

impl Brotli {
    pub(super) fn new(reader: Layer, buffer: usize) -> Self {
        Self(brotli::Decompressor::new(Ending { reader, has_ended: false }, buffer))
    }

    /// Of what was compressed with a `dictionary`.
    pub(super) fn with_dictionary(reader: Layer, buffer: usize, dictionary: Vec<u8>) -> Self {
        let reader = Ending { reader, has_ended: false };
        Self(brotli::Decompressor::new_with_custom_dict(reader, buffer, dictionary.into()))
    }
}

impl Read for Brotli {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData if self.0.get_ref().has_ended => io::ErrorKind::UnexpectedEof.into(),
            _ => error,
        })
    }
}

/// A reader that knows when it has ended.
struct Ending {
    reader: Layer,
    has_ended: bool,
}

impl Read for Ending {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.has_ended = read == 0 && !buffer.is_empty();
        Ok(read)
    }
}
