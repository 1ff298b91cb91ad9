//! The file `sessions` in the home: sessions outlive dashcam, and not the token that began them.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::sessions::Stored;

/// The content of the file: digests only, no secret.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Content {
    /// The SHA-256 of the token that the sessions were begun with.
    pub(super) token: String,
    pub(super) sessions: Vec<Stored>,
}

/// The sessions of the token with the SHA-256 `token`; none where there is no such file.
pub(super) fn read(path: &Path, token: &str) -> Vec<Stored> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Vec::new(),
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "the sessions can't be read: browsers have to sign in again");
            return Vec::new();
        }
    };
    match serde_json::from_slice::<Content>(&text) {
        Ok(content) if content.token == token => content.sessions,
        _ => Vec::new(),
    }
}

/// Replaces the file as a whole. It is for its owner alone.
pub(super) fn write(path: &Path, content: &Content) -> io::Result<()> {
    let unfinished = path.with_extension(format!("unfinished-{}", std::process::id()));
    let text = serde_json::to_vec(content)?;
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&unfinished)
        .and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        // What a full disk took of it.
        let _ = fs::remove_file(&unfinished);
    }
    written
}
