//! Secrets that can't be put back, and why.

use std::fmt;

use dashcam_exchange::SealId;
use dashcam_redact::{How, Placeholder};

/// Why a secret can't be put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// It was sealed, and its time is over, or somebody deleted its seal; or it is of a snapshot of the flight recorder, which
    /// has no seals.
    Expired,
    /// It is sealed, and there are no keys.
    NoKey,
    /// It is sealed with other keys than those that are there.
    OtherKey,
    /// It was never sealed: a pseudonym or a mask stands in its place.
    NotSealed,
    /// It stands in a message of Protocol buffers, whose lengths would not fit any more.
    Counted,
}

/// A secret that can't be put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostValue {
    /// The place where it stood, as `header authorization` or `body`.
    pub place: String,
    /// Its kind.
    pub kind: String,
    /// Why.
    pub why: Lost,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expired => "its seal has expired or was deleted, or was never stored (flight recorder)",
            Self::NoKey => "the file redaction.key is not in the home",
            Self::OtherKey => "it was sealed with another redaction.key",
            Self::NotSealed => "it was replaced without being sealed",
            Self::Counted => "it stands in Protocol buffers, whose lengths would not fit any more",
        })
    }
}

impl fmt::Display for LostValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.place, self.kind, self.why)
    }
}

/// The name of the secret for which a placeholder stands, if it is sealed.
pub(super) fn sealed(placeholder: &Placeholder<'_>) -> Option<SealId> {
    placeholder.id.filter(|_| placeholder.how == How::Seal)
}
