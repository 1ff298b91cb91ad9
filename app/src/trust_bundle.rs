//! Files of roots for `run`: the system's and ours together, because many programs take one file in place of
//! their own roots.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::process::Command;

use crate::environment::JAVA_STORE_PASSWORD;
use crate::home::Home;

/// Writes `bundle.pem`: the system's roots and `root`.
pub(crate) fn write(home: &Home, root: &str) -> Result<PathBuf> {
    let system = rustls_native_certs::load_native_certs();
    if system.certs.is_empty() {
        // What passes through us is signed by ours alone, so ours alone will do.
        tracing::warn!(errors = ?system.errors, "no roots of the system were found");
    }
    let mut bundle: String = system.certs.iter().map(|certificate| pem(certificate)).collect();
    bundle.push_str(root);
    home.write("bundle.pem", bundle.as_bytes())
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    // Base64 is ASCII: every 64 bytes are 64 characters.
    let lines = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned() + "\n");
    format!("-----BEGIN CERTIFICATE-----\n{}-----END CERTIFICATE-----\n", lines.collect::<String>())
}

/// Brings `java-roots.p12` up to date: Java's own roots and `root`. `None` when there is no Java.
pub(crate) async fn java_store(home: &Home, root: &Path) -> Option<PathBuf> {
    let keytool = find_keytool()?;
    match import(&keytool, home, root).await {
        Ok(store) => Some(store),
        Err(error) => {
            tracing::warn!("no trust store for Java could be made: {error:#}");
            None
        }
    }
}

fn find_keytool() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|directory| directory.join("keytool")).find(|file| file.is_file())
}

async fn import(keytool: &Path, home: &Home, root: &Path) -> Result<PathBuf> {
    let own = own_roots(keytool)?;
    let store = home.path().join("java-roots.p12");
    if is_newer(&store, &[&own, root]) {
        return Ok(store);
    }
    let unfinished = home.write("java-roots.unfinished", &fs::read(&own)?)?;
    let mut command = Command::new(keytool);
    command.args(["-importcert", "-noprompt", "-alias", "dashcam", "-storepass", JAVA_STORE_PASSWORD]);
    command.arg("-keystore").arg(&unfinished).arg("-file").arg(root);
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await?;
    if !output.status.success() {
        bail!("keytool: {}", String::from_utf8_lossy(&output.stdout).trim());
    }
    fs::rename(&unfinished, &store)?;
    Ok(store)
}

/// Java's own roots, beside the program.
fn own_roots(keytool: &Path) -> Result<PathBuf> {
    let keytool = fs::canonicalize(keytool)?;
    let java =
        keytool.parent().and_then(Path::parent).context("keytool is not inside a Java installation")?;
    let places = ["lib/security/cacerts", "jre/lib/security/cacerts"].map(|place| java.join(place));
    places
        .into_iter()
        .find(|place| place.is_file())
        .with_context(|| format!("no cacerts in {}", java.display()))
}

fn is_newer(file: &Path, than: &[&Path]) -> bool {
    let changed = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
    let Some(made) = changed(file) else { return false };
    than.iter().all(|path| changed(path).is_some_and(|changed| changed <= made))
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    use super::*;

    #[test]
    fn the_bundle_has_all_roots() {
        let directory = tempfile::tempdir().unwrap();
        let home = Home::new(Some(directory.path().into())).unwrap();
        let path = write(&home, &pem(b"ours")).unwrap();
        let roots: Vec<_> = CertificateDer::pem_file_iter(path).unwrap().map(Result::unwrap).collect();
        assert_eq!(roots.last().unwrap().as_ref(), b"ours");
        assert_eq!(roots.len(), rustls_native_certs::load_native_certs().certs.len() + 1);
    }

    #[test]
    fn long_certificates_are_folded() {
        let text = pem(&[7; 100]);
        assert!(text.lines().all(|line| line.len() <= 64));
        assert_eq!(CertificateDer::from_pem_slice(text.as_bytes()).unwrap().as_ref(), [7; 100]);
    }
}
