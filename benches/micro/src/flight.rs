//! Exchanges on their way into the ring of a flight recorder, with a look at each for what sets off a snapshot.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use dashcam_exchange::{Exchange, ExchangeId, Record, Timestamp};
use dashcam_filter::Context;
use dashcam_flight::{FlightRecorder, FlightSink, Pace, RingWriter, Size, Triggers, orders};

use crate::store::finished;

/// Exchanges of a batch, which are written together.
const TOGETHER: u32 = 256;

/// Writes `times` exchanges.
pub(crate) fn run(times: u32) -> Result<()> {
    let size = Size { age: Duration::from_secs(60), bytes: 16 << 20 };
    let pace = Pace { after: Duration::from_secs(10), cooldown: Duration::from_secs(60) };
    let writer = RingWriter::begin(tempfile::tempfile()?, size, Timestamp(1))?;
    let context = Context { now: &jiff::Zoned::default(), presets: &BTreeMap::new() };
    let triggers = Triggers::new(&["status:5xx".to_owned()], Some("5x"), &context)?;
    let (sender, _orders) = orders();
    let recorder = FlightRecorder::new(writer.view()?, size, pace, triggers, sender);
    let mut sink = FlightSink::new(writer, recorder.clone());
    let sample = finished();
    for number in 1..=times {
        let id = ExchangeId(i64::from(number));
        sink.record(&Record::Finished(Arc::new(Exchange { id, ..sample.clone() })), Timestamp(id.0));
        if number.is_multiple_of(TOGETHER) {
            sink.flush(Timestamp(id.0));
        }
    }
    let written = recorder.status().counts.written;
    ensure!(written == u64::from(times), "{written} exchanges are in the ring");
    Ok(())
}
