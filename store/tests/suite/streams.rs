//! Reads of which little is held: beginnings of messages, one in parts, rows of a list that stay small.

use dashcam_exchange::{Connection, ExchangeId, Message, Record};
use dashcam_filter::Filter;
use dashcam_store::{Packing, Store};

use crate::samples;
use crate::samples::{filter, finished, message, opened, plain, store};

const ID: ExchangeId = ExchangeId(4);

fn of_size(seq: u32, size: usize) -> Record {
    let data: Vec<u8> = (0..size).map(|at| (at % 251) as u8).collect();
    Record::Message(Box::new(Message { size: size as u64, data, ..message(4, seq) }))
}

async fn with(sizes: impl IntoIterator<Item = usize>) -> (samples::Place, Store) {
    let (place, store) = store().await;
    let messages =
        sizes.into_iter().enumerate().map(|(seq, size)| of_size(u32::try_from(seq).unwrap(), size));
    store.sink().append([opened(&plain(4))].into_iter().chain(messages).collect()).await.unwrap();
    (place, store)
}

#[tokio::test]
async fn a_list_carries_the_beginnings_of_messages() {
    let (_place, store) = with([10, 0, 300, 10]).await;
    let page = store.reader().message_previews(ID, None, 3, 100).await.unwrap();
    let found: Vec<_> = page
        .messages
        .iter()
        .map(|preview| (preview.message.seq, preview.message.data.len(), preview.stored, preview.is_cut()))
        .collect();
    assert_eq!(found, [(0, 10, 10, false), (1, 0, 0, false), (2, 100, 300, true)]);
    assert!(page.more && page.messages[2].message.size == 300);
    let rest = store.reader().message_previews(ID, Some(2), 3, 0).await.unwrap();
    assert_eq!((rest.messages.len(), rest.messages[0].stored, rest.more), (1, 10, false));
    assert_eq!(store.reader().message(ID, 2, 5).await.unwrap().unwrap().message.data, [0, 1, 2, 3, 4]);
    assert_eq!(store.reader().message(ID, 4, 5).await.unwrap(), None);
    assert_eq!(store.reader().message_previews(ExchangeId(5), None, 3, 100).await.unwrap().messages, []);
}

/// However many are asked for, and however much of each: no page is larger than what it may carry and one more.
#[tokio::test]
async fn a_page_ends_early_where_messages_are_large() {
    let (_place, store) = with([1 << 20; 5]).await;
    let page = store.reader().message_previews(ID, None, 1000, 1 << 20).await.unwrap();
    assert!(page.messages.len() == 2 && page.more, "{}", page.messages.len());
    let (mut after, mut seen) = (None, 0);
    loop {
        let page = store.reader().message_previews(ID, after, 1000, 1 << 20).await.unwrap();
        seen += page.messages.len();
        after = page.messages.last().map(|last| last.message.seq);
        if !page.more {
            break;
        }
    }
    assert_eq!(seen, 5);
}

#[tokio::test]
async fn a_message_comes_in_parts() {
    let size = (2 << 20) + 7;
    let (_place, store) = with([0, size]).await;
    let (mut all, mut parts) = (Vec::new(), 0);
    while let Some(part) = store.reader().message_part(ID, 1, all.len() as u64).await.unwrap() {
        assert!(part.len() <= 1 << 20);
        all.extend_from_slice(&part);
        parts += 1;
    }
    assert!(parts == 9 && all.iter().enumerate().all(|(at, byte)| *byte == (at % 251) as u8));
    assert_eq!(all.len(), size);
    assert_eq!(store.reader().message_part(ID, 0, 0).await.unwrap(), None);
    assert_eq!(store.reader().message_part(ID, 9, 0).await.unwrap(), None);
    assert_eq!(store.reader().message_part(ID, 1, u64::MAX).await.unwrap(), None);
}

#[tokio::test]
async fn rows_of_a_list_stay_small_and_are_found_by_what_was_cut() {
    let (_place, store) = store().await;
    let mut giant = plain(1);
    giant.request.target = format!("/{}needle", "a".repeat(64 << 10));
    store.sink().append(vec![finished(&giant), finished(&plain(2))]).await.unwrap();
    let rows = store.reader().list(&filter("needle"), None, 10).await.unwrap();
    assert_eq!(
        (rows.len(), rows[0].id, rows[0].is_cut, rows[0].target.len()),
        (1, ExchangeId(1), true, 2051)
    );
    let all = store.reader().list_after(&Filter::default(), ExchangeId(0), 10).await.unwrap();
    assert_eq!(all.iter().map(|row| row.is_cut).collect::<Vec<_>>(), [true, false]);
    let whole = store.reader().exchange(ExchangeId(1)).await.unwrap().unwrap();
    assert_eq!(whole.request.target, giant.request.target);
}

#[tokio::test]
async fn rows_of_connections_stay_small() {
    let (_place, store) = store().await;
    let giant = Connection { destination: Some("a".repeat(64 << 10)), ..samples::connection(1) };
    store.sink().append(vec![Record::Connection(Box::new(giant.clone()))]).await.unwrap();
    let rows = store.reader().connections(false, None, 10).await.unwrap();
    assert_eq!(rows[0].destination, Some("a".repeat(256) + "…"));
    assert_eq!(store.reader().connection(giant.id).await.unwrap().unwrap().destination, giant.destination);
}

/// A message is read as it passed, whether it is stored compressed or not.
#[tokio::test]
async fn compressed_messages_are_read_in_the_same_way() {
    for packing in [Packing::Packed, Packing::Plain] {
        let (place, store) = store().await;
        store.admin().set_packing(packing).await.unwrap();
        store.sink().append(vec![opened(&plain(4)), of_size(0, 3 << 20), of_size(1, 300_000)]).await.unwrap();
        let sql = "SELECT count(*) FROM messages WHERE compression = 'zstd'";
        let database = rusqlite::Connection::open(&place.path).unwrap();
        let compressed: i64 = database.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(compressed, if packing == Packing::Plain { 0 } else { 2 });
        let page = store.reader().message_previews(ID, None, 10, 65_536).await.unwrap();
        let sizes: Vec<_> = page.messages.iter().map(|row| (row.message.data.len(), row.stored)).collect();
        assert_eq!(sizes, [(65_536, 3 << 20), (65_536, 300_000)]);
        let mut all = Vec::new();
        while let Some(part) = store.reader().message_part(ID, 0, all.len() as u64).await.unwrap() {
            all.extend_from_slice(&part);
        }
        assert!(all.len() == 3 << 20 && all.iter().enumerate().all(|(at, byte)| *byte == (at % 251) as u8));
    }
}
