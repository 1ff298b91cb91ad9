//! Traffic on the wire, byte for byte, through the real binary.
//!
//! [`scripts`] plays the conversations in `tests/wire/*.wire` (one file a case, the format is in
//! `tests/wire/README.md`): a client and an origin send and wait as the script says, first without a proxy,
//! then through dashcam, and each end must receive the same bytes, but for the differences that the script
//! itself states with their reasons. A proxy that holds bytes back hangs the script. Then the record is held
//! against what passed.
//!
//! [`corpus`] throws hostile requests and responses from `tests/corpus/*.txt` at it: each is refused, or
//! reaches the other end as exactly the stated bytes, and what follows is never answered with what was
//! smuggled.
//!
//! To work on some of them: `WIRE=part-of-a-name` and `CORPUS=part-of-a-name`.

mod bytes;
mod corpus;
mod nginx;
mod play;
mod record;
mod script;
mod scripts;
mod way;
