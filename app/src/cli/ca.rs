//! The certificate authority: what to do about it, and how its key is unlocked.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use dashcam_ca::Permitted;

/// Actions on the certificate authority.
#[derive(Debug, Args)]
pub(crate) struct CaArgs {
    /// Without one: show the certificate and how clients are told to trust it.
    #[command(subcommand)]
    pub(crate) change: Option<CaChange>,
}

/// A change of the certificate, or of this system's trust.
#[derive(Debug, Subcommand)]
pub(crate) enum CaChange {
    /// Make a certificate authority, as serve does at its first start, with bounds and a key of your choice.
    ///
    /// Example: dashcam ca new --permit example.com,10.0.0.0/8 --days 365
    New(NewArgs),
    /// Make this system trust the certificate. Shows what would be done; --yes does it.
    Install(YesArgs),
    /// Take the certificate out of this system's trust. Shows what would be done; --yes does it.
    Uninstall(YesArgs),
}

/// Whether to do it.
#[derive(Debug, Args)]
pub(crate) struct YesArgs {
    /// Do it.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// What a new certificate authority is like.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The only hosts that it may issue certificates for: domains (with all below them) and networks, by commas. Clients
    /// enforce it; connections to other hosts are tunnelled unread. May be given again.
    #[arg(long, value_name = "DOMAIN|CIDR,…")]
    pub(crate) permit: Vec<Permitted>,
    /// How many days it is valid [default: 3653].
    #[arg(long, value_name = "NUMBER")]
    pub(crate) days: Option<u32>,
    /// Ask for a passphrase on the terminal, and encrypt the key with it.
    #[arg(long, conflicts_with = "ca_sign_cmd")]
    pub(crate) passphrase: bool,
    /// The public half of the key that --ca-sign-cmd signs with, as PEM.
    #[arg(long, value_name = "FILE", requires = "ca_sign_cmd")]
    pub(crate) public_key: Option<PathBuf>,
    /// Keep the one that is there under another name, and make a new one. Clients must then be told to trust that.
    #[arg(long)]
    pub(crate) replace: bool,
    /// Where the key is.
    #[command(flatten)]
    pub(crate) key: CaKeyArgs,
}

/// How the key of the certificate authority is unlocked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub(crate) struct CaKeyArgs {
    /// A file with the passphrase of the certificate authority's key, readable by you only; $DASHCAM_CA_PASSPHRASE is another
    /// way, and on a terminal it is asked for.
    #[arg(long, value_name = "FILE", conflicts_with = "ca_sign_cmd")]
    pub(crate) ca_passphrase_file: Option<PathBuf>,
    /// A shell command that signs with the certificate authority's key, where that is outside of dashcam: it reads what is to be
    /// signed from stdin and writes the signature to stdout, as `openssl dgst -sha256 -sign KEY` does.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) ca_sign_cmd: Option<String>,
}
