//! Heads that are alike share templates: all that is read is as it was, and templates go with the exchanges that have them.

use std::path::Path;

use dashcam_exchange::{Exchange, ExchangeId, Headers, RequestHead, ResponseHead, Timestamp, sample};
use dashcam_store::maintenance::{check, repair};
use dashcam_store::{Archive, Retention, Rewrite, Store};
use rusqlite::Connection;

use crate::samples::{Place, filter, finished, opened, plain, store};

/// An exchange like others: of its fields some are the same in all, and some its own.
fn exchange(id: i64) -> Exchange {
    let (own, length) = (format!("id-{id:06}-\"\u{fc}\""), format!("{}", id * 7));
    let received = [
        ("Host", "api.example.com"),
        ("User-Agent", "agent/1.0 (\"quoted\"; gr\u{fc}n)"),
        ("X-Request-Id", own.as_str()),
        ("Authorization", "Bearer one-for-all"),
        ("Accept", "*/*"),
        ("Connection", "keep-alive"),
    ];
    let mut sent = received[..5].to_vec();
    sent.extend([("Via", "1.1 dashcam"), ("Forwarded", own.as_str())]);
    let request = sample::request("GET", "/", &received);
    let response = [
        ("Content-Type", if id % 3 == 0 { "text/html" } else { "application/json" }),
        ("Content-Length", length.as_str()),
        ("Server", "a server with a long name/1.27"),
    ];
    Exchange {
        request_sent: Some(RequestHead { headers: sent.into_iter().collect(), ..request.clone() }),
        request,
        response: Some(sample::ok(&response)),
        response_sent: Some(ResponseHead {
            headers: [response[2], response[1]].into_iter().collect(),
            ..sample::ok(&[])
        }),
        ..plain(id)
    }
}

async fn append(store: &Store, ids: impl Iterator<Item = i64>) {
    store.sink().append(ids.map(|id| finished(&exchange(id))).collect()).await.unwrap();
}

/// Exchanges 1 to 200, in ten batches.
async fn filled() -> (Place, Store) {
    let (place, store) = store().await;
    for first in (1..=200).step_by(20) {
        append(&store, first..first + 20).await;
    }
    (place, store)
}

async fn assert_as_they_were(store: &Store, ids: impl Iterator<Item = i64>) {
    for id in ids {
        let stored = store.reader().exchange(ExchangeId(id)).await.unwrap().unwrap();
        assert_eq!(stored, exchange(id));
    }
}

fn number(path: &Path, sql: &str) -> i64 {
    Connection::open(path).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

fn templates(path: &Path) -> i64 {
    number(path, "SELECT count(*) FROM head_templates")
}

fn holds(path: &Path, needle: &str) -> bool {
    let folder = std::fs::read_dir(path.parent().unwrap()).unwrap();
    let mut files = folder.map(|file| std::fs::read(file.unwrap().path()).unwrap());
    files.any(|content| content.windows(needle.len()).any(|window| window == needle.as_bytes()))
}

#[tokio::test]
async fn heads_are_read_as_they_were() {
    let (place, store) = filled().await;
    assert_as_they_were(&store, 1..=200).await;
    assert!((4..=12).contains(&templates(&place.path)), "{}", templates(&place.path));
    let folded = "SELECT count(*) FROM exchange_rows WHERE request_headers NOT LIKE '[%' \
        AND request_sent_headers NOT LIKE '[%' AND response_headers NOT LIKE '[%' \
        AND response_sent_headers NOT LIKE '[%'";
    assert!(number(&place.path, folded) >= 196, "{}", number(&place.path, folded));
    // A value that may be a secret stands with its exchange, and nowhere else.
    assert_eq!(
        number(&place.path, "SELECT count(*) FROM head_templates WHERE fields LIKE '%one-for-all%'"),
        0
    );
    store.close().await;
    assert_eq!(check(&place.path, true).unwrap().problems, []);
}

#[tokio::test]
async fn a_field_that_came_to_be_as_received_stays_what_it_is() {
    let (_place, store) = store().await;
    // The third's own field has the value of one that was received; the fourth's has not, though it is the same.
    let fields = [("1", "x"), ("2", "x"), ("x", "x"), ("4", "x"), ("x", "y"), ("6", "x")];
    let exchange = |id: i64| {
        let (received, own) = fields[(id - 1) as usize];
        let request = sample::request("GET", "/", &[("A", received), ("B", "b")]);
        let headers: Headers = [("B", "b"), ("A", own)].into_iter().collect();
        Exchange { request_sent: Some(RequestHead { headers, ..request.clone() }), request, ..plain(id) }
    };
    for id in 1..=6 {
        store.sink().append(vec![finished(&exchange(id))]).await.unwrap();
    }
    for id in 1..=6 {
        let stored = store.reader().exchange(ExchangeId(id)).await.unwrap().unwrap();
        assert_eq!(stored, exchange(id), "{id}");
    }
}

#[tokio::test]
async fn searches_look_into_whole_heads() {
    let (_place, store) = filled().await;
    let reader = store.reader();
    for (text, found) in [
        ("header.x-request-id:id-000123", 1),
        ("header.user-agent:gr\u{fc}n", 200),
        ("header.user-agent:quoted", 200),
        ("header.content-type:html", 66),
        ("header.authorization:=\"Bearer one-for-all\"", 200),
        ("header.host:=api.example.com header.x-request-id:000045", 1),
        ("header.host:elsewhere", 0),
    ] {
        let list = reader.list(&filter(text), None, 500).await.unwrap();
        assert_eq!(list.len(), found, "{text}");
    }
}

#[tokio::test]
async fn templates_go_with_the_last_exchange_that_bounds_delete() {
    let (place, store) = filled().await;
    store.admin().pin(ExchangeId(20), Timestamp(1)).await.unwrap();
    let bounds = Retention { exchanges: Some(1), ..Retention::default() };
    store.admin().set_retention(bounds).await.unwrap();
    store.admin().retain().await.unwrap();
    assert_as_they_were(&store, [20, 200].into_iter()).await;
    // Those that are left have theirs.
    let left = templates(&place.path);
    assert!((4..=8).contains(&left), "{left}");
    append(&store, 201..=220).await;
    store.admin().retain().await.unwrap();
    assert_as_they_were(&store, [20, 220].into_iter()).await;
    store.close().await;
    assert_eq!(check(&place.path, true).unwrap().problems, []);
}

#[tokio::test]
async fn what_a_user_deletes_stands_in_no_template() {
    let (place, store) = filled().await;
    assert!(holds(&place.path, "a server with a long name"));
    for id in 1..200 {
        assert!(store.admin().delete(ExchangeId(id)).await.unwrap());
    }
    assert_as_they_were(&store, [200].into_iter()).await;
    assert!(store.admin().delete(ExchangeId(200)).await.unwrap());
    assert_eq!(templates(&place.path), 0);
    assert_eq!(number(&place.path, "SELECT count(*) FROM template_epochs"), 0);
    store.admin().retain().await.unwrap();
    assert!(!holds(&place.path, "a server with a long name"));
    // The writer knows that they are gone.
    append(&store, 201..=210).await;
    assert_as_they_were(&store, 201..=210).await;
}

#[tokio::test]
async fn what_is_rewritten_leaves_no_template_behind() {
    let (place, store) = filled().await;
    let all = (1..=200).map(|id| {
        let mut exchange = exchange(id);
        exchange.request.headers = [("Host", "~masked~")].into_iter().collect::<Headers>();
        (exchange.request_sent, exchange.response, exchange.response_sent) = (None, None, None);
        Rewrite { exchange, bodies: [None, None], messages: Vec::new(), seals: Vec::new() }
    });
    assert_eq!(store.admin().rewrite(all.collect()).await.unwrap(), 200);
    assert_eq!(templates(&place.path), 0);
    let stored = store.reader().exchange(ExchangeId(7)).await.unwrap().unwrap();
    assert_eq!(stored.request.headers.text("host"), Some("~masked~"));
    append(&store, 201..=210).await;
    assert_as_they_were(&store, 201..=210).await;
}

#[tokio::test]
async fn an_exchange_that_ends_later_gets_heads_of_its_own() {
    let (_place, store) = filled().await;
    let begun = Exchange { state: dashcam_exchange::State::Open, response: None, ..exchange(300) };
    store.sink().append(vec![opened(&begun), finished(&exchange(301))]).await.unwrap();
    assert!(store.admin().delete(ExchangeId(5)).await.unwrap());
    store.sink().append(vec![finished(&exchange(300))]).await.unwrap();
    assert_as_they_were(&store, 300..=301).await;
}

#[tokio::test]
async fn an_archive_has_whole_heads() {
    let (place, store) = filled().await;
    let to = place.folder.path().join("archive.db");
    let mut archive = Archive::open(&to, &place.path).await.unwrap();
    archive.copy(&(1..=50).map(ExchangeId).collect::<Vec<_>>()).unwrap();
    archive.finish(Timestamp(0)).unwrap();
    assert_eq!(templates(&to), 0);
    let archived = Store::open_read_only(&to).await.unwrap();
    assert_as_they_were(&archived, 1..=50).await;
    archived.close().await;
    store.close().await;
    assert_eq!(check(&to, true).unwrap().problems, []);
}

#[tokio::test]
async fn a_lost_template_is_an_error_until_it_is_mended() {
    let (place, store) = filled().await;
    store.close().await;
    let lost = "DELETE FROM head_templates WHERE id = (SELECT CAST(request_headers AS INTEGER) \
        FROM exchange_rows WHERE id = 100)";
    Connection::open(&place.path).unwrap().execute_batch(lost).unwrap();
    let store = Store::open_read_only(&place.path).await.unwrap();
    let error = store.reader().exchange(ExchangeId(100)).await.unwrap_err().to_string();
    assert!(error.contains("damaged") || error.contains("column"), "{error}");
    store.close().await;
    assert_eq!(check(&place.path, true).unwrap().problems.len(), 1);
    let repaired = repair(&place.path).await.unwrap();
    assert!(repaired.done.iter().any(|done| done.contains("heads lack the template")), "{:?}", repaired.done);
    assert_eq!(check(&place.path, true).unwrap().problems, []);
    let store = Store::open(&place.path).await.unwrap();
    let mended = store.reader().exchange(ExchangeId(100)).await.unwrap().unwrap();
    assert_eq!((mended.request.headers.len(), mended.response), (0, exchange(100).response));
    append(&store, 201..=210).await;
    assert_as_they_were(&store, 201..=210).await;
}
