//! Serial numbers and signatures of certificates.

use rcgen::SerialNumber;
use rustls::crypto::aws_lc_rs;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// Fails unless the key of `issuer`, or its own, signed `certificate`.
pub(crate) fn verify(certificate: &[u8], issuer: Option<&[u8]>) -> Result<(), String> {
    let reason = |error: &dyn std::fmt::Display| format!("the signature is not the root's ({error})");
    let (_, certificate) = X509Certificate::from_der(certificate).map_err(|error| reason(&error))?;
    let issuer = issuer.map(X509Certificate::from_der).transpose().map_err(|error| reason(&error))?;
    let key = issuer.as_ref().map(|(_, issuer)| issuer.public_key());
    certificate.verify_signature(key).map_err(|error| reason(&error))
}

/// 128 random bits: clients refuse two certificates of one issuer with the same number.
pub(crate) fn random_serial() -> SerialNumber {
    let mut bytes = [0; 16];
    aws_lc_rs::default_provider()
        .secure_random
        .fill(&mut bytes)
        .expect("the system's source of randomness does not fail once it is seeded");
    SerialNumber::from_slice(&bytes)
}
