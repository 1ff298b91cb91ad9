//! The shop's API: lists, details, orders, errors, uploads, exports and GraphQL.

use std::io;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::codings;
use crate::goods::{self, CATEGORIES, EPOCH, PRODUCTS};
use crate::origin::answer::{Answer, coded_json, json, text, whole, with};
use crate::origin::streams;

/// How long the slow report takes.
const SLOW: Duration = Duration::from_millis(1800);

pub(super) async fn answer(request: Request<Incoming>) -> io::Result<Answer> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    match (&head.method, head.uri.path()) {
        (&Method::GET, "/v1/products") => {
            let page = query(&head, "page").unwrap_or(1);
            coded_json(&goods::products(page, 20), "gzip", codings::gzip)
        }
        (&Method::GET, "/v1/categories") => coded_json(&json!(CATEGORIES), "zstd", codings::zstd),
        (&Method::GET, "/v1/catalog") => Ok(json(200, &goods::catalog())),
        (&Method::GET, "/v1/reports/sales") => {
            sleep(SLOW).await;
            Ok(json(200, &json!({"report": "sales", "rows": 31, "took_ms": 1800})))
        }
        (&Method::GET, "/v1/exports/orders.csv") => {
            let name = [("content-disposition", "attachment; filename=\"orders.csv\"")];
            Ok(with(whole(200, "text/csv; charset=utf-8", goods::orders_csv()), &name))
        }
        (&Method::GET, "/v1/exports/events.ndjson") => {
            Ok(whole(200, "application/x-ndjson", goods::events_ndjson()))
        }
        (&Method::GET, "/v1/stock/events") => Ok(streams::stock(query(&head, "from").unwrap_or(1))),
        (&Method::GET, "/v1/stock") => {
            Ok(problem(500, "The stock could not be counted", "warehouse.shop.test did not answer"))
        }
        (&Method::POST, "/v1/orders") => Ok(order(&body)),
        (&Method::POST, "/v1/payments") => Ok(payment(&head)),
        (&Method::POST, "/v1/photos") => {
            Ok(json(201, &json!({"stored": true, "bytes": body.len(), "url": "/v1/photos/7"})))
        }
        (&Method::POST, "/oauth/token") => Ok(token()),
        (&Method::POST, "/graphql") => Ok(graphql(&body)),
        (&Method::PUT, "/v1/carts/7") => Ok(whole(200, "application/json", body)),
        (&Method::DELETE, "/v1/carts/7") => Ok(empty()),
        (&Method::OPTIONS, _) => Ok(with(empty(), &[("allow", "GET, POST, PUT, DELETE, OPTIONS")])),
        (&Method::GET, path) => of_product(path, &head),
        _ => Ok(problem(405, "This method is not allowed here", head.method.as_str())),
    }
}

/// A product, or its reviews.
fn of_product(path: &str, head: &Parts) -> io::Result<Answer> {
    let rest = path.strip_prefix("/v1/products/").unwrap_or_default();
    let (number, part) = rest.split_once('/').unwrap_or((rest, ""));
    match (number.parse::<u64>(), part) {
        (Ok(number @ 1..=PRODUCTS), "") => {
            let product = goods::product(number);
            let tag = format!("\"{:08x}\"", crc32fast::hash(product.to_string().as_bytes()));
            let is_known = head.headers.get("if-none-match").is_some_and(|known| known == tag.as_str());
            let answer = if is_known { text(304, "") } else { json(200, &product) };
            Ok(with(answer, &[("etag", &tag)]))
        }
        (Ok(number @ 1..=PRODUCTS), "reviews") => coded_json(&goods::reviews(number), "br", codings::brotli),
        _ => Ok(problem(404, "There is no such product", path)),
    }
}

fn query(head: &Parts, name: &str) -> Option<u64> {
    let pairs = head.uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| *key == name)?.1.parse().ok()
}

fn empty() -> Answer {
    let mut answer = text(204, "");
    answer.headers_mut().remove("content-type");
    answer
}

/// A failure as RFC 9457 has it.
fn problem(status: u16, title: &str, detail: &str) -> Answer {
    let problem = json!({"type": "about:blank", "title": title, "status": status, "detail": detail});
    whole(status, "application/problem+json", problem.to_string())
}

fn order(body: &Bytes) -> Answer {
    match serde_json::from_slice::<Value>(body) {
        Ok(order) => {
            let placed = json!({"order": 1000 + crc32fast::hash(body) % 9000, "status": "placed", "items": order["items"]});
            with(json(201, &placed), &[("location", "/v1/orders/1742")])
        }
        Err(error) => problem(400, "The order is no JSON", &error.to_string()),
    }
}

/// A payment succeeds at the fifth attempt.
fn payment(head: &Parts) -> Answer {
    let attempt =
        head.headers.get("x-attempt").and_then(|attempt| attempt.to_str().ok()?.parse::<u32>().ok());
    if attempt.is_some_and(|attempt| attempt >= 5) {
        return json(200, &json!({"payment": "accepted"}));
    }
    with(problem(503, "The bank does not answer", "try again"), &[("retry-after", "1")])
}

/// A token in the form of RFC 7519. No key signs it.
fn token() -> Answer {
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(json!({"alg": "HS256", "typ": "JWT", "kid": "demo-1"}));
    let claims = part(
        json!({"iss": "https://api.shop.test", "sub": "customer-17", "aud": "shop", "scope": "orders:read orders:write",
        "iat": EPOCH, "exp": EPOCH + 3600}),
    );
    let signature = URL_SAFE_NO_PAD.encode([0x5a; 32]);
    json(
        200,
        &json!({"access_token": format!("{head}.{claims}.{signature}"), "token_type": "Bearer", "expires_in": 3600}),
    )
}

fn graphql(body: &Bytes) -> Answer {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    if asked["operationName"] == "Recommended" {
        let error = json!({"message": "The recommendations took too long", "path": ["product", "recommended"],
            "extensions": {"code": "TIMEOUT"}});
        return json(
            200,
            &json!({"data": {"product": {"name": "Coast Tent", "recommended": null}}, "errors": [error]}),
        );
    }
    let number = asked["variables"]["id"].as_u64().unwrap_or(1);
    json(200, &json!({"data": {"product": goods::product(number)}}))
}
