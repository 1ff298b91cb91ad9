//! The hand-off from outside, with a closure in place of the store.

#![expect(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod arrivals;
mod facts;
mod guarantees;
mod guarantees_kept;
mod guarded_disk;
mod hand_off;
mod late;
mod late_guarantees;
mod left_aside;
mod losses;
mod model;
mod opening;
mod pauses;
mod programs;
mod redacted;
mod ruled;
mod samples;
mod secrets;
mod shares;
mod waiting;
