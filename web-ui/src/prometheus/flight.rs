//! The flight recorder's counts.

use dashcam_flight::Status;

use super::families::Families;

pub(super) fn recorder(families: &mut Families, status: &Status) {
    let Status { coverage, counts, taken, suppressed, .. } = status;
    families.gauge("dashcam_flight_exchanges", "Exchanges in the ring of the flight recorder.");
    families.sample(&[], coverage.exchanges);
    families.gauge("dashcam_flight_bytes", "Bytes in the ring of the flight recorder.");
    families.sample(&[], coverage.bytes);
    families.counter("dashcam_flight_written_total", "Exchanges that were written into the ring.");
    families.sample(&[], counts.written);
    let about = "Exchanges that did not fit into the ring, or could not be written.";
    families.counter("dashcam_flight_lost_total", about);
    families.sample(&[], counts.lost);
    let about = "Parts of the ring that were overwritten before they were old enough: it is too small.";
    families.counter("dashcam_flight_squeezed_total", about);
    families.sample(&[], counts.squeezed);
    families.counter("dashcam_snapshots_taken_total", "Snapshots that were set off.");
    families.sample(&[], *taken);
    let about = "How often traffic would have set off a snapshot too shortly after another.";
    families.counter("dashcam_snapshots_suppressed_total", about);
    families.sample(&[], *suppressed);
}
