//! The certificate authority that clients are asked to trust.
