//! A message that was found in a body.

/// A message that stands in a body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Piece {
    /// The bytes of the decoded body before it.
    pub offset: u64,
    /// Its kind, as its protocol names it: the type of an event, of a document, or of a part.
    pub kind: String,
    /// Its own media type; empty if nothing says it.
    pub media_type: String,
    /// Its content, without what frames it.
    pub payload: Vec<u8>,
    /// False if the body ends before it does.
    pub is_whole: bool,
}

/// The end of the bytes that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// More may come.
    Open,
    /// They are the body's last.
    Whole,
    /// The body had more.
    Cut,
}

/// The beginning of bytes, read.
#[derive(Debug)]
pub(super) enum Step {
    /// So many bytes are a message.
    Message(usize, Piece),
    /// So many bytes are none.
    Skip(usize),
    /// It takes more bytes to know.
    More,
    /// They and all behind them are no message.
    End,
    /// They can't be read, for a reason.
    Stop(&'static str),
}

impl Piece {
    pub(super) fn new(kind: impl Into<String>, payload: &[u8]) -> Self {
        Self { kind: kind.into(), payload: payload.to_vec(), is_whole: true, ..Self::default() }
    }

    /// The same of a media type.
    pub(super) fn of_type(self, media_type: &str) -> Self {
        Self { media_type: media_type.to_owned(), ..self }
    }
}
