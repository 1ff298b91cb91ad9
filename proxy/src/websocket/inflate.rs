//! permessage-deflate undone (RFC 7692).

use flate2::{Decompress, FlushDecompress, Status};

use crate::inflating::{Allowance, Compressed, RESTART};

/// Undoes permessage-deflate, as far as that can be afforded.
pub(super) struct Inflater {
    /// `None` where a message was not inflated to its end: later ones may refer to what it held.
    state: Option<Decompress>,
    /// True if every message begins with an empty window.
    no_context: bool,
    allowance: Allowance,
    scratch: Vec<u8>,
}

impl Inflater {
    pub(super) fn new(no_context: bool, allowance: Allowance) -> Self {
        let state = Some(Decompress::new(false));
        Self { state, no_context, allowance, scratch: vec![0; 8 << 10] }
    }

    /// A message begins.
    pub(super) fn begin(&mut self, message: &mut Compressed) {
        if self.no_context {
            if self.allowance.spend(RESTART) {
                self.state.get_or_insert_with(|| Decompress::new(false)).reset(false);
            } else {
                self.state = None;
                message.stop_inflating();
            }
        } else if self.state.is_none() {
            message.stop_inflating();
        }
    }

    /// Inflates into `message`; `None` when the bytes are not deflated.
    pub(super) fn inflate(&mut self, bytes: &[u8], message: &mut Compressed) -> Option<()> {
        message.came(bytes);
        self.allowance.earn(bytes.len());
        self.run(bytes, message)
    }

    fn run(&mut self, mut bytes: &[u8], message: &mut Compressed) -> Option<()> {
        loop {
            let Some(state) = &mut self.state else { return Some(()) };
            let (read, written) = (state.total_in(), state.total_out());
            let status = state.decompress(bytes, &mut self.scratch, FlushDecompress::Sync).ok()?;
            let read = usize::try_from(state.total_in() - read).ok()?;
            let written = usize::try_from(state.total_out() - written).ok()?;
            bytes = &bytes[read..];
            if !message.inflate(&self.scratch[..written], &mut self.allowance) {
                self.state = None;
                return Some(());
            }
            match status {
                Status::StreamEnd => {
                    // A final block (RFC 7692 §7.2.3.4): what follows in the same message begins with an
                    // empty window.
                    if !self.allowance.spend(RESTART) {
                        self.state = None;
                        message.stop_inflating();
                        return Some(());
                    }
                    state.reset(false);
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
    pub(super) fn finish(&mut self, message: &mut Compressed) -> Option<()> {
        // Nothing after a final block: there is no block that what was left out could end.
        if self.state.as_ref().is_some_and(|state| state.total_in() > 0) {
            self.run(&[0x00, 0x00, 0xff, 0xff], message)?;
        }
        Some(())
    }
}
