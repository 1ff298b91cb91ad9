//! `control.sock`: the API without a token, for whoever may open dashcam's home.

use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net;
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fs, io};

use anyhow::{Context as _, Result, bail};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use crate::predecessor::Predecessor;

/// The longest path that a socket can have (`sun_path`, with its end).
const LONGEST_PATH: usize = 107;
/// How long making it may take, and an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// The socket's file; deleted when dropped.
#[derive(Debug)]
pub(crate) struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Nothing is lost if it stays: the next start replaces it.
        let _ = fs::remove_file(&self.0);
    }
}

/// Binds `path`, in place of what an instance that is gone has left there.
pub(crate) async fn bind(path: &Path) -> Result<(UnixListener, SocketFile)> {
    if path.as_os_str().len() > LONGEST_PATH {
        bail!("the path {} is too long for a socket: use a shorter --home", path.display());
    }
    refuse_live(path).await?;
    let owned = path.to_owned();
    let making = tokio::task::spawn_blocking(move || make(&owned));
    let (listener, file) = match timeout(ANSWER_WITHIN, making).await {
        Ok(made) => made?.with_context(|| path.display().to_string())?,
        Err(_) => return Err(io::Error::from(io::ErrorKind::TimedOut)).context("the disk does not answer"),
    };
    Ok((UnixListener::from_std(listener)?, file))
}

/// Makes the socket. The disk may hang.
fn make(path: &Path) -> io::Result<(net::UnixListener, SocketFile)> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let listener = net::UnixListener::bind(path)?;
    let file = SocketFile(path.to_owned());
    fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    Ok((listener, file))
}

/// Waits for an instance that ends to leave `path`; fails at once if one answers there.
pub(crate) async fn wait_for_end(path: &Path, predecessor: &mut Predecessor) -> Result<()> {
    while let Err(live) = refuse_live(path).await {
        if answers(path).await || !predecessor.may_end(&"the last dashcam of this home has not ended").await {
            return Err(live);
        }
    }
    Ok(())
}

/// Returns whether an instance at `path` answers. One that was killed accepts connections for a moment.
async fn answers(path: &Path) -> bool {
    let asked = async {
        let mut stream = UnixStream::connect(path).await?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        stream.read_u8().await
    };
    matches!(timeout(ANSWER_WITHIN, asked).await, Ok(Ok(_)))
}

/// Fails if an instance listens at `path`.
pub(crate) async fn refuse_live(path: &Path) -> Result<()> {
    if UnixStream::connect(path).await.is_ok() {
        let home = path.parent().unwrap_or(path);
        bail!(
            "a dashcam is already running with the home {}: stop it first, or use another --home",
            home.display()
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stale_socket_is_replaced_and_a_live_one_is_not() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("control.sock");
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists(), "a listener that is gone leaves its file");
        let (live, file) = bind(&path).await.unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(bind(&path).await.unwrap_err().to_string().contains("already"));
        drop((live, file));
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn an_instance_that_ends_is_waited_for_and_one_that_answers_is_not() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("control.sock");
        let dying = UnixListener::bind(&path).unwrap();
        let mut predecessor = Predecessor::default();
        let (waited, _) = tokio::join!(wait_for_end(&path, &mut predecessor), async move {
            for _ in 0..4 {
                dying.accept().await.unwrap();
            }
        });
        waited.unwrap();
        fs::remove_file(&path).unwrap();
        let live = UnixListener::bind(&path).unwrap();
        let answer = async {
            loop {
                // The first look only connects.
                let _ = live.accept().await.unwrap().0.write_all(b"HTTP/1.1 404 Not Found\r\n\r\n").await;
            }
        };
        let refused = tokio::select! {
            refused = wait_for_end(&path, &mut predecessor) => refused.unwrap_err(),
            () = answer => unreachable!("it answers for ever"),
        };
        assert!(refused.to_string().contains("already"), "{refused}");
    }

    #[tokio::test]
    async fn a_path_too_long_says_what_to_do() {
        let path = Path::new("/tmp").join("a".repeat(120)).join("control.sock");
        assert!(bind(&path).await.unwrap_err().to_string().contains("shorter --home"));
    }
}
