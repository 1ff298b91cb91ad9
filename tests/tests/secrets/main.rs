//! The proof of redaction: traffic with secrets in every place, recorded by the real binary at full speed. None of them is
//! left anywhere, and what only looks like one is as it was.

mod client;
mod forms;
mod killed;
mod left;
mod origin;
mod record;
mod report;
mod ring;
mod run;
mod socket;
mod whole;
