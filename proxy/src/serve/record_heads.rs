//! The heads of TLS records in a stream that comes in pieces.

/// The reader of one direction.
#[derive(Debug, Default)]
pub(crate) struct RecordHeads {
    head: [u8; 5],
    /// The bytes of `head` that are there.
    filled: usize,
    /// The bytes of the record that are still to come.
    skip: usize,
}

impl RecordHeads {
    /// Reads on; `see` gets the kind and the length (in bytes) of each record that begins.
    pub(crate) fn read(&mut self, mut bytes: &[u8], mut see: impl FnMut(u8, u16)) {
        while !bytes.is_empty() {
            let skipped = self.skip.min(bytes.len());
            self.skip -= skipped;
            bytes = &bytes[skipped..];
            let taken = (self.head.len() - self.filled).min(bytes.len());
            self.head[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
            self.filled += taken;
            bytes = &bytes[taken..];
            if self.filled == self.head.len() {
                self.filled = 0;
                let length = u16::from_be_bytes([self.head[3], self.head[4]]);
                self.skip = usize::from(length);
                see(self.head[0], length);
            }
        }
    }
}
