//! The hand-off from traffic that must not wait to a disk that may.
