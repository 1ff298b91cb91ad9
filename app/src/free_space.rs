//! Pauses recording before the disk is full, and lets it go on when there is room again.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;
use dashcam_exchange::GapReason;
use dashcam_recorder::Recorder;
use rustix::fs::statvfs;
use serde::{Deserializer, de};
use tokio_util::sync::CancellationToken;

/// How often is looked.
const LOOK: Duration = Duration::from_secs(1);
/// Of the room that is to be free, what has to be there beyond it before recording goes on.
const MORE: u64 = 8;

/// The space to keep free on the database's file system.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) enum MinFree {
    /// A twentieth, or 1 GiB where that is less.
    #[default]
    Default,
    /// Bytes; 0 for nothing.
    Bytes(u64),
    /// Percent of the file system.
    Percent(f64),
}

impl MinFree {
    /// In bytes, on a file system of `all`.
    fn of(self, all: u64) -> u64 {
        match self {
            Self::Default => (all / 20).min(1 << 30),
            Self::Bytes(bytes) => bytes,
            Self::Percent(percent) => (all as f64 * percent / 100.0) as u64,
        }
    }
}

impl FromStr for MinFree {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "invalid size or share \u{201c}{text}\u{201d}; expected one such as 2GiB, 500MB or 5%, or none"
            )
        };
        if text == "none" {
            return Ok(Self::Bytes(0));
        }
        if let Some(percent) = text.strip_suffix('%') {
            let percent = percent.trim().parse::<f64>().map_err(|_| wrong())?;
            return if (0.0..100.0).contains(&percent) { Ok(Self::Percent(percent)) } else { Err(wrong()) };
        }
        text.parse::<ByteSize>().map(|size| Self::Bytes(size.as_u64())).map_err(|_| wrong())
    }
}

/// For serde.
pub(crate) fn min_free<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<MinFree>, D::Error> {
    crate::bounds::text(deserializer)?.parse().map(Some).map_err(de::Error::custom)
}

/// Looks at the file system of `database` every second, until `stop`; whether recording is `paused` is known from the
/// first look.
pub(crate) async fn watch(
    database: PathBuf,
    floor: MinFree,
    recorder: Recorder,
    mut paused: bool,
    stop: CancellationToken,
) {
    while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
        paused = look(&database, floor, &recorder, paused).await;
    }
}

/// Pauses recording or lets it go on; says which.
pub(crate) async fn look(database: &Path, floor: MinFree, recorder: &Recorder, paused: bool) -> bool {
    let folder = database.parent().unwrap_or(Path::new("/")).to_owned();
    // A disk that hangs must hang no thread that others wait for.
    let asked = tokio::task::spawn_blocking(move || statvfs(folder)).await;
    // What can't be asked is not there: who writes will find out.
    let Ok(Ok(disk)) = asked else { return paused };
    let (free, floor) = (disk.f_bavail * disk.f_frsize, floor.of(disk.f_blocks * disk.f_frsize));
    let wanted = if paused { floor + floor / MORE } else { floor };
    if free >= wanted {
        recorder.hold(None);
        return false;
    }
    if !paused {
        let (free, floor, path) = (ByteSize(free), ByteSize(floor), database.display());
        let message = format!(
            "only {free} are free on the file system of {path}, and --min-free keeps {floor} free: make room, or set another --min-free"
        );
        recorder.hold(Some((GapReason::DiskFull, message)));
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floors() {
        for (text, expect) in [
            ("2GiB", Ok(2 << 30)),
            ("0", Ok(0)),
            ("none", Ok(0)),
            ("5%", Ok(5 << 30)),
            ("0.5%", Ok((100 << 30) / 200)),
            ("100%", Err(())),
            ("-1%", Err(())),
            ("some", Err(())),
            ("", Err(())),
        ] {
            let floor = text.parse::<MinFree>().map(|floor| floor.of(100 << 30)).map_err(drop);
            assert_eq!(floor, expect, "{text}");
        }
        assert_eq!(MinFree::Default.of(100 << 30), 1 << 30);
        assert_eq!(MinFree::Default.of(20 << 20), 1 << 20);
    }
}
