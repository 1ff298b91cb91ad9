//! The flight recorder: everything of the last minute in a bounded ring, which survives the program.
//!
//! Exchanges that rules don't keep are written into a ring in a file ([`RingWriter`]), and forgotten as the ring goes on.
//! The file is divided into segments with sequence numbers and checksums (`layout`), so that whoever reads it, while it is written
//! or after its program was killed, needs to believe nothing ([`Reading`]). Entries are put together to records that a
//! store takes (`assemble`).
//!
//! [`FlightSink`] stands before the ring and looks at exchanges for [`Triggers`]. [`FlightRecorder`] is asked for
//! snapshots, and says which is to be taken: an [`Order`].

mod aging;
mod assemble;
mod codec;
mod file;
mod index;
mod known;
mod latency;
mod layout;
mod left;
mod reading;
mod recorder;
mod ring;
mod schedule;
mod sink;
mod trigger;
mod writer;

pub use assemble::Piece;
pub use codec::{Entry, Malformed};
pub use file::{ReadError, may_replace};
pub use index::{Coverage, Position};
pub use latency::Slow;
pub use layout::{LARGEST, SMALLEST};
pub use left::{LeftRing, LeftRings};
pub use reading::{Left, Reading};
pub use recorder::{Flight, FlightRecorder, Order, Status, orders};
pub use ring::Size;
pub use schedule::{Answer, Asker, Pace, Request, Running};
pub use sink::FlightSink;
pub use trigger::{Cause, InvalidTrigger, Triggers};
pub use writer::{Counts, RingView, RingWriter};
