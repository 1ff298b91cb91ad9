//! dashcam's home: the directory that holds the recording, the root, the token and the control socket.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use dashcam_store::{refuse_exposed_file, refuse_exposed_folder};

/// A directory that only its owner can look into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Home {
    path: PathBuf,
    /// The user that it belongs to.
    user: u32,
}

impl Home {
    /// The directory given (`--home` or `$DASHCAM_HOME`), or else `~/.dashcam`.
    pub(crate) fn new(given: Option<PathBuf>) -> Result<Self> {
        let given = given.filter(|path| !path.as_os_str().is_empty());
        let path = match given {
            Some(path) => std::path::absolute(&path).with_context(|| path.display().to_string())?,
            None => std::env::home_dir().context("there is no $HOME: use --home DIR")?.join(".dashcam"),
        };
        Ok(Self { path, user: rustix::process::geteuid().as_raw() })
    }

    /// The home of the user who called sudo, and that user's name, unless a home was `given`: root has none of its own to look
    /// after then.
    pub(crate) fn of_sudo_user(given: Option<&PathBuf>) -> Result<Option<(Self, String)>> {
        let is_given = given.is_some_and(|path| !path.as_os_str().is_empty());
        if is_given || !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let Some(name) = std::env::var("SUDO_USER").ok().filter(|name| !name.is_empty() && name != "root")
        else {
            return Ok(None);
        };
        let user =
            nix::unistd::User::from_name(&name).context("the users of this system can't be looked up")?;
        let user = user.with_context(|| {
            format!("$SUDO_USER is {name}, a user that this system does not know: use --home DIR")
        })?;
        Ok(Some((Self { path: user.dir.join(".dashcam"), user: user.uid.as_raw() }, name)))
    }

    /// Fails if others than root and its user could change what is here.
    pub(crate) fn refuse_exposed(&self) -> Result<()> {
        refuse_exposed_folder(&self.path, self.user)?;
        for name in ["config.toml", "token", "sessions", "ca.pem", "redaction.key"] {
            refuse_exposed_file(&self.path.join(name), self.user)?;
        }
        Ok(())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path.join("dashcam.db")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.path.join("config.toml")
    }

    pub(crate) fn control_socket(&self) -> PathBuf {
        self.path.join("control.sock")
    }

    /// Where the page's sessions are kept.
    pub(crate) fn sessions_path(&self) -> PathBuf {
        self.path.join("sessions")
    }

    pub(crate) fn token_path(&self) -> PathBuf {
        self.path.join("token")
    }

    /// Makes the directory, if it is not there, for its owner alone.
    pub(crate) fn create(&self) -> Result<()> {
        // A disk that hangs is not asked to make what is there.
        if self.path.is_dir() {
            return Ok(());
        }
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.path);
        made.with_context(|| format!("the home {} can't be created", self.path.display()))
    }

    /// Returns whether a dashcam was started here before, and got so far that clients may trust it.
    pub(crate) fn was_used(&self) -> bool {
        ["token", "ca.pem", "ca-key.pem"].iter().all(|name| self.path.join(name).exists())
    }

    /// The secret that callers of the API over TCP must know; made at the first call.
    pub(crate) fn token(&self) -> Result<String> {
        let path = self.token_path();
        if !path.exists()
            && let Err(error) = write_new(&path, &random_token())
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(error).with_context(|| path.display().to_string());
        }
        let mode = fs::metadata(&path).with_context(|| path.display().to_string())?.permissions().mode();
        if mode & 0o077 != 0 {
            bail!(
                "{path} can be read by others than its owner: run `chmod 600 {path}`",
                path = path.display()
            );
        }
        let token = fs::read_to_string(&path).with_context(|| path.display().to_string())?.trim().to_owned();
        if token.len() < 16 || !token.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            bail!("{} has no token: delete the file, and dashcam makes a new one", path.display());
        }
        Ok(token)
    }

    /// Replaces the token by a new one, as a whole.
    pub(crate) fn renew_token(&self) -> io::Result<String> {
        let token = random_token();
        self.write_secret("token", &token).map(|_| token)
    }

    /// Replaces `name`, which only its owner can read, as a whole.
    pub(crate) fn write_secret(&self, name: &str, content: &str) -> io::Result<PathBuf> {
        let path = self.path.join(name);
        let unfinished = self.path.join(format!("{name}.unfinished-{}", std::process::id()));
        match fs::remove_file(&unfinished) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        write_new(&unfinished, content)?;
        let renamed = fs::rename(&unfinished, &path);
        if renamed.is_err() {
            // Its content belongs to nobody.
            let _ = fs::remove_file(&unfinished);
        }
        renamed.map(|()| path)
    }

    /// Makes `content` that of `name`, if it is not: a disk that is full or read-only is not asked for what is there.
    pub(crate) fn write_changed(&self, name: &str, content: &[u8]) -> Result<()> {
        if fs::read(self.path.join(name)).is_ok_and(|there| there == content) {
            return Ok(());
        }
        self.write(name, content).map(drop)
    }

    /// Replaces `name` as a whole: who reads it meanwhile sees the old or the new content.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> Result<PathBuf> {
        let path = self.path.join(name);
        let unfinished = self.path.join(format!("{name}.unfinished-{}", std::process::id()));
        let written = fs::write(&unfinished, content).and_then(|()| fs::rename(&unfinished, &path));
        if written.is_err() {
            // What a full disk took of it.
            let _ = fs::remove_file(&unfinished);
        }
        written.with_context(|| path.display().to_string())?;
        Ok(path)
    }
}

/// Makes a file that only its owner can read, unless there is one.
pub(crate) fn write_new(path: &Path, content: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let written = file.write_all(content.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a token would be taken for one at the next start.
        let _ = fs::remove_file(path);
    }
    written
}

/// 256 random bits in hex.
pub(crate) fn random_token() -> String {
    let mut bytes = [0; 32];
    rustls::crypto::aws_lc_rs::default_provider()
        .secure_random
        .fill(&mut bytes)
        .expect("the system's source of randomness does not fail once it is seeded");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, Home) {
        let directory = tempfile::tempdir().unwrap();
        let home = Home::new(Some(directory.path().join("a/b"))).unwrap();
        home.create().unwrap();
        (directory, home)
    }

    #[test]
    fn it_is_for_its_owner_alone() {
        let (_directory, home) = home();
        assert_eq!(fs::metadata(home.path()).unwrap().permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn the_token_stays_and_is_kept_secret() {
        let (_directory, home) = home();
        let token = home.token().unwrap();
        assert_eq!((token.len(), home.token().unwrap()), (64, token.clone()));
        assert_eq!(fs::metadata(home.token_path()).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(home.token_path(), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(home.token().unwrap_err().to_string().contains("chmod 600"));
    }

    #[test]
    fn a_token_cut_short_is_refused() {
        let (_directory, home) = home();
        home.token().unwrap();
        fs::write(home.token_path(), "").unwrap();
        assert!(home.token().unwrap_err().to_string().contains("has no token"));
    }

    #[test]
    fn a_new_token_replaces_the_old_one_and_is_kept_secret() {
        let (_directory, home) = home();
        let old = home.token().unwrap();
        let new = home.renew_token().unwrap();
        assert!(new != old && new.len() == 64);
        assert_eq!(home.token().unwrap(), new);
        assert_eq!(fs::metadata(home.token_path()).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "nothing unfinished is left");
    }

    #[test]
    fn an_empty_variable_is_no_home() {
        assert_eq!(Home::new(Some(PathBuf::new())).unwrap(), Home::new(None).unwrap());
    }
}
