//! Rings that killed runs have left: found at the start, before another is begun in their place.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Result;
use dashcam_flight::{Left, LeftRing, ReadError, Reading};

use super::ring_file;

/// Rings that are kept; beyond, the oldest go.
const MOST: usize = 3;
/// Between the name of a ring and the time at which its run began, once that has been killed.
const KILLED: &str = ".killed-";

/// Looks for rings that runs have left in `places`. They get other names, so that a new one can take their place.
pub(crate) fn find(places: &[PathBuf]) -> Vec<LeftRing> {
    let mut rings = Vec::new();
    for place in places {
        let mut files = renamed(place);
        files.push(place.clone());
        rings.extend(files.iter().filter_map(|path| {
            let found = look(path, place);
            found
                .inspect_err(|error| tracing::warn!("a ring of the flight recorder is left alone: {error:#}"))
                .ok()?
        }));
    }
    rings.sort_by_key(|ring| std::cmp::Reverse(ring.left.until));
    for ring in rings.split_off(rings.len().min(MOST)) {
        tracing::warn!("{} was never saved, and goes: {MOST} newer ones are there", ring.name);
        remove(&ring.path);
    }
    rings
}

/// The files beside `place` that were renamed before.
fn renamed(place: &Path) -> Vec<PathBuf> {
    let Some((folder, name)) = place.parent().zip(place.file_name().and_then(|name| name.to_str())) else {
        return Vec::new();
    };
    let prefix = format!("{name}{KILLED}");
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let is_one = |path: &PathBuf| {
        path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(&prefix))
    };
    entries.map(|entry| entry.path()).filter(is_one).collect()
}

/// The ring in the file at `path`, if a run has left one with something in it. A file with nothing in it goes.
fn look(path: &Path, place: &Path) -> Result<Option<LeftRing>> {
    let Some(file) = ring_file::open_left(path)? else { return Ok(None) };
    if !dashcam_flight::may_replace(&file)? {
        return Ok(None);
    }
    let Some(left) = survey(file)? else {
        remove(path);
        return Ok(None);
    };
    let mut kept = path.to_owned();
    if path == place {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        kept = place.with_file_name(format!("{name}{KILLED}{}", left.started_at.0));
        std::fs::rename(path, &kept)?;
    }
    Ok(Some(LeftRing::new(kept, left)))
}

fn survey(file: File) -> Result<Option<Left>> {
    match Reading::left(file) {
        Ok(reading) => Ok(reading.survey()?),
        Err(ReadError::NoRing) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn remove(path: &Path) {
    if let Err(error) = std::fs::remove_file(path) {
        tracing::warn!(%error, "{} can't be removed", path.display());
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use dashcam_exchange::{Timestamp, sample};
    use dashcam_flight::{RingWriter, SMALLEST, Size};

    use super::*;

    /// A ring as a run leaves it that is killed.
    fn leave(path: &Path, at: i64, exchanges: i64) {
        let size = Size { age: Duration::from_secs(60), bytes: SMALLEST };
        let file = ring_file::create(path).unwrap();
        let mut writer = RingWriter::begin(file, size, Timestamp(at)).unwrap();
        (1..=exchanges).for_each(|id| writer.finished(&sample::exchange(id), Timestamp(at)));
        writer.flush(Timestamp(at));
    }

    #[test]
    fn rings_with_something_in_them_are_found_again_and_again_and_others_go() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("ring");
        let find = || find(std::slice::from_ref(&place));
        assert!(find().is_empty());
        leave(&place, 1_000_000, 0);
        assert!(find().is_empty() && !place.exists(), "one without exchanges");
        std::fs::write(&place, "no ring").unwrap();
        std::fs::set_permissions(&place, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        assert!(find().is_empty() && place.exists(), "something else is nobody's to delete");
        std::fs::remove_file(&place).unwrap();
        leave(&place, 1_000_000, 2);
        for _ in 0..2 {
            let found = find();
            assert_eq!((found.len(), found[0].left.exchanges, found[0].left.last.exchange.0), (1, 2, 2));
            assert!(!place.exists() && found[0].path.exists());
        }
    }

    #[test]
    fn a_few_are_kept_and_the_oldest_go() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("ring");
        for second in 1..=5 {
            leave(&place, second * 1_000_000, 1);
            find(std::slice::from_ref(&place));
        }
        let found = find(std::slice::from_ref(&place));
        let seconds: Vec<_> = found.iter().map(|ring| ring.left.until.0 / 1_000_000).collect();
        assert_eq!((seconds, folder.path().read_dir().unwrap().count()), (vec![5, 4, 3], 3));
    }
}
