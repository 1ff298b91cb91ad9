//! Memory that was freed goes back to the system also where nothing happens any more.

use std::hint::black_box;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// As long as mimalloc keeps memory that was freed, which may be needed again.
const APART: Duration = Duration::from_secs(1);
/// Bytes that are never a part of a page with others.
const PAGE: usize = 1 << 20;

/// Gives memory back every second, until `stop`. mimalloc (3) does that itself, but only while somebody frees a page;
/// threads whose connections wait free none. Here a page is taken, in which nothing is written, and freed.
pub(crate) async fn give_back(stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(APART)).await.is_some() {
        let mut page = Vec::<u8>::new();
        // Without room for one there is nothing to give back with.
        let _ = page.try_reserve_exact(PAGE);
        drop(black_box(page));
    }
}
