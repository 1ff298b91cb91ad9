//! Memory that was freed goes back to the system also where nothing happens any more.

use std::hint::black_box;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// mimalloc keeps memory that was freed for a second, as it may be needed again.
const LOOK: Duration = Duration::from_secs(1);
/// So much is a page of its own.
const PAGE: usize = 1 << 20;

/// Gives memory back every second, until `stop`. mimalloc (3) does that itself, but only while somebody frees a page;
/// threads whose connections wait free none. Here a page is taken, in which nothing is written, and freed.
pub(crate) async fn give_back(stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
        drop(black_box(Vec::<u8>::with_capacity(PAGE)));
    }
}
