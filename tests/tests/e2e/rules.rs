//! Rules on the real binary: each decides at its moment, and what it leaves out is not on record.

use anyhow::{Result, ensure};
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use dashcam_tests::{raw, test_ca};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::same::through;

/// Puts rules in the place of all there are.
async fn put(dashcam: &Dashcam, rules: Value) -> Result<()> {
    let answer = dashcam.api().call("PUT", "/rules", &json!({ "rules": rules })).await?;
    ensure!(answer.head.status()? == 200, "PUT /rules: {}", String::from_utf8_lossy(&answer.body));
    Ok(())
}

/// The counts of the rule `name`: kept, not kept, sampled out.
async fn counts(dashcam: &Dashcam, name: &str) -> Result<[u64; 3]> {
    let all = dashcam.api().get("/rules").await?;
    let counts = all["counts"].as_array().into_iter().flatten().find(|counts| counts["name"] == name);
    let count = |of: &str| counts.and_then(|counts| counts[of].as_u64()).unwrap_or(0);
    Ok([count("kept"), count("not_kept"), count("sampled_out")])
}

/// Waits until the rule `name` has these counts: an exchange ends a moment after its client has all of it.
async fn counted(dashcam: &Dashcam, name: &str, expect: [u64; 3]) -> Result<()> {
    eventually(&format!("{name} has {expect:?}"), async || {
        Ok((counts(dashcam, name).await? == expect).then_some(()))
    })
    .await
}

/// Sends requests to `origin`, one after another.
async fn send(dashcam: &Dashcam, origin: &Origin, targets: &[&str]) -> Result<()> {
    let asks: Vec<_> = targets.iter().map(|target| Ask::get(origin.url(target))).collect();
    ask("http.client", &through(dashcam), &asks).await?;
    Ok(())
}

/// The paths of the exchanges that are stored, each with its level, in their order.
async fn stored(dashcam: &Dashcam) -> Result<Vec<(String, String)>> {
    let page = dashcam.api().get("/exchanges?limit=100").await?;
    let mut found = Vec::new();
    for row in page["exchanges"].as_array().into_iter().flatten().rev() {
        let exchange = dashcam.api().get(&format!("/exchanges/{}", row["id"])).await?;
        let url = exchange["url"].as_str().unwrap_or_default();
        let path = url.splitn(4, '/').nth(3).unwrap_or_default().to_owned();
        let text = |field: &str| exchange[field].as_str().unwrap_or_default().to_owned();
        found.push((path, text("level")));
    }
    Ok(found)
}

fn expected(rows: &[[&str; 2]]) -> Vec<(String, String)> {
    rows.iter().map(|[path, level]| ((*path).into(), (*level).into())).collect()
}

/// Waits until the ledger balances with nothing under way, and checks that.
async fn settled(dashcam: &Dashcam, not_kept: u64, sampled_out: u64) -> Result<()> {
    eventually(&format!("not kept {not_kept}, sampled out {sampled_out}"), async || {
        let ledger = dashcam.api().get("/status").await?["ledger"].take();
        let count = |of: &str| ledger[of].as_u64().unwrap_or(0);
        let is_idle = count("open") + count("pending") == 0;
        let sum = count("stored") + count("not_kept") + count("sampled_out");
        let fits = (count("not_kept"), count("sampled_out")) == (not_kept, sampled_out);
        Ok((is_idle && fits && count("seen") == sum).then_some(()))
    })
    .await
}

/// By the destination alone: the client sees the origin's own certificate. A connection that was decrypted before is
/// ended with its next response.
#[tokio::test]
async fn a_destination_that_is_off_is_relayed_unread() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let authority = format!("localhost:{}", origin.port());
    let open = async || raw::tunnel(dashcam.proxy(), &authority).await;
    put(&dashcam, json!([{"name": "bank", "match": "host:bank.example", "level": "off"}])).await?;
    let mut read = raw::tls(open().await?, &dashcam.ca(), "localhost").await?;
    assert_eq!(raw::get(&mut read, "/json?read", &authority).await?.head.status()?, 200);

    put(&dashcam, json!([{"name": "bank", "match": "host:localhost", "level": "off"}])).await?;
    let drained = raw::get(&mut read, "/json?drained", &authority).await?;
    assert_eq!(drained.head.field("connection").map(str::to_ascii_lowercase).as_deref(), Some("close"));
    let mut rest = Vec::new();
    within("the connection closes", async { Ok(read.read_to_end(&mut rest).await?) }).await?;
    let mut unread = raw::tls(open().await?, &test_ca::shared()?.file(), "localhost").await?;
    assert_eq!(raw::get(&mut unread, "/json?unread", &authority).await?.head.status()?, 200);

    // Where one exchange could be recorded, it is decrypted.
    put(&dashcam, json!([{"name": "bank", "match": "host:localhost path:/bytes", "level": "off"}])).await?;
    let mut read = raw::tls(open().await?, &dashcam.ca(), "localhost").await?;
    for target in ["/bytes/10", "/json?again"] {
        assert_eq!(raw::get(&mut read, target, &authority).await?.head.status()?, 200);
    }
    dashcam.api().ended("/json?again").await?;
    let rows = [["json?read", "full"], ["json?again", "full"]];
    assert_eq!(stored(&dashcam).await?, expected(&rows));
    Ok(())
}

/// The name that the client asks for in TLS decides, where it connects to an address.
#[tokio::test]
async fn a_name_in_tls_decides_where_a_client_connects_to_an_address() -> Result<()> {
    let origin = Origin::https1().await?;
    let dashcam = Dashcam::start(&[]).await?;
    let authority = format!("127.0.0.1:{}", origin.port());
    let open = async || raw::tunnel(dashcam.proxy(), &authority).await;
    put(&dashcam, json!([{"name": "bank", "match": "host:localhost", "level": "off"}])).await?;
    let mut unread = raw::tls(open().await?, &test_ca::shared()?.file(), "localhost").await?;
    assert_eq!(raw::get(&mut unread, "/json?unread", &authority).await?.head.status()?, 200);
    put(&dashcam, json!([{"name": "bank", "match": "sni:other", "level": "off"}])).await?;
    let mut read = raw::tls(open().await?, &dashcam.ca(), "localhost").await?;
    assert_eq!(raw::get(&mut read, "/json?read", &authority).await?.head.status()?, 200);
    dashcam.api().ended("/json?read").await?;
    assert_eq!(stored(&dashcam).await?, expected(&[["json?read", "full"]]));
    Ok(())
}

#[tokio::test]
async fn rules_decide_by_head_response_and_end() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["--record", "metrics"]).await?;
    let rules = json!([
        {"name": "health", "match": "path:/json query.health:*", "level": "off"},
        {"name": "echo", "match": "path:/echo", "level": "metadata", "keep_for": "7d"},
        {"name": "errors", "match": "status:5xx", "level": "full"},
        {"name": "large", "match": "size:>10KB", "level": "full"},
    ]);
    put(&dashcam, rules).await?;
    let targets =
        ["/json?health=1", "/echo", "/status/503", "/bytes/20000", "/bytes/100", "/json", "/status/404"];
    send(&dashcam, &origin, &targets).await?;
    counted(&dashcam, "default", [0, 3, 0]).await?;
    settled(&dashcam, 3, 0).await?;
    let rows = [["echo", "metadata"], ["status/503", "full"], ["bytes/20000", "full"]];
    assert_eq!(stored(&dashcam).await?, expected(&rows));
    for (name, expect) in
        [("health", [0, 1, 0]), ("echo", [1, 0, 0]), ("errors", [1, 0, 0]), ("large", [1, 0, 0])]
    {
        counted(&dashcam, name, expect).await?;
    }
    let large = dashcam.api().ended("/bytes/20000").await?;
    assert_eq!(large["response_body"]["stored"], 20_000, "it was captured before it was decided");
    Ok(())
}

/// The same clients are chosen each time, by the bytes of their addresses, and by every dashcam.
#[tokio::test]
async fn a_sample_by_client_keeps_sessions_together() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["--record", "metrics"]).await?;
    put(&dashcam, json!([{"name": "some", "match": "", "level": "full", "sample": "40% by client"}])).await?;
    let mut kept = 0;
    for client in 2..12_u8 {
        let is_chosen = CHOSEN.contains(&client);
        for request in 0..3 {
            let mut io = raw::open_from(client, dashcam.proxy()).await?;
            let target = format!("{}?{client}-{request}", origin.url("/json"));
            let host = format!("localhost:{}", origin.port());
            assert_eq!(raw::get(&mut io, &target, &host).await?.head.status()?, 200);
            kept += u64::from(is_chosen);
        }
    }
    counted(&dashcam, "some", [kept, 0, 30 - kept]).await?;
    settled(&dashcam, 0, 30 - kept).await?;
    for (path, ..) in stored(&dashcam).await? {
        let client = path.trim_start_matches("json?").split('-').next().and_then(|text| text.parse().ok());
        assert!(client.is_some_and(|client| CHOSEN.contains(&client)), "{path}");
    }
    Ok(())
}

/// Clients at 127.0.0.2 to 127.0.0.11 that are in `40% by client`, reckoned by hand after docs/RULES.md.
const CHOSEN: &[u8] = &[5, 6, 7];

#[tokio::test]
async fn the_rest_of_a_client_follows_a_failure() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["--record", "metrics"]).await?;
    let follow = json!([{"name": "errors", "match": "status:5xx", "level": "full", "follow": "client 30s"}]);
    put(&dashcam, follow).await?;
    send(&dashcam, &origin, &["/json?before"]).await?;
    counted(&dashcam, "default", [0, 1, 0]).await?;
    send(&dashcam, &origin, &["/status/503", "/json?after"]).await?;
    counted(&dashcam, "errors", [2, 0, 0]).await?;
    settled(&dashcam, 1, 0).await?;
    let rows = [["status/503", "full"], ["json?after", "full"]];
    assert_eq!(stored(&dashcam).await?, expected(&rows));
    Ok(())
}

/// Rules in the clear, over HTTP/1 with absolute targets: each request has a destination of its own.
#[tokio::test]
async fn each_request_in_the_clear_is_decided_by_its_own_destination() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = Dashcam::start(&["--record", "off"]).await?;
    put(&dashcam, json!([{"name": "one", "match": "host:localhost", "level": "metadata"}])).await?;
    let mut io = raw::open(dashcam.proxy()).await?;
    for (host, target) in
        [("localhost", "/json?one"), ("127.0.0.1", "/json?two"), ("localhost", "/json?three")]
    {
        let authority = format!("{host}:{}", origin.port());
        let target = format!("http://{authority}{target}");
        assert_eq!(raw::get(&mut io, &target, &authority).await?.head.status()?, 200);
    }
    dashcam.api().ended("/json?three").await?;
    let rows = [["json?one", "metadata"], ["json?three", "metadata"]];
    assert_eq!(stored(&dashcam).await?, expected(&rows));
    Ok(())
}
