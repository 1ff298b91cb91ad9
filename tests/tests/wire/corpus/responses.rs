//! Hostile responses: what reaches the client, and what answers its next request.

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::dashcam::Dashcam;
use dashcam_tests::eventually::within;
use dashcam_tests::origin::Stream;
use dashcam_tests::raw;
use dashcam_tests::wire::read_response;
use tokio::io::AsyncWriteExt as _;

use super::origin::{Known, start};
use super::requests::{exactly, until_end};
use super::{Case, Verdict, outcome, read, with_short_forms};
use crate::bytes::{self, Names, show};

const FEWEST: usize = 70;
const AFTER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nafter";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_responses() -> Result<()> {
    let dashcam = Dashcam::unredacted(&[]).await?;
    let cases = read("responses.txt")?;
    let mut failures = Vec::new();
    for case in &cases {
        if let Err(error) = check(case, &dashcam).await {
            failures.push(format!("[{}] {error:#}", case.name));
        }
    }
    ensure!(!dashcam.log().contains("panicked"), "{}", dashcam.log());
    outcome(&failures, cases.len(), FEWEST)
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\\r\\nHost: {{host}}\\r\\n\\r\\n")
}

async fn check(case: &Case, dashcam: &Dashcam) -> Result<()> {
    let request = if case.request.is_empty() { get("/case") } else { with_short_forms(&case.request) };
    let response = with_short_forms(&case.response);
    let (origin, _) = start(|host| {
        let names = Names { host: host.to_owned() };
        let answer = bytes::known(&response, &names)?;
        let asked = Known { request: bytes::read(&request, &names)?, answer, closes: case.origin_closes };
        let after = bytes::read(&get("/after"), &names)?;
        Ok(vec![asked, Known { request: after, answer: AFTER.to_vec(), closes: false }])
    })
    .await?;
    let host = origin.address().to_string();
    let names = Names { host: host.clone() };
    let mut client = raw::tunnel(dashcam.proxy(), &host).await?;
    client.write_all(&bytes::known(&request, &names)?).await?;
    let method = request.split(' ').next().unwrap_or_default();
    match case.verdict {
        Verdict::Refused => {
            let answer = within("a refusal", read_response(&mut client, method)).await?;
            ensure!(answer.head.status()? == 502, "it is not refused: {}", answer.head.start);
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            ensure!(method == "HEAD" || text.contains("\"by\":\"dashcam\""), "it is not our refusal: {text}");
        }
        Verdict::Broken => return broken(&mut client, method).await,
        _ => {
            let text =
                if case.verdict == Verdict::Becomes { with_short_forms(&case.becomes) } else { response };
            exactly(&mut client, &bytes::known(&text, &names)?, case.closes).await?;
        }
    }
    if case.closes {
        return Ok(());
    }
    client.write_all(&bytes::known(&get("/after"), &names)?).await?;
    exactly(&mut client, AFTER, false).await.context("the next response")
}

/// The client must not take it for whole.
async fn broken(client: &mut Stream, method: &str) -> Result<()> {
    let received = until_end(client).await?;
    let head_ends = received.windows(4).any(|window| window == b"\r\n\r\n");
    ensure!(head_ends, "not even its head came:\n{}", show(&received));
    let read = read_response(&mut received.as_slice(), method).await;
    ensure!(read.is_err(), "the client takes it for whole:\n{}", show(&received));
    Ok(())
}
