//! permessage-deflate undone (RFC 7692).

use flate2::{Decompress, FlushDecompress, Status};

use super::reader::{LARGEST_KEPT, Message};

/// A message too large to be kept whole that inflates to more than this many times its size is a bomb. To inflate
/// it for its length alone would hold up the relay.
const BOMB: u64 = 100;

/// Undoes permessage-deflate.
pub(super) struct Inflater {
    state: Decompress,
    /// Every message begins anew.
    no_context: bool,
    scratch: Vec<u8>,
}

impl Inflater {
    pub(super) fn new(no_context: bool) -> Self {
        Self { state: Decompress::new(false), no_context, scratch: vec![0; 8 << 10] }
    }

    /// Inflates into `message`; `None` when the bytes are not deflated, or are a bomb.
    pub(super) fn inflate(&mut self, mut bytes: &[u8], message: &mut Message, limit: u64) -> Option<()> {
        loop {
            if message.size > LARGEST_KEPT && message.size / BOMB > message.deflated_size {
                return None;
            }
            let (read, written) = (self.state.total_in(), self.state.total_out());
            let status = self.state.decompress(bytes, &mut self.scratch, FlushDecompress::Sync).ok()?;
            let read = usize::try_from(self.state.total_in() - read).ok()?;
            let written = usize::try_from(self.state.total_out() - written).ok()?;
            message.keep(&self.scratch[..written], limit);
            message.deflated_size += read as u64;
            bytes = &bytes[read..];
            match status {
                Status::StreamEnd => {
                    // A final block (RFC 7692 §7.2.3.4): what follows in the same message begins anew.
                    self.state.reset(false);
                    if bytes.is_empty() {
                        return Some(());
                    }
                }
                // It may still hold output when all input is read: only standing still is the end.
                _ if read == 0 && written == 0 => return bytes.is_empty().then_some(()),
                _ => {}
            }
        }
    }

    /// The end of a message: what the sender left out (RFC 7692 §7.2.2).
    pub(super) fn finish(&mut self, message: &mut Message, limit: u64) -> Option<()> {
        // Nothing after a final block: there is no block that what was left out could end.
        if self.state.total_in() > 0 {
            self.inflate(&[0x00, 0x00, 0xff, 0xff], message, limit)?;
        }
        if self.no_context {
            self.state.reset(false);
        }
        Some(())
    }
}
