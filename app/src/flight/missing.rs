//! The parts that a snapshot lacks, in words.

use std::time::Duration;

use dashcam_exchange::Timestamp;
use dashcam_flight::{FlightRecorder, Reading, Running};

/// The reasons for which a snapshot is not complete.
pub(super) fn of_ring(
    recorder: &FlightRecorder,
    running: &Running,
    reading: &Reading,
    (from, dropped): (Timestamp, u64),
) -> Vec<String> {
    let size = recorder.size();
    let past = Duration::from_micros(u64::try_from(running.at.0 - from.0).unwrap_or(0));
    let mut missing = Vec::new();
    if past < size.age {
        let (had, wanted) = (past.as_secs_f64(), size.age.as_secs_f64());
        let why = match recorder.ring().counts().overwritten {
            0 => "the flight recorder had begun only then",
            _ => "the ring was too small for more",
        };
        missing.push(format!("it has {had:.1} s of the past instead of {wanted} s: {why}"));
    }
    if recorder.ring().lost_since(from) {
        missing.push("exchanges did not fit into the ring, or its file could not be written".to_owned());
    }
    let counts = [
        (dropped, "exchanges were dropped for want of room"),
        (reading.missed(), "parts of the ring were overwritten before they were stored"),
        (reading.damaged(), "parts of the ring could not be read"),
        (reading.cut(), "exchanges lack a part of their bodies or messages"),
        (reading.open() as u64, "exchanges were still under way at its end, and are not in it"),
    ];
    missing.extend(counted(&counts));
    missing
}

/// The reasons for which what a killed run has left is not complete; `open` exchanges were under way.
pub(super) fn of_left(reading: &Reading, open: usize) -> Vec<String> {
    let mut missing = counted(&[
        (reading.damaged(), "parts of the ring could not be read"),
        (reading.cut(), "exchanges lack a part of their bodies or messages"),
        (open as u64, "exchanges were under way when dashcam was killed"),
    ]);
    missing.push("the last moments before dashcam was killed may be missing".to_owned());
    missing
}

/// Those that are not nothing.
fn counted(counts: &[(u64, &str)]) -> Vec<String> {
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    counts.map(|(count, what)| format!("{count} {what}")).collect()
}

/// The note of a snapshot that lacks these.
pub(super) fn note(missing: &[String]) -> Option<String> {
    (!missing.is_empty()).then(|| missing.join("; "))
}
