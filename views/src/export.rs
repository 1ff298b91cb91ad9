//! The recording as files of other programs' formats.

pub mod har;
