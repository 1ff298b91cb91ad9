//! SQL finds the exchanges that the filter itself matches.

use dashcam_exchange::{Destination, Exchange, ExchangeId, Scheme, State};
use dashcam_filter::{Facts, Moment};

use crate::samples::{filter, finished, head, plain, rich, store};

fn exchange(
    id: i64,
    method: &str,
    url: (Scheme, &str, u16, &str),
    response: Option<(u16, &str)>,
) -> Exchange {
    let mut exchange = plain(id);
    let (scheme, host, port, target) = url;
    exchange.request.method = method.to_owned();
    exchange.request.target = target.to_owned();
    exchange.destination = Destination { scheme, host: host.to_owned(), port };
    exchange.response =
        response.map(|(status, content_type)| head(status, "", &[("Content-Type", content_type)]));
    exchange
}

fn cases() -> Vec<Exchange> {
    use Scheme::{Http, Https};
    vec![
        exchange(
            1,
            "GET",
            (Https, "api.example.com", 443, "/a?b=100%"),
            Some((200, "text/HTML; charset=utf-8")),
        ),
        exchange(2, "POST", (Http, "api.example.com", 8080, "/a_b/C"), Some((404, "application/json"))),
        exchange(3, "OPTIONS", (Http, "::1", 80, "*"), None),
        exchange(4, "GET", (Https, "::1", 80, "/gr\u{dc}\u{df}e"), Some((500, ""))),
        exchange(5, "GET", (Http, "a", 443, "/\u{212a}elvin/\u{130}"), Some((301, "x\u{e9}"))),
        exchange(6, "get", (Http, "a", 80, "/nul\0inside/after"), None),
        exchange(7, "GET", (Http, "a", 80, "/back\\slash/'quote\"/[x]"), Some((200, "image/png"))),
        exchange(8, "GET", (Http, "a", 80, ""), None),
        rich(9),
        in_state(10, State::Refused),
        in_state(11, State::Aborted),
        in_state(12, State::Open),
    ]
}

fn in_state(id: i64, state: State) -> Exchange {
    Exchange { state, ..exchange(id, "GET", (Scheme::Http, "a", 80, "/state"), None) }
}

#[tokio::test]
async fn sql_and_memory_agree() {
    let (_place, store) = store().await;
    store.sink().append(cases().iter().map(finished).collect()).await.unwrap();
    let filters = [
        "",
        "get",
        "GET html",
        "POST 404 json",
        "100%",
        "%",
        "_",
        "a_b",
        "a?b",
        "://",
        "https://api.example.com/a",
        "example.com:8080",
        "example.com:443",
        "[::1]/*",
        "[::1]:80/",
        "[::1]:443",
        "200",
        "20",
        "gr\u{fc}\u{df}e",
        "GR\u{dc}\u{df}E",
        "kelvin",
        "\u{212a}",
        "i\u{307}",
        "x\u{c9}",
        "inside/after",
        "\0",
        "\\",
        "\"'quote\\\"\"",
        "[x]",
        "http://a/",
        "nothing",
        "get get get get get get get get get absent",
        "1 2 3 4 5 6 7 8 9 10 11",
        "text/html;",
        "refused",
        "GET Refused /state",
        "aborted",
        "failed",
        "open",
        "complete",
    ];
    for text in filters {
        let read = filter(text);
        let matches =
            |exchange: &Exchange| read.evaluate(&Facts::of_exchange(exchange, Moment::End)).is_true();
        let expect: Vec<_> =
            cases().iter().filter(|exchange| matches(exchange)).map(Exchange::summary).collect();
        let found = store.reader().list_after(&read, ExchangeId(0), 100).await.unwrap();
        assert_eq!(found, expect, "{text:?}");
        let newest_first = store.reader().list(&read, None, 100).await.unwrap();
        assert_eq!(newest_first, expect.into_iter().rev().collect::<Vec<_>>(), "{text:?}");
    }
}

#[tokio::test]
async fn a_page_is_filled_although_sql_cannot_decide() {
    let (_place, store) = store().await;
    let target = |id: i64| if id % 10 == 0 { "/\u{c4}" } else { "/\u{d6}" };
    let records =
        (1..=100).map(|id| finished(&exchange(id, "GET", (Scheme::Http, "a", 80, target(id)), None)));
    store.sink().append(records.collect()).await.unwrap();
    let found = store.reader().list(&filter("\u{e4}"), Some(ExchangeId(95)), 4).await.unwrap();
    assert_eq!(found.iter().map(|summary| summary.id.0).collect::<Vec<_>>(), [90, 80, 70, 60]);
}
