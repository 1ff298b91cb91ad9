//! The certificate authority that clients are asked to trust.
//!
//! [`Authority`] keeps a root in dashcam's home and issues a leaf for every host that a client wants to reach.
//! What clients have to do so that they trust the root is in [`trust`].

mod authority;
mod error;
mod files;
mod host;
mod leaf;
mod root;
pub mod trust;

pub use authority::Authority;
pub use error::CaError;
pub use root::Created;
