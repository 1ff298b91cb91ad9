//! The certificate authority that clients are asked to trust.
//!
//! [`Authority`] keeps a root in dashcam's home and issues a leaf for every host that a client wants to reach.
//! What clients have to do so that they trust the root is in [`trust`].

mod authority;
mod constraints;
mod encrypted;
mod error;
mod external;
mod files;
mod host;
mod key;
mod leaf;
mod new;
mod root;
mod signing;
pub mod trust;

pub use authority::Authority;
pub use constraints::Permitted;
pub use error::CaError;
pub use key::{KeySource, is_encrypted};
pub use new::{Made, NewRoot, create};
pub use root::{Created, RootCertificate};
