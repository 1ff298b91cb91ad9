//! Values that no dashcam writes, in a file that is otherwise sound.

use dashcam_exchange::{Direction, ExchangeId};
use dashcam_store::{Packing, ReadError, Store};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::samples::{body, finished, plain, store};

/// A piece of a body that takes all memory is not read.
#[tokio::test]
async fn an_enormous_piece_of_a_body() {
    let (place, store) = store().await;
    store.admin().set_packing(Packing::Plain).await.unwrap();
    let mut exchange = plain(1);
    exchange.response_body = body(&["response"], None);
    store.sink().append(vec![finished(&exchange)]).await.unwrap();
    store.close().await;
    let mut connection =
        sqlx::sqlite::SqliteConnectOptions::new().filename(&place.path).connect().await.unwrap();
    sqlx::query("UPDATE body_rows SET data = zeroblob(16777217)").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let store = Store::open_read_only(&place.path).await.unwrap();
    let (id, side) = (ExchangeId(1), Direction::Response);
    assert!(matches!(store.reader().body_part(id, side, 0).await, Err(ReadError::Damaged(_))));
    assert!(matches!(store.reader().body(id, side, Some(1)).await, Err(ReadError::Damaged(_))));
    assert!(store.reader().exchange(id).await.unwrap().is_some(), "the rest can be read");
}
