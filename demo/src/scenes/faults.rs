//! Failures: errors, an upstream that is down, a client that distrusts, retries, and a slow answer.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::sleep;

use crate::chance::Chance;
use crate::client::Fault;
use crate::places::{API, WAREHOUSE};
use crate::scenes::shopping::ask;
use crate::traffic::World;

/// Attempts of a payment, and how far apart they are.
const ATTEMPTS: u32 = 5;
const APART: Duration = Duration::from_millis(150);

/// An answer with the status 500.
pub(super) async fn broken(world: Arc<World>, _: Chance) -> Result<(), Fault> {
    ask(&world, vec![("GET", "/v1/stock".to_owned(), Vec::new(), Bytes::new())]).await
}

/// An upstream that refuses connections, asked in the clear.
pub(super) async fn refused(world: Arc<World>, _: Chance) -> Result<(), Fault> {
    let client = world.client.named("stock-sync/1.4");
    let mut connection = client.http().await?;
    let url = format!("http://{WAREHOUSE}:{}/stock", world.places.refusing);
    connection.ask(client.request("GET", &url).body(Bytes::new())?).await?;
    connection.close().await;
    Ok(())
}

/// A client that does not trust the proxy's certificate.
pub(super) async fn distrust(world: Arc<World>, _: Chance) -> Result<(), Fault> {
    let client = &world.distrustful;
    // The first ones are refused; then dashcam tunnels them, and the client sees the origin's own certificate.
    let mut connection = client.https((API, world.places.https)).await?;
    let url = format!("https://{API}:{}/v1/categories", world.places.https);
    connection.ask(client.request("GET", &url).body(Bytes::new())?).await?;
    connection.close().await;
    Ok(())
}

/// A payment that is tried until it succeeds.
pub(super) async fn retries(world: Arc<World>, mut chance: Chance) -> Result<(), Fault> {
    let key = format!("pay-{:08x}", chance.below(1 << 32));
    let client = world.client.named("payments/2.0");
    let mut connection = client.https((API, world.places.https)).await?;
    let url = format!("https://{API}:{}/v1/payments", world.places.https);
    for attempt in 1..=ATTEMPTS {
        let request = client
            .request("POST", &url)
            .header("content-type", "application/json")
            .header("idempotency-key", &key)
            .header("x-attempt", attempt);
        connection.ask(request.body(Bytes::from_static(b"{\"order\": 1742, \"amount\": 12900}"))?).await?;
        sleep(APART * attempt).await;
    }
    connection.close().await;
    Ok(())
}

/// An answer that takes its time.
pub(super) async fn slow(world: Arc<World>, _: Chance) -> Result<(), Fault> {
    ask(&world, vec![("GET", "/v1/reports/sales".to_owned(), Vec::new(), Bytes::new())]).await
}
