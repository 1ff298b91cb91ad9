//! Programs that use the shop's API.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;

use crate::chance::Chance;
use crate::client::Fault;
use crate::goods::PRODUCTS;
use crate::image;
use crate::places::API;
use crate::traffic::World;

const JSON: (&str, &str) = ("content-type", "application/json");
const BOUNDARY: &str = "----demo-7MA4YWxkTrZu0gW";

/// A request to the API: its method, its path, its fields and its body.
pub(super) type Asked<'a> = (&'a str, String, Vec<(&'a str, &'a str)>, Bytes);

/// Sends requests to the API, one after the other.
pub(super) async fn ask(world: &World, requests: Vec<Asked<'_>>) -> Result<(), Fault> {
    let mut connection = world.client.https((API, world.places.https)).await?;
    for (method, path, fields, body) in requests {
        let mut request =
            world.client.request(method, &format!("https://{API}:{}{path}", world.places.https));
        request = request.header("accept", "application/json").header("accept-encoding", "gzip, br, zstd");
        for (name, value) in fields {
            request = request.header(name, value);
        }
        connection.ask(request.body(body)?).await?;
    }
    connection.close().await;
    Ok(())
}

/// A GET.
fn get(path: String) -> Asked<'static> {
    ("GET", path, Vec::new(), Bytes::new())
}

/// Pages of products, in gzip.
pub(super) async fn list(world: Arc<World>, mut chance: Chance) -> Result<(), Fault> {
    let first = 1 + chance.below(8);
    ask(&world, [first, first + 1].map(|page| get(format!("/v1/products?page={page}"))).into()).await
}

/// A product, and once more with its tag: it has not changed.
pub(super) async fn detail(world: Arc<World>, mut chance: Chance) -> Result<(), Fault> {
    let number = 1 + chance.below(PRODUCTS);
    let mut connection = world.client.https((API, world.places.https)).await?;
    let url = format!("https://{API}:{}/v1/products/{number}", world.places.https);
    let product = connection.ask(world.client.request("GET", &url).body(Bytes::new())?).await?;
    if let Some(tag) = product.headers().get("etag") {
        let again = world.client.request("GET", &url).header("if-none-match", tag);
        connection.ask(again.body(Bytes::new())?).await?;
    }
    connection.close().await;
    Ok(())
}

/// A product that is not there.
pub(super) async fn missing(world: Arc<World>, mut chance: Chance) -> Result<(), Fault> {
    ask(&world, vec![get(format!("/v1/products/{}", PRODUCTS + 1 + chance.below(900)))]).await
}

/// Reviews, in brotli.
pub(super) async fn reviews(world: Arc<World>, mut chance: Chance) -> Result<(), Fault> {
    ask(&world, vec![get(format!("/v1/products/{}/reviews", 1 + chance.below(PRODUCTS)))]).await
}

/// Categories, in Zstandard.
pub(super) async fn categories(world: Arc<World>, _: Chance) -> Result<(), Fault> {
    ask(&world, vec![get("/v1/categories".to_owned())]).await
}

/// All products, as some megabytes of JSON.
pub(super) async fn catalog(world: Arc<World>, _: Chance) -> Result<(), Fault> {
    ask(&world, vec![get("/v1/catalog".to_owned())]).await
}

/// CSV, and lines of JSON.
pub(super) async fn exports(world: Arc<World>, _: Chance) -> Result<(), Fault> {
    ask(&world, ["orders.csv", "events.ndjson"].map(|name| get(format!("/v1/exports/{name}"))).into()).await
}

/// A cart that is filled and emptied again.
pub(super) async fn cart(world: Arc<World>, mut chance: Chance) -> Result<(), Fault> {
    let cart = json!({"items": [{"product": 1 + chance.below(PRODUCTS), "quantity": 1 + chance.below(3)}]});
    let path = || "/v1/carts/7".to_owned();
    let requests = vec![
        ("OPTIONS", path(), vec![("origin", "https://shop.test")], Bytes::new()),
        ("PUT", path(), vec![JSON], Bytes::from(cart.to_string())),
        ("DELETE", path(), Vec::new(), Bytes::new()),
    ];
    ask(&world, requests).await
}

/// Fields and a picture, as a form with several parts.
pub(super) async fn upload(world: Arc<World>, mut chance: Chance) -> Result<(), Fault> {
    let product = 1 + chance.below(PRODUCTS);
    let mut body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"product\"\r\n\r\n{product}\r\n\
         --{BOUNDARY}\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"ridge-{product}.png\"\r\n\
         Content-Type: image/png\r\n\r\n"
    )
    .into_bytes();
    body.extend(image::png(product)?);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    ask(&world, vec![("POST", "/v1/photos".to_owned(), vec![("content-type", &kind)], body.into())]).await
}

/// GraphQL: a query that is answered, and one of which a part failed.
pub(super) async fn graphql(world: Arc<World>, mut chance: Chance) -> Result<(), Fault> {
    let product = json!({"operationName": "Product", "variables": {"id": 1 + chance.below(PRODUCTS)},
        "query": "query Product($id: Int!) {\n  product(id: $id) { id name price { amount currency } stock { berlin lisbon } }\n}"});
    let recommended = json!({"operationName": "Recommended", "variables": {"id": 12},
        "query": "query Recommended($id: Int!) {\n  product(id: $id) { name recommended { id name } }\n}"});
    let post = |asked: serde_json::Value| {
        ("POST", "/graphql".to_owned(), vec![JSON], Bytes::from(asked.to_string()))
    };
    ask(&world, vec![post(product), post(recommended)]).await
}
