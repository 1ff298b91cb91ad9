//! Requests with secrets in them, which dashcam takes out of what it records. None of them is good for anything.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::json;

use crate::chance::Chance;
use crate::client::Fault;
use crate::goods::PRODUCTS;
use crate::places::SHOP;
use crate::scenes::shopping::ask;
use crate::traffic::World;

/// A number for tests, which no bank has issued.
const CARD: &str = "4242424242424242";
const PASSWORD: &str = "wet-Boots-4-breakfast";
const BEARER: &str = "Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJjdXN0b21lci0xNyJ9.WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo";

/// An order with a token, a key and a card's number.
pub(super) async fn order(world: Arc<World>, mut chance: Chance) -> Result<(), Fault> {
    let customer = chance.below(500);
    let order = json!({
        "customer": {"id": format!("customer-{customer}"), "email": format!("customer-{customer}@shop.example")},
        "items": [{"product": 1 + chance.below(PRODUCTS), "quantity": 1 + chance.below(3)}],
        "payment": {"method": "card", "card_number": CARD, "cvc": "314"},
    });
    let fields = vec![
        ("content-type", "application/json"),
        ("authorization", BEARER),
        ("x-api-key", "demo-key-51H8aKq7rWvB2nXzT9cY"),
    ];
    ask(&world, vec![("POST", "/v1/orders".to_owned(), fields, Bytes::from(order.to_string()))]).await
}

/// A login by a form, and the account behind it.
pub(super) async fn login(world: Arc<World>, mut chance: Chance) -> Result<(), Fault> {
    let mut connection = world.client.https((SHOP, world.places.https)).await?;
    let url = |path: &str| format!("https://{SHOP}:{}{path}", world.places.https);
    let form = format!("user=customer-{}&password={PASSWORD}&remember=on", chance.below(500));
    let request = world.client.request("POST", &url("/login"));
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form)?;
    let answer = connection.ask(request).await?;
    let cookie = answer.headers().get("set-cookie").and_then(|cookie| cookie.to_str().ok());
    let session = cookie.and_then(|cookie| cookie.split(';').next()).unwrap_or_default();
    let account = world.client.request("GET", &url("/account")).header("cookie", session);
    connection.ask(account.body(Bytes::new())?).await?;
    connection.close().await;
    Ok(())
}

/// A token in exchange for a client's secret.
pub(super) async fn token(world: Arc<World>, _: Chance) -> Result<(), Fault> {
    let form = "grant_type=client_credentials&client_id=shop-web&client_secret=q7Xw2pLr9Tz4Kd8Vb6Nm&scope=orders%3Aread";
    let fields = vec![("content-type", "application/x-www-form-urlencoded")];
    ask(&world, vec![("POST", "/oauth/token".to_owned(), fields, Bytes::from_static(form.as_bytes()))]).await
}
