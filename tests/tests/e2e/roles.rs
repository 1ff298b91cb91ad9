//! Tokens with a role, and the audit log, as the command line has them.

use std::process::Output;

use anyhow::{Context as _, Result, ensure};
use dashcam_tests::clients::{Ask, ask};
use dashcam_tests::dashcam::{Dashcam, cli};
use dashcam_tests::eventually::{eventually, within};
use dashcam_tests::origin::Origin;
use dashcam_tests::raw;
use dashcam_tests::wire::read_response;
use serde_json::Value;

use crate::same::through;

async fn dashcam(dashcam: &Dashcam, arguments: &[&str]) -> Result<Output> {
    let mut command = cli(dashcam.home())?;
    command.args(arguments);
    within(&format!("{arguments:?}"), async { Ok(command.output().await?) }).await
}

/// The output of a command that succeeds.
async fn said(instance: &Dashcam, arguments: &[&str]) -> Result<String> {
    let output = dashcam(instance, arguments).await?;
    ensure!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// The errors of a command that fails.
async fn refused(instance: &Dashcam, arguments: &[&str]) -> Result<String> {
    let output = dashcam(instance, arguments).await?;
    ensure!(!output.status.success(), "{arguments:?} succeeds");
    Ok(String::from_utf8(output.stderr)?)
}

/// The status of a call with a token.
async fn status(instance: &Dashcam, token: &str, call: &str) -> Result<u16> {
    let (method, _) = call.split_once(' ').context("a method")?;
    let (page, mut io) = (instance.page(), raw::open(instance.page()).await?);
    let head = format!(
        "{call} HTTP/1.1\r\nHost: {page}\r\nAuthorization: Bearer {token}\r\nContent-Length: 0\r\n\r\n"
    );
    raw::send(&mut io, &head).await?;
    within(call, read_response(&mut io, method)).await?.head.status()
}

/// Entries of the audit log, once there are so many.
async fn entries(instance: &Dashcam, arguments: &[&str], number: usize) -> Result<Vec<Value>> {
    let arguments = [&["audit", "--json"], arguments].concat();
    eventually(&format!("{number} entries of {arguments:?}"), async || {
        let text = said(instance, &arguments).await?;
        let entries = text.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>()?;
        Ok((entries.len() >= number).then_some(entries))
    })
    .await
}

#[tokio::test]
async fn a_token_may_do_what_its_role_says_until_it_is_revoked() -> Result<()> {
    let mut instance = Dashcam::start(&[]).await?;
    let made =
        dashcam(&instance, &["token", "new", "--role", "viewer", "--expires", "8h", "--name", "alice"])
            .await?;
    let token = String::from_utf8(made.stdout)?.trim().to_owned();
    assert!(token.starts_with("dashcam_") && token.len() == 72, "{token}");
    let told = String::from_utf8(made.stderr)?;
    assert!(told.contains("Token 1 (alice) has the role viewer until ") && !told.contains(&token), "{told}");
    let table = said(&instance, &["token", "ls"]).await?;
    assert!(
        table.contains("valid    viewer ") && table.contains("alice") && !table.contains(&token),
        "{table}"
    );
    assert_eq!(status(&instance, &token, "GET /api/v1/exchanges").await?, 200);
    assert_eq!(status(&instance, &token, "DELETE /api/v1/exchanges").await?, 403);
    assert_eq!(status(&instance, &token, "GET /api/v1/audit").await?, 403);
    instance.stop().await?;

    let instance = Dashcam::start_in(instance.home(), &[]).await?;
    assert_eq!(status(&instance, &token, "GET /api/v1/exchanges").await?, 200, "it outlives a restart");
    let error = refused(&instance, &["token", "rm", "alice", "bob"]).await?;
    assert!(error.contains("there is no valid token \u{201c}bob\u{201d}"), "{error}");
    assert_eq!(status(&instance, &token, "GET /api/v1/exchanges").await?, 200, "all of them or none");
    assert!(said(&instance, &["token", "rm", "alice"]).await?.contains("token 1 (alice) lets nobody in"));
    assert_eq!(status(&instance, &token, "GET /api/v1/exchanges").await?, 401);
    let listed = said(&instance, &["token", "ls", "--json"]).await?;
    let listed: Value = serde_json::from_str(&listed)?;
    assert_eq!((&listed["state"], &listed["name"]), (&"revoked".into(), &"alice".into()));
    Ok(())
}

#[tokio::test]
async fn the_audit_log_names_who_did_what() -> Result<()> {
    let origin = Origin::http().await?;
    let mut instance = Dashcam::start(&[]).await?;
    ask("curl --http1.1", &through(&instance), &[Ask::get(origin.url("/echo?a"))]).await?;
    let id = instance.api().ended("/echo?a").await?["id"].as_i64().context("an id")?;
    let token = said(&instance, &["token", "new", "--role", "operator", "--name", "on call"]).await?;
    let token = token.trim();
    for call in [
        format!("GET /api/v1/exchanges/{id}"),
        format!("GET /api/v1/exchanges/{id}/response/text"),
        "GET /api/v1/export?format=ndjson&filter=path:/echo".to_owned(),
        format!("DELETE /api/v1/exchanges/{id}"),
    ] {
        assert!(status(&instance, token, &call).await? < 300, "{call}");
    }
    let found = entries(&instance, &["--who", "ON CALL", "--since", "1h"], 3).await?;
    let actions: Vec<_> = found.iter().map(|entry| entry["action"].as_str().unwrap_or_default()).collect();
    assert_eq!(actions, ["read", "export", "delete"]);
    for entry in &found {
        assert_eq!((&entry["who"], &entry["role"]), (&"on call (api)".into(), &"operator".into()), "{entry}");
    }
    let made = entries(&instance, &["--action", "token"], 1).await?;
    assert!(made[0]["who"].as_str().is_some_and(|who| who.contains("(uid ")), "{}", made[0]);
    let table = said(&instance, &["audit"]).await?;
    assert!(table.contains("read    on call (api)         127.0.0.1"), "{table}");
    assert!(table.contains("path:\"/echo\" (1) format=ndjson unsealed=false"), "{table}");
    instance.stop().await?;
    let after = said(&instance, &["audit", "-n", "1", "--action", "delete"]).await?;
    assert!(after.contains(&format!("{id} (1)")), "it can be read where none runs: {after}");
    Ok(())
}
