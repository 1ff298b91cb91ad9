//! A recording that can't be opened at first.

use std::fs;

use dashcam_exchange::ExchangeId;
use dashcam_filter::Filter;
use dashcam_store::{ReadError, Retention, Store, StoreError};

use crate::samples::{finished, place, plain, store};

#[tokio::test]
async fn it_says_why_it_is_not_open_until_it_is() {
    let place = place();
    let store = Store::unopened(&place.path).unwrap();
    assert!(matches!(store.reader().count().await, Err(ReadError::NotOpen(_))));
    fs::create_dir(&place.path).unwrap();
    let refused = store.try_open().await.unwrap_err();
    assert!(refused.may_pass() && refused.keeps_batch(), "{refused}");
    let why = [
        StoreError::from(store.reader().count().await.unwrap_err()),
        store.sink().append(Vec::new()).await.unwrap_err(),
        store.admin().delete(ExchangeId(1)).await.unwrap_err(),
        store.admin().retain().await.unwrap_err(),
    ];
    let bounds = Retention { exchanges: Some(1), ..Retention::default() };
    store.admin().set_retention(bounds).await.expect("it is for when it is open");
    for error in why {
        let StoreError::NotOpen { why } = &error else { panic!("{error}") };
        assert_eq!((why, error.keeps_batch()), (&refused.to_string(), true));
    }
    fs::remove_dir(&place.path).unwrap();
    store.try_open().await.unwrap();
    store.try_open().await.expect("it stays open");
    store.sink().append(vec![finished(&plain(1)), finished(&plain(2))]).await.unwrap();
    assert_eq!(
        (store.reader().count().await.unwrap(), store.reader().kept().await.unwrap().bounds),
        (1, bounds)
    );
    store.clone().close().await;
    assert!(matches!(store.reader().count().await, Err(ReadError::Unavailable(StoreError::Closed))));
    assert!(matches!(store.sink().append(Vec::new()).await, Err(StoreError::Closed)));
}

#[tokio::test]
async fn it_can_be_read_while_another_writes_it() {
    let (place, first) = store().await;
    first.sink().append(vec![finished(&plain(1))]).await.unwrap();
    let second = Store::unopened(&place.path).unwrap();
    for _ in 0..2 {
        let refused = second.try_open().await.unwrap_err();
        assert!(matches!(refused, StoreError::Locked { .. }) && !refused.may_pass(), "{refused}");
        assert_eq!(second.reader().count().await.unwrap(), 1);
    }
    first.sink().append(vec![finished(&plain(2))]).await.unwrap();
    assert_eq!(second.reader().list(&Filter::default(), None, 9).await.unwrap().len(), 2);
    assert!(matches!(second.sink().append(Vec::new()).await, Err(StoreError::NotOpen { .. })));
    first.close().await;
    second.try_open().await.unwrap();
    assert_eq!(second.reader().last_ids().await.unwrap().exchange, ExchangeId(2));
    second.sink().append(vec![finished(&plain(3))]).await.unwrap();
    assert_eq!(second.reader().count().await.unwrap(), 3);
}

#[tokio::test]
async fn what_will_not_pass_is_told_from_what_may() {
    let place = place();
    fs::write(&place.path, "Dear diary, this is no database at all.").unwrap();
    let store = Store::unopened(&place.path).unwrap();
    let refused = store.try_open().await.unwrap_err();
    assert!(matches!(refused, StoreError::NotADatabase { .. }) && !refused.may_pass(), "{refused}");
    // A database's beginning, and then nothing that makes sense: it was one.
    fs::write(&place.path, [b"SQLite format 3\0".as_slice(), &[0xa5; 40_000]].concat()).unwrap();
    let refused = store.try_open().await.unwrap_err();
    assert!(matches!(refused, StoreError::Damaged(_)) && refused.may_pass(), "{refused}");
}
