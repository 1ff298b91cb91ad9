//! A browser that opens the shop.

use std::sync::Arc;

use bytes::Bytes;

use crate::chance::Chance;
use crate::client::Fault;
use crate::goods::PRODUCTS;
use crate::places::SHOP;
use crate::traffic::World;

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";

/// A page with what it needs, over HTTP/2.
pub(super) async fn page(world: Arc<World>, mut chance: Chance) -> Result<(), Fault> {
    let browser = world.client.named(BROWSER);
    let mut connection = browser.h2((SHOP, world.places.https)).await?;
    let base = format!("https://{SHOP}:{}", world.places.https);
    let photo = format!("/photo.png?product={}", 1 + chance.below(PRODUCTS));
    for (path, accepts) in [
        ("/", "text/html,application/xhtml+xml"),
        ("/style.css", "text/css,*/*;q=0.1"),
        ("/app.js", "*/*"),
        ("/logo.svg", "image/avif,image/webp,image/*"),
        (photo.as_str(), "image/avif,image/webp,image/*"),
    ] {
        let request = browser
            .request("GET", &format!("{base}{path}"))
            .header("accept", accepts)
            .header("accept-language", "en,de;q=0.7")
            .header("accept-encoding", "gzip, br, zstd")
            .header("cookie", "theme=light; visit=v-20261");
        connection.ask(request.body(Bytes::new())?).await?;
    }
    connection.close().await;
    Ok(())
}

/// A redirect from an old address, in the clear.
pub(super) async fn redirect(world: Arc<World>, _: Chance) -> Result<(), Fault> {
    let browser = world.client.named(BROWSER);
    let mut plain = browser.http().await?;
    let old = format!("http://{SHOP}:{}/old", world.places.http);
    let moved = plain.ask(browser.request("GET", &old).body(Bytes::new())?).await?;
    plain.close().await;
    let to = moved.headers().get("location").and_then(|to| to.to_str().ok()).ok_or("no redirect")?;
    let mut connection = browser.https((SHOP, world.places.https)).await?;
    connection.ask(browser.request("GET", to).body(Bytes::new())?).await?;
    connection.close().await;
    Ok(())
}
