//! The values of one look.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dashcam_governor::{Budget, CaptureCost, Captured, CpuShare, Measure, Reading};
use dashcam_recorder::Recorder;
use dashcam_store::Store;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use super::calibration::calibrate;
use super::metered::CpuMeter;
use crate::container::Container;

/// Percent of the recorder's places or memory.
const FULL: f64 = 90.0;
/// How long the disk may take to say how large the database is.
const DISK: Duration = Duration::from_millis(100);

/// Everything that is measured.
pub(crate) struct Meters {
    store: Store,
    recorder: Recorder,
    /// The time of the recorder's own task.
    writing: CpuMeter,
    container: Container,
    capture: CaptureCost,
    share: CpuShare,
    began: Instant,
    dropped: u64,
    disk: Disk,
}

/// The size of the database, as far as the disk says.
#[derive(Debug, Default)]
struct Disk {
    bytes: u64,
    asked: Option<JoinHandle<u64>>,
}

impl Meters {
    pub(crate) fn new(store: Store, recorder: Recorder, writing: CpuMeter, container: Container) -> Self {
        let share = CpuShare::new(container.cpus(), Duration::ZERO, Duration::ZERO);
        let (capture, disk, began) = (CaptureCost::default(), Disk::default(), Instant::now());
        Self { store, recorder, writing, container, capture, share, began, dropped: 0, disk }
    }

    /// Measures what capture costs on this machine. Until then that is not counted.
    pub(super) async fn calibrate(&mut self) {
        self.capture = spawn_blocking(calibrate).await.unwrap_or_default();
        self.share = CpuShare::new(self.container.cpus(), self.cpu_time(), self.began.elapsed());
    }

    /// Measures; `lag` is measured by others.
    pub(super) async fn read(&mut self, budget: &Budget, lag: Option<Duration>) -> Vec<Reading> {
        let disk = self.disk.look(self.store.path()).await;
        let cpu = self.share.percent(self.cpu_time(), self.began.elapsed());
        let held = self.recorder.health().queued_bytes;
        let reading = |measure, value, bound| Reading { measure, value, bound };
        let bytes = |bytes: Option<u64>| bytes.map(|bytes| bytes as f64);
        let mut readings = vec![
            reading(Measure::Cpu, cpu, budget.cpu),
            reading(Measure::Memory, held as f64, bytes(budget.memory)),
            reading(Measure::Disk, disk as f64, bytes(budget.disk)),
        ];
        let us = |time: Duration| time.as_micros() as f64;
        readings.extend(lag.map(|lag| reading(Measure::P99, us(lag), budget.p99.map(us))));
        let container = self.container.memory();
        readings.extend(
            container
                .map(|memory| reading(Measure::Container, memory.used as f64, Some(memory.limit as f64))),
        );
        let is_bounded = !budget.is_none();
        readings.push(reading(Measure::Queue, self.recorder.fullness() * 100.0, is_bounded.then_some(FULL)));
        readings.push(reading(Measure::Dropped, self.newly_dropped() as f64, is_bounded.then_some(0.0)));
        readings
    }

    /// The CPU time that recording has taken so far.
    fn cpu_time(&self) -> Duration {
        let captured =
            Captured { exchanges: self.recorder.ledger().seen, bytes: self.recorder.handed_over() };
        self.store.admin().cpu_time() + self.writing.read() + self.capture.time(captured)
    }

    /// Exchanges that found no room since the last look. A disk that fails is no cost of recording.
    fn newly_dropped(&mut self) -> u64 {
        use dashcam_exchange::GapReason;
        let ledger = self.recorder.ledger();
        let of_room = ledger.dropped.iter().filter(|(reason, _)| *reason == GapReason::QueueFull);
        let dropped = of_room.map(|(_, count)| count).sum();
        dropped - std::mem::replace(&mut self.dropped, dropped)
    }
}

impl Disk {
    /// Bytes of the database; as before while the disk does not answer.
    async fn look(&mut self, path: &Path) -> u64 {
        let mut asked = self.asked.take().unwrap_or_else(|| {
            let path = path.to_owned();
            spawn_blocking(move || size(&path))
        });
        match timeout(DISK, &mut asked).await {
            Ok(size) => self.bytes = size.unwrap_or(self.bytes),
            Err(_) => self.asked = Some(asked),
        }
        self.bytes
    }
}

/// Bytes of the database and of its write-ahead log.
fn size(path: &Path) -> u64 {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    [path.to_owned(), PathBuf::from(log)]
        .iter()
        .map(|file| std::fs::metadata(file).map_or(0, |file| file.len()))
        .sum()
}
