//! The key of the certificate authority: how it is unlocked.

use std::ffi::OsStr;
use std::io::IsTerminal as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use dashcam_ca::KeySource;

use crate::cli::CaKeyArgs;
use crate::home::Home;

/// The variable that may hold the passphrase. Programs that dashcam runs don't get it.
pub(crate) const VARIABLE: &str = "DASHCAM_CA_PASSPHRASE";

/// Where the key is that signs for the root in `home`, and what unlocks it. A passphrase is only asked for where the key has
/// one.
///
/// # Errors
/// When the passphrase can't be had.
pub(crate) fn source(home: &Home, args: &CaKeyArgs) -> Result<KeySource> {
    if let Some(command) = &args.ca_sign_cmd {
        return Ok(KeySource::Command(command.clone()));
    }
    if let Some(passphrase) = given(args)? {
        return Ok(KeySource::Encrypted(passphrase));
    }
    // Where it can't be asked for, the authority says how else it is given.
    if dashcam_ca::is_encrypted(home.path())? && is_terminal() {
        return Ok(KeySource::Encrypted(asked("Passphrase of the certificate authority's key: ")?));
    }
    Ok(KeySource::File)
}

/// The key that a new root is to have: under a passphrase if one is given, or `wanted`.
///
/// # Errors
/// When the passphrase can't be had.
pub(crate) fn for_new(args: &CaKeyArgs, wanted: bool) -> Result<KeySource> {
    if let Some(command) = &args.ca_sign_cmd {
        return Ok(KeySource::Command(command.clone()));
    }
    if let Some(passphrase) = given(args)? {
        return Ok(KeySource::Encrypted(passphrase));
    }
    if !wanted {
        return Ok(KeySource::File);
    }
    if !is_terminal() {
        bail!("--passphrase asks on a terminal, and there is none: give a file with --ca-passphrase-file");
    }
    let passphrase = asked("Passphrase for the new key: ")?;
    if passphrase != asked("The same again: ")? {
        bail!("the two passphrases differ: try again (nothing was made)");
    }
    Ok(KeySource::Encrypted(passphrase))
}

fn given(args: &CaKeyArgs) -> Result<Option<String>> {
    if let Some(path) = &args.ca_passphrase_file {
        return from_file(path, std::env::var_os("CREDENTIALS_DIRECTORY").as_deref()).map(Some);
    }
    match std::env::var(VARIABLE) {
        Ok(passphrase) if !passphrase.is_empty() => Ok(Some(passphrase)),
        Ok(_) | Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => bail!("${VARIABLE} is not valid UTF-8"),
    }
}

/// The first line of `path`, which nobody else may read. What lies in `credentials` is guarded by systemd, whose modes
/// do not say so (systemd.exec(5), Credentials).
fn from_file(path: &Path, credentials: Option<&OsStr>) -> Result<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let place = || path.display().to_string();
    let mode = std::fs::metadata(path).with_context(place)?.permissions().mode();
    let is_guarded = credentials.is_some_and(|folder| path.starts_with(folder));
    if mode & 0o077 != 0 && !is_guarded {
        bail!("{path} can be read by others than its owner: run `chmod 600 '{path}'`", path = path.display());
    }
    let text = std::fs::read_to_string(path).with_context(place)?;
    match text.lines().next() {
        Some(passphrase) if !passphrase.is_empty() => Ok(passphrase.to_owned()),
        _ => bail!("{} has no passphrase: write it on the first line", path.display()),
    }
}

fn asked(question: &str) -> Result<String> {
    let passphrase = rpassword::prompt_password(question).context("the terminal can't be read")?;
    if passphrase.is_empty() {
        bail!("the passphrase is empty: try again");
    }
    Ok(passphrase)
}

fn is_terminal() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_passphrase_is_the_first_line_of_a_file_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("passphrase");
        let check = |content: &str, mode| {
            std::fs::write(&file, content).unwrap();
            std::fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            from_file(&file, None).map_err(|error| error.to_string())
        };
        assert_eq!(check("two words\nmore", 0o600), Ok("two words".to_owned()));
        assert!(check("secret", 0o640).unwrap_err().contains("chmod 600"));
        assert!(check("\n", 0o600).unwrap_err().contains("no passphrase"));
        assert!(check("of a service", 0o440).is_err());
        assert_eq!(from_file(&file, Some(folder.path().as_os_str())).unwrap(), "of a service");
    }
}
