//! The file `sessions` in the home: sessions outlive dashcam, and not the token that began them.

use std::fs;
use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::sessions::Stored;
use crate::home_file;

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
    home_file::replace(path, &serde_json::to_vec(content)?)
}
