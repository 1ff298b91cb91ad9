//! HTTP/2 through dashcam: the protocol's rules, abuse, what passes and what is recorded, gRPC.

mod asking;
mod passing;
mod resets;
mod rules;
