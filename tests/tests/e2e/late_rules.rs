//! Rules that decide late, on the real program: what is stored, that nothing else is, and that the ledger balances.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, ensure};
use dashcam_tests::clients::{python_script, run};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::eventually;
use dashcam_tests::origin::{Origin, Reply};
use dashcam_tests::raw;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// Failures whole, and of the rest one in a hundred without bodies.
const CONFIG: &str = r#"
record = "metadata"

[[rules]]
name = "failures"
match = "status:5xx | fail:*"
level = "full"
keep_for = "7d"

[[rules]]
name = "rest"
level = "metadata"
sample = "1%"
"#;

/// An origin whose paths name their status: `/status/503`.
async fn origin() -> Result<Origin> {
    let origin = Origin::http().await?;
    origin.site().answer_with(|seen| {
        let status = seen.target.strip_prefix("/status/")?.split('?').next()?.parse().ok()?;
        Some(Reply { status, fields: Vec::new(), body: b"the body".to_vec() })
    });
    Ok(origin)
}

/// The ledger, once nothing is under way; it balances whenever it is read.
pub(crate) async fn settled(dashcam: &Dashcam) -> Result<Value> {
    eventually("nothing is under way", async || {
        let ledger = dashcam.api().get("/status").await?["ledger"].take();
        balance(&ledger)?;
        Ok((ledger["open"] == 0 && ledger["pending"] == 0).then_some(ledger))
    })
    .await
}

pub(crate) fn balance(ledger: &Value) -> Result<()> {
    let count = |name: &str| ledger[name].as_u64().unwrap_or_default();
    let dropped = ledger["dropped"].as_object().into_iter().flatten();
    let dropped: u64 = dropped.filter_map(|(_, count)| count.as_u64()).sum();
    let parts = ["stored", "open", "pending", "not_kept", "sampled_out"].map(count);
    ensure!(count("seen") == parts.iter().sum::<u64>() + dropped, "{ledger}");
    Ok(())
}

async fn database(home: &Path) -> Result<Value> {
    let mut command = python_script("database.py")?;
    command.arg(home.join("dashcam.db"));
    run(command, &json!(null)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_are_stored_whole_and_of_the_rest_a_sample() -> Result<()> {
    let origin = origin().await?;
    let mut dashcam = Dashcam::start_with(CONFIG, &[]).await?;
    let (mut io, host) = (raw::open(dashcam.proxy()).await?, origin.address().to_string());
    for number in 0..300 {
        let status = if number % 30 == 7 { 503 } else { 200 };
        raw::get(&mut io, &origin.url(&format!("/status/{status}?n={number}")), &host).await?;
    }
    let ledger = settled(&dashcam).await?;
    let listed = dashcam.api().get("/exchanges?limit=500").await?;
    let rows = listed["exchanges"].as_array().cloned().unwrap_or_default();
    let failures: Vec<_> = rows.iter().filter(|row| row["status"] == 503).collect();
    ensure!(failures.len() == 10 && failures.iter().all(|row| row["level"] == "full"), "{failures:?}");
    let rest: Vec<_> = rows.iter().filter(|row| row["status"] == 200).collect();
    ensure!(rest.len() < 30 && rest.iter().all(|row| row["level"] == "metadata"), "{}", rest.len());
    for (row, stored) in [(failures.first(), 8), (rest.first(), 0)] {
        let Some(row) = row else { continue };
        let exchange = dashcam.api().get(&format!("/exchanges/{}", row["id"])).await?;
        assert_eq!(exchange["response_body"]["stored"], stored);
    }
    let rules = dashcam.api().get("/status").await?["rules"].take();
    let kept = |name: &str| {
        let rule = rules.as_array()?.iter().find(|rule| rule["name"] == name)?;
        rule["kept"].as_u64()
    };
    assert_eq!((kept("failures"), kept("rest")), (Some(10), Some(rest.len() as u64)), "{rules}");
    let out = 300 - rows.len();
    assert_eq!((&ledger["seen"], &ledger["sampled_out"]), (&json!(300), &json!(out)), "{ledger}");
    dashcam.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_traffic_that_is_not_kept_nothing_is_stored() -> Result<()> {
    let origin = origin().await?;
    let config = CONFIG.replace("\"1%\"", "\"0%\"");
    let mut dashcam = Dashcam::start_with(&config, &[]).await?;
    let host = origin.address().to_string();
    for number in 0..20 {
        let mut io = raw::open(dashcam.proxy()).await?;
        raw::get(&mut io, &origin.url(&format!("/status/200?n={number}")), &host).await?;
    }
    let ledger = settled(&dashcam).await?;
    assert_eq!((&ledger["stored"], &ledger["sampled_out"]), (&json!(0), &json!(20)), "{ledger}");
    for what in ["exchanges", "connections"] {
        assert_eq!(dashcam.api().get(&format!("/{what}")).await?[what], json!([]), "{what}");
    }
    let mut io = raw::open(dashcam.proxy()).await?;
    raw::get(&mut io, &origin.url("/status/500"), &host).await?;
    settled(&dashcam).await?;
    let connections = dashcam.api().get("/connections").await?["connections"].take();
    assert_eq!(connections.as_array().map(Vec::len), Some(1), "with its first exchange that is kept");
    dashcam.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ledger_balances_while_rules_change_under_load() -> Result<()> {
    const CLIENTS: usize = 4;
    const REQUESTS: usize = 500;
    let origin = origin().await?;
    let mut dashcam = Dashcam::start_with(CONFIG, &[]).await?;
    let (host, done) = (origin.address().to_string(), Arc::new(AtomicUsize::new(0)));
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let (proxy, base, host, done) =
            (dashcam.proxy(), origin.url("/status/"), host.clone(), Arc::clone(&done));
        clients.spawn(async move {
            let mut io = raw::open(proxy).await?;
            for number in 0..REQUESTS {
                let status = if number % 3 == 0 { 503 } else { 200 };
                let url = format!("{base}{status}?c={client}&n={number}");
                let answer = raw::get(&mut io, &url, &host).await?;
                ensure!(answer.head.status()? == status, "{}", answer.head.start);
                done.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        });
    }
    let mut changes = 0;
    while done.load(Ordering::Relaxed) < CLIENTS * REQUESTS && !clients.is_empty() {
        let level = ["full", "metadata", "metrics"][changes % 3];
        let sample = ["100%", "50%", "0%"][changes / 3 % 3];
        let rules = json!([
            {"name": "failures", "match": "status:5xx | fail:*", "level": level},
            {"name": "rest", "match": "method:GET", "level": "metadata", "sample": sample},
        ]);
        let answer = dashcam.api().call("PUT", "/rules", &json!({"rules": rules})).await?;
        ensure!(answer.head.status()? == 200, "{}", String::from_utf8_lossy(&answer.body));
        balance(&dashcam.api().get("/status").await?["ledger"])?;
        changes += 1;
        while let Some(ended) = clients.try_join_next() {
            ended??;
        }
    }
    while let Some(ended) = clients.join_next().await {
        ended??;
    }
    let ledger = settled(&dashcam).await?;
    let count = |name: &str| ledger[name].as_u64().unwrap_or_default();
    assert_eq!(count("seen") + count("not_recorded"), (CLIENTS * REQUESTS) as u64, "{ledger}");
    let stored = dashcam.api().get("/status").await?["database"]["exchanges"].take();
    assert_eq!(stored, count("stored"), "{ledger} after {changes} changes");
    dashcam.stop().await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kill_9_leaves_nothing_of_what_was_not_decided_but_the_pieces_that_went_ahead() -> Result<()> {
    let origin = Origin::http().await?;
    let home = tempfile::tempdir()?;
    let config = CONFIG.replace("\"1%\"", "\"0%\"");
    std::fs::write(home.path().join("config.toml"), config)?;
    let mut dashcam = Dashcam::start_in(home.path(), &[]).await?;
    let host = origin.address().to_string();
    let mut io = raw::open(dashcam.proxy()).await?;
    for number in 0..50 {
        raw::get(&mut io, &origin.url(&format!("/bytes/2000?n={number}")), &host).await?;
    }
    settled(&dashcam).await?;
    dashcam.kill().await?;
    let found = database(home.path()).await?;
    assert_eq!((&found["integrity"], &found["targets"]), (&json!(["ok"]), &json!([])), "{found}");
    let mut again = Dashcam::start_in(home.path(), &[]).await?;
    assert_eq!(again.api().get("/exchanges").await?["exchanges"], json!([]));
    let mut io = raw::open(again.proxy()).await?;
    raw::get(&mut io, &origin.url("/bytes/2000"), &host).await?;
    assert_eq!(settled(&again).await?["sampled_out"], 1, "the rules are those of the file");
    again.stop().await?;
    Ok(())
}
