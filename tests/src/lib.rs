//! The product from outside: the real binary, real clients, real upstreams.
//!
//! A test starts an [`origin::Origin`] and a [`dashcam::Dashcam`], lets a client speak to the one, directly and
//! through the other, and compares: what the client got, what the origin saw, what the store has.
//! Nothing here sleeps: everything waits for a condition with a deadline ([`until`]).

pub mod api;
pub mod binary;
pub mod clients;
pub mod dashcam;
pub mod digest;
pub mod disk;
pub mod eventually;
pub mod frames;
pub mod free_address;
pub mod h2;
pub mod load;
pub mod mute;
pub mod namespace;
pub mod origin;
pub mod passed;
pub mod raw;
pub mod same;
pub mod silent;
pub mod test_ca;
pub mod websocket;
pub mod wire;
