//! The parts of an exchange that have to be known for an answer to be certain.

use crate::field::Field;
use crate::names::Flag;
use crate::parts::Parts;
use crate::tree::{Node, Term, Test};

impl Node {
    /// The parts that have to be known for each of its conditions to be certain.
    #[must_use]
    pub fn needs(&self) -> Parts {
        match self {
            Self::All => Parts::NONE,
            Self::And(nodes) | Self::Or(nodes) => {
                nodes.iter().fold(Parts::NONE, |parts, node| parts | node.needs())
            }
            Self::Not(node) => node.needs(),
            Self::Term(term) => term.needs(),
        }
    }
}

impl Flag {
    /// The parts that have to be known for it to be certain.
    #[must_use]
    pub fn needs(self) -> Parts {
        match self {
            Self::Pinned => Parts::MARKS,
            Self::Replay => Parts::REQUEST,
            Self::Stub | Self::Http | Self::NotHttp => Parts::NONE,
            Self::Truncated | Self::Redacted | Self::Reused => Parts::DETAIL,
            Self::Refused | Self::Slow | Self::Error => Parts::END,
            Self::Answered | Self::Unanswered => Parts::RESPONSE,
            Self::Asset => Parts::RESPONSE_HEAD,
            Self::Websocket => Parts::REQUEST_HEAD | Parts::RESPONSE,
            Self::Grpc => Parts::REQUEST_HEAD,
        }
    }
}

impl Term {
    /// The parts that have to be known for it to be certain.
    #[must_use]
    pub fn needs(&self) -> Parts {
        match (&self.field, &self.test) {
            (Field::Is, Test::Names(names)) => {
                let flags = Flag::ALL.into_iter().filter(|flag| names.has_flag(*flag));
                flags.fold(Parts::NONE, |parts, flag| parts | flag.needs())
            }
            (field, _) => field.needs(),
        }
    }
}
