//! Answers to clients of reverse listeners when something is wrong.

use anyhow::Result;
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use serde_json::Value;

use super::{get, get_h2, reverse, text};

/// A number, by which the operator finds the record, which has all of it.
#[tokio::test]
async fn a_dead_upstream() -> Result<()> {
    let (_bound, dead) = Origin::dead()?;
    let dashcam = reverse(&format!("http://{dead}"), &[]).await?;
    let mut answers = Vec::new();
    for (path, accept) in [("/dead?json", "*/*"), ("/dead?page", "text/html")] {
        let got = get(&mut raw::open(dashcam.proxy()).await?, path, &format!("Accept: {accept}\r\n")).await?;
        assert_eq!(got.head.status()?, 502);
        answers.push((path, format!("{:?} {}", got.head.fields, text(&got))));
    }
    let got = get_h2(&dashcam, "/dead?h2", &[]).await?;
    assert_eq!(got.status(), 502);
    answers.push(("/dead?h2", format!("{:?} {}", got.head, String::from_utf8_lossy(&got.body))));
    for (path, answer) in answers {
        let exchange = dashcam.api().ended(path).await?;
        assert!(answer.contains(&format!("could not be answered. Exchange {}.", exchange["id"])), "{answer}");
        for secret in [dead.port().to_string().as_str(), "127.0.0.1", "refused", "upstream", "connect"] {
            assert!(!answer.contains(secret), "{secret}: {answer}");
        }
        let message = exchange["failure"]["message"].as_str().unwrap_or_default();
        assert!(message.contains("refused") && message.contains(&dead.to_string()), "{exchange}");
    }
    dashcam.api().change(&serde_json::json!({"level": "metrics"})).await?;
    let got = get(&mut raw::open(dashcam.proxy()).await?, "/dead?unrecorded", "").await?;
    let body: Value = serde_json::from_slice(&got.body)?;
    assert_eq!(body["error"]["message"], "This request could not be answered.");
    Ok(())
}

/// They are told what was wrong with their own request.
#[tokio::test]
async fn a_fault_of_their_own() -> Result<()> {
    let origin = Origin::http().await?;
    let dashcam = reverse(&origin.url(""), &[]).await?;
    let two = "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n";
    let got = get(&mut raw::open(dashcam.proxy()).await?, "/two", two).await?;
    assert_eq!(got.head.status()?, 400);
    assert!(text(&got).contains("Transfer-Encoding"), "{}", text(&got));
    Ok(())
}
