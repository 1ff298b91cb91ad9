//! `dashcam db repair`: what can be read of a recording is made sound again.

use std::path::Path;

use anyhow::Result;
use dashcam_store::maintenance;

use crate::terminal::print_line;

/// Repairs it and says what was done, and what is lost.
pub(super) async fn repair(path: &Path) -> Result<()> {
    let repaired = maintenance::repair(path).await?;
    let Some(damaged) = &repaired.damaged else {
        for done in &repaired.done {
            print_line(&format!("mended: {done}"))?;
        }
        let found = maintenance::check(path, false)?;
        return print_line(match (repaired.done.is_empty(), found.problems.is_empty()) {
            (true, true) => "sound",
            (false, true) => "sound now; nothing was lost that was there before",
            _ => "still not sound: `dashcam db check` says why",
        });
    };
    for table in repaired.salvaged.iter().filter(|table| table.rows > 0 || table.holes > 0) {
        let holes = match table.holes {
            0 => "all of it could be read".to_owned(),
            holes => format!("{holes} places could not be read"),
        };
        print_line(&format!("{}: {} rows copied, {holes}", table.table, table.rows))?;
    }
    for done in &repaired.done {
        print_line(&format!("mended: {done}"))?;
    }
    print_line(&match repaired.lost {
        0 => "no exchange is lost as a whole".to_owned(),
        lost => format!("{lost} exchanges are lost: the gaps in the recording say when (`dashcam db info`)"),
    })?;
    print_line(&format!("{} is sound now; the damaged one is {}", path.display(), damaged.display()))
}
