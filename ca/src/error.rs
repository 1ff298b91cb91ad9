//! Errors of the root, with a host's certificate, and with the system's trust store.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why there is no certificate. Each message says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum CaError {
    /// A file of the root can't be read or written; the operator's to mend.
    #[error("{path}: {source}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Others than the owner may read the root's key, so it may be known to them.
    #[error("{path} can be read by others than its owner (mode {mode:04o}): run `chmod 600 {path}`, or, if others have read it, {MOVE_AWAY}", path = .path.display())]
    KeyExposed {
        /// The key's file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Another user owns the root's key, and so can read and change it.
    #[error("{path} belongs to user {owner}, who can read and change it, and dashcam runs as user {we}: run dashcam as user {owner}, or, if you trust that user, `chown {we} {path}`", path = .path.display())]
    KeyNotOurs {
        /// The key's file.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// Us.
        we: u32,
    },
    /// The root's key is under a passphrase that was not given.
    #[error("{path} is encrypted: give a file with its passphrase with --ca-passphrase-file (ca_passphrase_file in config.toml), or set $DASHCAM_CA_PASSPHRASE", path = .path.display())]
    Locked {
        /// The key's file.
        path: PathBuf,
    },
    /// The passphrase does not open the root's key.
    #[error("the passphrase does not open {path} ({reason}): check --ca-passphrase-file or $DASHCAM_CA_PASSPHRASE", path = .path.display())]
    WrongPassphrase {
        /// The key's file.
        path: PathBuf,
        /// The decoder's reason.
        reason: String,
    },
    /// There is a key outside, and no certificate for it.
    #[error("{path} does not exist: make a root for the key that --ca-sign-cmd signs with, `dashcam ca new --ca-sign-cmd COMMAND --public-key FILE`", path = .path.display())]
    NoRoot {
        /// The certificate's file.
        path: PathBuf,
    },
    /// The command that signs for the root does not.
    #[error(
        "the command of --ca-sign-cmd did not sign ({source}): it must read the bytes to sign from stdin and write the signature, in DER, to stdout within 10 s"
    )]
    Signer {
        /// The maker's error.
        source: rcgen::Error,
    },
    /// The public half of a key outside can't be read.
    #[error(
        "--public-key needs a PEM file with the public half of the key that --ca-sign-cmd signs with ({reason})"
    )]
    PublicKey {
        /// The fault in it.
        reason: String,
    },
    /// There is a root already.
    #[error("{path} already exists: --replace keeps it under another name and makes a new root, which clients must then trust", path = .path.display())]
    RootThere {
        /// A file of the root.
        path: PathBuf,
    },
    /// A root can't be valid for so long.
    #[error("a root is valid for 1 to {most} days")]
    Days {
        /// The highest number.
        most: u32,
    },
    /// The root's name constraints do not permit a host.
    #[error(
        "the root may issue no certificate for \u{201c}{host}\u{201d} (it permits {permitted}): make a root with `dashcam ca new --replace --permit …` that may"
    )]
    NotPermitted {
        /// The host.
        host: String,
        /// The hosts that it permits.
        permitted: String,
    },
    /// The root's key is no private key.
    #[error("{path} holds no usable private key ({reason}): put a copy of it back, or {MOVE_AWAY}", path = .path.display())]
    DamagedKey {
        /// The key's file.
        path: PathBuf,
        /// The fault in it.
        reason: String,
    },
    /// The root's certificate is none, or none that may issue others.
    #[error("{path} holds no usable CA certificate ({reason}): put a copy of it back, or {MOVE_AWAY}", path = .path.display())]
    DamagedCertificate {
        /// The certificate's file.
        path: PathBuf,
        /// The fault in it.
        reason: String,
    },
    /// There is a certificate but no key.
    #[error("{path} is missing though the certificate is there: put a copy of it back, name the program that signs with it (--ca-sign-cmd, ca_sign_cmd), or {MOVE_AWAY}", path = .path.display())]
    KeyMissing {
        /// The key's file.
        path: PathBuf,
    },
    /// Key and certificate don't belong together.
    #[error("{key} is not the key of {certificate}: put back the files that belong together, or {MOVE_AWAY}", key = .key.display(), certificate = .certificate.display())]
    Mismatch {
        /// The key's file.
        key: PathBuf,
        /// The certificate's file.
        certificate: PathBuf,
    },
    /// The root is past its end.
    #[error("the certificate {path} ended on {end}: {MOVE_AWAY}", path = .path.display())]
    Expired {
        /// The certificate's file.
        path: PathBuf,
        /// Its last moment.
        end: String,
    },
    /// A client asked for what is no host; its own fault.
    #[error("no certificate can be issued for \u{201c}{host}\u{201d}: {reason}")]
    InvalidHost {
        /// The host that was asked for.
        host: String,
        /// The fault in it.
        reason: &'static str,
    },
    /// A certificate could not be made; a fault of ours.
    #[error("no certificate could be made for {subject}: {source}")]
    Issue {
        /// The host, or the root.
        subject: String,
        /// The maker's error.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// No trust store that we know how to change.
    #[error(
        "dashcam found no system trust store that it can change: `dashcam ca` shows how to configure each client"
    )]
    NoTrustStore,
    /// A command that changes the trust store failed.
    #[error("`{command}` failed ({outcome}); run it as root to finish what was begun")]
    Command {
        /// The command line.
        command: String,
        /// Its exit status, or why it could not be started.
        outcome: String,
    },
}

/// How to start afresh.
const MOVE_AWAY: &str = "move ca.pem and ca-key.pem away and start again: a new root is made, which clients must then be told to trust";

impl CaError {
    pub(crate) fn io(path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }

    pub(crate) fn issue(
        subject: impl Into<String>,
        source: impl std::error::Error + Send + Sync + 'static,
    ) -> Self {
        Self::Issue { subject: subject.into(), source: Arc::new(source) }
    }
}
