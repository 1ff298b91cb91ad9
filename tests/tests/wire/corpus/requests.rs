//! Hostile requests: what reaches the origin, and what follows them.

use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use dashcam_tests::api::Api;
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::{Origin, Stream};
use dashcam_tests::raw;
use dashcam_tests::wire::{Framing, read_head, read_piece};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::origin::{Known, Seen, change, start};
use super::{Case, Verdict, outcome, read, with_short_forms};
use crate::bytes::{self, Expected, Names, show};

const FEWEST: usize = 130;
const PATIENCE: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_requests() -> Result<()> {
    let dashcam = Dashcam::unredacted(&[]).await?;
    let cases = read("requests.txt")?;
    let (mut failures, mut refused) = (Vec::new(), Vec::new());
    for case in &cases {
        match check(case, &dashcam).await {
            Ok(origin) if case.verdict == Verdict::Refused => refused.push((case, origin)),
            Ok(_) => {}
            Err(error) => failures.push(format!("[{}] {error:#}", case.name)),
        }
    }
    if let Err(error) = refusals_are_recorded(&dashcam.api(), &refused).await {
        failures.push(format!("{error:#}"));
    }
    ensure!(!dashcam.log().contains("panicked"), "{}", dashcam.log());
    outcome(&failures, cases.len(), FEWEST)
}

/// Checks that each refusal is on record: the one place where this is looked up. It is an exchange, but for
/// a CONNECT, which is a connection that failed.
async fn refusals_are_recorded(api: &Api, refused: &[(&Case, Origin)]) -> Result<()> {
    let missing = Mutex::new(Vec::new());
    let recorded = eventually("all refusals are recorded", async || {
        let page = api.get("/exchanges?limit=1000").await?;
        let rows = page["exchanges"].as_array().cloned().unwrap_or_default();
        let urls: Vec<_> =
            rows.iter().filter(|row| row["state"] == "refused").map(|row| row["url"].to_string()).collect();
        let of = |origin: &Origin| urls.iter().any(|url| url.contains(&format!("//{}", origin.address())));
        // What is said to the proxy itself need not name the origin.
        let left = refused.iter().filter(|(case, origin)| !case.forward && !of(origin));
        let left: Vec<_> = left.map(|(case, _)| case.name.clone()).collect();
        let connects =
            refused.iter().filter(|(case, _)| case.forward && case.request.starts_with("CONNECT")).count();
        let page = api.get("/connections?limit=1000&failed=true").await?;
        let failed = page["connections"].as_array().cloned().unwrap_or_default();
        let failed =
            failed.iter().filter(|row| row["failure"].to_string().contains("CONNECT was refused")).count();
        let all = left.is_empty() && urls.len() >= refused.len() - connects && failed >= connects;
        change(&missing, |missing| *missing = left);
        Ok(all.then_some(()))
    })
    .await;
    recorded.with_context(|| {
        format!("not recorded as refused: {:?}", change(&missing, |missing| missing.clone()))
    })
}

fn ok(body: &str, more: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{more}\r\n{body}", body.len()).into_bytes()
}

fn get(path: &str, host: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes()
}

fn expected(bytes: &[u8]) -> Expected {
    bytes.iter().copied().map(Some).collect()
}

async fn check(case: &Case, dashcam: &Dashcam) -> Result<Origin> {
    let arrives = if case.verdict == Verdict::Becomes { &case.becomes } else { &case.request };
    let arrives = with_short_forms(arrives);
    let reaches = matches!(case.verdict, Verdict::Passed | Verdict::Becomes);
    let (origin, seen) = start(|host| {
        let names = Names { host: host.to_owned() };
        let mut known = Vec::new();
        let mut know = |request, answer| known.push(Known { request, answer, closes: false });
        if !case.forward {
            know(expected(&get("/first", host)), ok("first", ""));
        }
        if reaches {
            know(bytes::read(&arrives, &names)?, ok("case", ""));
        }
        know(expected(&get("/after", host)), ok("after", ""));
        Ok(known)
    })
    .await?;
    let host = origin.address().to_string();
    let names = Names { host: host.clone() };
    let sent = bytes::known(&with_short_forms(&case.request), &names)?;
    let mut client =
        if case.forward { raw::open(dashcam.proxy()).await? } else { first(dashcam, &host).await? };
    let after = if case.forward { get(&format!("http://{host}/after"), &host) } else { get("/after", &host) };
    // dashcam may refuse it before it has read all of it.
    let _ = client.write_all(&[sent, after].concat()).await;
    let _ = client.flush().await;
    let before = if case.forward { Vec::new() } else { get("/first", &host) };
    let arrives =
        [&before[..], &bytes::read(&arrives, &names)?.into_iter().flatten().collect::<Vec<_>>()].concat();
    match case.verdict {
        Verdict::Refused => refused(&mut client, &seen, &before).await,
        Verdict::Broken => broken(&mut client, &seen, &before).await,
        _ if case.closes => {
            exactly(&mut client, &ok("case", "Connection: close\r\n"), true).await?;
            reached(&seen, &arrives)
        }
        _ => {
            exactly(&mut client, &[ok("case", ""), ok("after", "")].concat(), false).await?;
            reached(&seen, &[arrives, get("/after", &host)].concat())
        }
    }?;
    Ok(origin)
}

/// A tunnel in which a first request was answered.
async fn first(dashcam: &Dashcam, host: &str) -> Result<Stream> {
    let mut client = raw::tunnel(dashcam.proxy(), host).await?;
    client.write_all(&get("/first", host)).await?;
    exactly(&mut client, &ok("first", ""), false).await?;
    Ok(client)
}

/// Reads exactly `wanted`, and the end of the connection if it `ends`.
pub(super) async fn exactly(client: &mut Stream, wanted: &[u8], ends: bool) -> Result<()> {
    let mut received = Vec::new();
    while received.len() < wanted.len() || ends {
        let read = timeout(PATIENCE, client.read_buf(&mut received)).await;
        let read = read.with_context(|| format!("the client waits, after\n{}", show(&received)))??;
        let agree = received.len() <= wanted.len() && wanted.starts_with(&received);
        let at = received.iter().zip(wanted).take_while(|(a, b)| a == b).count();
        ensure!(agree, "the client got\n{}", bytes::diff(&expected(wanted), &received, at));
        if read == 0 {
            break;
        }
    }
    ensure!(received == wanted, "the client got only\n{}", show(&received));
    Ok(())
}

/// All that comes until the connection ends in some way.
pub(super) async fn until_end(client: &mut Stream) -> Result<Vec<u8>> {
    let mut received = Vec::new();
    within("the client's connection ends", async {
        // It may be reset.
        let _ = client.read_to_end(&mut received).await;
        Ok(())
    })
    .await?;
    Ok(received)
}

async fn refused(client: &mut Stream, seen: &Seen, before: &[u8]) -> Result<()> {
    let answer = until_end(client).await?;
    ensure!(answer.starts_with(b"HTTP/1.1 4"), "it is not refused, the client got\n{}", show(&answer));
    let answers = answer.windows(9).filter(|window| window == b"HTTP/1.1 ").count();
    ensure!(answers == 1, "more than the refusal came:\n{}", show(&answer));
    reached(seen, before)
}

/// Checks that the origin got exactly this, over all of its connections.
fn reached(seen: &Seen, wanted: &[u8]) -> Result<()> {
    let all = change(seen, |seen| seen.iter().flat_map(|(bytes, _)| bytes.clone()).collect::<Vec<_>>());
    let at = all.iter().zip(wanted).take_while(|(a, b)| a == b).count();
    ensure!(all == wanted, "the origin got\n{}", bytes::diff(&expected(wanted), &all, at));
    Ok(())
}

async fn broken(client: &mut Stream, seen: &Seen, before: &[u8]) -> Result<()> {
    let answer = until_end(client).await?;
    ensure!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"), "the client got\n{}", show(&answer));
    let bytes = eventually("the origin's connections end", async || {
        Ok(change(seen, |seen| {
            let ended = seen.iter().all(|(_, ended)| *ended);
            ended.then(|| seen.iter().flat_map(|(bytes, _)| bytes.clone()).collect::<Vec<_>>())
        }))
    })
    .await?;
    let mut rest = bytes.strip_prefix(before).context("the origin did not get the first request")?;
    let Some(head) = read_head(&mut rest).await? else { return Ok(()) };
    ensure!(!show(&bytes).contains("/after"), "what follows reached the origin:\n{}", show(&bytes));
    let (mut framing, mut trailers) = (Framing::of_request(&head), vec![]);
    loop {
        match read_piece(&mut rest, &mut framing, &mut trailers).await {
            Ok(Some(_)) => {}
            Ok(None) => bail!("the origin took it for whole:\n{}", show(&bytes)),
            Err(_) => return Ok(()),
        }
    }
}
