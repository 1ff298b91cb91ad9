//! Answers that may have to wait for more facts.

use std::ops::Not;

/// An answer over the facts that are known so far, in Kleene's logic: once it is certain, more facts do not change it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Truth {
    /// It matches, whatever comes.
    True,
    /// It does not match, whatever comes.
    False,
    /// More facts are needed.
    Unknown,
}

impl Truth {
    /// Returns whether it surely matches.
    #[must_use]
    pub fn is_true(self) -> bool {
        self == Self::True
    }

    /// Returns whether more facts would not change it.
    #[must_use]
    pub fn is_certain(self) -> bool {
        self != Self::Unknown
    }
}

impl From<bool> for Truth {
    fn from(is_true: bool) -> Self {
        if is_true { Self::True } else { Self::False }
    }
}

impl Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}
