//! Something that completion offers.

/// Something that could stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The text.
    pub text: String,
    /// Its meaning, in a few words; empty for a value.
    pub meaning: String,
}
