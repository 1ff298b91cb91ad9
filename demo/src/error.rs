//! Errors that keep a demonstration from starting.

use std::io;

use dashcam_ca::CaError;

/// A demonstration that can't start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The origin found no port on this machine.
    #[error("the demonstration's server found no free port: {0}")]
    Bind(#[from] io::Error),
    /// The origin's certificate could not be made.
    #[error("the demonstration's server has no certificate: {0}")]
    Certificate(#[from] CaError),
    /// TLS could not be set up.
    #[error("the demonstration could not set up TLS: {0}")]
    Tls(#[from] rustls::Error),
}
