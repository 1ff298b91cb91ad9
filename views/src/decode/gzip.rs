//! gzip's members, one behind the other, and the bytes behind the last that are none of it.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;

use flate2::bufread::GzDecoder;

use super::layer::Layer;
use super::pace::Pace;

/// The first byte of a member.
const MAGIC: u8 = 0x1f;

/// Decoded members. Bytes behind them that are all zero are padding; of others a note is made.
pub(super) struct Gzip {
    /// `None` behind the end.
    member: Option<GzDecoder<BufReader<Layer>>>,
    pace: Arc<Pace>,
}

impl Gzip {
    pub(super) fn new(reader: Layer, pace: &Arc<Pace>) -> Self {
        Self { member: Some(GzDecoder::new(BufReader::new(reader))), pace: Arc::clone(pace) }
    }

    /// Goes on with the next member, if there is one.
    fn next_member(&mut self) -> io::Result<()> {
        let Some(mut rest) = self.member.take().map(GzDecoder::into_inner) else { return Ok(()) };
        match rest.fill_buf()?.first() {
            Some(&MAGIC) => self.member = Some(GzDecoder::new(rest)),
            Some(_) => self.pace.note_behind(behind(rest)?),
            None => {}
        }
        Ok(())
    }
}

impl Read for Gzip {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            self.next_member()?;
        }
        Ok(0)
    }
}

/// How many bytes there are; none if all are zero.
fn behind(mut rest: impl BufRead) -> io::Result<u64> {
    let (mut count, mut is_padding) = (0, true);
    loop {
        let bytes = rest.fill_buf()?;
        let length = bytes.len();
        is_padding &= bytes.iter().all(|byte| *byte == 0);
        count += length as u64;
        rest.consume(length);
        if length == 0 {
            return Ok(if is_padding { 0 } else { count });
        }
    }
}
