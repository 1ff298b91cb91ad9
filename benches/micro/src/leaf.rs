//! Certificates for hosts that were not asked for before.

use anyhow::Result;
use dashcam_ca::Authority;

use crate::runtime;

/// Issues `times` leaves.
pub(crate) fn run(times: u32) -> Result<()> {
    let home = tempfile::tempdir()?;
    let (authority, _) = Authority::open_or_create(home.path())?;
    runtime()?.block_on(async {
        for number in 0..times {
            authority.leaf(&format!("host-{number:08}.example.com")).await?;
        }
        Ok(())
    })
}
