//! The flight recorder: its ring begun at the start, its snapshots written, and rings that killed runs have left.

mod controls;
mod left;
mod missing;
mod ring_file;
mod saving;
mod signal;
mod size;
mod snapshots;
mod tasks;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use bytesize::ByteSize;
use dashcam_exchange::LastIds;
use dashcam_filter::Context;
use dashcam_flight::{
    Flight, FlightRecorder, FlightSink, LeftRing, LeftRings, Order, Pace, RingWriter, Size, Triggers, orders,
};
use dashcam_recorder::{Aside, Recorder, Writer, now};
use tokio::sync::mpsc::Receiver;

pub(crate) use self::controls::FlightControls;
use self::ring_file::Place;
pub(crate) use self::size::{AfterTime, RingSize};
pub(crate) use self::tasks::FlightTasks;
use crate::predecessor::Predecessor;

/// How the flight recorder is to be.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FlightOptions {
    /// The size of the ring; `None`: there is none.
    pub(crate) size: Option<Size>,
    /// The file of the ring, where one is named.
    pub(crate) file: Option<PathBuf>,
    /// Filters that set off a snapshot.
    pub(crate) on: Vec<String>,
    /// The factor of a route's 99th percentile that sets off one.
    pub(crate) slow: Option<String>,
    pub(crate) pace: Pace,
    /// Snapshots that traffic set off are kept up to this number; then the oldest go.
    pub(crate) keep: usize,
}

/// A flight recorder that has begun.
#[derive(Debug)]
pub(crate) struct Begun {
    flight: Flight,
    orders: Receiver<Order>,
    controls: FlightControls,
    /// The way into the ring.
    pub(crate) sink: Option<FlightSink>,
    /// The file of the ring.
    place: Option<PathBuf>,
    /// The highest numbers in rings that runs have left.
    pub(crate) last: LastIds,
}

impl FlightOptions {
    /// The triggers, compiled.
    ///
    /// # Errors
    /// Says which makes no sense.
    pub(crate) fn triggers(&self) -> Result<Triggers> {
        let context = Context { now: &jiff::Zoned::now(), presets: &BTreeMap::new() };
        Ok(Triggers::new(&self.on, self.slow.as_deref(), &context)?)
    }

    /// Begins the ring of the dashcam in `home` that records to `database`, if there is to be one, and looks for those
    /// that runs have left. It reads these: call it where that may take a moment.
    ///
    /// # Errors
    /// A fault that an operator has to mend: a file that can't be the ring's.
    pub(crate) async fn begin(
        &self,
        home: &Path,
        database: &Path,
        predecessor: &mut Predecessor,
    ) -> Result<Begun> {
        let places = ring_file::all(self.file.as_deref(), home, database);
        let left = tokio::task::spawn_blocking(move || left::find(&places)).await?;
        let last = left.iter().map(|ring| ring.left.last).fold(LastIds::default(), LastIds::max);
        left.iter().for_each(tell);
        let (sender, orders) = orders();
        let (mut sink, mut file, mut recorder) = (None, None, None);
        if let Some(size) = self.size {
            let place = ring_file::choose(self.file.as_deref(), home, database, size.bytes);
            let writer = writer(&place, size, predecessor).await?;
            let view = writer.view().context("the flight recorder")?;
            let begun = FlightRecorder::new(view, size, self.pace, self.triggers()?, sender.clone());
            sink = Some(FlightSink::new(writer, begun.clone()));
            (recorder, file) = (Some(begun), Some(place.path));
        }
        let controls = FlightControls::new(recorder.clone(), self.keep);
        let flight = Flight { recorder, left: LeftRings::new(left), orders: sender };
        Ok(Begun { flight, orders, controls, sink, place: file, last })
    }
}

async fn writer(place: &Place, size: Size, predecessor: &mut Predecessor) -> Result<RingWriter> {
    let file = loop {
        match ring_file::create(&place.path) {
            Err(error) if ring_file::is_locked(&error) => {
                let held = format!("another dashcam writes {}", place.path.display());
                if !predecessor.may_end(&held).await {
                    return Err(error);
                }
            }
            created => break created?,
        }
    };
    let (path, seconds, bytes) = (place.path.display(), size.age.as_secs_f64(), ByteSize(size.bytes));
    if place.is_memory {
        tracing::info!(
            "the flight recorder keeps at least {seconds} s in at most {bytes} of memory, in {path}"
        );
    } else {
        tracing::warn!(
            "the flight recorder keeps at least {seconds} s in at most {bytes} in {path}, which is on a disk: all that \
             passes is written there. Where a tmpfs has twice that room ($XDG_RUNTIME_DIR, /dev/shm, --flight-file), \
             nothing is written to a disk"
        );
    }
    RingWriter::begin(file, size, now()).with_context(|| place.path.display().to_string())
}

/// Offers a ring that a run has left.
fn tell(ring: &LeftRing) {
    let LeftRing { name, left, .. } = ring;
    let seconds = (left.until.0 - left.from.0) / 1_000_000;
    tracing::warn!(
        "the run before was killed, and its flight recorder has left {} exchanges of its last {seconds} s: `dashcam \
         snapshot save {name}` stores them, `dashcam snapshot rm {name}` deletes them",
        left.exchanges
    );
}

/// Leads what the recorder puts aside into the ring.
pub(crate) fn attach(sink: Option<FlightSink>, recorder: &Recorder, writer: Writer) -> Writer {
    let Some(mut sink) = sink else { return writer };
    recorder.set_aside(true);
    writer.with_aside(move |news| match news {
        Aside::Record(record) => sink.record(record, now()),
        Aside::Stored(exchange) => sink.stored(exchange, now()),
        Aside::BatchEnd => sink.flush(now()),
    })
}
