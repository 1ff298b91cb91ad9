//! Disks that can be filled, frozen and broken: file systems of a test's own. They need root, and a kernel that mounts.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// A mounted file system; unmounted when dropped.
pub struct Disk {
    folder: tempfile::TempDir,
    path: PathBuf,
    is_frozen: bool,
}

/// Mounts what `mount` makes, or says aloud why not: then the test is skipped.
///
/// # Errors
/// When `$CI` is set and it can't be mounted as root.
pub fn or_skipped(disk: Result<Disk>) -> Option<Disk> {
    disk.inspect_err(|error| eprintln!("SKIPPED, no file system can be mounted here: {error:#}")).ok()
}

impl Disk {
    /// Memory of `mebibytes`.
    ///
    /// # Errors
    /// When mounting is not allowed.
    pub fn tmpfs(mebibytes: u64) -> Result<Self> {
        let disk = Self::unmounted()?;
        run("mount", &["-t", "tmpfs", "-o", &format!("size={mebibytes}m"), "tmpfs", &disk.name()])?;
        Ok(disk)
    }

    /// An ext4 in a file, over a loop device.
    ///
    /// # Errors
    /// When mounting is not allowed, or there are no loop devices.
    pub fn ext4(mebibytes: u64) -> Result<Self> {
        let disk = Self::unmounted()?;
        let image = disk.folder.path().join("image");
        std::fs::File::create(&image)?.set_len(mebibytes << 20)?;
        let image = image.display().to_string();
        run("mkfs.ext4", &["-q", "-F", "-E", "lazy_itable_init=0", &image])?;
        run("mount", &["-o", "loop,errors=remount-ro", &image, &disk.name()])?;
        Ok(disk)
    }

    fn unmounted() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("disk");
        std::fs::create_dir(&path)?;
        Ok(Self { folder, path, is_frozen: false })
    }

    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes that are free.
    ///
    /// # Errors
    /// When it is not mounted.
    pub fn free(&self) -> Result<u64> {
        let output = Command::new("df").args(["--output=avail", "-B1", &self.name()]).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.lines().nth(1).context("df says nothing")?.trim().parse()?)
    }

    /// Fills it until only `left` bytes are free. [`Disk::empty`] makes room again.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn fill(&self, left: u64) -> Result<()> {
        let bytes = self.free()?.saturating_sub(left).to_string();
        run("fallocate", &["-l", &bytes, &self.ballast()])
    }

    /// Removes what [`Disk::fill`] put there.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn empty(&self) -> Result<()> {
        Ok(std::fs::remove_file(self.ballast())?)
    }

    /// Makes it read-only, or writable again. Nobody may have a file open for writing there.
    ///
    /// # Errors
    /// When the kernel refuses.
    pub fn remount(&self, mode: &str) -> Result<()> {
        run("mount", &["-o", &format!("remount,{mode}"), &self.name()])
    }

    /// Lets every write hang until [`Disk::thaw`].
    ///
    /// # Errors
    /// When it can't be frozen.
    pub fn freeze(&mut self) -> Result<()> {
        self.is_frozen = true;
        run("fsfreeze", &["-f", &self.name()])
    }

    /// Ends that.
    ///
    /// # Errors
    /// When it is not frozen.
    pub fn thaw(&mut self) -> Result<()> {
        self.is_frozen = false;
        run("fsfreeze", &["-u", &self.name()])
    }

    /// Makes the kernel find a fault in the file system, which makes it read-only (only of [`Disk::ext4`]).
    ///
    /// # Errors
    /// When the kernel offers no such thing.
    pub fn break_down(&self) -> Result<()> {
        let output = Command::new("findmnt").args(["-n", "-o", "SOURCE", &self.name()]).output()?;
        let device = String::from_utf8_lossy(&output.stdout).trim().trim_start_matches("/dev/").to_owned();
        let trigger = format!("/sys/fs/ext4/{device}/trigger_fs_error");
        std::fs::write(&trigger, "a test\n").with_context(|| trigger)
    }

    fn ballast(&self) -> String {
        self.path.join("ballast").display().to_string()
    }

    fn name(&self) -> String {
        self.path.display().to_string()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.is_frozen {
            let _told = run("fsfreeze", &["-u", &self.name()]);
        }
        // Who still has files open there keeps it until then.
        let _told = run("umount", &["-l", &self.name()]);
    }
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let output = Command::new(program).args(arguments).output().with_context(|| program.to_owned())?;
    ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(())
}
