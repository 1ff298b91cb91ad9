//! The flight recorder: everything of the last minute in a bounded ring, which survives the program.
//!
//! Exchanges that rules don't keep are written into a ring in a file ([`RingWriter`]), and forgotten as the ring goes on.
//! The file is divided into segments with sequence numbers and checksums (`layout`), so that whoever reads it, while it is written
//! or after its program was killed, needs to believe nothing ([`Reading`]). Entries are put together to records that a
//! store takes by an [`Assembly`].

mod aging;
mod assemble;
mod codec;
mod file;
mod index;
mod known;
mod layout;
mod reading;
mod ring;
mod writer;

pub use assemble::{Assembly, Piece};
pub use codec::{Entry, Malformed};
pub use file::ReadError;
pub use index::{Coverage, Position};
pub use layout::{LARGEST, SMALLEST};
pub use reading::{Left, Reading};
pub use ring::Size;
pub use writer::{Counts, RingView, RingWriter};
