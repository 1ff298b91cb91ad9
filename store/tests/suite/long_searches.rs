//! A search through many exchanges goes in steps, each a read of its own: the write-ahead log starts over beside it.

use std::path::Path;
use std::time::{Duration, Instant};

use dashcam_exchange::Exchange;
use dashcam_store::{By, Store, Tallied, Tally};

use crate::samples::{filter, finished, plain, store};

const LONG: Duration = Duration::from_secs(600);
/// Of many exchanges some are in segments, and of the others the rows are read.
const PACKED: i64 = 20_000;
const ALL: i64 = 40_000;

/// Brings the log into the database and empties it, as soon as nobody reads from it; false if somebody reads on and on.
fn starts_over(path: &Path) -> bool {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.busy_timeout(Duration::from_secs(20)).unwrap();
    let sql = "PRAGMA wal_checkpoint(TRUNCATE)";
    let is_busy: i64 = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    is_busy == 0
}

async fn append(store: &Store, ids: std::ops::Range<i64>) {
    for first in ids.clone().step_by(1000) {
        let exchanges: Vec<Exchange> = (first..ids.end.min(first + 1000)).map(plain).collect();
        store.sink().append(exchanges.iter().map(finished).collect()).await.unwrap();
    }
}

/// The search, and beside it the log that starts over again and again, each time with a new exchange from `next` on. Returns
/// how often it did while the search was well under way.
async fn beside(
    (store, path): (&Store, &Path),
    mut next: i64,
    search: impl Future<Output = Duration>,
) -> usize {
    let mut restarts = Vec::new();
    tokio::pin!(search);
    let (ended, took) = loop {
        let path = path.to_owned();
        let restart = async {
            append(store, next..next + 1).await;
            let began = Instant::now();
            assert!(tokio::task::spawn_blocking(move || starts_over(&path)).await.unwrap());
            (began, Instant::now())
        };
        tokio::select! {
            biased;
            took = &mut search => break (Instant::now(), took),
            restart = restart => restarts.push(restart),
        }
        next += 1;
    };
    let (from, until) = (ended - took * 3 / 4, ended - took / 4);
    restarts.iter().filter(|(began, end)| *began > from && *end < until).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_starts_over_beside_a_search() {
    let (place, store) = store().await;
    append(&store, 1..PACKED).await;
    while store.admin().index().await.unwrap() {}
    append(&store, PACKED..ALL).await;
    let reader = store.reader();
    // No word has to be there: every head is read, and taken apart.
    let filter = filter("req.header:/[0-9]{9}[a-z]{9}[0-9]/");
    let counting = async {
        let Tallied { tally, cost, .. } =
            reader.tally(&filter, Tally::default(), None, (usize::MAX, LONG)).await.unwrap();
        assert_eq!((tally.figures(0, None).exchanges, cost.is_complete), (0, true));
        assert!(cost.looked_at >= ALL as u64 - 1 && cost.rows_read >= ALL as u64 - 1);
        cost.took
    };
    assert!(
        beside((&store, &place.path), ALL, counting).await > 0,
        "a count kept the log from starting over"
    );
    let grouping = async {
        let groups = Tally::default().with_groups(&[By::Host], None);
        reader.tally(&filter, groups, None, (usize::MAX, LONG)).await.unwrap().cost.took
    };
    assert!(
        beside((&store, &place.path), 2 * ALL, grouping).await > 0,
        "figures kept the log from starting over"
    );
    store.close().await;
}
