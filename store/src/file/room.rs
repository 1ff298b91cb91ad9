//! The room that is left beside a recording.

use std::path::Path;

use crate::StoreError;

/// Bytes that the file system of `path` has left for us.
pub(crate) fn available(path: &Path) -> Result<u64, StoreError> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let stat = rustix::fs::statvfs(folder).map_err(|error| StoreError::Disk(error.into()))?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Fails if less is left than is needed.
pub(crate) fn refuse_too_little(path: &Path, available: u64, needed: u64) -> Result<(), StoreError> {
    if available >= needed {
        return Ok(());
    }
    Err(StoreError::NoRoom { path: path.to_owned(), needed, available })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_room_is_refused() {
        let path = Path::new("/a/b.db");
        assert!(refuse_too_little(path, 10, 10).is_ok());
        let refused = refuse_too_little(path, 9 << 20, 10 << 20).unwrap_err().to_string();
        assert!(
            refused.contains("/a") && refused.contains("10 MiB") && refused.contains("9 MiB"),
            "{refused}"
        );
    }
}
