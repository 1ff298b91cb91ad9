//! A layer of a body that is being decoded.

use std::io::Read;

/// Bytes that one coding makes of those below it, or the stored bytes themselves.
pub(super) type Layer = Box<dyn Read + Send>;
