//! Notes of exchanges: found by filters, packed facts or not, and gone with their exchanges.

use dashcam_exchange::{ExchangeId, Timestamp};
use dashcam_store::maintenance::check;
use dashcam_store::{Archive, MOST_TAGS, Note, NoteChange, Noted, Retention, Store};

use crate::samples::{filter, finished, plain, store};

async fn note(store: &Store, id: i64, comment: &str, tags: &[&str]) -> Noted {
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    let change = NoteChange { comment: Some(comment.to_owned()), tags, untag: Vec::new() };
    store.admin().note(ExchangeId(id), change, Timestamp(1)).await.unwrap()
}

async fn found(store: &Store, text: &str) -> Vec<i64> {
    let rows = store.reader().list_after(&filter(text), ExchangeId(0), 10_000).await.unwrap();
    rows.iter().map(|row| row.id.0).collect()
}

async fn noted(exchanges: i64) -> (crate::samples::Place, Store) {
    let (place, store) = store().await;
    store.sink().append((1..=exchanges).map(|id| finished(&plain(id))).collect()).await.unwrap();
    note(&store, 2, "look here", &["shop", "slow query"]).await;
    note(&store, 5, "", &["shop"]).await;
    note(&store, 7, "Nothing", &[]).await;
    (place, store)
}

#[tokio::test]
async fn filters_find_them_with_segments_and_without() {
    let (_place, store) = noted(3000).await;
    assert_eq!(note(&store, 9999, "x", &[]).await, Noted::NoExchange);
    for round in 0..2 {
        for (text, expect) in [
            ("tag:shop", &[2, 5][..]),
            ("tag:SHOP*", &[2, 5]),
            ("tag:=shop", &[2, 5]),
            ("tag:\"slow query\"", &[2]),
            ("tag:*", &[2, 5]),
            ("comment:look", &[2]),
            ("comment:*", &[2, 7]),
            ("~comment Nothing", &[7]),
            ("~comment nothing", &[]),
            ("meta:\"tag: shop\"", &[2, 5]),
            ("tag:shop -comment:look", &[5]),
            ("id:1..6 -tag:shop", &[1, 3, 4, 6]),
            ("tag:shop or id:9", &[2, 5, 9]),
            ("tag:shop is:pinned", &[]),
        ] {
            assert_eq!(found(&store, text).await, expect, "{text}, round {round}");
        }
        while store.admin().index().await.unwrap() {}
    }
    // The facts of its block are packed by now.
    note(&store, 4, "late", &["shop"]).await;
    assert_eq!(found(&store, "tag:shop").await, [2, 4, 5]);
    let untag = NoteChange { untag: vec!["shop".to_owned()], ..NoteChange::default() };
    let left = store.admin().note(ExchangeId(5), untag, Timestamp(2)).await.unwrap();
    assert_eq!((left, found(&store, "tag:shop").await), (Noted::Note(Note::default()), vec![2, 4]));
}

#[tokio::test]
async fn they_go_with_their_exchanges() {
    let (place, store) = noted(20).await;
    let admin = store.admin();
    admin.delete(ExchangeId(2)).await.unwrap();
    admin.delete_these(vec![ExchangeId(5)], false).await.unwrap();
    assert_eq!(store.reader().note(ExchangeId(2)).await.unwrap(), Note::default());
    admin.set_retention(Retention { exchanges: Some(5), ..Retention::default() }).await.unwrap();
    admin.retain().await.unwrap();
    assert_eq!(store.reader().note(ExchangeId(7)).await.unwrap(), Note::default());
    note(&store, 20, "last", &[]).await;
    store.close().await;
    assert_eq!(check(&place.path, true).unwrap().problems, []);
    let connection = rusqlite::Connection::open(&place.path).unwrap();
    let notes: i64 = connection.query_row("SELECT count(*) FROM notes", [], |row| row.get(0)).unwrap();
    assert_eq!(notes, 1);
}

#[tokio::test]
async fn an_archive_has_them() {
    let (place, _store) = noted(9).await;
    let to = place.path.with_file_name("archive.db");
    let mut archive = Archive::open(&to, &place.path).await.unwrap();
    archive.copy(&[ExchangeId(2), ExchangeId(3)]).unwrap();
    archive.finish(Timestamp(i64::MAX)).unwrap();
    let archived = Store::open_read_only(&to).await.unwrap();
    assert_eq!(archived.reader().note(ExchangeId(2)).await.unwrap().comment, "look here");
    assert_eq!(archived.reader().note(ExchangeId(3)).await.unwrap(), Note::default());
}

#[tokio::test]
async fn an_exchange_has_so_many_tags_at_most() {
    let (_place, store) = noted(5).await;
    let all: Vec<String> = (0..=MOST_TAGS).map(|number| format!("t{number}")).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let (last, fit) = all.split_last().unwrap();
    let full = Note { comment: "full".to_owned(), tags: fit.iter().map(|tag| (*tag).to_owned()).collect() };
    assert_eq!(note(&store, 3, "full", fit).await, Noted::Note(full.clone()));
    assert_eq!(note(&store, 3, "more", &[last]).await, Noted::TooManyTags);
    assert_eq!(store.reader().note(ExchangeId(3)).await.unwrap(), full);
    let instead = NoteChange { tags: vec![(*last).to_owned()], untag: vec!["t0".to_owned()], comment: None };
    let changed = store.admin().note(ExchangeId(3), instead, Timestamp(2)).await.unwrap();
    assert!(
        matches!(changed, Noted::Note(note) if note.tags.len() == MOST_TAGS && note.tags.last().unwrap() == last)
    );
    store.close().await;
}
