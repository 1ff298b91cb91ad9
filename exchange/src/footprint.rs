//! How much memory the records of connections hold.

use crate::{Connection, Failure, Program, TlsFacts, UpstreamConnection};

impl Connection {
    /// The memory that the connection holds, in bytes, without its certificates' own.
    #[must_use]
    pub fn footprint(&self) -> usize {
        let texts = self.client.capacity() + self.mode.capacity() + text(&self.destination);
        let program = self.program.as_ref().map_or(0, Program::footprint);
        size_of::<Self>() + texts + tls(&self.tls) + failure(&self.failure) + program
    }
}

impl Program {
    /// The memory that its texts hold, in bytes.
    #[must_use]
    pub fn footprint(&self) -> usize {
        self.name.capacity() + text(&self.path) + text(&self.command) + text(&self.cgroup)
    }
}

impl UpstreamConnection {
    /// The memory that the connection holds, in bytes, without its certificates' own.
    #[must_use]
    pub fn footprint(&self) -> usize {
        let texts = self.destination.capacity() + self.address.capacity() + text(&self.local_address);
        size_of::<Self>() + texts + tls(&self.tls)
    }
}

fn tls(facts: &Option<TlsFacts>) -> usize {
    facts.as_ref().map_or(0, |facts| {
        let texts = facts.version.capacity() + facts.cipher.capacity() + text(&facts.sni) + text(&facts.alpn);
        texts + size_of_val(&*facts.certificates)
    })
}

fn failure(failure: &Option<Failure>) -> usize {
    failure.as_ref().map_or(0, |failure| failure.message.capacity())
}

fn text(text: &Option<String>) -> usize {
    text.as_ref().map_or(0, String::capacity)
}
