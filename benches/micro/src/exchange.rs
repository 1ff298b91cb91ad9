//! Exchanges through the whole service, from a client to an origin that are as simple as can be.

use anyhow::{Result, ensure};
use dashcam_ca::Authority;
use dashcam_control::Settings;
use dashcam_exchange::Level;
use dashcam_proxy::bench::Service;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::hand_off::{all_stored, dropping, writers_turn};
use crate::{runtime, sample};

/// Sends requests under `settings` over one connection, one after another.
pub(crate) fn run(settings: Settings, times: u32) -> Result<()> {
    let is_off = settings.level == Level::Off;
    let home = tempfile::tempdir()?;
    let (authority, _) = Authority::open_or_create(home.path())?;
    runtime()?.block_on(async {
        let (recorder, _writer) = dropping();
        let (connect, connected) = mpsc::channel(1);
        let mut origins = JoinSet::new();
        origins.spawn(origin(connected));
        let connect = move |io| connect.try_send(io).expect("one connection is kept for all requests");
        let service = Service::new(settings, authority, recorder.clone(), connect).await;
        let (near, far) = duplex(16 << 10);
        service.serve(near);
        client(far, times).await?;
        if is_off {
            let passed = recorder.ledger().not_recorded;
            ensure!(passed == u64::from(times), "{passed} of {times} requests passed");
            return Ok(());
        }
        all_stored(&recorder, times).await
    })
}

async fn client(mut io: DuplexStream, times: u32) -> Result<()> {
    let mut seen = Vec::with_capacity(4096);
    let mut expect = None;
    for number in 1..=times {
        seen.clear();
        io.write_all(sample::REQUEST.as_bytes()).await?;
        while expect.is_none_or(|length| seen.len() < length) {
            ensure!(io.read_buf(&mut seen).await? > 0, "the proxy closed the connection");
            expect = expect.or_else(|| whole(&seen));
        }
        ensure!(seen.starts_with(b"HTTP/1.1 200 OK\r\n") && seen.ends_with(&sample::BODY), "not as sent");
        writers_turn(number).await;
    }
    Ok(())
}

/// How long a response is, once its head is there.
fn whole(seen: &[u8]) -> Option<usize> {
    let head = seen.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(head + 4 + sample::BODY.len())
}

/// Serves one connection: answers whatever ends like a head.
async fn origin(mut connected: mpsc::Receiver<DuplexStream>) {
    let Some(mut io) = connected.recv().await else { return };
    let response = [sample::RESPONSE.as_bytes(), &sample::BODY].concat();
    let mut seen = Vec::with_capacity(4096);
    while io.read_buf(&mut seen).await.is_ok_and(|read| read > 0) {
        if seen.ends_with(b"\r\n\r\n") {
            seen.clear();
            if io.write_all(&response).await.is_err() {
                return;
            }
        }
    }
}
