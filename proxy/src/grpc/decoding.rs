//! A compressed gRPC message while it passes.

use std::io::{self, Write};

use dashcam_exchange::MessageCoding;
use flate2::write::{GzDecoder, ZlibDecoder};

use crate::inflating::{Allowance, Compressed};

/// A compressed message that is not whole yet.
pub(super) enum Decoding {
    Gzip(GzDecoder<Sink>),
    Zlib(ZlibDecoder<Sink>),
}

/// Where inflated bytes go.
pub(super) struct Sink {
    /// `None` at the end: a decoder that is dropped writes what it still has.
    message: Option<Compressed>,
    allowance: Allowance,
}

impl Decoding {
    /// `coding` is gzip or zlib.
    pub(super) fn new(coding: MessageCoding, message: Compressed, allowance: Allowance) -> Self {
        let sink = Sink { message: Some(message), allowance };
        match coding {
            MessageCoding::Gzip => Self::Gzip(GzDecoder::new(sink)),
            _ => Self::Zlib(ZlibDecoder::new(sink)),
        }
    }

    /// Takes bytes of the message; `None` if they are not what they should be.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Option<()> {
        let Sink { message, allowance } = self.sink();
        message.as_mut()?.came(bytes);
        allowance.earn(bytes.len());
        self.inflate(|decoder| match decoder {
            Self::Gzip(decoder) => decoder.write_all(bytes),
            Self::Zlib(decoder) => decoder.write_all(bytes),
        })
    }

    /// The end of the message.
    pub(super) fn finish(mut self) -> Option<(Compressed, Allowance)> {
        self.inflate(|decoder| match decoder {
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Zlib(decoder) => decoder.try_finish(),
        })?;
        let Sink { message, allowance } = self.sink();
        Some((message.take()?, std::mem::take(allowance)))
    }

    /// Goes on inflating, unless that has become too much: then the message is kept as it comes.
    fn inflate(&mut self, step: impl FnOnce(&mut Self) -> io::Result<()>) -> Option<()> {
        if !self.is_inflating() || step(self).is_ok() {
            return Some(());
        }
        (!self.is_inflating()).then_some(())
    }

    fn is_inflating(&mut self) -> bool {
        self.sink().message.as_ref().is_some_and(Compressed::is_inflating)
    }

    fn sink(&mut self) -> &mut Sink {
        match self {
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Zlib(decoder) => decoder.get_mut(),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let message = self.message.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        match message.inflate(bytes, &mut self.allowance) {
            true => Ok(bytes.len()),
            false => Err(io::ErrorKind::FileTooLarge.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
