//! HTTP/2 through dashcam: the protocol's rules, abuse, what passes and what is recorded, gRPC.

mod abuse;
mod asking;
mod bodies;
mod concurrency;
mod farewell;
mod grpc;
mod injection;
mod neighbours;
mod passing;
mod resets;
mod reverse;
mod rules;
mod switch;
mod windows;
