//! Messages that stand in a body: events, documents, parts and frames, each with its place, window by window.

mod documents;
mod events;
mod format;
mod frames;
mod parts;
mod piece;
mod splitter;
mod times;
mod unarmoured;
mod window;

pub use format::SplitFormat;
pub use piece::Piece;
pub use window::{Split, SplitWindow, piece_at, split};
