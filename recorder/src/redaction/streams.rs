//! Bodies that leave memory in parts.

use std::sync::atomic::Ordering;

use dashcam_exchange::{Direction, Headers, StoredAs};
use dashcam_redact::{Body, Found, Memory, Redactor, Set};

use crate::redaction::counts::Counts;
use crate::redaction::in_force::Under;

/// Bytes that are reckoned for what a body's decoder and scanner hold.
const STATE: usize = 4 << 10;

/// A body of which parts have left, or are about to.
#[derive(Debug)]
pub(crate) struct Stream {
    /// One for each set. A secret may stand across two parts: they keep back what they can't judge yet.
    bodies: Vec<Body>,
    /// Nothing more of it may leave.
    pub(crate) is_shut: bool,
    /// It was counted that the rest is withheld.
    pub(crate) is_counted: bool,
    /// Something in it could not be read, and was left out.
    pub(crate) is_cut: bool,
    /// The number of the next part as it was captured.
    pub(crate) next: u32,
    /// How many bytes of it were captured so far.
    pub(crate) captured: u64,
    /// How many parts have left …
    pub(crate) parts: u32,
    /// … and how many bytes.
    pub(crate) stored: u64,
    /// False once it is known that nobody notes when its bytes come.
    pub(crate) is_timed: bool,
    /// When the last of the bytes that were captured came, if that is noted.
    pub(crate) last_at_us: Option<i64>,
    stored_as: StoredAs,
}

impl Stream {
    /// Of a body with this head.
    pub(crate) fn new(under: &Under, direction: Direction, headers: &Headers) -> Self {
        Self::of(bodies(under, (direction, headers), Body::in_pieces))
    }

    fn of(bodies: Vec<Body>) -> Self {
        Self {
            stored_as: stored_as(&bodies),
            bodies,
            is_shut: false,
            is_counted: false,
            is_cut: false,
            next: 0,
            captured: 0,
            parts: 0,
            stored: 0,
            is_timed: true,
            last_at_us: None,
        }
    }

    /// Of a body that nobody can judge: nothing of it leaves.
    pub(crate) fn withheld() -> Self {
        let stored_as = StoredAs::Withheld;
        Self {
            bodies: Vec::new(),
            is_shut: true,
            is_counted: false,
            is_cut: true,
            next: 0,
            captured: 0,
            parts: 0,
            stored: 0,
            is_timed: false,
            last_at_us: None,
            stored_as,
        }
    }

    /// Lets nothing more of it leave.
    pub(crate) fn shut(&mut self) {
        self.is_shut = true;
        self.bodies = Vec::new();
        if self.stored == 0 {
            self.stored_as = StoredAs::Withheld;
        }
    }

    /// The same for want of room, which is counted.
    pub(crate) fn withhold(&mut self, counts: &Counts) {
        if !self.is_shut {
            self.shut();
            self.is_counted = true;
            counts.withheld.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How what has left relates to what passed.
    pub(crate) fn stored_as(&self) -> StoredAs {
        self.stored_as
    }

    /// The bytes that it holds.
    pub(crate) fn footprint(&self) -> usize {
        self.bodies.len() * (size_of::<Body>() + STATE) + self.kept()
    }

    /// Those of a token that waits for its end.
    pub(crate) fn kept(&self) -> usize {
        self.bodies.iter().map(Body::footprint).sum()
    }

    /// The bytes that are gone through once more with the next piece.
    pub(super) fn waiting(&self) -> usize {
        self.bodies.iter().map(Body::waiting).sum()
    }

    /// Makes of `data`, which follows what came before, the bytes that may leave now.
    pub(crate) fn push(
        &mut self,
        (under, memory): (&Under, &mut Memory),
        host: &str,
        data: &mut Vec<u8>,
    ) -> Found {
        let bodies = &mut self.bodies;
        let each = |index: usize, redactor: &mut Redactor<'_>| {
            if let Some(body) = bodies.get_mut(index) {
                *data = body.push(data, redactor);
            }
        };
        let found = if self.is_shut { None } else { under.run(memory, host, each) };
        if found.is_none() {
            self.shut();
            *data = Vec::new();
        } else {
            self.stored_as = stored_as(&self.bodies);
        }
        found.unwrap_or_default()
    }

    /// The last step for the set `index`: `data` is the rest, behind which it may have been cut.
    pub(crate) fn finish(
        &mut self,
        index: usize,
        (data, is_cut): (&mut Vec<u8>, bool),
        redactor: &mut Redactor<'_>,
    ) {
        if self.is_shut {
            *data = Vec::new();
        } else if let Some(body) = self.bodies.get_mut(index) {
            let mut out = body.push(data, redactor);
            out.extend(body.finish(is_cut, redactor));
            *data = out;
            self.is_cut |= body.is_cut();
            self.stored_as = stored_as(&self.bodies);
        }
    }
}

/// One for each set, begun with `begin`. Only the first undoes codings: the others get what it made of the body.
fn bodies(
    under: &Under,
    (direction, headers): (Direction, &Headers),
    begin: fn(&Set, Direction, &Headers) -> Body,
) -> Vec<Body> {
    let mut bodies = Vec::with_capacity(under.sets().len());
    for set in under.sets() {
        let decoded = (!bodies.is_empty()).then(|| {
            let mut headers = headers.clone();
            headers.remove("content-encoding");
            headers
        });
        bodies.push(begin(set, direction, decoded.as_ref().unwrap_or(headers)));
    }
    bodies
}

/// How what several of them make of a body relates to what passed.
fn stored_as(bodies: &[Body]) -> StoredAs {
    let is = |kind: StoredAs| bodies.iter().any(|body| body.stored_as() == kind);
    if is(StoredAs::Withheld) {
        StoredAs::Withheld
    } else if is(StoredAs::Redacted) {
        StoredAs::Redacted
    } else {
        StoredAs::Sent
    }
}

/// How a body goes on behind the bytes that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// More comes.
    GoesOn,
    /// It was cut there.
    Cut,
    /// They are all of it.
    Whole,
}

/// The bytes of a body that may be shown before the writer has met it: from its first on, as far as they can be judged.
pub(crate) fn so_far(
    under: &Under,
    (direction, headers): (Direction, &Headers),
    host: &str,
    (mut bytes, ending): (Vec<u8>, Ending),
) -> Option<(Vec<u8>, StoredAs)> {
    let begin = if ending == Ending::GoesOn { Body::in_pieces } else { Body::new };
    let mut stream = Stream::of(bodies(under, (direction, headers), begin));
    let is_done = under.show(host, |index, redactor| match ending {
        Ending::Whole | Ending::Cut => {
            stream.finish(index, (&mut bytes, ending == Ending::Cut), redactor);
        }
        Ending::GoesOn => {
            if let Some(body) = stream.bodies.get_mut(index) {
                bytes = body.push(&bytes, redactor);
            }
        }
    });
    is_done.then(|| (bytes, stored_as(&stream.bodies)))
}

/// A name for the type of [`Stream`]s of one exchange: of its request's body, and of its response's.
pub(crate) type Streams = [Option<Stream>; 2];

/// The place of a body's stream.
pub(crate) fn place(direction: Direction) -> usize {
    usize::from(direction == Direction::Response)
}

#[cfg(test)]
mod tests;
