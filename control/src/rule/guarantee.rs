//! The lengths to which recording goes for an exchange.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;
use std::time::Duration;

use super::text::{InvalidText, as_text, duration, write_duration};

/// The lengths to which recording goes for an exchange, the least first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guarantee {
    /// Traffic never waits: without room an exchange is dropped, and counted.
    #[default]
    BestEffort,
    /// Traffic waits for room for at most so long in all; then the exchange is dropped, and counted.
    Bounded(Duration),
    /// Traffic waits for the disk, and is refused when that is gone.
    Lossless,
}

as_text!(Guarantee);

impl Guarantee {
    /// Returns whether traffic never waits.
    #[must_use]
    pub fn is_best_effort(&self) -> bool {
        *self == Self::BestEffort
    }
}

impl Display for Guarantee {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::BestEffort => f.write_str("best_effort"),
            Self::Bounded(wait) => write!(f, "bounded {}", write_duration(*wait)),
            Self::Lossless => f.write_str("lossless"),
        }
    }
}

impl FromStr for Guarantee {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let bounded = || duration(text.strip_prefix("bounded")?.trim_start()).map(Self::Bounded);
        match text {
            "best_effort" => Some(Self::BestEffort),
            "lossless" => Some(Self::Lossless),
            _ => bounded(),
        }
        .ok_or_else(|| InvalidText {
            text: text.to_owned(),
            what: "guarantee",
            expected: "`best_effort`, `bounded 5ms` or `lossless`",
        })
    }
}
