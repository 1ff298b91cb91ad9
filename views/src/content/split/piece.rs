//! A message that was found in a body.

use dashcam_exchange::Timestamp;

/// The most bytes of a kind, and of a media type.
const LONGEST_NAME: usize = 256;

/// A message that stands in a body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Piece {
    /// The bytes of the decoded body before it.
    pub offset: u64,
    /// Its kind, as its protocol names it: the type of an event, of a document, or of a part. At most 256 bytes of it.
    pub kind: String,
    /// Its own media type, at most 256 bytes of it; empty if nothing says it.
    pub media_type: String,
    /// Its content, without what frames it.
    pub payload: Vec<u8>,
    /// When its last byte came, if that is known.
    pub at: Option<Timestamp>,
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
    pub(super) fn new(kind: impl AsRef<str>, payload: &[u8]) -> Self {
        Self { kind: beginning(kind.as_ref()), payload: payload.to_vec(), is_whole: true, ..Self::default() }
    }

    /// The same of a media type.
    pub(super) fn of_type(self, media_type: &str) -> Self {
        Self { media_type: beginning(media_type), ..self }
    }
}

/// The beginning of a name.
fn beginning(name: &str) -> String {
    name[..name.floor_char_boundary(LONGEST_NAME)].to_owned()
}
