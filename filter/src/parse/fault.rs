//! Errors while a filter is read.

use winnow::error::{ErrMode, ParserError};
use winnow::stream::{Location as _, Stream};

use crate::nearest::nearest;
use crate::parse::input::Input;

/// The result of a parser.
pub(super) type Parsed<T> = Result<T, ErrMode<Fault>>;

/// Says what is wrong with a text, wherever it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) message: String,
    pub(super) expected: String,
    pub(super) suggestion: Option<String>,
}

impl Problem {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), expected: String::new(), suggestion: None }
    }

    pub(super) fn expecting(self, expected: impl Into<String>) -> Self {
        Self { expected: expected.into(), ..self }
    }

    /// Suggests the nearest of `names` to what was written.
    pub(super) fn near<'n>(self, wrong: &str, names: impl IntoIterator<Item = &'n str>) -> Self {
        Self { suggestion: nearest(wrong, names).map(str::to_owned), ..self }
    }

    /// At a byte of the filter, and no other way to read it.
    pub(super) fn at(self, offset: usize) -> ErrMode<Fault> {
        ErrMode::Cut(Fault(Some(Box::new((offset, self)))))
    }

    /// Where the input stands, and no other way to read it.
    pub(super) fn here(self, input: &Input<'_>) -> ErrMode<Fault> {
        self.at(input.current_token_start())
    }
}

/// A problem and the byte at which it is; none where there may be other ways to read what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault(pub(super) Option<Box<(usize, Problem)>>);

impl<'i> ParserError<Input<'i>> for Fault {
    type Inner = Self;

    fn from_input(_: &Input<'i>) -> Self {
        Self(None)
    }

    fn append(self, _: &Input<'i>, _: &<Input<'i> as Stream>::Checkpoint) -> Self {
        self
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}
