//! TLS's secrets for programs that decrypt captured traffic (Wireshark), where `SSLKEYLOGFILE` asks for them.

use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::sync::Arc;

use rustls::{KeyLog, KeyLogFile, NoKeyLog};

/// Where the secrets of both sides go. The environment is read here, once; the file is its owner's only.
pub(crate) fn key_log() -> Arc<dyn KeyLog> {
    let Some(path) = std::env::var_os("SSLKEYLOGFILE").filter(|path| !path.is_empty()) else {
        return Arc::new(NoKeyLog {});
    };
    // rustls keeps to itself that it can't write it.
    match std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(&path) {
        Ok(file) => {
            // One that was there may be open to others.
            if let Err(error) = file.set_permissions(std::fs::Permissions::from_mode(0o600)) {
                tracing::warn!("{} may be read by others: {error}", path.display());
            }
            let path = path.display();
            tracing::warn!(
                "TLS keys are written to {path} (SSLKEYLOGFILE): whoever reads it can decrypt the traffic"
            );
            Arc::new(KeyLogFile::new())
        }
        Err(error) => {
            let path = path.display();
            tracing::warn!(
                "no TLS keys are written: SSLKEYLOGFILE names {path}, which can't be opened: {error}"
            );
            Arc::new(NoKeyLog {})
        }
    }
}
