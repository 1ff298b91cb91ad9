//! Arguments of `dashcam ca`, and how the root's key is unlocked.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use dashcam_ca::Permitted;

/// Actions on the certificate authority.
#[derive(Debug, Args)]
pub(crate) struct CaArgs {
    /// The change; without one the command shows the certificate and how clients can trust it.
    #[command(subcommand)]
    pub(crate) change: Option<CaChange>,
}

/// A change of the certificate, or of this system's trust.
#[derive(Debug, Subcommand)]
pub(crate) enum CaChange {
    /// Make a certificate authority with bounds and a key of your choice (serve makes one at its first start).
    #[command(after_help = super::examples::CA_NEW)]
    New(NewArgs),
    /// Make this system trust the certificate. Only shows what it would do, unless --yes is given.
    #[command(after_help = super::examples::CA_INSTALL)]
    Install(YesArgs),
    /// Remove the certificate from this system's trust. Only shows what it would do, unless --yes is given.
    #[command(after_help = super::examples::CA_UNINSTALL)]
    Uninstall(YesArgs),
}

/// The consent that `dashcam ca install` and `uninstall` ask for.
#[derive(Debug, Args)]
pub(crate) struct YesArgs {
    /// Make the change, instead of only showing it.
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Arguments of `dashcam ca new`.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The only hosts that it may issue certificates for: domains (with all below them) and networks, separated by
    /// commas. Clients enforce this; connections to other hosts are tunnelled unread. Can be repeated.
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
    /// Keep the present authority under another name, and make a new one. Clients must then trust the new one.
    #[arg(long)]
    pub(crate) replace: bool,
    /// How its key is unlocked.
    #[command(flatten)]
    pub(crate) key: CaKeyArgs,
}

/// How the key of the certificate authority is unlocked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub(crate) struct CaKeyArgs {
    /// A file with the passphrase of the certificate authority's key, readable by you only. Without it, dashcam takes
    /// $DASHCAM_CA_PASSPHRASE, or asks on a terminal.
    #[arg(long, value_name = "FILE", conflicts_with = "ca_sign_cmd")]
    pub(crate) ca_passphrase_file: Option<PathBuf>,
    /// A shell command that signs with the certificate authority's key, if dashcam is not to hold the key. It reads the
    /// bytes to sign from stdin and writes the signature to stdout, as `openssl dgst -sha256 -sign KEY` does.
    #[arg(long, value_name = "COMMAND")]
    pub(crate) ca_sign_cmd: Option<String>,
}
