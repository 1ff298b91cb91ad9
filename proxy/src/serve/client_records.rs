//! The TLS records of a client in a tunnel, as far as their kinds and lengths tell without a key: whether it said anything
//! after the handshake.

const CHANGE_CIPHER_SPEC: u8 = 20;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// Lengths of a Finished in TLS 1.3, with SHA-256 and SHA-384: a head of four bytes, a hash, the kind and a tag.
const FINISHED: [u16; 2] = [4 + 32 + 1 + 16, 4 + 48 + 1 + 16];
/// The longest Finished in TLS 1.2 (with AES-CBC and SHA-384); a ClientHello that is sent again is longer.
const LONGEST_FINISHED_12: u16 = 96;
/// The longest alert under encryption in TLS 1.3, with some padding. No request is as short.
const LONGEST_ALERT: u16 = 24;

/// The reader of a client's records, which come in pieces.
#[derive(Debug, Default)]
pub(crate) struct ClientRecords {
    head: [u8; 5],
    /// The bytes of `head` that are there.
    filled: usize,
    /// The bytes of the record that are still to come.
    skip: usize,
    has_changed_cipher: bool,
    has_finished: bool,
    has_spoken: bool,
}

impl ClientRecords {
    /// Reads on.
    pub(crate) fn see(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() && !self.has_spoken {
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
                self.record(self.head[0], length);
            }
        }
    }

    fn record(&mut self, kind: u8, length: u16) {
        match kind {
            CHANGE_CIPHER_SPEC => self.has_changed_cipher = true,
            // TLS 1.2: an encrypted Finished.
            HANDSHAKE if self.has_changed_cipher && length <= LONGEST_FINISHED_12 => self.has_finished = true,
            APPLICATION_DATA if !self.has_finished && FINISHED.contains(&length) => self.has_finished = true,
            // A client's certificate looks like this too: where in doubt, it spoke.
            APPLICATION_DATA if length > LONGEST_ALERT => self.has_spoken = true,
            _ => {}
        }
    }

    /// Returns whether the client has done the handshake, and sent nothing after it.
    pub(crate) fn are_silent(&self) -> bool {
        self.has_finished && !self.has_spoken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HELLO: (u8, u16) = (HANDSHAKE, 300);
    const CCS: (u8, u16) = (CHANGE_CIPHER_SPEC, 1);

    fn check(records: &[(u8, u16)], expect: bool) {
        let mut bytes = Vec::new();
        for (kind, length) in records {
            bytes.extend([*kind, 3, 3]);
            bytes.extend(length.to_be_bytes());
            bytes.extend(vec![0x17; usize::from(*length)]);
        }
        for size in [1, 3, 5, 7, 100, bytes.len()] {
            let mut seen = ClientRecords::default();
            bytes.chunks(size).for_each(|piece| seen.see(piece));
            assert_eq!(seen.are_silent(), expect, "{records:?} in pieces of {size}");
        }
    }

    #[test]
    fn a_client_is_silent_when_it_sends_nothing_after_the_handshake() {
        // TLS 1.3.
        check(&[HELLO], false);
        check(&[HELLO, CCS], false);
        for finished in FINISHED {
            check(&[HELLO, CCS, (APPLICATION_DATA, finished)], true);
            check(&[HELLO, (APPLICATION_DATA, finished), (APPLICATION_DATA, 19)], true);
            check(&[HELLO, HELLO, CCS, (APPLICATION_DATA, finished), (APPLICATION_DATA, 19)], true);
            check(&[HELLO, CCS, (APPLICATION_DATA, finished), (APPLICATION_DATA, 60)], false);
            check(&[HELLO, CCS, (APPLICATION_DATA, finished), (APPLICATION_DATA, finished)], false);
        }
        // An alert in the handshake, sent in the clear or not.
        check(&[HELLO, (21, 2)], false);
        check(&[HELLO, CCS, (APPLICATION_DATA, 19)], false);
        // A second hello after the CCS of the first.
        check(&[HELLO, CCS, (HANDSHAKE, 400)], false);
        check(&[HELLO, CCS, (HANDSHAKE, 400), (APPLICATION_DATA, 53)], true);
        // TLS 1.2: its Finished is a record of the handshake.
        check(&[HELLO, (HANDSHAKE, 37), CCS, (HANDSHAKE, 40)], true);
        check(&[HELLO, (HANDSHAKE, 37), CCS, (HANDSHAKE, 40), (21, 26)], true);
        check(&[HELLO, (HANDSHAKE, 37), CCS, (HANDSHAKE, 40), (APPLICATION_DATA, 53)], false);
    }
}
