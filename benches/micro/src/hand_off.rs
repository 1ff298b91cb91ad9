//! The recorder by itself: from an exchange's beginning to a writer that drops its batch.

use std::convert::Infallible;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use dashcam_control::CaptureDecision;
use dashcam_exchange::{Direction, GapReason, LastIds, Level, Record, RequestHead, ResponseHead};
use dashcam_recorder::{Begin, Limits, Recorder, recorder};
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::{runtime, sample};

/// So many exchanges, and then the writer has its turn: the queue and the memory for bodies have room for them.
const TOGETHER: u32 = 256;
/// Longer than a batch waits.
const TURN: Duration = Duration::from_millis(100);

/// Records exchanges whose responses' bodies come in `pieces`.
pub(crate) fn run(pieces: &[&[u8]], times: u32) -> Result<()> {
    runtime()?.block_on(async {
        let (request, response) = (sample::request(), sample::response());
        let (recorder, _writer) = dropping();
        for number in 1..=times {
            record(&recorder, (&request, &response), pieces)?;
            writers_turn(number).await;
        }
        all_stored(&recorder, times).await
    })
}

/// A recorder whose writer drops what it gets.
pub(crate) fn dropping() -> (Recorder, JoinSet<()>) {
    let (recorder, writer) = recorder(Limits::default(), LastIds::default());
    let append = |batch: Vec<Record>| {
        drop(batch);
        std::future::ready(Ok::<_, Infallible>(()))
    };
    let mut task = JoinSet::new();
    task.spawn(writer.run(append, |_| dashcam_recorder::Refusal::lost(GapReason::DiskError)));
    (recorder, task)
}

/// Lets the writer run now and then, as it does on a thread of its own.
pub(crate) async fn writers_turn(number: u32) {
    if number.is_multiple_of(TOGETHER) {
        sleep(TURN).await;
    }
}

/// Makes sure that what was counted is what was meant: nothing was left out for want of room.
pub(crate) async fn all_stored(recorder: &Recorder, times: u32) -> Result<()> {
    sleep(TURN).await;
    let ledger = recorder.ledger();
    ensure!(ledger.stored == u64::from(times) && ledger.truncated == 0, "not all was recorded: {ledger:?}");
    Ok(())
}

fn record(
    recorder: &Recorder,
    (request, response): (&RequestHead, &ResponseHead),
    pieces: &[&[u8]],
) -> Result<()> {
    let begin = Begin {
        connection: None,
        client: None,
        replay_of: None,
        decision: CaptureDecision::certain(Level::Full, 1 << 30),
        destination: sample::destination(),
        request: request.clone(),
    };
    let open = recorder.begin(begin).context("no room")?;
    open.tap(Direction::Request).end(None);
    open.response(response.clone());
    let mut tap = open.tap(Direction::Response);
    pieces.iter().for_each(|piece| tap.data(piece));
    tap.end(None);
    Ok(())
}
