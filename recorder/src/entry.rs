//! Records in the queue.

use dashcam_exchange::Record;

use crate::budget::Held;

/// A record on its way to the writer, with what it holds of its client's shares.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) record: Record,
    pub(crate) memory: Held,
    /// Its place in the queue.
    #[expect(dead_code, reason = "given back in drop")]
    pub(crate) place: Held,
}
