//! `dashcam run --deep` on systems that have nothing like seccomp's user notification.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::cli::ProbeArgs;
use crate::exit::CannotStart;
use crate::program_proxy::ProgramProxy;

const MESSAGE: &str =
    "--deep needs 64-bit Linux: leave it out, and give the program its proxy in its own options";

/// The supervision of a program, of which there is none.
pub(crate) enum Deep {}

impl Deep {
    /// # Errors
    /// Always.
    #[expect(clippy::unused_async, reason = "the other one waits")]
    pub(crate) async fn prepare(
        _: &ProgramProxy,
        _: &Path,
        _: Vec<OsString>,
        _: &[(PathBuf, PathBuf)],
    ) -> Result<Self> {
        Err(anyhow::anyhow!(MESSAGE)).context(CannotStart)
    }

    pub(crate) fn words(&self) -> Vec<OsString> {
        match *self {}
    }

    pub(crate) async fn around<T>(self, _: impl Future<Output = T>) -> (T, Option<String>) {
        match self {}
    }
}

/// # Errors
/// Always.
pub(crate) fn hand_over(_: &Path, _: bool) -> Result<()> {
    bail!(MESSAGE)
}

/// Nothing can be tried here; the exit code.
pub(crate) fn probe_connect(_: &ProbeArgs) -> u8 {
    eprintln!("dashcam: {MESSAGE}");
    1
}
