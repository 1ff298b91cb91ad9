//! The parts of what is known about an exchange.

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// A set of parts: those that are known, or those that a filter needs. What a known part lacks is absent for good.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts(u16);

impl Parts {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// The client's connection: its address, listener, program, TLS.
    pub const CONNECTION: Self = Self(1);
    /// The request's row: id, start, level, method, destination, target.
    pub const REQUEST: Self = Self(1 << 1);
    /// The request's head: version and headers.
    pub const REQUEST_HEAD: Self = Self(1 << 2);
    /// The response's row: status and content type.
    pub const RESPONSE: Self = Self(1 << 3);
    /// The response's head: headers.
    pub const RESPONSE_HEAD: Self = Self(1 << 4);
    /// The outcome: state, sizes, duration, failure.
    pub const END: Self = Self(1 << 5);
    /// The rest of the record: time to the first byte, truncation, the upstream, trailers.
    pub const DETAIL: Self = Self(1 << 6);
    /// Decoded bytes of the request's body.
    pub const REQUEST_BODY: Self = Self(1 << 7);
    /// Decoded bytes of the response's body.
    pub const RESPONSE_BODY: Self = Self(1 << 8);
    /// Messages.
    pub const MESSAGES: Self = Self(1 << 9);
    /// The mark that a user made: the pin.
    pub const MARKS: Self = Self(1 << 10);
    /// The name of the program that sent it.
    pub const PROGRAM: Self = Self(1 << 11);
    /// The note that a user made, comment and tags, and the snapshots that it belongs to.
    pub const NOTE: Self = Self(1 << 12);
    /// The rule that decided about its recording.
    pub const RULE: Self = Self(1 << 13);

    /// The parts that a row of a list has.
    pub const ROW: Self = Self(
        Self::REQUEST.0 | Self::RESPONSE.0 | Self::END.0 | Self::MARKS.0 | Self::PROGRAM.0 | Self::RULE.0,
    );
    /// The parts that a whole exchange has beside those of a row.
    pub const RECORD: Self = Self(Self::REQUEST_HEAD.0 | Self::RESPONSE_HEAD.0 | Self::DETAIL.0);
    /// The parts that have to be read and decoded apart.
    pub const CONTENTS: Self = Self(Self::REQUEST_BODY.0 | Self::RESPONSE_BODY.0 | Self::MESSAGES.0);

    const NAMES: [(Self, &'static str); 14] = [
        (Self::CONNECTION, "connection"),
        (Self::REQUEST, "request"),
        (Self::REQUEST_HEAD, "request head"),
        (Self::RESPONSE, "response"),
        (Self::RESPONSE_HEAD, "response head"),
        (Self::END, "end"),
        (Self::DETAIL, "detail"),
        (Self::REQUEST_BODY, "request body"),
        (Self::RESPONSE_BODY, "response body"),
        (Self::MESSAGES, "messages"),
        (Self::MARKS, "marks"),
        (Self::PROGRAM, "program"),
        (Self::NOTE, "note"),
        (Self::RULE, "rule"),
    ];

    /// Returns whether all of `others` are among them.
    #[must_use]
    #[inline]
    pub const fn contains(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Returns whether one of `others` is among them.
    #[must_use]
    pub const fn intersects(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Those that are not among `others`.
    #[must_use]
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Both.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }
}

impl BitOr for Parts {
    type Output = Self;

    fn bitor(self, others: Self) -> Self {
        self.and(others)
    }
}

impl BitOrAssign for Parts {
    fn bitor_assign(&mut self, others: Self) {
        *self = self.and(others);
    }
}

impl fmt::Debug for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = Self::NAMES.iter().filter(|(part, _)| self.contains(*part));
        f.debug_set().entries(named.map(|(_, name)| name)).finish()
    }
}
